/**
 * Owns the proof of what an order can meet: strict input, keys, versions, cancelling.
 * Must not know the port or its client.
 */
import { type Client, call, type Json, payment, payout, startBank, type TestBank } from './bank';

let bank: TestBank;
let client: Client;
beforeAll(async () => {
  bank = await startBank();
});
beforeEach(async () => {
  client = await bank.connect();
  await client.pay({ amount: 100_000 });
});
afterEach(() => expect(bank.reported.splice(0)).toEqual([]));
afterAll(() => bank.close());

const wrong: readonly [string, Json][] = [
  ['an unknown field', { extra: 1 }],
  ['no amount', { amount: undefined }],
  ['an amount of zero', { amount: 0 }],
  ['a negative amount', { amount: -1 }],
  ['a fraction', { amount: 10.5 }],
  ['an amount as text', { amount: '10' }],
  ['an amount that JSON cannot hold', { amount: 2 ** 53 }],
  ['a currency in lower case', { currency: 'eur' }],
  ['a zero character in a text', { description: 'a\0b' }],
  ['an empty reference', { reference: '' }],
  ['a reference that would be read as a name', { reference: 'reference:x' }],
  ['live mode', { livemode: true }],
  ['a payer without a name', { payer: {} }],
  ['an unknown field of the payer', { payer: { name: 'B', age: 3 } }],
  ['a return address that runs code', { return_url: 'javascript:alert(1)' }],
  ['a clock that is none', { clock: 'esc_1' }],
];
test.each(wrong)(
  'an order with %s is refused, named, and changes nothing',
  async (_what, change) => {
    const order = payment(change);
    const refused = await client.pay(order);
    expect(refused).toMatchObject({ status: 422, body: { code: 'malformed', status: 422 } });
    expect(refused.headers.get('content-type')).toMatch('application/problem+json');
    expect(refused.body.errors).toHaveLength(1);
    const { rows } = await bank.owner.query(
      'select count(*)::int as count from sandbox.objects where connection_id = $1',
      [client.id],
    );
    expect(rows).toEqual([{ count: 1 }]);
  },
);

