/**
 * Owns deals with fees over HTTP: every kind of fee ends in the books to the unit, and whoever
 * plays two roles does not disturb the proof.
 * Must not test the arithmetic (`test/domain/fees.test.ts`), nor quotes (`fee-quotes.test.ts`).
 */
import { dealOf, inAMonth, type People, someone, twoPeople, untilStatus } from './people';
import { at, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
let broker: string;
let arbiter: string;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
  broker = await someone(stack, 'Bob Broker');
  arbiter = await someone(stack, 'Ada Arbiter');
});
afterAll(() => stack.close());

const FEES = [
  {
    kind: 'platform',
    rate_bps: 200,
    paid_by: { buyer: 10_000 },
    earned: 'funding',
    tax_bps: 1_900,
  },
  { kind: 'platform', rate_bps: 300, paid_by: { buyer: 3_334, seller: 3_333, broker: 3_333 } },
  { kind: 'broker_commission', rate_bps: 500, paid_by: { buyer: 5_000, seller: 5_000 } },
];

const partOf = (amount: number, recipients?: object) => ({
  title: 'A part',
  amount,
  due_at: inAMonth(),
  ...(recipients && { recipients }),
});

const dealWithFees = (fields: object = {}) => ({
  title: 'A house',
  type: 'milestone',
  currency: 'USD',
  parties: [
    { account_id: people.buyer, role: 'buyer' },
    { account_id: people.seller, role: 'seller' },
    { account_id: broker, role: 'broker' },
    { account_id: arbiter, role: 'arbiter' },
  ],
  milestones: [partOf(40_000), partOf(60_000)],
  fees: FEES,
  dispute_handler: { kind: 'arbitration' },
  arbiter_fee: { amount: 1_001, borne_by: 'both' },
  ...fields,
});

test('every kind of fee and a ruling of an arbiter end in the books to the unit', async () => {
  const made = await stack.twice('POST', '/v1/escrows', dealWithFees(), { as: people.buyer });
  expect(made).toMatchObject({
    status: 201,
    body: { funding: { due: 105_500 }, arbiter_fee: { amount: 1_001, borne_by: 'both' } },
  });
  const deal = dealOf(people, made);
  const [first = '', second = ''] = deal.milestones.map((id) => `${deal.path}/milestones/${id}`);
  const ask = (path: string, body: object, as: string) => stack.twice('POST', path, body, { as });
  for (const as of [people.seller, broker, arbiter]) {
    const answer = await ask(`${deal.path}/accept`, { terms_hash: deal.hash }, as);
    expect(answer.status).toBe(200);
  }
  await ask(`${deal.path}/payments`, { provider: 'sandbox' }, people.buyer);
  const started = await untilStatus(stack, deal.path, 'in_progress');
  expect(started.body).toMatchObject({
    money: { held: 103_500, fees: 2_000 }, // earned on funding
    fees: [{ earned: 2_000, returned: 0 }, { earned: 0 }, { earned: 0 }],
  });
  expect(await ask(`${first}/approve`, {}, people.buyer)).toMatchObject({
    body: { money: { released: 38_600, fees: 4_800 } },
  });
  const opened = await ask(`${second}/dispute`, { reason: 'It leaks.' }, people.buyer);
  const dispute = `/v1/disputes/${textAt(opened.body, 'disputes', 0, 'id')}`;
  await ask(`${dispute}/answer`, { answer: 'It rains.' }, people.seller);
  await ask(`${dispute}/escalate`, {}, people.buyer);
  const ruling = { reason: 'It does.', split: { recipients: 36_000, payers: 24_000 } };
  expect(await ask(`${dispute}/resolve`, ruling, arbiter)).toMatchObject({
    status: 200,
    body: {
      status: 'closed_disputed',
      money: { held: 0, disputed: 0, released: 72_839, refunded: 24_820, fees: 7_841 },
      fees: [
        { earned: 1_520, returned: 480 },
        { earned: 2_280, returned: 240 },
        { earned: 3_040, returned: 600 },
      ],
      disputes: [
        { ruling: { arbiter_fee: { account: arbiter, of_recipients: 501, of_payers: 500 } } },
      ],
    },
  });
  expect(await journalsOf(deal.path)).toEqual({
    fees_earned: { fee: 2_000, platform: -1_680, tax: -320 },
    released: { ms: 40_000, fee: 1_400, seller: -38_600, broker: -1_600, platform: -1_200 },
    ruled: {
      dispute: 60_000,
      fee: 2_100,
      seller: -34_239,
      broker: -1_440,
      platform: -677, // 1080 earned, 403 of what was earned on funding given back
      tax: 77,
      buyer: -24_820,
      arbiter: -1_001,
    },
  });
  expect(await stack.get(`${deal.path}/proof`)).toMatchObject({ body: { ok: true } });
  expect(await stack.get(`/v1/accounts/${arbiter}/balances`)).toMatchObject({
    body: { data: [{ currency: 'USD', available: 1_001 }] },
  });
});

