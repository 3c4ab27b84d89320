/**
 * Owns milestones that wait for one another, parts that several buyers release early, and what is
 * kept back of a release: over HTTP, down to the books.
 * Must not repeat the tables of the domain.
 */
import { type Deal, dealOf, inAMonth, someone, twoPeople, until, untilStatus } from './people';
import { at, each, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: Awaited<ReturnType<typeof twoPeople>>;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(async () => {
  const proof = await stack.call('POST', '/v1/ledger/verify', {});
  await stack.close();
  expect(proof.body).toMatchObject({ ok: true });
});

const ask = (path: string, body: object, as: string) => stack.twice('POST', path, body, { as });

const part = (title: string, amount: number, more: object = {}) => ({
  title,
  amount,
  due_at: inAMonth(),
  ...more,
});

/** Sent by the buyer, accepted by all others, paid by the buyer. */
async function started(
  fields: object,
  { buyer, seller }: typeof people,
  others: readonly string[] = [],
): Promise<Deal> {
  const roles = [
    { account_id: buyer, role: 'buyer' },
    ...others.map((account_id) => ({ account_id, role: 'buyer' })),
    { account_id: seller, role: 'seller' },
  ];
  const body = { title: 'A house', type: 'milestone', currency: 'USD', parties: roles, ...fields };
  const made = dealOf({ buyer, seller }, await ask('/v1/escrows', body, buyer));
  for (const account of [...others, seller]) {
    const accepted = await ask(`${made.path}/accept`, { terms_hash: made.hash }, account);
    expect(accepted.status).toBe(200);
  }
  expect(await ask(`${made.path}/payments`, { provider: 'sandbox' }, buyer)).toMatchObject({
    status: 201,
  });
  await untilStatus(stack, made.path, 'in_progress');
  return made;
}

const codes = (body: unknown): readonly unknown[] =>
  listAt(body, 'milestones').map((milestone) => at(milestone, 'status_code'));
const of = ({ path, milestones }: Deal, n: number): string =>
  `${path}/milestones/${milestones[n - 1]}`;

async function wallet(account: string): Promise<unknown> {
  const { body } = await stack.get(`/v1/accounts/${account}/balances`);
  return at(body, 'data', 0, 'available') ?? 0;
}

const eventsOf = async ({ path }: Deal): Promise<readonly unknown[]> =>
  each((await stack.get(`${path}/events?order=asc&limit=100`)).body, 'type');

async function expectProven({ path }: Deal): Promise<void> {
  const { body } = await stack.get(`${path}/proof`);
  expect(listAt(body, 'checks').filter((check) => at(check, 'ok') !== true)).toEqual([]);
  expect(body).toMatchObject({ ok: true });
}

test('what waits for a milestone that fails is refunded with it; the others go on', async () => {
  const buyer = await someone(stack, 'Bob Buyer');
  const milestones = [
    part('Ground', 10_000),
    part('Walls', 20_000, { after: [0] }),
    part('Roof', 30_000, { after: [1] }),
    part('Garden', 5_000),
    part('Fence', 1_000, { after: [3] }),
  ];
  const deal = await started({ milestones }, { ...people, buyer });
  const before = await stack.get(deal.path);
  expect(codes(before.body)).toEqual(['ip', 'af', 'af', 'ip', 'af']);
  expect(at(before.body, 'milestones', 2, 'after')).toEqual([deal.milestones[1]]);

  const given = await ask(`${of(deal, 1)}/cancel`, { reason: 'Rock.' }, deal.seller);
  expect(codes(given.body)).toEqual(['cr', 'cr', 'cr', 'ip', 'af']);
  expect(given.body).toMatchObject({ status: 'in_progress', money: { refunded: 60_000 } });
  expect(await wallet(buyer)).toBe(60_000);
  await expectProven(deal);

  const approved = await ask(`${of(deal, 4)}/approve`, {}, buyer);
  expect(codes(approved.body)).toEqual(['cr', 'cr', 'cr', 'cdp', 'ip']);
  await ask(`${of(deal, 5)}/approve`, {}, buyer);
  await untilStatus(stack, deal.path, 'closed_disbursement_complete');
  const all = await eventsOf(deal);
  expect(all.filter((type) => type === 'started' || type === 'refunded')).toEqual([
    'started',
    'refunded',
    'refunded',
    'refunded',
    'started',
  ]);
  await expectProven(deal);
});

test('a circle of milestones is refused where it is', async () => {
  const milestones = [part('Egg', 1_000, { after: [1] }), part('Hen', 1_000, { after: [0] })];
  const parties = [
    { account_id: people.buyer, role: 'buyer' },
    { account_id: people.seller, role: 'seller' },
  ];
  const body = { title: 'A farm', type: 'milestone', currency: 'USD', parties, milestones };
  const refused = await ask('/v1/escrows', body, people.buyer);
  expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
  expect(listAt(refused.body, 'errors').map((error) => at(error, 'pointer'))).toEqual([
    '/milestones/0/after',
    '/milestones/1/after',
  ]);
});

test('two buyers release a part early, and its payout settles while work goes on', async () => {
  const [buyer, partner] = [await someone(stack, 'Bea'), await someone(stack, 'Ben')];
  const milestones = [part('Ground', 10_000, { approvals_required: 2 }), part('Walls', 5_000)];
  const fees = [{ kind: 'platform', rate_bps: 300, paid_by: { seller: 10_000 } }];
  const deal = await started({ milestones, fees }, { ...people, buyer }, [partner]);
  const path = `${of(deal, 1)}/release_part`;

  const all = await ask(path, { amount: 10_000 }, buyer);
  expect(all).toMatchObject({ status: 409, body: { code: 'limit_reached' } });
  expect(await ask(path, { amount: 0 }, buyer)).toMatchObject({ status: 422 });
  expect(await ask(path, { amount: 4_000 }, deal.seller)).toMatchObject({ status: 403 });

  const one = await ask(path, { amount: 4_000 }, buyer);
  expect(at(one.body, 'milestones', 0, 'part_approvals')).toMatchObject([{ amount: 4_000 }]);
  expect(at(one.body, 'money', 'released')).toBe(0);
  expect(await ask(path, { amount: 4_000 }, buyer)).toMatchObject({
    body: { code: 'already_done' },
  });
  const both = await ask(path, { amount: 4_000 }, partner);
  expect(both.body).toMatchObject({ status: 'in_progress', money: { released: 3_880, fees: 120 } });
  expect(at(both.body, 'milestones', 0)).toMatchObject({ held: 6_000, released: 4_000 });
  await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'disbursement', 'settled') === 3_880,
  );
  await expectProven(deal);

  await ask(`${of(deal, 1)}/approve`, {}, buyer);
  const accepted = await ask(`${of(deal, 1)}/approve`, {}, partner);
  expect(codes(accepted.body)).toEqual(['cdp', 'ip']);
  await ask(`${of(deal, 2)}/approve`, {}, partner);
  await untilStatus(stack, deal.path, 'closed_disbursement_complete');
  expect((await stack.get(deal.path)).body).toMatchObject({
    money: { released: 14_550, fees: 450, refunded: 0, held: 0 },
    disbursement: { settled: 14_550 },
  });
  await expectProven(deal);
});

