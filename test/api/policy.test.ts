/**
 * Owns the policy over HTTP: versions, who sees which, refusals with pointer and bound; that a
 * later policy never alters a running escrow; business days on the real engine.
 * Must not repeat the tables of the domain (`policy.test.ts`, `business-days.test.ts`).
 */
import { failureOf } from '../ledger/bookkeeper';
import { deal, delivered, funded, sent, twoPeople } from './people';
import { anyName, at, listAt, openStack, type Stack } from './stack';

let stack: Stack;
let people: Awaited<ReturnType<typeof twoPeople>>;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const put = (body: object, more: object = {}) => stack.twice('PUT', '/v1/policy', body, more);
const milestone = { title: 'Logo', amount: 125_000, due_at: '2027-06-01T12:00:00Z' };
const BERLIN = { weekend: ['saturday', 'sunday'], holidays: ['2027-03-26'] };

test('a platform that has said nothing has the defaults, version 0', async () => {
  const answer = await stack.get('/v1/policy', { key: stack.keys.other });
  expect(answer).toMatchObject({
    status: 200,
    body: {
      object: 'policy',
      livemode: false,
      version: 0,
      created_at: null,
      periods: { rework: { default: 'P7D', min: 'PT1H', max: 'P366D' } },
      currencies: 'all',
    },
  });
  expect(answer.headers.get('etag')).toBe('"0"');
});

test('each change is a new version of one mode alone; old ones stay readable', async () => {
  const before = Number(at((await stack.get('/v1/policy')).body, 'version'));
  const first = await put({ extension_days_max: 30 });
  expect(first).toMatchObject({
    status: 200,
    body: { version: before + 1, extension_days_max: 30, created_at: expect.any(String) },
  });
  expect(first.headers.get('etag')).toBe(`"${before + 1}"`);
  const second = await put({ amount_max: { USD: 900_000 } });
  expect(second.body).toMatchObject({ version: before + 2, extension_days_max: 365 });
  const old = await stack.get(`/v1/policy?version=${before + 1}`);
  expect(old).toMatchObject({ status: 200, body: first.body });
  expect((await stack.get('/v1/policy')).body).toEqual(second.body);
  expect(await stack.get('/v1/policy?version=999')).toMatchObject({ status: 404 });
  expect(await stack.get('/v1/policy?version=-1')).toMatchObject({ status: 404 });
  for (const key of [stack.keys.live, stack.keys.other]) {
    expect((await stack.get('/v1/policy', { key })).body).toMatchObject({ version: 0 });
  }
});

test.each([
  `update holdfast.policies set policy = '{}'`,
  'update holdfast.policies set version = version + 100 where false',
  'delete from holdfast.policies',
  'truncate holdfast.policies',
])('a version stays as it was stored, whoever asks the database: %s', async (statement) => {
  const { body } = await put({ extension_days_max: 31 });
  const { database } = stack;
  expect(await failureOf(database.pool('holdfast_app').query(statement))).toBe('42501');
  expect(await failureOf(database.pool('holdfast_owner').query(statement))).toBe('LJ010');
  expect(await failureOf(database.pool().query(statement))).toBe('LJ010');
  const again = `insert into holdfast.policies (platform_id, livemode, version, policy)
    values ('${stack.platform}', false, ${at(body, 'version')}, '{}')`;
  expect(await failureOf(database.pool('holdfast_app').query(again))).toBe('23505');
  expect((await stack.get('/v1/policy')).body).toEqual(body);
});

test('a change on a version that is no longer the newest is stale', async () => {
  const { body } = await stack.get('/v1/policy');
  const newest = Number(at(body, 'version'));
  const headers = { 'if-match': `"${newest - 1}"` };
  const stale = await put({ extension_days_max: 9 }, { headers });
  expect(stale).toMatchObject({ status: 412, body: { code: 'stale_version' } });
  expect((await stack.get('/v1/policy')).body).toEqual(body);
  const right = await put({}, { headers: { 'if-match': `"${newest}"` } });
  expect(right).toMatchObject({ status: 200, body: { version: newest + 1 } });
});

