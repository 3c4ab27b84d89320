/**
 * Owns what operators see: health with each part by name, version, metrics, limits, log, audit.
 * Must not test what a command does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createLog } from '../../runtime/log';
import { openTemporal } from '../../runtime/temporal';
import { sent, twoPeople, until } from './people';
import { at, listAt, openStack, type Stack, send } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack();
});
afterAll(() => stack.close());

const bare = { key: '' };

describe('health', () => {
  test('livez says that the process is alive, version which one', async () => {
    expect((await stack.get('/livez', bare)).body).toEqual({ status: 'ok' });
    expect((await stack.get('/version', bare)).body).toMatchObject({
      api_version: expect.any(String),
      node: process.version,
    });
  });

  test('readyz names what is missing, and is content when all is there', async () => {
    const before = await stack.get('/readyz', bare);
    expect(before).toMatchObject({
      status: 503,
      body: {
        status: 'unavailable',
        checks: {
          database: 'ok',
          migrations: 'ok',
          namespace: 'ok',
          worker_escrow: 'no worker listens on holdfast',
          worker_money: 'no worker listens on holdfast-money',
        },
      },
    });
    const working = await stack.engine.work();
    const after = await until(
      () => stack.get('/readyz', bare),
      ({ status }) => status === 200,
    );
    expect(after.body).toMatchObject({ status: 'ok' });
    await working.stop();
  });

  test('a migration that has not been run is named; an engine that is away as well', async () => {
    const owner = stack.database.pool();
    const name = '0016_escrow_stuck.sql';
    const rename = 'update holdfast.migrations set name = $2 where name = $1';
    await owner.query(rename, [name, 'x.sql']);
    const missing = await stack.get('/readyz', bare);
    expect(at(missing.body, 'checks', 'migrations')).toBe(`${name} has not been run`);
    await owner.query(rename, ['x.sql', name]);
    const temporal = openTemporal({
      ...stack.engine.settings,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    const other = await stack.serve({ temporal, isServing: () => false });
    const { body, status } = await send(`${other}/readyz`, 'GET', undefined);
    expect(status).toBe(503);
    expect(at(body, 'checks', 'process')).toBe('stopping');
    expect(at(body, 'checks', 'namespace')).not.toBe('ok');
    expect(at(body, 'checks', 'database')).toBe('ok');
    await temporal.connection.close();
  });
});

test('metrics count requests by pattern, commands and refusals, and what is held', async () => {
  const working = await stack.engine.work();
  const people = await twoPeople(stack);
  const { path } = await sent(stack, people);
  await stack.call('POST', `${path}/complete`, {}, { as: people.buyer });
  await working.stop();
  const { body, headers } = await stack.get('/metrics', bare);
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  expect(body).toMatch(/route="\/v1\/escrows\/\{id\}\/complete",status="409"/);
  expect(body).toMatch(/holdfast_command_seconds_count\{[^}]*command="send",outcome="done"/);
  expect(body).toMatch(/holdfast_refusals_total\{[^}]*command="complete",code="wrong_status"/);
  expect(body).toMatch(/holdfast_commands_waiting(\{[^}]*\})? 0/);
  expect(String(body)).not.toContain(path);
});

test('one audit row for every accepted unsafe request: who, what, with which end', async () => {
  const working = await stack.engine.work();
  const people = await twoPeople(stack);
  const { escrow, path } = await sent(stack, people);
  await stack.twice('POST', `${path}/complete`, {}, { as: people.buyer });
  await working.stop();
  const { rows } = await stack.pool.query(
    `select action, decision, actor ->> 'on_behalf_of' as actor, request_id is not null as asked
       from holdfast.audit where stream = $1 order by id`,
    [escrow],
  );
  const own = { actor: people.buyer, asked: true };
  expect(rows).toEqual([
    { action: 'send', decision: 'done', ...own },
    { action: 'complete', decision: 'wrong_status', ...own },
  ]);
  const { rows: accounts } = await stack.pool.query(
    `select action, object = stream as own from holdfast.audit where stream = $1`,
    [people.buyer],
  );
  expect(accounts).toEqual([{ action: 'create_account', own: true }]);
});

test('who asks too often is told when to come again', async () => {
  const settings = { ...stack.api.settings, HOLDFAST_RATE_LIMIT: 3 };
  const limited = await stack.serve({ settings });
  const ask = () => send(`${limited}/v1/escrows`, 'GET', undefined, { key: stack.keys.test });
  for (let n = 0; n < 3; n += 1) expect(await ask()).toMatchObject({ status: 200 });
  const refused = await ask();
  expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited', retryable: true } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit')).toMatch(/r=0/);
  expect(await send(`${limited}/livez`, 'GET', undefined)).toMatchObject({ status: 200 });
});

test('a line of the log says who, what, how long, and no secret', async () => {
  const lines: string[] = [];
  const log = createLog(
    { process: 'api', level: 'info' },
    { write: (line: string) => void lines.push(line) },
  );
  const logged = await stack.serve({ log });
  await send(`${logged}/v1/escrows/esc_unknown?x=1`, 'GET', undefined, {
    key: stack.keys.test,
    headers: { 'x-request-id': 'mine-1' },
  });
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({
      level: 'warn',
      method: 'GET',
      route: '/v1/escrows/{id}',
      status: 400,
      escrow: 'esc_unknown',
      workflow_id: 'esc_unknown',
      request_id: 'mine-1',
      duration_ms: expect.any(Number),
    }),
  ]);
  expect(lines.join()).not.toContain(stack.keys.test);
  expect(lines.join()).not.toContain('left_out');
});

describe('the process', () => {
  test('starts by its settings, is told to stop, and ends with 0', async () => {
    const port = await freePort();
    const api = startProcess(port);
    const url = `http://127.0.0.1:${port}`;
    await untilLive(url, api);
    const headers = { authorization: `Bearer ${stack.keys.test}` };
    const listed = await fetch(`${url}/v1/escrows`, { headers });
    expect(listAt(await listed.json()).length).toBeGreaterThan(0);
    api.kill('SIGTERM');
    const [code] = await once(api, 'exit');
    expect(code).toBe(0);
  });

  test('a wrong setting is one message and an exit code', async () => {
    const api = startProcess(0, { TEMPORAL_ADDRESS: 'nowhere' });
    let said = '';
    api.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(api, 'exit');
    expect(code).toBe(1);
    expect(said).toMatch(/^wrong settings:\n {2}TEMPORAL_ADDRESS/);
  });
});

function startProcess(port: number, more: Record<string, string> = {}): ChildProcess {
  const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = stack.engine.settings;
  const script = join(__dirname, '..', '..', 'api', 'main.ts');
  return spawn(process.execPath, ['--import', 'tsx', script], {
    env: {
      PATH: process.env.PATH,
      HOLDFAST_TEST_FOLDER: process.env.HOLDFAST_TEST_FOLDER,
      DATABASE_URL,
      TEMPORAL_ADDRESS,
      TEMPORAL_NAMESPACE,
      PORT: String(port),
      ...more,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function untilLive(url: string, api: ChildProcess): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end && api.exitCode === null; ) {
    const isLive = await fetch(`${url}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isLive) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error('the API does not start');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
