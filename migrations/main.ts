/**
 * Owns the command `npm run migrate`: DATABASE_URL up to date, or one message that says why not.
 * Must not know what a migration does; imports npm packages only.
 */
import { migrate } from './migrate';

async function main(): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === '') {
    throw new Error('DATABASE_URL is not set. Example: postgres://user:password@host/holdfast');
  }
  const names = await migrate(url);
  for (const name of names) console.log(`migrated ${name}`);
  console.log(names.length === 0 ? 'The database is up to date.' : `${names.length} migrations.`);
}

main().catch((error: unknown) => {
  console.error(`migrate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