test('two changes at once are two versions, or one of them comes again', async () => {
  const many = await Promise.all(
    [1, 2, 3, 4].map((n) => stack.call('PUT', '/v1/policy', { extension_days_max: n })),
  );
  const versions = many.flatMap(({ status, body }) =>
    status === 200 ? [at(body, 'version')] : [],
  );
  expect(many.every(({ status }) => status === 200 || status === 409)).toBe(true);
  expect(versions.length).toBeGreaterThan(0);
  expect(new Set(versions).size).toBe(versions.length);
});

test('the policy is the business of the platform itself', async () => {
  const as = people.buyer;
  expect(await stack.get('/v1/policy', { as })).toMatchObject({ status: 403 });
  expect(await put({}, { as })).toMatchObject({ status: 403 });
});

/** what is wrong, and where */
const WRONG: readonly (readonly [object, string])[] = [
  [{ periods: { rework: { default: 'soon' } } }, '/periods/rework/default'],
  [{ periods: { rework: { max: 'P6D' } } }, '/periods/rework/default'],
  [{ periods: { sleep: { max: 'P6D' } } }, '/periods/sleep'],
  [{ inspection_period: { min: 1.5 } }, '/inspection_period/min'],
  [{ extension_days_max: '30' }, '/extension_days_max'],
  [{ fee_bps_max: { platform: 10_001 } }, '/fee_bps_max/platform'],
  [{ fee_bps_max: { tax: 1 } }, '/fee_bps_max/tax'],
  [{ business_days: { a: { weekend: ['caturday'], holidays: [] } } }, '/business_days/a/weekend/0'],
  [
    { business_days: { a: { weekend: [], holidays: ['2027-02-30'] } } },
    '/business_days/a/holidays/0',
  ],
  [{ business_days: { 'a b': BERLIN } }, '/business_days/a b'],
  [{ amount_max: { USD: 0 } }, '/amount_max/USD'],
  [{ amount_max: { DEM: 5 } }, '/amount_max/DEM'],
  [{ currencies: ['DEM'] }, '/currencies/0'],
  [{ currencies: [] }, '/currencies'],
  [{ nonsense: 1 }, '/nonsense'],
];

test.each(WRONG)('a policy %j is refused, and nothing is written', async (body, pointer) => {
  const before = await stack.get('/v1/policy');
  const refused = await put(body);
  expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
  expect(listAt(refused.body, 'errors')).toEqual([expect.objectContaining({ pointer })]);
  expect((await stack.get('/v1/policy')).body).toEqual(before.body);
});

test('terms beyond the policy are refused with the field and the bound', async () => {
  await put({
    periods: { rework: { max: 'P10D' } },
    amount_max: { USD: 100_000 },
    fee_bps_max: { platform: 100 },
    currencies: ['EUR', 'USD'],
  });
  const parties = [
    { account_id: people.buyer, role: 'buyer' },
    { account_id: people.seller, role: 'seller' },
  ];
  const asked = {
    title: 'Logo',
    type: 'one_off',
    currency: 'USD',
    parties,
    milestones: [milestone],
  };
  const as = people.buyer;
  const early = {
    ...asked,
    currency: 'GBP',
    deadlines: { rework: 'P11D' },
    business_days: 'paris',
  };
  expect(await stack.twice('POST', '/v1/escrows', early, { as })).toMatchObject({
    status: 422,
    body: {
      errors: [
        { pointer: '/currency', detail: 'the policy allows EUR, USD' },
        { pointer: '/deadlines/rework', detail: expect.stringContaining('PT1H to P10D') },
        { pointer: '/business_days', detail: 'a calendar of the policy: none' },
      ],
    },
  });
  const late = { ...asked, fees: [{ kind: 'platform', rate_bps: 101 }] };
  expect(await stack.twice('POST', '/v1/escrows', late, { as })).toMatchObject({
    status: 422,
    body: {
      errors: [
        { pointer: '/amount', detail: expect.stringContaining('at most 100000 USD') },
        { pointer: '/fees/0', detail: expect.stringContaining('at most 1250') },
      ],
    },
  });
  await put({});
});

