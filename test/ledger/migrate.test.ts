/**
 * Owns that a database is brought up to date once, in order, by anybody who may, and that what
 * comes out is the printed schema.
 * Must not test what a migration does.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Pool } from 'pg';
import { migrate } from '../../migrations/migrate';
import { printSchema, SCHEMA_FILE } from '../../migrations/print';
import { migrationNames } from '../../migrations/source';
import { openPool } from '../../runtime/database';
import { type TestDatabase, testDatabase } from '../harness/database';

const ROOT = resolve(__dirname, '../..');
const CLERK = `clerk_${randomBytes(4).toString('hex')}`;
const ROLES = 'holdfast_owner, holdfast_app, holdfast_keeper, holdfast_auditor, holdfast_sandbox';

let database: TestDatabase;
const made: string[] = [];
const admin = (): Pool => database.pool();

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  for (const name of made) await admin().query(`drop database ${name} with (force)`);
  await admin().query(`drop role if exists ${CLERK}`);
  await database.close();
});

/** An empty database; its address for the superuser, or for another login. */
async function emptyDatabase(login?: { name: string; password: string }): Promise<string> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await admin().query(`create database ${name} template template0`);
  made.push(name);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  if (login) Object.assign(url, { username: login.name, password: login.password });
  return url.href;
}

async function inDatabase<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool({ url, role: null, name: 'look', max: 1, onError: () => undefined });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

test('an empty database gets every migration in order of names, once', async () => {
  const url = await emptyDatabase();
  expect(await migrate(url)).toEqual(migrationNames());
  expect(await migrate(url)).toEqual([]);
  const { rows } = await inDatabase(url, (pool) =>
    pool.query(`select name from holdfast.migrations order by id`),
  );
  expect(rows.map(({ name }) => name)).toEqual(migrationNames());
});

test('two who migrate one database at once share the work', async () => {
  const url = await emptyDatabase();
  const [one, other] = await Promise.all([migrate(url), migrate(url)]);
  expect([...one, ...other]).toEqual(migrationNames());
});

test('two databases may be migrated at once', async () => {
  const urls = [await emptyDatabase(), await emptyDatabase()];
  const done = await Promise.all(urls.map(migrate));
  expect(done).toEqual([migrationNames(), migrationNames()]);
});

test('a mark left by a run that was killed stops nobody', async () => {
  const url = await emptyDatabase();
  await migrate(url);
  await inDatabase(url, async (pool) => {
    await pool.query('update holdfast.migrations_lock set is_locked = 1');
    await pool.query(`delete from holdfast.migrations where name = '0001_roles.sql'`);
  });
  expect(await migrate(url)).toEqual(['0001_roles.sql']);
});

test('a login that may not take on the roles is told which, and how to give them', async () => {
  const password = randomBytes(8).toString('hex');
  await admin().query(`create role ${CLERK} login password '${password}'`);
  const url = await emptyDatabase({ name: CLERK, password });
  const refused = migrate(url);
  await expect(refused).rejects.toThrow(`the login "${CLERK}" is no member of: ${ROLES}`);
  await expect(refused).rejects.toThrow(`GRANT ${ROLES} TO "${CLERK}"`);

  await admin().query(`grant ${ROLES} to ${CLERK}`);
  await expect(migrate(url)).rejects.toThrow('GRANT CREATE ON DATABASE');
  await admin().query(`grant create on database ${new URL(url).pathname.slice(1)} to ${CLERK}`);
  expect(await migrate(url)).toEqual(migrationNames());
  const { rows } = await inDatabase(url, (pool) =>
    pool.query(
      `select distinct relowner::regrole::text as owner from pg_class
        where relnamespace = 'ledger'::regnamespace`,
    ),
  );
  expect(rows).toEqual([{ owner: 'holdfast_owner' }]);
});

test.each([
  ['no address', { DATABASE_URL: '' }, 'DATABASE_URL is not set'],
  ['nobody there', { DATABASE_URL: 'postgres://x@127.0.0.1:1/x' }, 'ECONNREFUSED'],
])('the command says in one line what is wrong: %s', (_, env, message) => {
  const script = join(ROOT, 'migrations', 'main.ts');
  const run = spawnSync(process.execPath, ['--import', 'tsx', script], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/^migrate: .*\n$/);
  expect(run.stderr).toContain(message);
});

test('the printed schema is what the migrations come to', async () => {
  // Red: somebody changed a migration. Print it again (the head of print.ts) and read the diff.
  const url = await emptyDatabase();
  await migrate(url);
  expect(await printSchema(url)).toBe(readFileSync(SCHEMA_FILE, 'utf8'));
});
