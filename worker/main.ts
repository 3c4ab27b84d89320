/**
 * Owns the process start of a worker: settings, connections, workers, rounds, and their end.
 * Must not know what a worker does.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Runtime } from '@temporalio/worker';
import { transactionIdsGoOn } from '../ledger/proof';
import { openPool } from '../runtime/database';
import { readSettings, WrongSettings } from '../runtime/env';
import { armFailpoints, failpoint } from '../runtime/failpoints';
import { createLog, engineLog } from '../runtime/log';
import { createMetrics, serveMetrics } from '../runtime/metrics';
import { requestHash } from '../runtime/request-hash';
import { connectionSettings, openTemporal, prepareNamespace } from '../runtime/temporal';
import { buildBundle } from './bundle';
import { choresOf } from './chores';
import { openDispatcher } from './dispatcher';
import { startRounds } from './rounds';
import { startWorkers, WORKER_ROLES, type WorkerRole } from './worker';

async function main(): Promise<void> {
  const settings = readSettings(['DATABASE_URL', 'TEMPORAL_ADDRESS']);
  const roles = rolesAsked();
  const log = createLog({ process: 'worker', level: settings.HOLDFAST_LOG_LEVEL });
  if (settings.HOLDFAST_FAILPOINTS) armFailpoints(settings.HOLDFAST_FAILPOINTS);
  Runtime.install({ logger: engineLog(log), shutdownSignals: [] });
  const login = settings.DATABASE_APP_URL ?? settings.DATABASE_URL;
  const onError = (error: Error): void => log.warn({ err: error }, 'an idle connection broke');
  const name = 'holdfast worker';
  const max = settings.DATABASE_POOL;
  const pool = openPool({ url: login, role: 'holdfast_app', name, max, onError });
  const keeper = openPool({ url: login, role: 'holdfast_keeper', name, max: 1, onError });
  if (!(await transactionIdsGoOn(pool))) throw new WrongSettings([COPIED]);
  const temporal = openTemporal(settings);
  await prepareNamespace(temporal);
  const workers = await startWorkers({
    connection: connectionSettings(settings),
    namespace: settings.TEMPORAL_NAMESPACE,
    pool,
    poolMax: settings.DATABASE_POOL,
    bundle: await bundleOf(settings.HOLDFAST_WORKFLOW_BUNDLE),
    roles,
    addresses: { sandbox: settings.SANDBOX_URL ?? null },
    requestHash,
    failpoint,
    cachedWorkflows: settings.HOLDFAST_CACHED_WORKFLOWS,
    buildId: settings.HOLDFAST_BUILD_ID ?? null,
  });
  const dispatcher = openDispatcher(pool, log, settings.HOLDFAST_ENV === 'development');
  const rounds = startRounds(choresOf(pool, keeper, temporal, dispatcher), log);
  const metrics = createMetrics('worker');
  const port = settings.HOLDFAST_METRICS_PORT;
  const server = port > 0 ? await serveMetrics(metrics, port) : null;
  log.info({ name: roles.join(',') }, 'worker ready');

  const stop = once(async () => {
    log.info('worker stops');
    await rounds.stop();
    await dispatcher.stop();
    await workers.stop();
    server?.close();
    await temporal.connection.close();
    await Promise.all([pool.end(), keeper.end()]);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(
      signal,
      () => void stop().catch((error: unknown) => log.error({ err: error }, 'stop')),
    );
  }
  try {
    await workers.running;
  } finally {
    await stop();
  }
}

const COPIED =
  'the database is a logical copy: its transaction ids lie before those of its journals, and ' +
  'checkpoints would miss postings; restore it from a physical backup';

/** Prebuilt, or built now from the sources. */
async function bundleOf(path: string | undefined) {
  const built = path ?? join(__dirname, 'workflow-bundle.js');
  return existsSync(built) ? { codePath: built } : buildBundle();
}

function rolesAsked(): readonly WorkerRole[] {
  const { values } = parseArgs({ options: { role: { type: 'string', multiple: true } } });
  const asked = values.role ?? WORKER_ROLES;
  return asked.map((name) => {
    const role = WORKER_ROLES.find((known) => known === name);
    if (!role) throw new WrongSettings([`--role is one of ${WORKER_ROLES.join(', ')}`]);
    return role;
  });
}

/** The second signal finds the first one's work. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= work();
    return running;
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof WrongSettings ? error.message : error);
  process.exitCode = 1;
});