test('a reserve is freed to the wallet after closing; only then the workflow ends', async () => {
  const clock = textAt((await stack.twice('POST', '/v1/test_clocks', {})).body, 'id');
  const seller = await someone(stack, 'Sid Seller');
  const deal = await started(
    {
      type: 'one_off',
      milestones: [part('All', 10_000)],
      release: { reserve_bps: 1_000 },
      test_clock: clock,
    },
    { ...people, seller },
  );
  const approved = await ask(`${deal.milestone}/approve`, {}, deal.buyer);
  expect(approved.body).toMatchObject({ money: { released: 10_000, reserved: 1_000 } });
  expect(at(approved.body, 'milestones', 0, 'reserves')).toMatchObject([
    { account: seller, amount: 1_000, until: expect.any(String) },
  ]);
  const closed = await untilStatus(stack, deal.path, 'closed_disbursement_complete');
  expect(listAt(closed.body, 'deadlines')).toMatchObject([
    { name: 'reserve', otherwise: 'free_reserve', moves: { amount: 1_000 } },
  ]);
  await expectProven(deal);

  const advance = async (days: number) => {
    const to = new Date(Date.now() + days * 86_400_000).toISOString();
    const moved = await stack.twice('POST', `/v1/test_clocks/${clock}/advance`, { to });
    expect(moved.status).toBe(200);
  };
  const handle = stack.engine.client.workflow.getHandle(deal.escrow);
  await advance(89);
  expect(await wallet(seller)).toBe(0);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await advance(91);
  expect(await wallet(seller)).toBe(1_000);
  expect((await stack.get(deal.path)).body).toMatchObject({
    status: 'closed_disbursement_complete',
    money: { released: 10_000, reserved: 0 },
    deadlines: [],
  });
  await advance(200);
  await handle.result();
  const journals = listAt((await stack.get(`${deal.path}/ledger`)).body, 'journals');
  expect(journals.map((journal) => at(journal, 'type')).at(-1)).toBe('reserve_freed');
  await expectProven(deal);
});

