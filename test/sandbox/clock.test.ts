/**
 * Owns the proof of virtual time: delays, due instants and forgotten keys follow a test clock.
 * Must not know the port or its client.
 */
import { days, hours, type Instant, minutes, plus } from '../../domain/calendar';
import { anyName, type Client, payment, realNow, startBank, type TestBank } from './bank';

let bank: TestBank;
let client: Client;
let clock: string;
let start: Instant;
beforeAll(async () => {
  bank = await startBank();
});
beforeEach(async () => {
  client = await bank.connect();
  clock = anyName('clk_');
  start = plus(realNow(), days(100));
  await setClock(start);
  await client.pay({ clock });
});
afterEach(() => expect(bank.reported.splice(0)).toEqual([]));
afterAll(() => bank.close());

const setClock = (now: Instant) => client.post('/control/clock', { clock, now });
const destination = (name: string) => ({ destination: { reference: 'D', name } });
const stateOf = async (id: unknown) => (await client.get(`/payouts/${id}`)).body.state;

test('a delay is over when its clock says so, not when real time does', async () => {
  const { body } = await client.payOut({ clock, ...destination('fault:delay-P30D') });
  expect(body).toMatchObject({ state: 'sent', clock });
  expect(String(body.created_at) >= start).toBe(true);
  await setClock(plus(start, days(29)));
  expect(await stateOf(body.id)).toBe('sent');
  await setClock(plus(start, days(31)));
  expect(await stateOf(body.id)).toBe('settled');
});

test('each step has its own instant, however far the clock jumps', async () => {
  const { body } = await client.payOut({
    clock,
    ...destination('fault:pending-PT1H fault:delay-PT2H fault:returned-P3D'),
  });
  await setClock(plus(start, days(60)));
  const { body: end } = await client.get(`/payouts/${body.id}`);
  const since = (at: unknown) => Date.parse(String(at)) - Date.parse(String(body.created_at));
  expect(end.state).toBe('returned');
  expect(since(end.settled_at)).toBe(hours(3));
  expect(since(end.returned_at)).toBe(hours(3) + days(3));
  expect(since(end.updated_at)).toBe(hours(3) + days(3));
});

test('a clock runs at normal speed, jumps forward and never goes back', async () => {
  const later = plus(start, days(2));
  expect(String((await setClock(later)).body.now) >= later).toBe(true);
  const { body } = await setClock(start);
  expect(String(body.now) >= later).toBe(true);
  await new Promise((next) => setTimeout(next, 30));
  const { body: after } = await setClock(start);
  const ran = Date.parse(String(after.now)) - Date.parse(String(body.now));
  expect(ran).toBeGreaterThanOrEqual(25);
});

test('clocks of the same name at two connections are two clocks', async () => {
  const other = await bank.connect();
  expect(await other.pay({ clock })).toMatchObject({
    status: 422,
    body: { code: 'clock_unknown' },
  });
  await other.post('/control/clock', { clock, now: plus(start, -days(50)) });
  const { body } = await other.pay({ clock });
  expect(String(body.created_at) < start).toBe(true);
});

test('the time that a caller sees moves the clock of what he orders or reads', async () => {
  const fresh = anyName('clk_');
  const seen = { 'Sandbox-Now': start };
  const order = payment({ clock: fresh, payer: { name: 'fault:delay-P5D' } });
  const headers = { 'Idempotency-Key': anyName('key-') };
  const made = await client.post('/payments', order, { ...headers, ...seen });
  expect(made).toMatchObject({ status: 201, body: { state: 'pending' } });
  const path = `/payments/${made.body.id}`;
  const read = (now: Instant) => client.get(path, { 'Sandbox-Now': now });
  expect((await read(plus(start, days(4)))).body.state).toBe('pending');
  expect((await read(plus(start, days(6)))).body.state).toBe('settled');
  expect(await client.get(path, { 'Sandbox-Now': 'soon' })).toMatchObject({ status: 400 });
});

test('an object in real time is not moved by any clock', async () => {
  const { body } = await client.pay({ payer: { name: 'fault:delay-PT1H' } });
  await setClock(plus(start, days(365)));
  expect((await client.get(`/payments/${body.id}`)).body.state).toBe('pending');
});

test('a page that nobody pays expires by the clock', async () => {
  const { body } = await client.pay({ clock, payer: { name: 'fault:checkout' } });
  await setClock(plus(start, hours(25)));
  expect((await client.get(`/payments/${body.id}`)).body).toMatchObject({
    state: 'expired',
    checkout_url: null,
    failure: { code: 'expired', again: 'later' },
  });
});

test('a key is forgotten after 24 hours of the clock: then the order is a new one', async () => {
  const order = payment({ clock });
  const first = await client.pay(order, 'k');
  await setClock(plus(start, hours(23)));
  expect((await client.pay(order, 'k')).body.id).toBe(first.body.id);
  await setClock(plus(start, hours(24) + minutes(1)));
  const second = await client.pay(order, 'k');
  expect(second.body.id).not.toBe(first.body.id);
  expect((await client.pay(order, 'k')).body.id).toBe(second.body.id);
  const { body } = await client.get(`/payments?reference=${order.reference}`);
  expect(body.data).toMatchObject([{ id: first.body.id }, { id: second.body.id }]);
});

test.each([{ now: 'tomorrow' }, { now: 1 }, { clock: 'con_1' }, { extra: 1 }])(
  'a clock set with %p is refused',
  async (change) => {
    const answered = await client.post('/control/clock', { clock, now: start, ...change });
    expect(answered).toMatchObject({ status: 422, body: { code: 'malformed' } });
  },
);
