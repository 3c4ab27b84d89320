/**
 * Owns that accounts, destinations and wallets are made, listed and changed over HTTP.
 * Must not need a worker.
 */
import { anyName, each, openStack, type Stack, textAt } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack();
});
afterAll(() => stack.close());

const person = (fields: object = {}) => ({
  kind: 'person',
  name: 'Bea Buyer',
  email: `${anyName('bea')}@example.com`,
  ...fields,
});
const place = (fields: object = {}) => ({
  provider: 'sandbox',
  reference: 'DE-0001',
  name: 'Bea Buyer',
  currency: 'USD',
  ...fields,
});

describe('accounts', () => {
  test('an account is made once, with its destinations, and can be looked at', async () => {
    const body = person({ phone: '+49 1', metadata: { crm: '1' }, payout_destinations: [place()] });
    const made = await stack.twice('POST', '/v1/accounts', body);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/accounts/${made.id}`);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.body).toMatchObject({
      object: 'account',
      livemode: false,
      version: 1,
      email: body.email,
      metadata: { crm: '1' },
      payout_destinations: [{ currency: 'USD', default: true, provider: 'sandbox' }],
    });
    const got = await stack.get(`/v1/accounts/${made.id}`);
    expect(got.body).toEqual(made.body);
  });

  test('an e-mail exists once per platform and mode, whatever its case', async () => {
    const body = person();
    await stack.twice('POST', '/v1/accounts', body);
    const again = await stack.call('POST', '/v1/accounts', {
      ...body,
      email: body.email.toUpperCase(),
    });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({
      code: 'already_exists',
      errors: [{ pointer: '/email', code: 'already_exists' }],
    });
    const live = await stack.call('POST', '/v1/accounts', body, { key: stack.keys.live });
    expect(live.status).toBe(201);
  });

  test('a change replaces fields, raises the version, and refuses what is stale', async () => {
    const account = await stack.twice('POST', '/v1/accounts', person({ phone: '1' }));
    const path = `/v1/accounts/${account.id}`;
    const changed = await stack.twice('PATCH', path, { name: 'B', phone: null });
    expect(changed.body).toMatchObject({ name: 'B', phone: null, version: 2 });
    const stale = await stack.twice(
      'PATCH',
      path,
      { name: 'C' },
      { headers: { 'if-match': '"1"' } },
    );
    expect(stale.status).toBe(412);
    expect(stale.body).toMatchObject({ code: 'stale_version' });
    const fresh = await stack.twice(
      'PATCH',
      path,
      { name: 'C' },
      { headers: { 'if-match': '"2"' } },
    );
    expect(fresh.body).toMatchObject({ version: 3 });
  });

  test('a list is newest first, in pages whose cursor stays good while data grows', async () => {
    const key = stack.keys.other;
    const names: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const made = await stack.call('POST', '/v1/accounts', person({ name }), { key });
      names.unshift(made.id);
    }
    const first = await stack.get('/v1/accounts?limit=2', { key });
    expect(each(first.body, 'id')).toEqual(names.slice(0, 2));
    expect(first.body).toMatchObject({ object: 'list', has_more: true });
    await stack.call('POST', '/v1/accounts', person(), { key });
    const next = `/v1/accounts?limit=2&starting_after=${textAt(first.body, 'next_cursor')}`;
    const second = await stack.get(next, { key });
    expect(each(second.body, 'id')).toEqual(names.slice(2));
    expect(second.body).toMatchObject({ has_more: false, next_cursor: null });
    const byId = await stack.get(`/v1/accounts?starting_after=${names[1]}`, { key });
    expect(each(byId.body, 'id')).toEqual(names.slice(2));
  });

  test('an account sees itself and no other', async () => {
    const one = await stack.call('POST', '/v1/accounts', person());
    const two = await stack.call('POST', '/v1/accounts', person());
    expect((await stack.get(`/v1/accounts/${one.id}`, { as: one.id })).status).toBe(200);
    const foreign = await stack.get(`/v1/accounts/${two.id}`, { as: one.id });
    expect(foreign).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
    const all = await stack.get('/v1/accounts', { as: one.id });
    expect(all.status).toBe(403);
  });
});

describe('payout destinations', () => {
  test('a new default takes the place of the old one', async () => {
    const account = await stack.call('POST', '/v1/accounts', person());
    const path = `/v1/accounts/${account.id}/payout_destinations`;
    const first = await stack.twice('POST', path, place());
    const second = await stack.twice('POST', path, place({ default: true, reference: 'DE-2' }));
    const third = await stack.twice('POST', path, place({ reference: 'DE-3' }));
    expect([first, second, third].map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(third.body).toMatchObject({ default: false });
    const listed = await stack.get(path);
    expect(each(listed.body, 'default')).toEqual([false, true, false]);
  });

  test('of several new defaults at once each is made, and one stays the default', async () => {
    const account = await stack.call('POST', '/v1/accounts', person());
    const path = `/v1/accounts/${account.id}/payout_destinations`;
    const made = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map((reference) =>
        stack.call('POST', path, place({ default: true, reference })),
      ),
    );
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201));
    const defaults = each((await stack.get(path)).body, 'default');
    expect(defaults.filter((isDefault) => isDefault)).toHaveLength(1);
    expect(defaults).toHaveLength(made.length);
  });

  test('one that is taken away is gone, and stays gone', async () => {
    const account = await stack.call('POST', '/v1/accounts', person());
    const path = `/v1/accounts/${account.id}/payout_destinations`;
    const made = await stack.call('POST', path, place());
    expect((await stack.twice('DELETE', `${path}/${made.id}`)).status).toBe(204);
    expect((await stack.call('DELETE', `${path}/${made.id}`)).status).toBe(404);
    expect(each((await stack.get(path)).body, 'id')).toEqual([]);
  });

  test('a provider that the platform has no connection to is refused by name', async () => {
    const body = person({ payout_destinations: [place({ provider: 'stripe' })] });
    const refused = await stack.twice('POST', '/v1/accounts', body);
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'not_supported',
        errors: [{ pointer: '/payout_destinations/0/provider' }],
      },
    });
    const listed = await stack.get(`/v1/accounts?email=${body.email}`);
    expect(each(listed.body, 'id')).toEqual([]);
  });
});

describe('an empty wallet', () => {
  test('has no balances, an empty statement, and nothing to withdraw', async () => {
    const body = person({ payout_destinations: [place()] });
    const account = await stack.call('POST', '/v1/accounts', body);
    const path = `/v1/accounts/${account.id}`;
    const balances = await stack.get(`${path}/balances`);
    expect(balances.body).toEqual({ object: 'balances', account: account.id, data: [] });
    expect(each((await stack.get(`${path}/statement`)).body, 'at')).toEqual([]);
    const csv = await stack.get(`${path}/statement?format=csv`);
    expect(csv.body).toBe('at,type,subject,currency,amount,balance,journal\r\n');
    const refused = await stack.twice('POST', `${path}/withdrawals`, {
      amount: 1,
      currency: 'USD',
      destination: textAt(account.body, 'payout_destinations', 0, 'id'),
    });
    expect(refused).toMatchObject({ status: 409, body: { code: 'insufficient_funds' } });
  });
});
