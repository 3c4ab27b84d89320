/**
 * Owns what the PostgreSQL launcher promises (`stack.md`, section 7).
 * Must not know any table.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { given } from '../harness/environment';
import { firstJson, run, runs, start, until } from './program';

const PROGRAM = join(__dirname, 'server-program.mjs');
const isRoot = process.getuid?.() === 0;
const CACHE = join(tmpdir(), 'holdfast-house-cache');

type Server = { readonly url: string; readonly pid: number; readonly reused: boolean };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(given('folder'), 'house-'));
});
afterEach(async () => {
  await run(['-e', removal(folder)]);
  rmSync(folder, { recursive: true, force: true });
});

/** Ends whatever a failed test has left on a folder. */
const removal = (dataDir: string): string =>
  `import('./bin/postgres.mjs').then((m) =>
    m.removePostgres({ dataDir: ${JSON.stringify(dataDir)}, log() {} }))`;

async function launch(dataDir = folder) {
  const { child, ended } = start([PROGRAM, 'postgres', dataDir, CACHE]);
  const server = await firstJson<Server>(child, ended);
  return {
    ...server,
    stop: async () => {
      child.stdin.end();
      return (await ended).code;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ answer: unknown }>(sql);
    return rows[0]?.answer;
  } finally {
    await client.end();
  }
}

test('it listens on 127.0.0.1 alone, with the options that we promise', async () => {
  const server = await launch();
  expect(new URL(server.url).hostname).toBe('127.0.0.1');
  const settings = `select string_agg(name || '=' || setting, ' ' order by name) as answer
    from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'fsync',
      'synchronous_commit', 'data_checksums', 'password_encryption', 'TimeZone')`;
  expect(await ask(server.url, settings)).toBe(
    'TimeZone=UTC data_checksums=on fsync=on listen_addresses=127.0.0.1 ' +
      'password_encryption=scram-sha-256 synchronous_commit=on unix_socket_directories=',
  );
  const locale = `select datlocprovider::text || ' ' || datlocale || ' ' ||
    pg_encoding_to_char(encoding) as answer from pg_database where datname = current_database()`;
  expect(await ask(server.url, locale)).toBe('b C.UTF-8 UTF8');
  expect(await server.stop()).toBe(0);
  expect(runs(server.pid)).toBe(false);
});

test('the password is random and kept for its owner alone', async () => {
  const server = await launch();
  expect(statSync(join(folder, 'postgres.json')).mode & 0o777).toBe(0o600);
  const wrong = server.url.replace(/:[^:@/]+@/, ':guessed@');
  await expect(ask(wrong, 'select 1 as answer')).rejects.toThrow(/password/);
  await server.stop();
});

(isRoot ? test : test.skip)('started by root it runs as nobody, in a closed folder', async () => {
  const server = await launch();
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\s+65534\s+65534/m);
  const cluster = statSync(join(folder, 'postgres'));
  expect([cluster.mode & 0o777, cluster.uid]).toEqual([0o700, 65_534]);
  await server.stop();
});

(isRoot ? test : test.skip)('it works below a folder that only root can enter', async () => {
  const closed = join(folder, 'closed', 'data');
  mkdirSync(closed, { recursive: true });
  chmodSync(join(folder, 'closed'), 0o700);
  const server = await launch(closed);
  expect(existsSync(join(closed, 'postgres'))).toBe(false);
  expect(await ask(server.url, 'select 42 as answer')).toBe(42);
  await server.stop();
  await run(['-e', removal(closed)]);
});

test('it survives a killed parent, and the next start takes it over', async () => {
  const first = await launch();
  await ask(first.url, 'create table kept (id int)');
  await first.kill();
  expect(await ask(first.url, 'select count(*)::int as answer from kept')).toBe(0);
  const second = await launch();
  expect(second).toMatchObject({ pid: first.pid, url: first.url, reused: true });
  await second.stop();
  await until(() => !runs(first.pid));
});

test('a killed server comes back on its port with what it had committed', async () => {
  const first = await launch();
  await ask(first.url, 'create table kept as select 7 as answer');
  await first.kill();
  process.kill(first.pid, 'SIGKILL');
  const second = await launch();
  expect(second).toMatchObject({ url: first.url, reused: false });
  expect(await ask(second.url, 'select answer from kept')).toBe(7);
  await second.stop();
});

test('a pid file whose number belongs to a stranger does not keep it from starting', async () => {
  const first = await launch();
  const pidFile = join(folder, 'postgres', 'postmaster.pid');
  const text = readFileSync(pidFile, 'utf8');
  await first.stop();
  writeFileSync(pidFile, text.replace(/^\d+/, String(process.pid)));
  const second = await launch();
  expect(second.reused).toBe(false);
  await second.stop();
});
