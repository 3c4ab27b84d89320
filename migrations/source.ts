/**
 * Owns where migrations come from: the numbered SQL files beside this one, in order of their
 * names. The recorded name is the file's, so a clone and a built release record the same.
 * Must not know what a migration does; imports npm packages only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';

/** The names of all migrations, in the order in which they run. */
export function migrationNames(): string[] {
  const names = readdirSync(__dirname).filter((name) => /^\d{4}_[a-z_0-9]+\.sql$/.test(name));
  if (names.length === 0) throw new Error(`no migrations in ${__dirname}`);
  return names.sort();
}

/** The text of one migration. */
export const migrationText = (name: string): string => readFileSync(join(__dirname, name), 'utf8');

/** Raw SQL files for knex. Forward only: there is no way down. */
export const sqlSource: Knex.MigrationSource<string> = {
  getMigrations: async () => migrationNames(),
  getMigrationName: (name) => name,
  getMigration: async (name) => ({
    up: (db) => runFile(db, name),
    down: async () => {
      throw new Error('migrations only go forward');
    },
  }),
};

/**
 * Runs one file. Throws an error whose message names the file and says what PostgreSQL said and
 * what it advises, without the text of the file.
 */
export async function runFile(db: Knex, name: string): Promise<void> {
  const sql = migrationText(name);
  try {
    // knex reads a question mark as a place for a value; these files have none of those.
    await db.raw(sql.replaceAll('?', '\\?'));
  } catch (error) {
    throw new Error(`${name}: ${plainMessage(error, sql)}`, { cause: error });
  }
}

/** knex puts the statement before the message. */
function plainMessage(error: unknown, sql: string): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.replace(`${sql} - `, '');
  return 'hint' in error && typeof error.hint === 'string' ? `${message}\n${error.hint}` : message;
}