test('in live mode parties of one country deal in its currency, all others in USD', async () => {
  const key = stack.keys.live;
  expect((await stack.get('/v1/policy', { key })).body).toMatchObject({ currencies: 'local' });
  const account = async (country: string) => {
    const body = { kind: 'person', name: 'P', email: `${anyName('p')}@example.com`, country };
    const made = await stack.twice('POST', '/v1/accounts', body, { key });
    expect(made).toMatchObject({ status: 201, body: { country } });
    return made.id;
  };
  const [berlin, bonn, paris] = [await account('DE'), await account('DE'), await account('FR')];
  const ask = (currency: string, buyer: string, seller: string) => {
    const body = { ...deal({ buyer, seller }), currency, draft: true };
    return stack.twice('POST', '/v1/escrows', body, { key });
  };
  expect(await ask('EUR', berlin, bonn)).toMatchObject({ status: 201 });
  expect(await ask('USD', berlin, paris)).toMatchObject({ status: 201 });
  expect(await ask('EUR', berlin, paris)).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/currency', detail: 'the policy allows USD' }] },
  });
  const moved = await stack.twice('PATCH', `/v1/accounts/${paris}`, { country: 'DE' }, { key });
  expect(moved.body).toMatchObject({ country: 'DE' });
  expect(await ask('EUR', berlin, paris)).toMatchObject({ status: 201 });
  const wrong = await stack.twice('PATCH', `/v1/accounts/${paris}`, { country: 'EU' }, { key });
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/country' }] } });
  expect(await put({}, { key })).toMatchObject({ status: 200, body: { currencies: 'local' } });
});

test('a later policy never alters a running escrow', async () => {
  const own = { periods: { rework: { default: 'P2D' } }, business_days: { berlin: BERLIN } };
  const version = at((await put(own)).body, 'version');
  const running = await delivered(stack, people, { business_days: 'berlin' });
  const shown = { version, extension_days_max: 365 };
  const terms = { policy: shown, business_days: { name: 'berlin', ...BERLIN } };
  expect((await stack.get(running.path)).body).toMatchObject(terms);
  await put({ periods: { rework: { default: 'P9D' } }, extension_days_max: 1 });
  const reason = { reason: 'Too blue.' };
  const rejected = await stack.twice('POST', `${running.milestone}/reject_delivery`, reason, {
    as: people.buyer,
  });
  expect(rejected).toMatchObject({
    status: 200,
    body: {
      ...terms,
      terms_hash: running.hash,
      deadlines: [{ name: 'rework', rule: 'deadlines.rework P2D, business days of berlin' }],
    },
  });
  const later = await sent(stack, people);
  expect((await stack.get(later.path)).body).toMatchObject({
    policy: { version: Number(version) + 1, extension_days_max: 1 },
    business_days: null,
  });
});

test('nobody works at the weekend or on a holiday: the deadline waits for them', async () => {
  await put({ business_days: { berlin: BERLIN } });
  const thursday = { now: '2027-03-25T09:00:00Z' }; // 10:00 in Berlin; Good Friday follows
  const clock = await stack.twice('POST', '/v1/test_clocks', thursday);
  const fields = {
    test_clock: clock.id,
    time_zone: 'Europe/Berlin',
    business_days: 'berlin',
    milestones: [{ ...milestone, inspection_period: 2 }],
  };
  const work = await funded(stack, people, fields);
  const done = await stack.twice('POST', `${work.milestone}/mark_done`, {}, { as: work.seller });
  expect(done.body).toMatchObject({
    status: 'delivered',
    deadlines: [{ name: 'inspection', rule: 'inspection_period P2D, business days of berlin' }],
  });
  // Monday and Tuesday after Easter week-end's change of clocks: 10:00 there is 08:00 UTC now.
  expect(at(done.body, 'deadlines', 0, 'at')).toMatch(/^2027-03-30T08:0/);
  const advance = (to: string) =>
    stack.twice('POST', `/v1/test_clocks/${clock.id}/advance`, { to });
  expect(await advance('2027-03-30T07:59:00Z')).toMatchObject({ status: 200 });
  expect((await stack.get(work.path)).body).toMatchObject({ status: 'delivered' });
  expect(await advance('2027-03-30T08:30:00Z')).toMatchObject({ status: 200 });
  expect((await stack.get(work.path)).body).toMatchObject({
    status: 'closed_disbursement_complete',
  });
  const events = await stack.get(`${work.path}/events?order=asc`);
  const types = listAt(events.body).map((event) => at(event, 'type'));
  expect(types.filter((type) => type === 'reminded').length).toBeGreaterThanOrEqual(2);
});
