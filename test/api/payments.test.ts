/**
 * Owns money in and out over HTTP: what the payer does, what fails, top-ups, withdrawals, webhooks.
 * Must not test the scripts themselves: `test/workflows` does.
 */
import {
  agreed,
  deal,
  funded,
  type People,
  someone,
  twoPeople,
  until,
  untilStatus,
} from './people';
import { at, each, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const provider = 'sandbox';
const sandbox = (path: string, body: object) =>
  stack.twice('POST', `/v1/test_helpers/sandbox/${path}`, body);

describe('a payment', () => {
  test('shows the payer where to pay, and the escrow goes on when he has', async () => {
    const buyer = await someone(stack, 'Bea fault:checkout');
    const { path } = await agreed(stack, { ...people, buyer });
    const asked = await stack.twice('POST', `${path}/payments`, { provider }, { as: buyer });
    expect(asked).toMatchObject({
      status: 201,
      body: { status: 'pending', payer_action: { checkout_url: expect.stringMatching(/^http/) } },
    });
    const reference = textAt(asked.body, 'attempts', 0, 'reference');
    const paid = await sandbox(`payments/${reference}/pay`, {});
    expect(paid).toMatchObject({ status: 200, body: { state: 'settled' } });
    await untilStatus(stack, path, 'in_progress');
    expect((await stack.get(`/v1/payments/${asked.id}`)).body).toMatchObject({
      status: 'settled',
      received: 125_000,
      applied: 125_000,
      escrow: path.split('/').at(-1),
    });
  });

  test('that is declined says so, and another may be opened', async () => {
    const buyer = await someone(stack, 'Bea fault:declined');
    const { path } = await agreed(stack, { ...people, buyer });
    const asked = await stack.twice('POST', `${path}/payments`, { provider }, { as: buyer });
    expect(asked).toMatchObject({ status: 201, body: { status: 'failed' } });
    const again = await stack.twice('POST', `${path}/payments`, { provider }, { as: buyer });
    expect(again.status).toBe(201);
    const listed = await stack.get(`/v1/payments?status=failed&payer=${buyer}`);
    expect(each(listed.body, 'id')).toEqual([again.id, asked.id]);
  });

  test('of a part leaves the rest due; of too much leaves it in the wallet', async () => {
    const buyer = await someone(stack, 'Bob Buyer');
    const { path } = await agreed(stack, { ...people, buyer });
    const pay = (amount: number) =>
      stack.twice('POST', `${path}/payments`, { provider, amount }, { as: buyer });
    await pay(25_000);
    await until(
      () => stack.get(path),
      ({ body }) => at(body, 'funding', 'shortfall') === 100_000,
    );
    await pay(110_000);
    await untilStatus(stack, path, 'in_progress');
    const { body } = await stack.get(`/v1/accounts/${buyer}/balances`);
    expect(at(body, 'data')).toMatchObject([{ currency: 'USD', available: 10_000 }]);
    expect(await pay(5)).toMatchObject({ status: 201 }); // it waits in the wallet
    const nothing = await stack.twice('POST', `${path}/payments`, { provider }, { as: buyer });
    expect(nothing).toMatchObject({ status: 409, body: { code: 'limit_reached' } });
  });

  test('is for a buyer, by himself or by the platform in his name', async () => {
    const { path, buyer, seller } = await agreed(stack, people);
    const pay = (body: object, as?: string) =>
      stack.twice('POST', `${path}/payments`, { provider, ...body }, as ? { as } : {});
    expect(await pay({}, seller)).toMatchObject({ status: 403, body: { code: 'not_allowed' } });
    expect(await pay({ payer: seller }, buyer)).toMatchObject({ status: 403 });
    expect(await pay({})).toMatchObject({ status: 422, body: { errors: [{ pointer: '/payer' }] } });
    expect(await pay({ provider: 'stripe' }, buyer)).toMatchObject({
      status: 422,
      body: { code: 'not_supported', errors: [{ pointer: '/provider' }] },
    });
    const stranger = await someone(stack, 'Otto Other');
    expect(await pay({}, stranger)).toMatchObject({ status: 403, body: { code: 'not_a_party' } });
    expect(await pay({ payer: buyer })).toMatchObject({ status: 201, body: { payer: buyer } });
  });

  test('is not for a draft, nor for what is closed', async () => {
    const body = deal(people, { draft: true });
    const kept = await stack.twice('POST', '/v1/escrows', body, { as: people.buyer });
    const asked = { provider, amount: 5 };
    expect(
      await stack.twice('POST', `/v1/escrows/${kept.id}/payments`, asked, { as: people.buyer }),
    ).toMatchObject({ status: 409, body: { code: 'wrong_status', current_status: 'draft' } });
    const { path, buyer } = await agreed(stack, people);
    await stack.twice('POST', `${path}/cancel`, { reason: 'No.' }, { as: buyer });
    expect(await stack.twice('POST', `${path}/payments`, asked, { as: buyer })).toMatchObject({
      status: 409,
      body: { code: 'escrow_closed' },
    });
  });
});

describe('a wallet', () => {
  test('is filled and emptied, with a statement of both', async () => {
    const owner = await someone(stack, 'Wanda Wallet');
    const path = `/v1/accounts/${owner}`;
    const filled = await stack.twice(
      'POST',
      `${path}/payments`,
      { provider, amount: 50_000, currency: 'USD' },
      { as: owner },
    );
    expect(filled).toMatchObject({ status: 201, body: { status: 'settled', escrow: null } });
    const { body: account } = await stack.get(path);
    const destination = textAt(account, 'payout_destinations', 0, 'id');
    const order = { amount: 20_000, currency: 'USD', destination };
    const out = await stack.twice('POST', `${path}/withdrawals`, order, { as: owner });
    expect(out).toMatchObject({ status: 201, body: { object: 'withdrawal', account: owner } });
    await until(
      () => stack.get(`${path}/withdrawals/${out.id}`),
      ({ body }) => at(body, 'status') === 'settled',
    );
    const { body } = await stack.get(`${path}/balances`, { as: owner });
    expect(at(body, 'data')).toEqual([
      { currency: 'USD', available: 30_000, in_flight: 0, reserved: 0 },
    ]);
    const statement = await stack.get(`${path}/statement`, { as: owner });
    expect(listAt(statement.body)).toMatchObject([
      { amount: -20_000, balance: 30_000, type: 'payout_started', subject: out.id },
      { amount: 50_000, balance: 50_000, type: 'payment_settled', subject: filled.id },
    ]);
    const headers = { accept: 'text/csv' };
    const file = await stack.get(`${path}/statement`, { as: owner, headers });
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(String(file.body).split('\r\n')).toHaveLength(4);
    const listed = await stack.get(`${path}/withdrawals`);
    expect(each(listed.body, 'id')).toEqual([out.id]);
    const alone = `/v1/withdrawals/${out.id}`;
    expect(await stack.get(alone)).toMatchObject({ status: 200, body: { id: out.id } });
    expect(await stack.get(alone, { key: stack.keys.other })).toMatchObject({ status: 404 });
    expect(await stack.get(alone, { as: owner })).toMatchObject({ status: 403 });
    const journal = at(statement.body, 'data', 0, 'journal');
    expect(await stack.get(`/v1/ledger/journals/${journal}`)).toMatchObject({
      status: 200,
      body: { type: 'payout_started', lines: [{ amount: -20_000 }, { amount: 20_000 }] },
    });
    const books = await stack.get(`/v1/ledger/accounts?owner=${owner}`);
    expect(listAt(books.body)).toMatchObject([{ code: `liab:wallet:${owner}`, balance: 30_000 }]);
  });

  test('shows as reserved what waits to be paid out, which is free money until it is', async () => {
    const seller = await someone(stack, 'Sal Seller', 'Sal fault:fail-destination_closed');
    const { milestone } = await funded(stack, { ...people, seller });
    const approved = await stack.twice('POST', `${milestone}/approve`, {}, { as: people.buyer });
    expect(approved).toMatchObject({ status: 200 });
    await until(
      () => stack.get(`/v1/disbursements`, { as: seller }),
      ({ body }) => at(body, 'data', 0, 'status') === 'failed',
    );
    const { body } = await stack.get(`/v1/accounts/${seller}/balances`, { as: seller });
    expect(at(body, 'data')).toEqual([
      { currency: 'USD', available: 125_000, in_flight: 0, reserved: 125_000 },
    ]);
  });

  test('gives once what several ask for at once; what was refused is not reserved', async () => {
    const owner = await someone(stack, 'Wanda Wallet');
    const path = `/v1/accounts/${owner}`;
    await stack.call('POST', `${path}/payments`, { provider, amount: 50_000, currency: 'USD' });
    const { body: account } = await stack.get(path);
    const destination = textAt(account, 'payout_destinations', 0, 'id');
    const order = { amount: 30_000, currency: 'USD', destination };
    const asked = [1, 2, 3].map(() => stack.call('POST', `${path}/withdrawals`, order));
    const started = (await Promise.all(asked)).filter(({ status }) => status < 300);
    const list = await until(
      () => stack.get(`${path}/withdrawals`),
      ({ body }) => each(body, 'status').every((word) => word === 'settled' || word === 'failed'),
    );
    const ends = each(list.body, 'status');
    expect(ends).toHaveLength(started.length);
    expect(ends.filter((word) => word === 'settled')).toHaveLength(1);
    const { body } = await stack.get(`${path}/balances`);
    expect(at(body, 'data')).toEqual([
      { currency: 'USD', available: 20_000, in_flight: 0, reserved: 0 },
    ]);
  });

  test('gives no more than it has, and only to places of its own', async () => {
    const owner = await someone(stack, 'Wanda Wallet');
    const path = `/v1/accounts/${owner}/withdrawals`;
    const placeOf = async (id: string): Promise<string> =>
      textAt((await stack.get(`/v1/accounts/${id}`)).body, 'payout_destinations', 0, 'id');
    const own = { amount: 5, currency: 'USD', destination: await placeOf(owner) };
    expect(await stack.twice('POST', path, own)).toMatchObject({
      status: 409,
      body: { code: 'insufficient_funds' },
    });
    expect(await stack.twice('POST', path, { ...own, currency: 'EUR' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/destination' }] },
    });
    const foreign = { ...own, destination: await placeOf(people.seller) };
    expect(await stack.twice('POST', path, foreign)).toMatchObject({ status: 404 });
    expect(await stack.twice('POST', path, own, { as: people.seller })).toMatchObject({
      status: 403,
    });
  });
});

describe('a webhook of the provider', () => {
  test('that is lost is found by looking; one that comes ten times counts once', async () => {
    const script = {
      calls: 'payments',
      next: 1,
      script: { checkout: true, webhook: { copies: 10 } },
    };
    expect(await sandbox('scripts', script)).toMatchObject({ status: 201 });
    const { path, buyer } = await agreed(stack, people);
    const asked = await stack.twice('POST', `${path}/payments`, { provider }, { as: buyer });
    const reference = textAt(asked.body, 'attempts', 0, 'reference');
    await sandbox(`payments/${reference}/pay`, {});
    await untilStatus(stack, path, 'in_progress');
    const { rows } = await stack.pool.query(
      'select 1 from holdfast.webhook_inbox where reference = $1',
      [reference],
    );
    expect(rows).toHaveLength(1);
    const { body } = await stack.get(`${path}/ledger`);
    const types = listAt(body, 'journals').map((journal) => at(journal, 'type'));
    expect(types.filter((type) => type === 'payment_settled')).toHaveLength(1);
  });

  test('that is forged, or for nobody, is refused and not stored', async () => {
    const { rows } = await stack.pool.query<{ id: string }>('select id from holdfast.connections');
    const count = async () =>
      (await stack.pool.query('select 1 from holdfast.webhook_inbox')).rowCount;
    const before = await count();
    const body = { id: 'w1', type: 'payment.settled', object: 'sbp_1', reference: 'pay_1-1' };
    const headers = { 'sandbox-signature': `t=1,v1=${'0'.repeat(64)}` };
    const path = `/v1/webhooks/sandbox/${rows[0]?.id}`;
    expect(await stack.call('POST', path, body, { key: '', headers })).toMatchObject({
      status: 400,
      body: { code: 'forged_webhook' },
    });
    for (const wrong of ['/v1/webhooks/sandbox/con_unknown', path.replace('sandbox', 'stripe')]) {
      expect(await stack.call('POST', wrong, body, { key: '' })).toMatchObject({ status: 404 });
    }
    expect(await count()).toBe(before);
    const metrics = await stack.get('/metrics', { key: '' });
    expect(metrics.body).toMatch(/holdfast_webhooks_total\{[^}]*outcome="forged"[^}]*\} 1/);
    for (let n = 0; n < 20; n += 1) await stack.call('POST', path, body, { key: '', headers });
    const trail = await stack.pool.query(
      `select decision, actor ->> 'strength' as strength from holdfast.audit
        where action = 'take_webhook'`,
    );
    expect(trail.rows).toEqual([
      { decision: expect.stringMatching(/^forged: /), strength: 'none' },
    ]);
  });
});

test('an account sees its own payments and disbursements only', async () => {
  const one = await funded(stack, people);
  const listed = await stack.get('/v1/payments', { as: people.seller });
  expect(listAt(listed.body)).toEqual([]);
  const mine = await stack.get(`/v1/payments?escrow=${one.escrow}`, { as: people.buyer });
  expect(listAt(mine.body)).toHaveLength(1);
  const id = textAt(mine.body, 'data', 0, 'id');
  expect(await stack.get(`/v1/payments/${id}`, { as: people.seller })).toMatchObject({
    status: 404,
  });
  expect(await stack.get(`/v1/payments/${id}`, { key: stack.keys.other })).toMatchObject({
    status: 404,
  });
});
