/**
 * Owns that a preview over HTTP writes nothing, reads its story strictly, and says what the engine
 * then does. Source: `escrow.md`, section 10.
 * Must not test what a story comes to: `test/domain/preview.test.ts` does.
 */
import { type Deal, deal, sent, twoPeople, until, untilStatus } from './people';
import { at, each, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: Awaited<ReturnType<typeof twoPeople>>;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const later = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const ask = (body: object, as = people.buyer) =>
  stack.call('POST', '/v1/escrows/preview', body, { as, idempotency: '' });
const stepsOf = (body: unknown): unknown[] =>
  listAt(body, 'moments').map((moment) => [
    at(moment, 'command'),
    ...listAt(moment, 'events').map((event) => at(event, 'type')),
  ]);

async function countRows(): Promise<unknown> {
  const counts = ['accounts', 'escrows', 'commands', 'events', 'audit', 'outbox'].map(
    (table) => `(select count(*)::int from holdfast.${table}) as ${table}`,
  );
  const { rows } = await stack.database.pool().query(`select ${counts.join(', ')}`);
  return rows[0];
}

test('silence is shown with its deadlines, and nothing is written', async () => {
  const before = await countRows();
  const parties = [
    { email: 'nobody-yet@example.com', role: 'buyer' },
    { account_id: people.seller, role: 'seller' },
  ];
  const shown = await ask({ escrow: { ...deal(people), parties } }, people.seller);
  expect(shown).toMatchObject({ status: 200, body: { object: 'preview', status: 'closed' } });
  expect(stepsOf(shown.body)).toEqual([
    ['send', 'created', 'sent'],
    ['remind', 'reminded'],
    ['remind', 'reminded'],
    ['expire', 'cancelled', 'closed'],
  ]);
  expect(at(shown.body, 'moments', 0, 'deadlines')).toMatchObject([
    { name: 'acceptance', otherwise: 'expire', rule: 'deadlines.acceptance P7D' },
  ]);
  expect(await countRows()).toEqual(before);
});

test.each<[string, object, object]>([
  ['a party that there is not', { by: 7, command: 'accept' }, { pointer: '/story/0/by' }],
  [
    'a body that is none',
    { by: 0, command: 'dispute', milestone: 1 },
    { pointer: '/story/0/body' },
  ],
  ['a command of the clock', { by: 0, command: 'expire' }, { pointer: '/story/0/command' }],
])('%s is refused by its line', async (_, line, error) => {
  const shown = await ask({ escrow: deal(people), story: [{ at: later(1), ...line }] });
  expect(shown).toMatchObject({ status: 422, body: { code: 'malformed', errors: [error] } });
});

test('terms that are wrong are refused as at creation', async () => {
  const shown = await ask({ escrow: deal(people, { amount: 1 }) });
  expect(shown).toMatchObject({ status: 422, body: { code: 'amount_mismatch' } });
});

/** The seller delivers, the buyer disputes, nobody answers, nobody rules. */
test('the engine does what the preview has said: events, amounts, statuses', async () => {
  const { id: test_clock } = await stack.call('POST', '/v1/test_clocks', {});
  const fees = [{ kind: 'platform', rate_bps: 250 }];
  const terms = deal(people, { fees });
  const reason = { reason: 'scratched' };
  const shown = await ask({
    escrow: terms,
    from: 'funded',
    story: [
      { at: later(0.01), by: 1, command: 'mark_done', milestone: 1 },
      { at: later(0.02), by: 0, command: 'dispute', milestone: 1, body: reason },
    ],
  });
  const made = await sent(stack, people, { fees, test_clock });
  await play(made, reason);
  for (let n = 0; n < 10; n += 1) {
    const path = `/v1/test_clocks/${test_clock}/advance`;
    await stack.call('POST', path, { to_next_deadline: true });
    if (at((await stack.get(made.path)).body, 'status') === 'closed_disputed') break;
  }
  const { body } = await untilStatus(stack, made.path, 'closed_disputed');
  expect(body).toMatchObject({ money: at(shown.body, 'money'), status: at(shown.body, 'status') });
  const events = await stack.get(`${made.path}/events?order=asc&limit=100`);
  const told = listAt(shown.body, 'moments').flatMap((moment) => listAt(moment, 'events'));
  expect(each(events.body, 'type')).toEqual(told.map((event) => at(event, 'type')));
  expect(each(events.body, 'status')).toEqual(told.map((event) => at(event, 'status')));
  const ruled = listAt(events.body).find((event) => at(event, 'type') === 'ruled');
  const foretold = told.find((event) => at(event, 'type') === 'ruled');
  for (const field of ['amount', 'payout', 'give_back']) {
    const amounts = (event: unknown) => JSON.stringify(at(event, 'data', field)).match(/:\d+/g);
    expect(amounts(ruled)).toEqual(amounts(foretold));
  }
});

async function play({ path, milestone, hash, buyer, seller }: Deal, reason: object) {
  const accepted = { terms_hash: hash };
  expect((await stack.call('POST', `${path}/accept`, accepted, { as: seller })).status).toBe(200);
  await stack.call('POST', `${path}/payments`, { provider: 'sandbox' }, { as: buyer });
  await untilStatus(stack, path, 'in_progress');
  await stack.call('POST', `${milestone}/mark_done`, {}, { as: seller });
  const disputed = await stack.call('POST', `${milestone}/dispute`, reason, { as: buyer });
  expect(disputed.status).toBe(200);
  await until(
    () => stack.get(path),
    ({ body }) => textAt(body, 'disputes', 0, 'id') !== '',
  );
}