test('two operators release a milestone on hold: it is paid when the hold is lifted', async () => {
  const deal = await started({ milestones: [part('Ground', 7_000), part('Walls', 5_000)] }, people);
  const path = `${of(deal, 1)}/override`;
  const reason = { reason: 'Ordered by a court.' };
  const platform = (to: string, body: object) => stack.twice('POST', to, body);
  const asked = { act: 'release', operator: 'ann', ...reason };
  expect(await platform(path, asked)).toMatchObject({ body: { code: 'conditions_unmet' } });
  await platform(`${deal.path}/hold`, reason);
  expect(await ask(path, asked, deal.buyer)).toMatchObject({ status: 403 });
  expect(await platform(path, { act: 'release', ...reason })).toMatchObject({ status: 422 });

  expect((await platform(path, asked)).status).toBe(200);
  const seen = await stack.get(deal.path, { as: deal.seller });
  expect(at(seen.body, 'milestones', 0, 'override')).toMatchObject(asked);
  expect(await platform(path, asked)).toMatchObject({ body: { code: 'already_done' } });
  const done = await platform(path, { ...asked, operator: 'bob' });
  expect(done.body).toMatchObject({ on_hold: true, money: { released: 7_000 } });
  await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'disbursement', 'failed') === 7_000, // parked while on hold
  );
  await platform(`${deal.path}/unhold`, reason);
  await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'disbursement', 'settled') === 7_000,
  );
  await expectProven(deal);
});

test('two operators refund what is on hold, and rule what is disputed, to one side', async () => {
  const buyer = await someone(stack, 'Bea Buyer');
  const milestones = [part('Ground', 7_000), part('Walls', 5_000)];
  const deal = await started({ milestones }, { ...people, buyer });
  const reason = { reason: 'Ordered by a court.' };
  await ask(`${of(deal, 2)}/dispute`, reason, buyer);
  await stack.twice('POST', `${deal.path}/hold`, reason);
  const override = (n: number, operator: string) =>
    stack.twice('POST', `${of(deal, n)}/override`, { act: 'refund', operator, ...reason });

  expect(await override(1, 'ann')).toMatchObject({ status: 200, body: { money: { held: 7_000 } } });
  expect(await override(1, 'ann')).toMatchObject({ status: 409, body: { code: 'already_done' } });
  expect(await override(1, 'bob')).toMatchObject({
    body: { on_hold: true, money: { held: 0, disputed: 5_000, refunded: 7_000 } },
  });
  expect(await wallet(buyer)).toBe(7_000);
  await expectProven(deal);

  await override(2, 'bob');
  const done = await override(2, 'ann');
  expect(done).toMatchObject({
    body: {
      status: 'closed_disputed',
      money: { disputed: 0, released: 0, refunded: 12_000 },
      disputes: [{ status: 'ruled', ruling: { by: 'platform', recipients: 0, payers: 5_000 } }],
    },
  });
  expect(codes(done.body)).toEqual(['cr', 'cd']);
  expect(await wallet(buyer)).toBe(12_000);
  const { body } = await stack.get(`${deal.path}/events?order=asc&type=overridden`);
  expect(each(body, 'data')).toMatchObject([
    { act: 'refund', operators: ['ann', 'bob'], reason: 'Ordered by a court.' },
    { act: 'refund', operators: ['bob', 'ann'] },
  ]);
  await expectProven(deal);
});
