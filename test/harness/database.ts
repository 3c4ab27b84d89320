/**
 * Owns a database per test file, cloned from the migrated template, and the proof that nothing
 * is left open on it.
 * Must not know any table.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openPool, ROLES, type Role } from '../../runtime/database';
import { given } from './environment';

export type TestDatabase = {
  /** The superuser's login on this database. */
  readonly url: string;
  /** A pool that acts as a role, or as the superuser; ended by `close`. */
  pool(role?: Role): pg.Pool;
  /** Ends the pools and drops the database. Throws when somebody else still holds a connection. */
  close(): Promise<void>;
};

const open = new Map<string, TestDatabase>();

/** A fresh database with all migrations. Call `close` in `afterAll`, or the file fails. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `holdfast_test_${randomBytes(8).toString('hex')}`;
  await asAdmin((admin) => admin.query(`create database ${name} template ${given('template')}`));
  const address = new URL(given('databaseUrl'));
  address.pathname = `/${name}`;
  const pools = new Map<Role | null, pg.Pool>();
  const database: TestDatabase = {
    url: address.href,
    pool(role) {
      const known = pools.get(role ?? null);
      if (known) return known;
      const pool = openTestPool(address.href, role ?? null);
      pools.set(role ?? null, pool);
      return pool;
    },
    async close() {
      if (!open.delete(name)) return;
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      const left = await asAdmin((admin) => connectionsLeft(admin, name));
      await asAdmin((admin) => admin.query(`drop database ${name} with (force)`));
      if (left.length > 0) throw new Error(`connections were left open: ${left.join(', ')}`);
    },
  };
  open.set(name, database);
  return database;
}

/** For `leftovers.ts`: closes the databases that no test has closed, and names them. */
export async function closeLeftDatabases(): Promise<string[]> {
  const left = [...open];
  await Promise.allSettled(left.map(([, database]) => database.close()));
  return left.map(([name]) => name);
}

function openTestPool(url: string, role: Role | null): pg.Pool {
  if (role !== null && !ROLES.includes(role)) throw new Error(`no such role: ${role}`);
  return openPool({
    url,
    role,
    name: 'holdfast-test',
    max: 10,
    // A test that ends connections on purpose sees it by its next query.
    onError: () => undefined,
  });
}

/** Who is still connected, after a moment in which a closing connection may go. */
async function connectionsLeft(admin: pg.Client, name: string): Promise<string[]> {
  for (let attempt = 0; ; attempt += 1) {
    const { rows } = await admin.query<{ who: string }>(
      `select application_name || ' (' || left(query, 60) || ')' as who
         from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0 || attempt === 20) return rows.map(({ who }) => who);
    await new Promise((next) => setTimeout(next, 50));
  }
}

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: given('databaseUrl') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
