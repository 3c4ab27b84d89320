/**
 * Owns the proof that the bank is a process like any other: it says where it listens, keeps
 * everything through a kill, and ends when asked. Must not know the port or its client.
 */
import { once } from 'node:events';
import { type TestDatabase, testDatabase } from '../harness/database';
import { connect, payment, startBank, until } from './bank';
import { type SandboxProcess, startSandboxProcess } from './process';
import { startReceiver } from './receiver';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('a killed bank goes on where it was: orders, keys, scripts, clocks, webhooks', async () => {
  const receiver = await startReceiver();
  let bank: SandboxProcess = await startSandboxProcess(database.url);
  try {
    const client = await connect(() => bank.url, receiver.url);
    const now = '2030-01-01T00:00:00.000Z';
    await client.post('/control/clock', { clock: 'clk_1', now });
    await client.post('/control/scripts', { calls: 'payments', next: 1, script: { pay: 7 } });
    receiver.answer = 500;
    const order = payment({ clock: 'clk_1', payer: { name: 'fault:webhook_copies-2' } });
    const paid = await client.pay(order, 'k');
    const waiting = await client.payOut({
      clock: 'clk_1',
      amount: 7,
      destination: { reference: 'D', name: 'fault:delay-P3D' },
    });

    await bank.kill();
    bank = await startSandboxProcess(database.url);
    receiver.answer = 200;

    expect(paid.body).toMatchObject({ state: 'settled', settled_amount: 7 });
    expect((await client.pay(order, 'k')).body).toEqual(paid.body);
    expect((await client.get(`/payouts/${waiting.body.id}`)).body).toEqual(waiting.body);
    await client.post('/control/clock', { clock: 'clk_1', now: '2030-01-05T00:00:00.000Z' });
    const { body } = await client.get(`/payouts/${waiting.body.id}`);
    expect(body.state).toBe('settled');
    expect(String(body.settled_at)).toMatch(/^2030-01-04T00:00/);
    await until(async () => receiver.about(waiting.body.reference).length > 0);
    await until(async () => receiver.about(order.reference).length > 0);
  } finally {
    await bank.kill();
    await receiver.close();
  }
}, 60_000);

test('asked to end it ends, also while a caller hangs', async () => {
  const bank = await startSandboxProcess(database.url);
  try {
    const client = await connect(() => bank.url, null);
    const hanging = expect(client.pay({ payer: { name: 'fault:hang' } })).rejects.toThrow();
    await until(async () => (await client.get('/balance')).body.data !== undefined);
    const exited = once(bank.child, 'exit');
    bank.child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await hanging;
  } finally {
    await bank.kill();
  }
}, 60_000);

test('a bank without its database lives, and is not ready', async () => {
  const url = new URL(database.url);
  url.pathname = '/there_is_no_such_database';
  const bank = await startSandboxProcess(url.href);
  try {
    expect(await (await fetch(`${bank.url}/livez`)).json()).toEqual({ status: 'ok' });
    expect((await fetch(`${bank.url}/readyz`)).status).toBe(500);
  } finally {
    await bank.kill();
  }
}, 60_000);

test('a stopped and started bank on another port has the same book', async () => {
  const bank = await startBank();
  try {
    const client = await bank.connect();
    const { body } = await client.pay();
    const before = bank.url;
    await bank.restart();
    expect(bank.url).not.toBe(before);
    expect((await client.get(`/payments/${body.id}`)).body).toEqual(body);
    expect((await client.get('/balance')).body.data).toMatchObject([{ available: 10000 }]);
  } finally {
    await bank.close();
  }
});