describe('who calls', () => {
  test.each([undefined, 'Bearer wrong-token-of-nobody', 'Basic abc', 'Bearer '])(
    'with authorization %s nobody is served',
    async (authorization) => {
      const headers = { ...(authorization && { Authorization: authorization }) };
      const answered = await call(bank.url, 'GET', '/balance', { headers });
      expect(answered).toMatchObject({ status: 401, body: { code: 'token_unknown' } });
    },
  );

  test('a page that has rebound its host name is not served', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${bank.url}/balance`, { headers: { Host: 'evil.example' } });
      asked.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject);
      asked.end();
    });
    expect(status).toBe(421);
  });

  test('an order without a key, or not in JSON, is not taken', async () => {
    expect(await client.post('/payments', payment())).toMatchObject({
      status: 400,
      body: { code: 'key_missing' },
    });
    const headers = { 'Idempotency-Key': 'k', 'Content-Type': 'text/plain' };
    expect(await client.post('/payments', 'hello', headers)).toMatchObject({ status: 415 });
    const cut = await client.post('/payments', '{"amount":', { 'Idempotency-Key': 'k' });
    expect(cut).toMatchObject({ status: 400, body: { code: 'not_json' } });
    const large = await client.post('/payments', payment({ description: 'x'.repeat(300_000) }), {
      'Idempotency-Key': 'k',
    });
    expect(large).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  test('a connection changes its token, and a token belongs to one connection', async () => {
    const body = { id: client.id, token: 'a-new-token-of-it', webhook_url: null };
    const save = (id: string) =>
      call(bank.url, 'POST', '/control/connections', {
        body: { ...body, id, webhook_secret: client.secret },
      });
    expect(await save(client.id)).toMatchObject({ status: 200, body: { id: client.id } });
    expect(await client.get('/balance')).toMatchObject({ status: 401 });
    expect(await save('con_other')).toMatchObject({ status: 409, body: { code: 'token_taken' } });
  });

  test.each(['https://example.com/hook', 'http://10.0.0.1/hook', 'file:///etc/passwd', 'x'])(
    'webhooks do not leave this machine: %s is refused',
    async (webhook_url) => {
      const body = { id: 'con_a', token: 'a-long-enough-token', webhook_url };
      const answered = await call(bank.url, 'POST', '/control/connections', {
        body: { ...body, webhook_secret: 'a-long-enough-secret' },
      });
      expect(answered).toMatchObject({ status: 422, body: { code: 'malformed' } });
    },
  );
});

describe('keys', () => {
  test('a repeat gets the first status and body again', async () => {
    const order = payment();
    const first = await client.pay(order, 'k');
    const again = await client.pay(order, 'k');
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect({ status: again.status, body: again.body }).toEqual({
      status: first.status,
      body: first.body,
    });
  });

  test('the same order in another spelling is the same order', async () => {
    const { reference, amount, currency, payer } = payment();
    const first = await client.pay({ reference, amount, currency, payer }, 'k');
    const other = { payer, currency, amount, reference };
    const again = await client.post('/payments', other, { 'Idempotency-Key': 'k' });
    expect(again.body.id).toBe(first.body.id);
  });

  test('another order under the key is refused, also one of another kind', async () => {
    await client.pay(payment(), 'k');
    const mismatch = { status: 409, body: { code: 'key_mismatch' } };
    expect(await client.pay(payment(), 'k')).toMatchObject(mismatch);
    expect(await client.payOut(payout(), 'k')).toMatchObject(mismatch);
  });

  test('keys of two connections are two keys', async () => {
    const other = await bank.connect();
    const one = await client.pay(payment(), 'k');
    const two = await other.pay(payment(), 'k');
    expect([one.status, two.status]).toEqual([201, 201]);
  });

  test('a key that is in use is said to be in use', async () => {
    const holder = await bank.owner.connect();
    try {
      await holder.query('select pg_advisory_lock(hashtextextended($1, 0))', [
        `sandbox.key ${client.id} k`,
      ]);
      const busy = await client.pay(payment(), 'k');
      expect(busy).toMatchObject({ status: 409, body: { code: 'key_in_use' } });
    } finally {
      holder.release(true);
    }
  });
});

describe('reading', () => {
  test('an object is found by its id and by our reference, with its version', async () => {
    const { body } = await client.payOut({
      destination: { reference: 'D', name: 'fault:delay-P1D' },
    });
    expect(body).toMatchObject({ state: 'sent', version: 2, settled_at: null });
    const byId = await client.get(`/payouts/${body.id}`);
    const byReference = await client.get(`/payouts?reference=${body.reference}`);
    expect(byId.body).toEqual(body);
    expect(byReference.body).toEqual({ object: 'list', complete: true, data: [body] });
    const byName = await client.get(`/payouts/reference:${body.reference}`);
    expect(byName.body).toEqual(body);
  });

  test('a zero character names nothing', async () => {
    expect(await client.get('/payments?reference=%00')).toMatchObject({ status: 400 });
    expect(await client.get('/payments/%00')).toMatchObject({ status: 400 });
    expect(await call(bank.url, 'GET', '/checkout/%00', {})).toMatchObject({ status: 404 });
  });

  test('an unknown reference gives an empty complete list, an unknown id nothing', async () => {
    const list = await client.get('/payments?reference=pay_never');
    expect(list.body).toEqual({ object: 'list', complete: true, data: [] });
    expect(await client.get('/payments/sbp_never')).toMatchObject({ status: 404 });
    expect(await client.get('/payments')).toMatchObject({ status: 400 });
    expect(await client.get('/payments?reference=a&other=b')).toMatchObject({ status: 400 });
    expect(await client.get('/nothing')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });
});

describe('cancelling', () => {
  test.each`
    kind         | fault                  | state
    ${'payment'} | ${'fault:delay-P1D'}   | ${'cancelled'}
    ${'payment'} | ${'fault:checkout'}    | ${'cancelled'}
    ${'payout'}  | ${'fault:pending-P1D'} | ${'failed'}
  `(
    'a $kind with $fault is cancelled, and a second cancel agrees',
    async ({ kind, fault, state }) => {
      const { body } =
        kind === 'payment'
          ? await client.pay({ payer: { name: fault } })
          : await client.payOut({ destination: { reference: 'D', name: fault } });
      for (const name of [body.id, `reference:${body.reference}`]) {
        const cancelled = await client.post(`/${kind}s/${name}/cancel`, {});
        expect(cancelled).toMatchObject({
          status: 200,
          body: { id: body.id, state, failure: { code: 'cancelled', again: 'never' } },
        });
      }
      const { body: balance } = await client.get('/balance');
      expect(balance.data).toEqual([{ currency: 'EUR', available: 100_000, in_transit: 0 }]);
    },
  );

  test('what is settled or sent cannot be cancelled, and the answer shows it', async () => {
    const settled = await client.pay();
    expect(await client.post(`/payments/${settled.body.id}/cancel`, {})).toMatchObject({
      status: 409,
      body: { code: 'too_late', current: { state: 'settled' } },
    });
    const sent = await client.payOut({ destination: { reference: 'D', name: 'fault:delay-P1D' } });
    expect(await client.post(`/payouts/${sent.body.id}/cancel`, {})).toMatchObject({
      status: 409,
      body: { code: 'too_late', current: { state: 'sent' } },
    });
    expect(await client.post('/payouts/sbo_never/cancel', {})).toMatchObject({ status: 404 });
  });

  test('of a cancel and a payer at the same moment, one wins', async () => {
    const { body } = await client.pay({ payer: { name: 'fault:checkout' } });
    const [cancelled, paid] = await Promise.all([
      client.post(`/payments/${body.id}/cancel`, {}),
      client.post(`/control/payments/${body.id}/pay`, {}),
    ]);
    expect([cancelled.status, paid.status].sort()).toEqual([200, 409]);
    const { body: end } = await client.get(`/payments/${body.id}`);
    expect(end.state).toBe(cancelled.status === 200 ? 'cancelled' : 'settled');
  });
});
