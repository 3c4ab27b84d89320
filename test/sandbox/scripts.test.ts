/**
 * Owns the proof of scripts: which one an order gets, and what the lost answers leave behind.
 * Must not know the port or its client.
 */
import { type Client, type Json, payment, startBank, type TestBank, until } from './bank';

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

const attach = (body: Json) => client.post('/control/scripts', body);

test('a script waits for its reference and serves it alone', async () => {
  const script = { decline: 'compliance' };
  expect(await attach({ calls: 'payments', reference: 'pay_1-1', script })).toMatchObject({
    status: 201,
  });
  const other = await client.pay({ reference: 'pay_1-2' });
  const hit = await client.pay({ reference: 'pay_1-1' });
  expect(other.body.state).toBe('settled');
  expect(hit.body).toMatchObject({ state: 'declined', failure: { code: 'compliance' } });
});

test('a script for the next two calls serves exactly two of eight at once', async () => {
  await attach({ calls: 'payments', next: 2, script: { decline: 'declined' } });
  await client.payOut(); // of another kind: it takes none
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.pay()));
  expect(answers.filter(({ body }) => body.state === 'declined')).toHaveLength(2);
});

test('a repeat under its key uses up no script', async () => {
  const order = payment();
  await client.pay(order, 'k');
  await attach({ calls: 'payments', next: 1, script: { decline: 'declined' } });
  expect((await client.pay(order, 'k')).body.state).toBe('settled');
  expect((await client.pay()).body.state).toBe('declined');
});

test('the most explicit script wins: reference, then turn, then name, then amount', async () => {
  const order = { amount: 9990002, payer: { name: 'fault:expire' } };
  expect((await client.pay({ ...order, payer: { name: 'B' } })).body.state).toBe('declined');
  expect((await client.pay(order)).body.state).toBe('pending');
  await attach({ calls: 'payments', next: 1, script: { pay: 7 } });
  await attach({ calls: 'payments', reference: 'pay_x', script: { pay: 8 } });
  expect((await client.pay({ ...order, reference: 'pay_x' })).body.settled_amount).toBe(8);
  expect((await client.pay(order)).body.settled_amount).toBe(7);
  expect((await client.pay(order)).body.state).toBe('pending');
});

const refused: readonly [string, Json][] = [
  ['neither reference nor next', { calls: 'payments', script: {} }],
  ['both', { calls: 'payments', reference: 'r', next: 1, script: {} }],
  ['an unknown field', { calls: 'payments', next: 1, script: { explode: true } }],
  ['no duration', { calls: 'payments', next: 1, script: { settle_after: '3 hours' } }],
  ['a field of payouts', { calls: 'payments', next: 1, script: { return_after: 'P1D' } }],
  ['a field of payments', { calls: 'payouts', next: 1, script: { checkout: true } }],
  ['an unknown code', { calls: 'payouts', next: 1, script: { decline: 'mood' } }],
  ['again without decline', { calls: 'payouts', next: 1, script: { again: 'later' } }],
  ['checkout and bank', { calls: 'payments', next: 1, script: { checkout: true, bank: true } }],
];
test.each(refused)('a script with %s is refused', async (_what, body) => {
  expect(await attach(body)).toMatchObject({ status: 422, body: { code: 'malformed' } });
});

test('an order that is carried out and then cut is found by its reference', async () => {
  const order = payment({ payer: { name: 'fault:cut' } });
  await expect(client.pay(order, 'k')).rejects.toThrow();
  const { body } = await client.get(`/payments?reference=${order.reference}`);
  expect(body.data).toMatchObject([{ state: 'settled' }]);
  // The same key again gets the stored answer: the cut was for the call that carried it out.
  expect(await client.pay(order, 'k')).toMatchObject({ status: 201, body: { state: 'settled' } });
});

test('an order that is carried out and then hangs is found by its reference', async () => {
  const order = payment({ payer: { name: 'fault:hang' } });
  const hanging = fetch(`${bank.url}/payments`, {
    method: 'POST',
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(500),
    headers: {
      Authorization: `Bearer ${client.token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': 'k',
    },
  });
  await expect(hanging).rejects.toThrow(/timeout|aborted/);
  const { body } = await client.get(`/payments?reference=${order.reference}`);
  expect(body.data).toMatchObject([{ state: 'settled' }]);
});

test('what is due settles by itself, when nobody reads it', async () => {
  const { body } = await client.pay({ payer: { name: 'fault:delay-PT1S' } });
  expect(body.state).toBe('pending');
  await until(async () => {
    const { rows } = await bank.owner.query('select state from sandbox.objects where id = $1', [
      body.id,
    ]);
    return rows[0].state === 'settled';
  });
});
