/**
 * Owns that every silence has its default, by simulated time over HTTP, with what the money does
 * then; payouts that come back; the clock's own errors.
 * Must not repeat the tables of the domain.
 */
import { agreed, type Deal, delivered, funded, sent, someone, twoPeople, until } from './people';
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

const newClock = async (): Promise<string> => (await stack.twice('POST', '/v1/test_clocks', {})).id;

/** Moves on to the next deadline; all is quiet afterwards. */
async function next(clock: string): Promise<void> {
  const path = `/v1/test_clocks/${clock}/advance`;
  const moved = await stack.twice('POST', path, { to_next_deadline: true });
  expect(moved).toMatchObject({ status: 200, body: { status: 'ready' } });
}

const later = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const advance = (clock: string, days: number) =>
  stack.twice('POST', `/v1/test_clocks/${clock}/advance`, { to: later(days) });

const balance = async (account: string): Promise<unknown> => {
  const { body } = await stack.get(`/v1/accounts/${account}/balances`);
  return at(body, 'data', 0, 'available') ?? 0;
};

test('nobody accepts: it closes', async () => {
  const test_clock = await newClock();
  const { path } = await sent(stack, people, { test_clock });
  await next(test_clock);
  expect((await stack.get(path)).body).toMatchObject({
    status: 'closed',
    close_reason: 'unaccepted',
    test_clock,
  });
  const events = await stack.get(`${path}/events?order=asc`);
  expect(each(events.body, 'type')).toEqual([
    'created',
    'sent',
    'reminded',
    'reminded',
    'cancelled',
    'closed',
  ]);
});

test('nobody pays until the due date: it closes', async () => {
  const test_clock = await newClock();
  const { path } = await agreed(stack, people, { test_clock });
  await next(test_clock);
  expect((await stack.get(path)).body).toMatchObject({
    status: 'closed',
    close_reason: 'unfunded',
  });
});

test('money first, then a rejection: it goes back to the wallet of the buyer', async () => {
  const { seller } = people;
  const buyer = await someone(stack, 'Bob Buyer');
  const { path } = await sent(stack, { buyer, seller }, { funding: { order: 'fund_first' } });
  const paid = await stack.twice(
    'POST',
    `${path}/payments`,
    { provider: 'sandbox' },
    { as: buyer },
  );
  expect(paid.status).toBe(201);
  await until(
    () => stack.get(path),
    ({ body }) => at(body, 'status') === 'accepted_funded',
  );
  const reason = { reason: 'No time.' };
  const rejected = await stack.twice('POST', `${path}/reject`, reason, { as: seller });
  expect(rejected.body).toMatchObject({ status: 'closed_refunded', close_reason: 'rejected' });
  expect(await balance(buyer)).toBe(125_000);
});

test('a silent buyer has approved, and the seller is paid', async () => {
  const test_clock = await newClock();
  const { path } = await delivered(stack, people, { test_clock });
  await next(test_clock);
  const closed = await stack.get(path);
  expect(closed.body).toMatchObject({
    status: 'closed_disbursement_complete',
    disbursement: { settled: 125_000 },
  });
  expect(await stack.get(`${path}/proof`)).toMatchObject({ body: { ok: true } });
});

test('a dispute that is ruled 70 to 30 credits both sides exactly', async () => {
  const test_clock = await newClock();
  const buyer = await someone(stack, 'Bob Buyer');
  const deal: Deal = await delivered(stack, { ...people, buyer }, { test_clock });
  const reason = { reason: 'Unfinished.' };
  const opened = await stack.twice('POST', `${deal.milestone}/dispute`, reason, { as: buyer });
  await next(test_clock); // no answer: it goes to the handler
  const dispute = `/v1/disputes/${textAt(opened.body, 'disputes', 0, 'id')}`;
  expect((await stack.get(dispute)).body).toMatchObject({
    status: 'with_handler',
    unanswered: true,
  });
  const ruling = { reason: '70 to 30', split: { recipients: 87_500, payers: 37_500 } };
  const ruled = await stack.twice('POST', `${dispute}/resolve`, ruling);
  expect(ruled.body).toMatchObject({ status: 'closed_disputed' });
  const paid = await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'disbursement', 'settled') === 87_500,
  );
  expect(paid.body).toMatchObject({ money: { released: 87_500, refunded: 37_500, held: 0 } });
  expect(await balance(buyer)).toBe(37_500);
});

test('a payout that comes back after days shows, and goes out again to another place', async () => {
  const test_clock = await newClock();
  const seller = await someone(stack, 'Rita Returned', 'Rita fault:returned');
  const { path, milestone, buyer } = await delivered(stack, { ...people, seller }, { test_clock });
  await stack.twice('POST', `${milestone}/approve`, {}, { as: buyer });
  await until(
    () => stack.get(path),
    ({ body }) => at(body, 'status') === 'closed_disbursement_complete',
  );
  const moved = await advance(test_clock, 2);
  expect(moved).toMatchObject({ status: 200, body: { status: 'ready' } });
  const pending = await stack.get(path);
  expect(pending.body).toMatchObject({
    status: 'closed_disbursement_pending',
    disbursement: { failed: 125_000 },
  });
  const sent = await stack.get('/v1/disbursements?status=returned', { as: seller });
  const id = textAt(sent.body, 'data', 0, 'id');
  expect(id).not.toBe('');
  expect(await balance(seller)).toBe(125_000);
  const place = await stack.twice('POST', `/v1/accounts/${seller}/payout_destinations`, {
    provider: 'sandbox',
    reference: 'DE-2',
    name: 'Rita Returned',
    currency: 'USD',
  });
  const body = { destination: place.id };
  const foreign = { destination: await destinationOf(people.seller) };
  expect(await stack.twice('POST', `/v1/disbursements/${id}/redirect`, foreign)).toMatchObject({
    status: 404,
    body: { errors: [{ pointer: '/destination' }] },
  });
  const again = await stack.twice('POST', `/v1/disbursements/${id}/redirect`, body);
  expect(again.status).toBe(200);
  await until(
    () => stack.get(`/v1/disbursements/${id}`),
    ({ body }) => at(body, 'status') === 'settled',
  );
  const retried = await stack.twice('POST', `/v1/disbursements/${id}/retry`, {});
  expect(retried).toMatchObject({ status: 409 });
});

