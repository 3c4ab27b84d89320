/**
 * Owns `npm run schema`: prints `migrations/schema.sql` from a database of its own.
 * Must not know what a migration does (`migrations/print.ts`).
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './folders.mjs';
import { installDependencies } from './install.mjs';
import { runTypescript } from './run-typescript.mjs';
import { tell } from './trouble.mjs';

/** @param {string} line */
const log = (line) => console.log(`[schema] ${line}`);

main().catch((error) => {
  console.error(tell(error));
  process.exitCode = 1;
});

async function main() {
  await installDependencies('develop', log);
  const { removePostgres, startPostgres } = await import('./postgres.mjs');
  const dataDir = join(tmpdir(), `holdfast-schema-${randomBytes(6).toString('hex')}`);
  mkdirSync(dataDir, { mode: 0o711 });
  try {
    const { url } = await startPostgres({ dataDir, cacheDir: cacheFolder(), log });
    const environment = { DATABASE_URL: url };
    const cure = 'mend the migration that PostgreSQL names';
    log((await runTypescript('migrations/print.ts', { environment, cure })).trim());
  } finally {
    await removePostgres({ dataDir, log: () => {} });
    rmSync(dataDir, { recursive: true, force: true });
  }
}
