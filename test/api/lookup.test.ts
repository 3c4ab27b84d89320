/**
 * Owns looking up by its id alone what has no list of its own: proposals, refunds as they were
 * decided, reserves, destinations, connections, the platform.
 * Must not test what any of it does.
 */
import { agreed, funded, type People, someone, twoPeople, untilStatus } from './people';
import { at, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const ask = (path: string, body: object, as: string) => stack.twice('POST', path, body, { as });
const notFound = { status: 404, body: { code: 'not_found' } };

/** Nobody else finds it: another platform, the other mode, a stranger. */
async function expectHidden(path: string, toStranger: object): Promise<void> {
  expect(await stack.get(path, { key: stack.keys.other })).toMatchObject(notFound);
  expect(await stack.get(path, { key: stack.keys.live })).toMatchObject(notFound);
  const stranger = await someone(stack, 'Sam Stranger');
  expect(await stack.get(path, { as: stranger })).toMatchObject(toStranger);
}

describe('a proposal', () => {
  test('is found by its id, also when its escrow does not show it any more', async () => {
    const deal = await funded(stack, people);
    const [milestone] = deal.milestones;
    const content = { milestone, due_at: '2099-01-31T12:00:00.000Z' };
    const shortly = { milestone, due_at: new Date(Date.now() + 5_184_000_000).toISOString() };
    const beyond = await ask(`${deal.path}/proposals`, { kind: 'extension', content }, deal.seller);
    expect(beyond).toMatchObject({ status: 409, body: { code: 'limit_reached' } });
    const ids: string[] = [];
    for (let n = 0; n < 22; n += 1) {
      const body = { kind: 'extension', content: shortly, reason: `Try ${n}.` };
      const made = await stack.call('POST', `${deal.path}/proposals`, body, { as: deal.seller });
      const all = listAt(made.body, 'proposals');
      const id = textAt(all[all.length - 1], 'id');
      ids.push(id);
      const gone = `${deal.path}/proposals/${id}/withdraw`;
      expect(await stack.call('POST', gone, {}, { as: deal.seller })).toMatchObject({
        status: 200,
      });
    }
    const shown = await stack.get(deal.path);
    expect(listAt(shown.body, 'proposals')).toHaveLength(20);
    for (const n of [0, 21]) {
      const found = await stack.get(`/v1/proposals/${ids[n]}`, { as: deal.buyer });
      expect(found).toMatchObject({
        status: 200,
        body: {
          object: 'proposal',
          id: ids[n],
          escrow: deal.escrow,
          kind: 'extension',
          status: 'withdrawn',
          reason: `Try ${n}.`,
          content: shortly,
        },
      });
    }
    const refused = { status: 403, body: { code: 'not_a_party' } };
    await expectHidden(`/v1/proposals/${ids[0]}`, refused);
    await expectHidden(`/v1/proposals/${ids[21]}`, refused);
  }, 60_000);

  test('that was never made is not there', async () => {
    const deal = await agreed(stack, people);
    const suffix = deal.escrow.slice('esc_'.length);
    for (const id of ['prp_unknown', `prp_${suffix}_1`, `prp_${suffix}_3_expire_1`]) {
      expect(await stack.get(`/v1/proposals/${id}`)).toMatchObject(notFound);
    }
  });
});

test('a refund is found as it was decided, by the platform and by who got it', async () => {
  const deal = await funded(stack, people);
  await ask(`${deal.milestone}/cancel`, { reason: 'No time.' }, deal.seller);
  const events = await stack.get(`${deal.path}/events?type=refunded`);
  const path = `/v1/refunds/${textAt(events.body, 'data', 0, 'data', 'refund')}`;
  const refund = {
    object: 'refund',
    escrow: deal.escrow,
    milestone: deal.milestones[0],
    payment: null,
    payer: deal.buyer,
    payers: [{ account: deal.buyer, amount: 125_000 }],
    amount: 125_000,
    currency: 'USD',
    status: 'settled',
    reason: 'No time.',
  };
  expect(await stack.get(path)).toMatchObject({ status: 200, body: refund });
  expect(await stack.get(path, { as: deal.buyer })).toMatchObject({ status: 200, body: refund });
  expect(await stack.get(path, { as: deal.seller })).toMatchObject(notFound);
  await expectHidden(path, notFound);
});

test('a reserve is found while it is kept, and when it has been freed', async () => {
  const clock = await stack.twice('POST', '/v1/test_clocks', {});
  const fields = { release: { reserve_bps: 1_000 }, test_clock: clock.id };
  const deal = await funded(stack, people, fields);
  const approved = await ask(`${deal.milestone}/approve`, {}, deal.buyer);
  const [kept] = listAt(at(approved.body, 'milestones', 0), 'reserves');
  const path = `/v1/reserves/${textAt(kept, 'id')}`;
  const released = await stack.get(`${deal.path}/events?type=released`);
  const reserve = {
    object: 'reserve',
    created_at: textAt(released.body, 'data', 0, 'created_at'),
    escrow: deal.escrow,
    account: deal.seller,
    amount: 12_500,
  };
  expect(await stack.get(path, { as: deal.seller })).toMatchObject({
    status: 200,
    body: { ...reserve, status: 'kept', until: textAt(kept, 'until') },
  });
  expect(await stack.get(path, { as: deal.buyer })).toMatchObject(notFound);
  await expectHidden(path, notFound);
  await untilStatus(stack, deal.path, 'closed_disbursement_complete');
  const to = new Date(Date.now() + 91 * 86_400_000).toISOString();
  expect(await stack.call('POST', `/v1/test_clocks/${clock.id}/advance`, { to })).toMatchObject({
    status: 200,
  });
  expect(await stack.get(path)).toMatchObject({ body: { ...reserve, status: 'freed' } });
  expect(await stack.get('/v1/reserves/rsv_unknown')).toMatchObject(notFound);
});

test('a destination is found by the platform and its account, until it is taken away', async () => {
  const account = await stack.get(`/v1/accounts/${people.seller}`);
  const id = textAt(account.body, 'payout_destinations', 0, 'id');
  const path = `/v1/payout_destinations/${id}`;
  const body = { object: 'payout_destination', id, account: people.seller, currency: 'USD' };
  expect(await stack.get(path)).toMatchObject({ status: 200, body });
  expect(await stack.get(path, { as: people.seller })).toMatchObject({ status: 200, body });
  await expectHidden(path, notFound);
  await stack.twice('DELETE', `/v1/accounts/${people.seller}/payout_destinations/${id}`);
  expect(await stack.get(path)).toMatchObject(notFound);
});

test('a platform sees itself and its connections, and no secret', async () => {
  const own = `/v1/platforms/${stack.platform}`;
  expect(await stack.get(own)).toMatchObject({
    status: 200,
    body: { object: 'platform', id: stack.platform, name: 'A platform' },
  });
  expect(await stack.get(own, { key: stack.keys.other })).toMatchObject(notFound);
  expect(await stack.get(own, { as: people.buyer })).toMatchObject({ status: 403 });
  const { rows } = await stack.pool.query<{ id: string }>(
    'select id from holdfast.connections where platform_id = $1',
    [stack.platform],
  );
  const path = `/v1/connections/${rows[0]?.id}`;
  const found = await stack.get(path);
  expect(found).toMatchObject({ status: 200, body: { id: rows[0]?.id, provider: 'sandbox' } });
  expect(Object.keys(Object(found.body)).sort()).toEqual(
    ['created_at', 'id', 'livemode', 'object', 'provider'].sort(),
  );
  expect(await stack.get(path, { key: stack.keys.live })).toMatchObject(notFound);
  expect(await stack.get(path, { key: stack.keys.other })).toMatchObject(notFound);
  expect(await stack.get(path, { as: people.seller })).toMatchObject({ status: 403 });
});
