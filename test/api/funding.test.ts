/**
 * Owns shared funding over HTTP, down to the ledger and the proof: several payers, milestones that
 * are funded alone, refunds that go back to where the money came from, payments that come too late.
 * Must not repeat the tables of the domain.
 */
import { randomUUID } from 'node:crypto';
import { type Deal, deal, dealOf, someone, until, untilStatus } from './people';
import { at, each, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let seller: string;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  seller = await someone(stack, 'Sal Seller');
});
afterAll(async () => {
  const proof = await stack.call('POST', '/v1/ledger/verify', {});
  await stack.close();
  expect(proof.body).toMatchObject({ ok: true });
});

const provider = 'sandbox';
const later = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const newClock = async (): Promise<string> => (await stack.twice('POST', '/v1/test_clocks', {})).id;

/** Sent by the first buyer and accepted by all. */
async function agreedBy(buyers: readonly string[], fields: object): Promise<Deal> {
  const [buyer = ''] = buyers;
  const people = { buyer, seller };
  const parties = [
    ...buyers.map((account_id) => ({ account_id, role: 'buyer' })),
    { account_id: seller, role: 'seller' },
  ];
  const body = deal(people, { parties, ...fields });
  const made = await stack.twice('POST', '/v1/escrows', body, { as: buyer });
  expect(made).toMatchObject({ status: 201 });
  const here = dealOf(people, made);
  for (const as of [...buyers.slice(1), seller]) {
    const accepted = { terms_hash: here.hash };
    const answer = await stack.twice('POST', `${here.path}/accept`, accepted, { as });
    expect(answer).toMatchObject({ status: 200 });
  }
  return here;
}

const pay = (path: string, as: string, fields: object = {}) =>
  stack.twice('POST', `${path}/payments`, { provider, ...fields }, { as });

/** Refused or carried out; the amount that is missing afterwards. */
const untilShort = (path: string, shortfall: number) =>
  until(
    () => stack.get(path),
    ({ body }) => at(body, 'funding', 'shortfall') === shortfall,
  );

const available = async (account: string): Promise<unknown> => {
  const { body } = await stack.get(`/v1/accounts/${account}/balances`);
  return at(body, 'data', 0, 'available') ?? 0;
};

async function proven(path: string): Promise<void> {
  const { body } = await stack.get(`${path}/proof`);
  expect(listAt(body, 'checks').filter((check) => at(check, 'ok') !== true)).toEqual([]);
  expect(body).toMatchObject({ ok: true });
}

describe('two buyers and a third payer', () => {
  test('pay together, are remembered, and get back pro rata', async () => {
    const buyers = [await someone(stack, 'Bea Buyer'), await someone(stack, 'Bob Buyer')];
    const [bea = '', bob = ''] = buyers;
    const third = await someone(stack, 'Una Uncle');
    const { path, milestone } = await agreedBy(buyers, {
      funding: { by: [{ account_id: third }] },
    });
    expect(await stack.get(path, { as: third })).toMatchObject({
      body: { funding: { by: [third], shortfall: 125_000 } },
    });
    expect(await pay(path, seller, { amount: 5 })).toMatchObject({ status: 403 });
    await pay(path, bea, { amount: 50_000 });
    await untilShort(path, 75_000);
    await pay(path, third, { amount: 25_000 });
    await untilShort(path, 50_000);
    const last = await pay(path, bob, { amount: 60_000 });
    const { body } = await untilStatus(stack, path, 'in_progress');
    expect(listAt(body, 'funding', 'contributions')).toMatchObject([
      { account: bea, amount: 50_000, left: 50_000 },
      { account: third, amount: 25_000, left: 25_000 },
      { account: bob, amount: 50_000, left: 50_000 },
    ]);
    expect((await stack.get(`/v1/payments/${last.id}`)).body).toMatchObject({
      received: 60_000,
      applied: 50_000,
    });
    await proven(path);
    const cancel = await stack.twice(
      'POST',
      `${milestone}/cancel`,
      { reason: 'No.' },
      { as: seller },
    );
    expect(cancel).toMatchObject({ status: 200, body: { status: 'closed_refunded' } });
    expect([await available(bea), await available(third), await available(bob)]).toEqual([
      50_000, 25_000, 60_000,
    ]);
    await proven(path);
  });

  test('who is no party may be named only when he exists', async () => {
    const body = deal(
      { buyer: await someone(stack, 'Bea'), seller },
      {
        funding: { by: [{ account_id: 'acc_01k9z6b0w2e8ra5m3q7t4n1xvc' }] },
      },
    );
    expect(await stack.twice('POST', '/v1/escrows', body)).toMatchObject({
      status: 404,
      body: { errors: [{ pointer: '/funding/by/0/account_id' }] },
    });
  });
});

