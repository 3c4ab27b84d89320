/**
 * Owns amendments over HTTP where each milestone is funded alone, and what an amendment gives back
 * to the source that it came from; down to the ledger and the proof.
 * Must not repeat amendments where all is funded together (`amendments.test.ts`).
 */
import { agreed, type Deal, funded, inAMonth, someone, until, untilStatus } from './people';
import { idOf, proposing, refusal } from './proposing';
import { at, listAt, openStack, type Stack } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
});
afterAll(async () => {
  const proof = await stack.call('POST', '/v1/ledger/verify', {});
  await stack.close();
  expect(proof.body).toMatchObject({ ok: true });
});

const { ask, propose, accept, eventsOf, isProved, walletOf } = proposing(() => stack);
const provider = 'sandbox';
const twoOfUs = async () => ({
  buyer: await someone(stack, 'Bea Buyer'),
  seller: await someone(stack, 'Sal Seller'),
});
const pay = ({ path, buyer }: Deal, fields: object = {}) =>
  ask(`${path}/payments`, { provider, ...fields }, buyer);

/** Two milestones, each funded alone; the first is paid. */
async function halfPaid(): Promise<Deal> {
  const deal = await agreed(stack, await twoOfUs(), {
    type: 'milestone',
    milestones: [
      { title: 'Ground', amount: 20_000, due_at: inAMonth() },
      { title: 'Walls', amount: 30_000, due_at: inAMonth() },
    ],
    funding: { mode: 'per_milestone' },
  });
  await pay(deal, { milestone: deal.milestones[0] });
  await untilStatus(stack, deal.path, 'in_progress');
  return deal;
}

async function amended(deal: Deal, change: object, n = 0) {
  const made = await propose(deal, deal.seller, 'amendment', change);
  expect(made.status).toBe(200);
  return accept(deal, idOf(made.body, n), deal.buyer);
}

const untilAmended = (deal: Deal, amount: number) =>
  until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'amount') === amount,
  );

test('up: what is funded waits for its difference, of what is not more is due', async () => {
  const deal = await halfPaid();
  const [one = '', two = ''] = deal.milestones;
  const up = {
    milestones: [
      { milestone: one, amount: 24_000 },
      { milestone: two, amount: 33_000 },
    ],
  };
  const waiting = await amended(deal, up);
  expect(waiting).toMatchObject({
    status: 200,
    body: {
      amount: 50_000,
      proposals: [
        {
          status: 'waiting',
          content: { amount_due: 4_000, due_for: [{ milestone: one, amount: 4_000 }] },
        },
      ],
      milestones: [
        { funding: { due: 24_000, received: 20_000, shortfall: 4_000 } },
        { funding: { due: 30_000, received: 0, shortfall: 30_000 } },
      ],
    },
  });
  const fund = (body: object) => ask(`${deal.path}/fund`, body, deal.buyer);
  expect(await fund({ amount: 4_001, milestone: one })).toMatchObject(
    refusal(409, 'limit_reached'),
  );
  expect(await pay(deal)).toMatchObject({ status: 422 });

  await pay(deal, { milestone: one });
  const now = await untilAmended(deal, 57_000);
  expect(now.body).toMatchObject({
    money: { held: 24_000 },
    milestones: [
      { amount: 24_000, held: 24_000, funding: { shortfall: 0 } },
      { amount: 33_000, held: 0, funding: { due: 33_000, shortfall: 33_000 } },
    ],
  });
  await isProved(deal);
  await pay(deal, { milestone: two });
  await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'money', 'held') === 57_000,
  );
  for (const id of [one, two]) await ask(`${deal.path}/milestones/${id}/approve`, {}, deal.buyer);
  const closed = await untilStatus(stack, deal.path, 'closed_disbursement_complete');
  expect(closed.body).toMatchObject({ money: { released: 57_000, held: 0 } });
  await isProved(deal);
});

test('down, added and taken away: each gives back or asks for its own money', async () => {
  const deal = await halfPaid();
  const [one = '', two = ''] = deal.milestones;
  const part = { milestone: two, amount: 5_000 };
  await pay(deal, part);
  await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'funding', 'received') === 25_000,
  );
  const change = {
    milestones: [{ milestone: one, amount: 17_000 }],
    remove: [two],
    add: [{ title: 'Roof', amount: 9_000, due_at: inAMonth() }],
  };
  const done = await amended(deal, change);
  expect(done).toMatchObject({
    status: 200,
    body: {
      amount: 26_000,
      money: { held: 17_000, refunded: 8_000 },
      milestones: [
        { amount: 17_000, held: 17_000 },
        { title: 'Roof', status_code: 'anf', funding: { due: 9_000, shortfall: 9_000 } },
      ],
    },
  });
  const roof = at(done.body, 'milestones', 1, 'id');
  expect(listAt(done.body, 'deadlines')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'milestone_funding', milestone: roof, otherwise: 'cancel' }),
    ]),
  );
  expect(await walletOf(deal.buyer)).toBe(8_000);
  await isProved(deal);
  await pay(deal, { milestone: roof });
  await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'money', 'held') === 26_000,
  );
  expect((await eventsOf(deal)).filter((type) => type === 'started')).toHaveLength(2);
  await isProved(deal);
});

test('with refund_to: source what an amendment gives back goes through the payment', async () => {
  const deal = await funded(stack, await twoOfUs(), { refund_to: 'source' });
  const [milestone] = deal.milestones;
  const done = await amended(deal, { milestones: [{ milestone, amount: 100_000 }] });
  expect(done.body).toMatchObject({ money: { held: 100_000, refunded: 25_000 } });
  const settled = await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'refund', 'settled') === 25_000,
  );
  expect(settled.body).toMatchObject({ refund: { pending: 0, failed: 0 }, status: 'in_progress' });
  expect(await walletOf(deal.buyer)).toBe(0);
  const refunds = await stack.get(`/v1/refunds?escrow=${deal.escrow}`);
  expect(listAt(refunds.body, 'data')).toMatchObject([
    { amount: 25_000, status: 'settled', milestone },
  ]);
  await isProved(deal);
});
