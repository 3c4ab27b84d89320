/**
 * Owns the proof that webhooks are signed, sent at least once, and faulty on demand only.
 * Must not know the port or its client.
 */
import { createHmac } from 'node:crypto';
import { minutes } from '../../domain/calendar';
import { backOff } from '../../sandbox/webhooks';
import { type Client, startBank, type TestBank, until } from './bank';
import { type Receiver, startReceiver } from './receiver';

let bank: TestBank;
let client: Client;
let receiver: Receiver;
beforeAll(async () => {
  bank = await startBank();
});
beforeEach(async () => {
  receiver = await startReceiver();
  client = await bank.connect(receiver.url);
});
afterEach(async () => {
  await receiver.close();
  expect(bank.reported.splice(0)).toEqual([]);
});
afterAll(() => bank.close());

const listOf = async (reference: unknown) => {
  const { body } = await client.get(`/control/webhooks?reference=${reference}`);
  return Array.isArray(body.data) ? body.data : [];
};
/** All webhooks of a reference have been taken by the receiver. */
const delivered = (reference: unknown) =>
  until(async () => {
    const list = await listOf(reference);
    return list.length > 0 && list.every(({ state }) => state === 'delivered') && list;
  });

test('every end of an order is told, with its id and reference and no amount', async () => {
  const { body } = await client.pay();
  await delivered(body.reference);
  expect(receiver.about(body.reference)).toEqual([
    {
      id: expect.stringMatching(/^sbw_/),
      type: 'payment.settled',
      object: body.id,
      reference: body.reference,
      created_at: body.settled_at,
    },
  ]);
});

test.each`
  kind         | name                     | types
  ${'payment'} | ${'fault:decline'}       | ${['payment.declined']}
  ${'payment'} | ${'fault:expire-PT0S'}   | ${['payment.expired']}
  ${'payout'}  | ${'Sal'}                 | ${['payout.settled']}
  ${'payout'}  | ${'fault:fail'}          | ${['payout.failed']}
  ${'payout'}  | ${'fault:returned-PT0S'} | ${['payout.settled', 'payout.returned']}
`('a $kind for $name tells $types', async ({ kind, name, types }) => {
  await client.pay();
  const { body } =
    kind === 'payment'
      ? await client.pay({ payer: { name } })
      : await client.payOut({ destination: { reference: 'D', name } });
  await delivered(body.reference);
  const told = receiver.about(body.reference).map(({ type }) => type);
  expect(told.sort()).toEqual([...types].sort());
});

test('the signature is an HMAC of time and raw body under the secret', async () => {
  const { body } = await client.pay({ reference: 'pay_ü' });
  await delivered(encodeURIComponent(String(body.reference)));
  const [sent] = receiver.received;
  const header = String(sent?.headers['sandbox-signature']);
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const expected = createHmac('sha256', client.secret)
    .update(`${t}.`)
    .update(sent?.body ?? '')
    .digest('hex');
  expect(v1).toBe(expected);
  expect(Math.abs(Number(t) * 1000 - Date.now())).toBeLessThan(minutes(1));
});

test.each([500, 404, 302, 0])(
  'a receiver that answers %d gets the same webhook again, signed anew, until it takes it',
  async (status) => {
    receiver.answer = status;
    const { body } = await client.pay();
    await until(async () => receiver.about(body.reference).length >= 1);
    receiver.answer = 200;
    await delivered(body.reference);
    const told = receiver.about(body.reference);
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    const [row] = await listOf(body.reference);
    expect(row).toMatchObject({ last_answer: '200', attempts: expect.any(Number) });
  },
  20_000, // who does not answer at all is given up after five seconds
);

test('a receiver that is not there yet gets the webhook when it comes', async () => {
  const url = receiver.url;
  await receiver.close();
  const { body } = await client.pay();
  await until(async () => (await listOf(body.reference))[0]?.attempts >= 1);
  receiver = await startReceiver();
  expect(receiver.url).not.toBe(url);
  const connection = { id: client.id, token: client.token, webhook_secret: client.secret };
  const webhook_url = receiver.url;
  await client.post('/control/connections', { ...connection, webhook_url });
  await delivered(body.reference);
  expect(receiver.about(body.reference)).toHaveLength(1);
});

test('without an address webhooks wait for one', async () => {
  const silent = await bank.connect();
  const { body } = await silent.pay();
  const { body: list } = await silent.get(`/control/webhooks?reference=${body.reference}`);
  expect(list.data).toMatchObject([{ state: 'queued', attempts: 0 }]);
});

test('a dropped webhook is never sent, unless it is replayed', async () => {
  const { body } = await client.pay({ payer: { name: 'fault:webhook_drop' } });
  await delivered((await client.pay()).body.reference); // one that came later has been sent
  expect(receiver.about(body.reference)).toEqual([]);
  expect(await listOf(body.reference)).toMatchObject([{ state: 'dropped', attempts: 0 }]);
  const replayed = await client.post('/control/webhooks/replay', { reference: body.reference });
  expect(replayed.body).toEqual({ queued: 1 });
  await delivered(body.reference);
  expect(receiver.about(body.reference)).toHaveLength(1);
});

test('held webhooks wait until they are released, all or those of one reference', async () => {
  const [one, two] = await Promise.all(
    [1, 2].map(async () => (await client.pay({ payer: { name: 'fault:webhook_hold' } })).body),
  );
  await delivered((await client.pay()).body.reference);
  expect(await listOf(one?.reference)).toMatchObject([{ state: 'held' }]);
  const first = await client.post('/control/webhooks/release', { reference: one?.reference });
  expect(first.body).toEqual({ queued: 1 });
  await delivered(one?.reference);
  expect(receiver.about(two?.reference)).toEqual([]);
  expect((await client.post('/control/webhooks/release', {})).body).toEqual({ queued: 1 });
  await delivered(two?.reference);
});

test('a duplicated webhook comes as many times as told, with one id', async () => {
  const { body } = await client.pay({ payer: { name: 'fault:webhook_copies-7' } });
  await delivered(body.reference);
  const told = receiver.about(body.reference);
  expect(told).toHaveLength(7);
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
});

test('a dead receiver holds back no other connection', async () => {
  receiver.answer = 0;
  await Promise.all(Array.from({ length: 10 }, () => client.pay()));
  const living = await startReceiver();
  try {
    const other = await bank.connect(living.url);
    const asked = Date.now();
    const { body } = await other.pay();
    await until(async () => living.about(body.reference).length === 1);
    expect(Date.now() - asked).toBeLessThan(4000); // the dead one is waited for five seconds
  } finally {
    await living.close();
  }
});

test('the wait doubles from one second to five minutes', () => {
  expect([1, 2, 3, 8, 9, 10, 100].map((attempts) => backOff(attempts) / 1000)).toEqual([
    1, 2, 4, 128, 256, 300, 300,
  ]);
});
