/**
 * Owns the workers of a process: which queues it serves, with which limits, and how they stop.
 * Must not know what a workflow or an activity does. Limits: `temporal.md`, section 11.
 */
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Pool } from 'pg';
import { createActivities, createMoneyActivities } from '../activities/activities';
import { createProviderCalls } from '../activities/provider-calls';
import type { RecordDependencies } from '../activities/record';
import type { ConnectionSettings } from '../runtime/temporal';
import { QUEUES } from '../workflows/messages';
import { type Addresses, providerFinder } from './providers';

export const WORKER_ROLES = ['escrow', 'money', 'provider'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

export type WorkersOptions = {
  readonly connection: ConnectionSettings;
  readonly namespace: string;
  readonly pool: Pool;
  readonly poolMax: number;
  readonly bundle: { readonly code: string } | { readonly codePath: string };
  readonly roles: readonly WorkerRole[];
  readonly addresses: Addresses;
  readonly requestHash: RecordDependencies['requestHash'];
  readonly failpoint: (name: WorkerFailpoint) => Promise<void>;
  readonly cachedWorkflows: number;
  readonly buildId: string | null;
};
type WorkerFailpoint =
  | 'record.before_commit'
  | 'record.after_commit'
  | 'effect.before_send'
  | 'effect.after_send'
  | 'payout.after_send'
  | 'effect.after_result_row';

export type Workers = {
  /** Settles when all have stopped; rejects when one of them cannot go on. */
  readonly running: Promise<void>;
  /** Stops taking work, lets what runs come to its end, and closes the connection. */
  readonly stop: () => Promise<void>;
};

/** Another worker takes over inside the API's 8 seconds. */
const STICKY_MS = 3_000;
/** Above the longest call of a provider, below a supervisor's kill. */
const PROVIDER_GRACE_MS = 40_000;
const GRACE_MS = 15_000;
/** Providers of this version, with the calls a second that their connection allows. */
const PROVIDERS = { sandbox: 200 } as const;

/** Starts the workers of the roles asked for, in this process. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const connection = await NativeConnection.connect({ ...options.connection });
  const workers = await Promise.all(
    settingsOf(options).map((settings) =>
      Worker.create({ connection, namespace: options.namespace, ...settings }),
    ),
  );
  const ends = workers.map((worker) => worker.run());
  const running = Promise.all(ends).then(() => undefined);
  return {
    running,
    stop: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(ends);
      await connection.close();
    },
  };
}

type Settings = Omit<WorkerOptions, 'connection' | 'namespace'>;

function settingsOf(options: WorkersOptions): readonly Settings[] {
  const { roles, pool, poolMax, requestHash, failpoint } = options;
  const isAsked = (role: WorkerRole): boolean => roles.includes(role);
  const localActivities = Math.max(2, poolMax - 2); // the pool is the wall
  const ofWorkflows: Omit<Settings, 'taskQueue'> = {
    workflowBundle: options.bundle,
    maxCachedWorkflows: options.cachedWorkflows,
    maxConcurrentWorkflowTaskExecutions: 40,
    maxConcurrentLocalActivityExecutions: localActivities,
    stickyQueueScheduleToStartTimeout: STICKY_MS,
    shutdownGraceTime: GRACE_MS,
    ...(options.buildId && {
      workerDeploymentOptions: {
        version: { deploymentName: 'holdfast', buildId: options.buildId },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
      },
    }),
  };
  const all: (Settings | null)[] = [
    isAsked('escrow')
      ? {
          ...ofWorkflows,
          taskQueue: QUEUES.escrow,
          activities: createActivities({ pool, requestHash, failpoint }),
        }
      : null,
    isAsked('money')
      ? {
          ...ofWorkflows,
          taskQueue: QUEUES.money,
          activities: createMoneyActivities({ pool, failpoint }),
        }
      : null,
    ...(isAsked('provider') ? providerSettings(options) : []),
  ];
  return all.flatMap((settings) => settings ?? []);
}

function providerSettings({ pool, addresses, failpoint }: WorkersOptions): readonly Settings[] {
  const providerOf = providerFinder(pool, addresses);
  return Object.entries(PROVIDERS).map(([provider, callsPerSecond]) => ({
    taskQueue: QUEUES.provider(provider),
    activities: createProviderCalls({ pool, providerOf, failpoint }),
    maxTaskQueueActivitiesPerSecond: callsPerSecond,
    shutdownGraceTime: PROVIDER_GRACE_MS,
  }));
}
