/**
 * Owns a worker as a process of its own, so that it can really be killed.
 * Must not know what is tested.
 */
import { join } from 'node:path';
import { WORKER_ROLES, type WorkerRole } from '../../worker/worker';
import { given } from '../harness/environment';
import { bundlePath } from '../harness/temporal';
import { ROOT, start } from '../house/program';
import type { World } from './world';

export type WorkerProcess = {
  readonly pid: number;
  /** Settles when it is dead, by whatever hand. */
  readonly dead: Promise<void>;
  /** SIGKILL, and waits until it is dead. */
  kill(): Promise<void>;
};

/** Starts `worker/main.ts` on the database and namespace of a world; answers when it works. */
export async function startWorkerProcess(
  { database, engine }: World,
  failpoints = '',
  roles: readonly WorkerRole[] = WORKER_ROLES,
): Promise<WorkerProcess> {
  const program = ['--import', 'tsx', join(ROOT, 'worker', 'main.ts')];
  const args = [...program, ...roles.flatMap((role) => ['--role', role])];
  const { child, ended, said } = start(args, {
    HOLDFAST_TEST_FOLDER: given('folder'),
    DATABASE_URL: database.url,
    DATABASE_POOL: '6',
    TEMPORAL_ADDRESS: engine.settings.TEMPORAL_ADDRESS,
    TEMPORAL_NAMESPACE: engine.namespace,
    SANDBOX_URL: engine.sandbox.url,
    HOLDFAST_WORKFLOW_BUNDLE: bundlePath(),
    HOLDFAST_FAILPOINTS: failpoints,
    HOLDFAST_LOG_LEVEL: 'info',
  });
  const dead = ended.then(() => undefined);
  await new Promise<void>((ready, fail) => {
    child.stdout.on('data', () => said().includes('worker ready') && ready());
    // Killed by a failpoint before it could say so is no fault of the start.
    ended.then(
      ({ err }) => (child.signalCode ? ready() : fail(new Error(`no worker: ${err}`))),
      fail,
    );
  });
  return {
    pid: child.pid ?? 0,
    dead,
    async kill() {
      child.kill('SIGKILL');
      await dead;
    },
  };
}
