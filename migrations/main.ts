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
  console.error(`migrate: ${messageOf(error)}`);
  process.exitCode = 1;
});

/** Node says why it could not connect in `code` alone when a host has several addresses. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}