test('of three milestones funded alone one never is: it ends alone, others are paid', async () => {
  const test_clock = await newClock();
  const buyer = await someone(stack, 'Bea Buyer');
  const milestones = [20_000, 30_000, 40_000].map((amount, n) => ({
    title: `Part ${n + 1}`,
    amount,
    due_at: later(30 + n * 10),
  }));
  const here = await agreedBy([buyer], {
    type: 'milestone',
    milestones,
    funding: { mode: 'per_milestone' },
    test_clock,
  });
  const { path, milestones: ids } = here;
  const [one = '', two = '', three = ''] = ids;
  expect((await stack.get(path)).body).toMatchObject({
    status: 'accepted_not_funded',
    deadlines: [{ name: 'milestone_funding', milestone: one, otherwise: 'cancel' }, {}, {}],
  });
  const nowhere = await pay(path, buyer);
  expect(nowhere).toMatchObject({ status: 422, body: { errors: [{ pointer: '/milestone' }] } });
  await pay(path, buyer, { milestone: two, amount: 5_000 });
  await untilShort(path, 85_000);
  await pay(path, buyer, { milestone: one });
  const active = await untilStatus(stack, path, 'in_progress');
  expect(listAt(active.body, 'milestones').map((m) => at(m, 'status_code'))).toEqual([
    'ip',
    'anf',
    'anf',
  ]);
  expect(at(active.body, 'milestones', 1, 'funding')).toEqual({
    due: 30_000,
    received: 5_000,
    shortfall: 25_000,
  });
  await proven(path);
  const purse = await stack.twice('POST', `/v1/accounts/${buyer}/payments`, {
    provider,
    amount: 40_000,
    currency: 'USD',
  });
  expect(purse.status).toBe(201);
  const fund = (body: object) => stack.twice('POST', `${path}/fund`, body, { as: buyer });
  expect(await fund({ amount: 40_000 })).toMatchObject({ status: 422 });
  expect(await fund({ amount: 40_001, milestone: three })).toMatchObject({ status: 409 });
  expect(await fund({ amount: 40_000, milestone: three })).toMatchObject({ status: 200 });
  for (const id of [one, three]) {
    const done = await stack.twice('POST', `${path}/milestones/${id}/approve`, {}, { as: buyer });
    expect(done.status).toBe(200);
  }
  const advanced = await stack.twice('POST', `/v1/test_clocks/${test_clock}/advance`, {
    to: later(34),
  });
  expect(advanced.status).toBeLessThan(300);
  const { body } = await until(
    () => stack.get(path),
    (answer) => /^closed/.test(textAt(answer.body, 'status')),
  );
  expect(listAt(body, 'milestones').map((m) => at(m, 'status_code'))).toEqual(['cdc', 'c', 'cdc']);
  expect(body).toMatchObject({ close_reason: 'completed', money: { refunded: 5_000 } });
  expect(await available(buyer)).toBe(5_000);
  await proven(path);
});

