/**
 * Owns bringing a database up to date: roles, then every migration that is missing, in order.
 * Must not know what a migration does; imports npm packages only.
 */
import knex, { type Knex } from 'knex';
import { runFile, sqlSource } from './source';

const LOCK = 4_217_001; // any number, as long as nobody else in the database takes it
const LOCK_WAIT = '60s';

/**
 * Runs what is missing, each file in a transaction of its own; returns the names that ran.
 * One at a time per database: a second caller waits. The login of the URL is made a member of
 * the roles, and the objects belong to `holdfast_owner`.
 * Throws what PostgreSQL says; a missing right is named, with the statement that grants it.
 */
export async function migrate(databaseUrl: string): Promise<readonly string[]> {
  // One connection: the lock and the role belong to the session.
  const db = knex({
    client: 'pg',
    connection: { connectionString: databaseUrl, application_name: 'holdfast migrate' },
    pool: { min: 1, max: 1 },
    migrations: {
      migrationSource: sqlSource,
      schemaName: 'holdfast',
      tableName: 'migrations',
    },
    // It logs what it also throws.
    log: { error: silent, warn: silent, debug: silent, deprecate: silent },
  });
  try {
    await db.raw(`set lock_timeout = '${LOCK_WAIT}'`);
    await db.raw('set client_min_messages = warning');
    await db.raw(`select pg_advisory_lock(${LOCK})`);
    await runFile(db, '0001_roles.sql');
    await db.raw('set role holdfast_owner');
    return await runMissing(db);
  } finally {
    await db.destroy();
  }
}

async function runMissing(db: Knex): Promise<readonly string[]> {
  // We hold the lock that counts. A mark that a killed run left behind would stop us for ever.
  await db.migrate.forceFreeMigrationsLock();
  const done: string[] = [];
  for (;;) {
    const [, names] = await db.migrate.up();
    if (names.length === 0) return done;
    done.push(...names);
  }
}

function silent(): void {}
