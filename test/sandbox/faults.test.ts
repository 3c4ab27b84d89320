/**
 * Owns the proof that each documented token, amount, code and refusal is there and does what the
 * page says, and that the page has every one. Must not know the port or its client.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILURE_CODES, FAILURES, FAULTS, MAGIC_AMOUNTS } from '../../sandbox/faults';
import { REFUSALS } from '../../sandbox/replies';
import { type Answered, type Client, type Json, startBank, type TestBank } from './bank';

let bank: TestBank;
let client: Client;
beforeAll(async () => {
  bank = await startBank();
});
beforeEach(async () => {
  client = await bank.connect();
  await client.pay({ amount: 20_000_000 });
});
afterEach(() => expect(bank.reported.splice(0)).toEqual([]));
afterAll(() => bank.close());

/** The rows of one table of `docs/sandbox.md`, below its head. */
function documented(heading: string): string[] {
  const text = readFileSync(join(__dirname, '../../docs/sandbox.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1);
}

describe('docs/sandbox.md lists exactly', () => {
  test('the tokens', () => {
    const rows = Object.entries(FAULTS).map(
      ([token, { calls, argument, does }]) =>
        `| \`fault:${token}${argument}\` | ${calls.join(', ')} | ${does} |`,
    );
    expect(documented('Tokens in names')).toEqual(rows);
  });

  test('the magic amounts', () => {
    const rows = MAGIC_AMOUNTS.map(({ minor, calls, does }) => `| ${minor} | ${calls} | ${does} |`);
    expect(documented('Magic amounts')).toEqual(rows);
  });

  test('the failure codes', () => {
    const rows = Object.entries(FAILURES).map(([code, again]) => `| \`${code}\` | \`${again}\` |`);
    expect(documented('Failure codes')).toEqual(rows);
    expect(FAILURE_CODES).toEqual(Object.keys(FAILURES));
  });

  test('the refusals', () => {
    const rows = Object.entries(REFUSALS).map(([code, means]) => `| \`${code}\` | ${means} |`);
    expect(documented('Refusals')).toEqual(rows);
  });
});

const settled = { state: 'settled' };
const failed = (code: string, again: string) => ({ state: 'failed', failure: { code, again } });
const cut = 'cut';

const payments: readonly [string, Json | typeof cut][] = [
  ['fault:settle', { ...settled, settled_amount: 5000 }],
  ['fault:checkout', { state: 'pending', checkout_url: expect.stringContaining('/checkout/') }],
  ['fault:bank', { state: 'pending', bank_details: expect.any(Object) }],
  ['fault:expire-PT0S', { state: 'expired', failure: { code: 'expired', again: 'later' } }],
  ['fault:expire', { state: 'pending' }],
  ['fault:decline', { state: 'declined', failure: { code: 'declined', again: 'never' } }],
  [
    'fault:decline-compliance',
    { state: 'declined', failure: { code: 'compliance', again: 'never' } },
  ],
  ['fault:partial-1234', { ...settled, amount: 5000, settled_amount: 1234 }],
  ['fault:partial-9999', { ...settled, amount: 5000, settled_amount: 9999 }],
  ['fault:delay-PT3H', { state: 'pending', checkout_url: null }],
  ['fault:delay-PT0S', settled],
  ['fault:cut', cut],
  ['fault:webhook_drop', settled],
  ['Bea fault:delay-PT0S, fault:decline!', { state: 'declined' }],
  ['default: Bea', settled],
];
const payouts: readonly [string, Json | typeof cut][] = [
  ['fault:settle', settled],
  ['fault:fail', failed('declined', 'never')],
  ['fault:fail-destination_closed', failed('destination_closed', 'new_destination')],
  ['fault:fail-balance_too_low', failed('balance_too_low', 'later')],
  ['fault:fail_later', failed('declined', 'later')],
  ['fault:fail_later-compliance', failed('compliance', 'later')],
  ['fault:pending-PT3H', { state: 'pending' }],
  ['fault:delay-P1D', { state: 'sent' }],
  ['fault:returned', { ...settled, returned_at: null }],
  ['fault:returned-PT0S', { state: 'returned', returned_at: expect.any(String) }],
  ['fault:cut', cut],
];

/** The answer, or what was carried out where the answer was cut. */
async function outcome(
  kind: string,
  order: Json,
  send: () => Promise<Answered>,
  expected: unknown,
) {
  if (expected !== cut) return (await send()).body;
  await expect(send()).rejects.toThrow();
  const { body } = await client.get(`/${kind}?reference=${order.reference}`);
  return Array.isArray(body.data) ? body.data[0] : null;
}

test.each(payments)('a payer named "%s" gets %p', async (name, expected) => {
  const order = { reference: `pay_${name}`.slice(0, 40).replace(/\W/g, '-'), amount: 5000 };
  const send = () => client.pay({ ...order, payer: { name } });
  const body = await outcome('payments', order, send, expected);
  expect(body).toMatchObject(expected === cut ? settled : Object(expected));
});

test.each(payouts)('a destination named "%s" gets %p', async (name, expected) => {
  for (const destination of [
    { reference: 'D', name },
    { reference: name, name: 'D' },
  ]) {
    const order = { reference: `dsb_${destination.name}`.replace(/\W/g, '-'), amount: 5000 };
    const send = () => client.payOut({ ...order, destination });
    const body = await outcome('payouts', order, send, expected);
    expect(body).toMatchObject(expected === cut ? settled : Object(expected));
  }
});

const amounts: Record<number, Json | typeof cut> = {
  9990001: { state: 'pending', checkout_url: expect.any(String) },
  9990002: { state: 'declined' },
  9990003: { state: 'pending', checkout_url: null },
  9990004: { ...settled, settled_amount: 5994000 },
  9990005: cut,
  9990006: settled,
  9990011: failed('declined', 'never'),
  9990012: failed('declined', 'later'),
  9990013: failed('destination_closed', 'new_destination'),
  9990014: { state: 'sent' },
  9990015: { ...settled, returned_at: null },
  9990016: cut,
  9990017: settled,
};
test.each(MAGIC_AMOUNTS)('of the $calls of $minor each $does', async ({ minor, calls }) => {
  const order = { reference: `magic-${minor}`, amount: minor };
  const send = () => (calls === 'payments' ? client.pay(order) : client.payOut(order));
  const expected = amounts[minor];
  const body = await outcome(calls, order, send, expected);
  expect(body).toMatchObject(expected === cut ? settled : Object(expected));
  const { body: webhooks } = await client.get(`/control/webhooks?reference=magic-${minor}`);
  const dropped = minor === 9990006 || minor === 9990017;
  expect(JSON.stringify(webhooks).includes('dropped')).toBe(dropped);
});

test('a magic amount means nothing for orders of the other kind', async () => {
  expect((await client.pay({ amount: 9990011 })).body.state).toBe('settled');
  expect((await client.payOut({ amount: 9990002 })).body.state).toBe('settled');
});

const unknown: readonly [string, string][] = [
  ['payments', 'fault:returned'],
  ['payments', 'fault:fail'],
  ['payments', 'fault:'],
  ['payments', 'fault:toString'],
  ['payments', 'fault:settle-now'],
  ['payments', 'fault:partial'],
  ['payments', 'fault:partial-x'],
  ['payments', 'fault:delay'],
  ['payments', 'fault:delay-3H'],
  ['payments', 'fault:decline-mood'],
  ['payments', 'fault:webhook_copies-1000'],
  ['payments', 'fault:checkout fault:bank'],
  ['payouts', 'fault:checkout'],
  ['payouts', 'fault:fail fault:returned'],
];
test.each(unknown)('an order of %s named "%s" is refused, not settled', async (calls, name) => {
  const answered =
    calls === 'payments'
      ? await client.pay({ payer: { name } })
      : await client.payOut({ destination: { reference: 'D', name } });
  expect(answered).toMatchObject({ status: 422, body: { code: 'fault_unknown' } });
  expect(String(answered.body.detail)).not.toBe('');
});