async function destinationOf(account: string): Promise<string> {
  const { body } = await stack.get(`/v1/accounts/${account}`);
  return textAt(body, 'payout_destinations', 0, 'id');
}

test('what stays in the wallet is a disbursement all the same', async () => {
  const { buyer, seller } = people;
  const parties = [
    { account_id: buyer, role: 'buyer' },
    { account_id: seller, role: 'seller', payout_destination: 'wallet' },
  ];
  const deal = await delivered(stack, people, { parties });
  const done = await stack.twice('POST', `${deal.milestone}/approve`, {}, { as: buyer });
  expect(done.body).toMatchObject({ status: 'closed_disbursement_complete' });
  const { rows } = await stack.pool.query<{ state: unknown }>(
    'select state from holdfast.escrows where id = $1',
    [deal.escrow],
  );
  const id = textAt(rows[0]?.state, 'milestones', 0, 'disbursements', 0, 'id');
  expect(await stack.get(`/v1/disbursements/${id}`)).toMatchObject({
    status: 200,
    body: { id, destination: 'wallet', status: 'settled', recipient: seller, escrow: deal.escrow },
  });
  expect(await stack.get(`/v1/disbursements/${id}`, { as: buyer })).toMatchObject({ status: 404 });
});

test('the timeline shows what happened and, by the clock, what will', async () => {
  const test_clock = await newClock();
  const { path } = await funded(stack, people, { test_clock });
  const { body } = await stack.get(`${path}/timeline`);
  const kinds = listAt(body, 'data').map((item) => at(item, 'kind'));
  expect(kinds.at(-1)).toBe('deadline');
  expect(kinds.lastIndexOf('event')).toBe(kinds.indexOf('deadline') - 1);
  expect(at(body, 'data', kinds.length - 1, 'deadline')).toMatchObject({
    name: 'delivery',
    otherwise: 'mark_overdue',
  });
});

test('deadlines are a calendar feed for who may see the escrow', async () => {
  const { path, escrow, buyer } = await funded(stack, people, { title: 'Logo, new' });
  const feed = await stack.get(`${path}/deadlines.ics`, { as: buyer });
  expect(feed.status).toBe(200);
  expect(feed.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
  const { body: shown } = await stack.get(path);
  const due = textAt(shown, 'deadlines', 0, 'at').replace(/[-:]|\.\d+/g, '');
  const lines = String(feed.body).split('\r\n');
  const expected = [`UID:${escrow}-delivery_1`, `DTSTART:${due}`, 'NAME:Logo\\, new'];
  expect(lines).toEqual(expect.arrayContaining(expected));
  expect((await stack.get(`${path}/deadlines.ics`, { as: buyer })).body).toBe(feed.body);
  const stranger = await someone(stack, 'Sam Stranger');
  expect(await stack.get(`${path}/deadlines.ics`, { as: stranger })).toMatchObject({ status: 403 });
  const other = { key: stack.keys.other };
  expect(await stack.get(`${path}/deadlines.ics`, other)).toMatchObject({ status: 404 });
});

describe('a test clock', () => {
  test('starts where it is told, and never goes back', async () => {
    const made = await stack.twice('POST', '/v1/test_clocks', { now: later(3) });
    expect(made.status).toBe(201);
    const back = await advance(made.id, 1);
    expect(back).toMatchObject({ status: 422, body: { errors: [{ pointer: '/to' }] } });
    expect(await advance(made.id, 5)).toMatchObject({ status: 200 });
    const { body } = await stack.get(`/v1/test_clocks/${made.id}`);
    expect(body).toMatchObject({ object: 'test_clock', status: 'ready', version: 2 });
    expect(textAt(body, 'now') >= later(5).slice(0, 16)).toBe(true);
  });

  test('has no next deadline while nothing waits; another platform does not see it', async () => {
    const id = await newClock();
    const path = `/v1/test_clocks/${id}`;
    const none = await stack.twice('POST', `${path}/advance`, { to_next_deadline: true });
    expect(none).toMatchObject({ status: 409, body: { code: 'conditions_unmet' } });
    const both = { to: later(1), to_next_deadline: true };
    expect(await stack.twice('POST', `${path}/advance`, both)).toMatchObject({ status: 422 });
    expect(await stack.get(path, { key: stack.keys.other })).toMatchObject({ status: 404 });
    expect(await stack.get(path, { key: stack.keys.live })).toMatchObject({ status: 403 });
  });
});