describe('a refund to the source', () => {
  const toSource = { refund_to: 'source' };

  /** Paid in two payments and given up by the seller. */
  async function givenUp(fields: object = {}): Promise<Deal & { payments: readonly string[] }> {
    const buyer = await someone(stack, 'Bea Buyer');
    const here = await agreedBy([buyer], { ...toSource, ...fields });
    const first = await pay(here.path, buyer, { amount: 100_000 });
    await untilShort(here.path, 25_000);
    const second = await pay(here.path, buyer);
    await untilStatus(stack, here.path, 'in_progress');
    const body = { reason: 'No.' };
    const done = await stack.twice('POST', `${here.milestone}/cancel`, body, { as: seller });
    expect(done).toMatchObject({ status: 200, body: { status: 'closed_refunded' } });
    return { ...here, payments: [first.id, second.id] };
  }

  const refundsOf = (escrow: string, status: string) =>
    stack.get(`/v1/refunds?escrow=${escrow}&status=${status}`);

  test('goes back payment by payment, newest first, and the books show it gone', async () => {
    const { escrow, path, buyer, payments } = await givenUp();
    const { body } = await until(
      () => refundsOf(escrow, 'settled'),
      (answer) => listAt(answer.body).length === 2,
    );
    const parts = listAt(body).map((refund) => [at(refund, 'payment'), at(refund, 'amount')]);
    expect(parts).toEqual(
      expect.arrayContaining([
        [payments[1], 25_000],
        [payments[0], 100_000],
      ]),
    );
    const shown = await stack.get(`/v1/refunds/${textAt(body, 'data', 0, 'id')}`, { as: buyer });
    expect(shown.body).toMatchObject({ object: 'refund', payer: buyer, status: 'settled' });
    const reference = textAt(shown.body, 'attempts', 0, 'reference');
    const book = await stack.get(`/v1/test_helpers/sandbox/refunds?reference=${reference}`);
    expect(book.body).toMatchObject({ data: [{ state: 'settled', object: 'refund' }] });
    await until(
      () => stack.get(path),
      (answer) => at(answer.body, 'refund', 'settled') === 125_000,
    );
    expect(await available(buyer)).toBe(0);
    await proven(path);
  });

  test('that fails stays in the wallet, and closed_refunded stands', async () => {
    const script = { calls: 'refunds', next: 2, script: { decline: 'declined' } };
    await stack.twice('POST', '/v1/test_helpers/sandbox/scripts', script);
    const { escrow, path, buyer } = await givenUp();
    await until(
      () => refundsOf(escrow, 'failed'),
      (answer) => listAt(answer.body).length === 2,
    );
    const { body } = await until(
      () => stack.get(path),
      (answer) => at(answer.body, 'refund', 'failed') === 125_000,
    );
    expect(body).toMatchObject({ status: 'closed_refunded' });
    expect(await available(buyer)).toBe(125_000);
    const events = await stack.get(`${path}/events?order=asc`);
    expect(each(events.body, 'type')).toEqual(
      expect.arrayContaining(['refunded', 'closed', 'refund_failed']),
    );
    await proven(path);
  });
});

describe('a payment that settles after closing', () => {
  /** Opened in time, paid when it was too late. */
  async function paidLate(fields: object): Promise<{ payment: string; buyer: string }> {
    const buyer = await someone(stack, 'Bea fault:checkout');
    const { path } = await agreedBy([buyer], fields);
    const asked = await pay(path, buyer, { amount: 70_000 });
    await stack.twice('POST', `${path}/cancel`, { reason: 'No.' }, { as: buyer });
    const reference = textAt(asked.body, 'attempts', 0, 'reference');
    const helper = `/v1/test_helpers/sandbox/payments/${reference}/pay`;
    await stack.call('POST', helper, {}, { idempotency: randomUUID() });
    await until(
      () => stack.get(`/v1/payments/${asked.id}`),
      ({ body }) => at(body, 'status') === 'settled',
    );
    expect((await stack.get(`/v1/payments/${asked.id}`)).body).toMatchObject({
      received: 70_000,
      applied: 0,
      reason: 'late',
    });
    return { payment: asked.id, buyer };
  }

  test('stays in the wallet of who paid it', async () => {
    const { payment, buyer } = await paidLate({});
    expect(await available(buyer)).toBe(70_000);
    expect(listAt((await stack.get(`/v1/refunds?payment=${payment}`)).body)).toEqual([]);
  });

  test('goes back where the terms say so', async () => {
    const { payment, buyer } = await paidLate({ refund_to: 'source' });
    await until(
      () => stack.get(`/v1/refunds?payment=${payment}&status=settled`),
      ({ body }) => listAt(body).length === 1,
    );
    expect(await available(buyer)).toBe(0);
  });
});
