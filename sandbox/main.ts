/**
 * Owns the process of the simulated bank: settings in, one line out when it listens, an
 * orderly end. Must not know what the bank does.
 */
import { toInstant } from '../domain/calendar';
import { openPool } from '../runtime/database';
import { readSettings } from '../runtime/env';
import { createLog } from '../runtime/log';
import { startSandbox } from './app';

async function main(): Promise<void> {
  const settings = readSettings(['DATABASE_URL']);
  const log = createLog({ process: 'sandbox', level: settings.HOLDFAST_LOG_LEVEL });
  const report = (error: unknown) => log.error({ err: error }, 'the sandbox goes on');
  const pool = openPool({
    url: settings.DATABASE_URL,
    role: 'holdfast_sandbox',
    name: 'holdfast sandbox',
    max: settings.DATABASE_POOL,
    onError: report,
  });
  const sandbox = await startSandbox({
    pool,
    port: settings.SANDBOX_PORT,
    now: () => toInstant(Date.now()),
    report,
  });
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1); // a second signal: whoever sends it does not want to wait
    stopping = true;
    await sandbox.close();
    await pool.end();
    log.info('the sandbox has stopped');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stop().catch((error: unknown) => {
        report(error);
        process.exit(1);
      });
    });
  }
  console.log(JSON.stringify({ process: 'sandbox', url: sandbox.url }));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