test.each<[object, string]>([
  [{ arbiter_fee: { amount: 5, borne_by: 'loser' } }, '/arbiter_fee/borne_by'],
  [{ arbiter_fee: { amount: 0, borne_by: 'both' } }, '/arbiter_fee/amount'],
  [{ arbiter_fee: { amount: 100_001, borne_by: 'both' } }, '/arbiter_fee/amount'],
  [{ dispute_handler: { kind: 'platform' } }, '/arbiter_fee'],
  [{ fees: [{ ...FEES[0], earned: 'later' }] }, '/fees/0/earned'],
  [{ fees: [{ ...FEES[0], paid_by: { buyer: 9_999, seller: 1 } }] }, '/fees/0/earned'],
  [{ fees: FEES.slice(0, 2) }, '/fees/1/paid_by/broker'],
])('%j is refused with its place', async (fields, pointer) => {
  const body = dealWithFees(fields);
  const answer = await stack.twice('POST', '/v1/escrows', body, { as: people.buyer });
  expect([answer.status, at(answer.body, 'errors', 0, 'pointer')]).toEqual([422, pointer]);
});

test('a broker who is a recipient as well gets both, and the books are proved', async () => {
  const recipients = [
    { party: 1, amount: 30_000 },
    { party: 2, remainder: true },
  ];
  const asked = dealWithFees({ type: 'one_off', milestones: [partOf(40_000, recipients)] });
  const made = await stack.twice('POST', '/v1/escrows', asked, { as: people.buyer });
  const one = dealOf(people, made);
  const ask = (path: string, body: object, as: string) => stack.twice('POST', path, body, { as });
  await ask(`${one.path}/accept`, { terms_hash: one.hash }, people.seller);
  await ask(`${one.path}/accept`, { terms_hash: one.hash }, broker);
  await ask(`${one.path}/payments`, { provider: 'sandbox' }, people.buyer);
  await untilStatus(stack, one.path, 'in_progress');
  await ask(`${one.milestone}/approve`, {}, people.buyer);
  const body = { money: { released: 38_600, fees: 800 + 1_200 + 1_600 } };
  expect(await stack.get(one.path)).toMatchObject({ body });
  expect(await stack.get(`${one.path}/proof`)).toMatchObject({ body: { ok: true } });
});

/** The journals of fees and of what left the escrow, by type: names of ledger accounts, sums. */
async function journalsOf(path: string): Promise<Record<string, Record<string, number>>> {
  const { body } = await stack.get(`${path}/ledger`);
  const names: readonly (readonly [RegExp, string])[] = [
    [/^liab:escrow:.*:(ms|dispute|fee)(:\d+)?$/, '$1'],
    [new RegExp(`^liab:wallet:${people.buyer}$`), 'buyer'],
    [new RegExp(`^liab:wallet:${people.seller}$`), 'seller'],
    [new RegExp(`^liab:wallet:${broker}$`), 'broker'],
    [new RegExp(`^liab:wallet:${arbiter}$`), 'arbiter'],
    [/^rev:platform_fee$/, 'platform'],
    [/^liab:tax:platform_fee$/, 'tax'],
  ];
  const nameOf = (account: string): string =>
    names.reduce((name, [from, to]) => name.replace(from, to), account);
  const journals: readonly {
    type: string;
    lines: readonly { account: string; amount: number }[];
  }[] = Object(at(body, 'journals'));
  return Object.fromEntries(
    journals
      .filter(({ type }) => ['fees_earned', 'released', 'ruled'].includes(type))
      .map(({ type, lines }) => [
        type,
        Object.fromEntries(lines.map(({ account, amount }) => [nameOf(account), amount])),
      ]),
  );
}
