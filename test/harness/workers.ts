/**
 * Owns what a test file needs to run workflows: a namespace of its own, workers, rounds and the
 * bank on the file's database. `close` ends all of it.
 * Must not know what is tested.
 */
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { type Instant, toInstant } from '../../domain/calendar';
import { readSettings, type SettingsWith } from '../../runtime/env';
import { failpoint } from '../../runtime/failpoints';
import { createLog } from '../../runtime/log';
import { requestHash } from '../../runtime/request-hash';
import { connectionSettings, openTemporal, prepareNamespace } from '../../runtime/temporal';
import { type Sandbox, startSandbox } from '../../sandbox/app';
import { choresOf } from '../../worker/chores';
import { openDispatcher } from '../../worker/dispatcher';
import { startRounds } from '../../worker/rounds';
import { startWorkers, WORKER_ROLES, type WorkerRole } from '../../worker/worker';
import type { TestDatabase } from './database';
import { bundlePath, testTemporal, uniqueName } from './temporal';

// Workers say little in tests; one runtime a file.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

export type TestEngine = {
  readonly client: Client;
  readonly namespace: string;
  readonly settings: SettingsWith<'DATABASE_URL' | 'TEMPORAL_ADDRESS'>;
  readonly sandbox: Sandbox;
  /** Starts workers in this process; `stop` lets them end. Several may run at once. */
  work(options?: WorkOptions): Promise<Working>;
  close(): Promise<void>;
};
/** `bundle`: the workflows of another program than this. */
export type WorkOptions = {
  readonly roles?: readonly WorkerRole[];
  readonly cached?: number;
  readonly bundle?: { readonly code: string };
};
export type Working = { readonly stop: () => Promise<void> };
/** `address`: a Temporal server of the file's own, which it may kill. */
export type EngineOptions = { readonly address?: string };

/** A namespace, a client and a bank for this file. Close it before the database. */
export async function testEngine(
  database: TestDatabase,
  options: EngineOptions = {},
): Promise<TestEngine> {
  const { address } = options.address ? { address: options.address } : await testTemporal();
  const namespace = uniqueName('test');
  const settings = readSettings(['DATABASE_URL', 'TEMPORAL_ADDRESS'], {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    HOLDFAST_RATE_LIMIT: '1000000',
  });
  const client = openTemporal(settings);
  await prepareNamespace(client);
  const now = (): Instant => toInstant(Date.now());
  const report = (error: unknown): void => console.error(error);
  const sandbox = await startSandbox({
    pool: database.pool('holdfast_sandbox'),
    port: 0,
    now,
    report,
  });
  const working = new Set<Working>();
  return {
    client,
    namespace,
    settings,
    sandbox,
    async work({ roles = WORKER_ROLES, cached = 100, bundle } = {}) {
      const one = await start({ database, client, settings, roles, cached, sandbox, bundle });
      const ended = { stop: async () => void (working.delete(ended) && (await one.stop())) };
      working.add(ended);
      return ended;
    },
    async close() {
      for (const one of [...working]) await one.stop();
      await sandbox.close();
      await client.connection.close();
    },
  };
}

async function start(options: {
  database: TestDatabase;
  client: Client;
  settings: TestEngine['settings'];
  roles: readonly WorkerRole[];
  cached: number;
  sandbox: Sandbox;
  bundle: WorkOptions['bundle'];
}): Promise<Working> {
  const { database, client, settings, roles, cached, sandbox } = options;
  const pool = database.pool('holdfast_app');
  const workers = await startWorkers({
    connection: connectionSettings(settings),
    namespace: settings.TEMPORAL_NAMESPACE,
    pool,
    poolMax: 8,
    bundle: options.bundle ?? { codePath: bundlePath() },
    roles,
    addresses: { sandbox: sandbox.url },
    requestHash,
    failpoint,
    cachedWorkflows: cached,
    buildId: null,
  });
  const log = createLog({ process: 'test', level: 'fatal' });
  const dispatcher = openDispatcher(pool, log, true);
  const chores = choresOf(pool, database.pool('holdfast_keeper'), client, dispatcher);
  const rounds = startRounds(
    chores.map((chore) => ({ ...chore, everyMs: Math.min(chore.everyMs, 1000) })),
    log,
  );
  return {
    stop: async () => {
      await rounds.stop();
      await dispatcher.stop();
      await workers.stop();
    },
  };
}
