/**
 * Owns the proof of a refund at the bank: it goes back to the outside, is scripted like a payout,
 * and never exceeds what its payment brought.
 * Must not know the port or its client.
 */
import { anyName, type Client, type Json, payment, startBank, type TestBank } from './bank';

let bank: TestBank;
let client: Client;
beforeAll(async () => {
  bank = await startBank();
});
afterEach(() => expect(bank.reported.splice(0)).toEqual([]));
afterAll(() => bank.close());

/** The reference of a payment of 1000 that has settled. */
async function paid(): Promise<string> {
  client = await bank.connect();
  const reference = anyName('pay_');
  await client.pay(payment({ reference, amount: 1_000 }));
  return reference;
}

const giveBack = (of: string, order: Json = {}) =>
  client.post(
    '/refunds',
    { reference: anyName('ref_'), amount: 400, currency: 'EUR', payment: of, ...order },
    { 'Idempotency-Key': anyName('key-') },
  );

const balance = async (): Promise<unknown> => (await client.get('/balance')).body.data;

test('it settles and takes its money out of the balance', async () => {
  const given = await giveBack(await paid());
  expect(given).toMatchObject({ status: 201, body: { object: 'refund', amount: 400 } });
  const read = await client.get(`/refunds/${String(given.body.id)}`);
  expect(read.body).toMatchObject({ state: 'settled', settled_amount: 400 });
  expect(await balance()).toEqual([{ currency: 'EUR', available: 600, in_transit: 0 }]);
});

test('refunds of a payment never exceed what it brought', async () => {
  const of = await paid();
  expect((await giveBack(of, { amount: 700 })).status).toBe(201);
  const beyond = { status: 422, body: { code: 'amount_out_of_range' } };
  expect(await giveBack(of, { amount: 301 })).toMatchObject(beyond);
  expect((await giveBack(of, { amount: 300 })).status).toBe(201);
  expect(await giveBack(of, { amount: 1 })).toMatchObject(beyond);
});

test('one that fails gives its money back to the balance, and may be tried again', async () => {
  const of = await paid();
  const script = { calls: 'refunds', next: 1, script: { decline: 'declined' } };
  expect((await client.post('/control/scripts', script)).status).toBe(201);
  const failed = await giveBack(of, { amount: 1_000 });
  expect(failed.body).toMatchObject({ state: 'failed', failure: { code: 'declined' } });
  expect(await balance()).toEqual([{ currency: 'EUR', available: 1_000, in_transit: 0 }]);
  expect((await giveBack(of, { amount: 1_000 })).body).toMatchObject({ state: 'settled' });
});

test('what nobody has paid, or in another currency, is not given back', async () => {
  const of = await paid();
  const unknown = { status: 422, body: { code: 'payment_unknown' } };
  expect(await giveBack('pay_of_nobody')).toMatchObject(unknown);
  expect(await giveBack(of, { currency: 'USD' })).toMatchObject(unknown);
});
