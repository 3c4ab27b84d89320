/**
 * Owns that looking at escrows in the Temporal UI, while they are updated and workers are killed,
 * leaves none of them stuck (`temporal.md`, section 2: temporalio/sdk-rust#888).
 * Must not know why a handler returns at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { insertCommand, messageOf, outcomeOf, signal, update } from './commands';
import { type Opened, openEscrow } from './escrows';
import { closeWorld } from './proof';
import { untilStatus } from './seen';
import { startWorkerProcess, type WorkerProcess } from './worker-process';
import { BUYER, openWorld, SELLER, type World } from './world';

jest.setTimeout(300_000); // tasks that a killed worker had taken come again after seconds

let world: World;
let isOver = false;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  isOver = true;
  for (const worker of workers) await worker.kill();
  await closeWorld(world);
});

const limited = <T>(call: () => Promise<T>): Promise<T> =>
  world.engine.client.withDeadline(Date.now() + 2_000, call);

/** Opens the page of an escrow again and again, as people do, without waiting for the answer;
 * tells how many answers came. */
async function stare(opened: Opened): Promise<number> {
  const handle = world.engine.client.workflow.getHandle(opened.id);
  const asked: Promise<boolean>[] = [];
  while (!isOver) {
    const name = asked.length % 2 ? '__stack_trace' : '__temporal_workflow_metadata';
    const answer = limited(() => handle.query(name));
    asked.push(
      answer.then(
        () => true,
        () => false,
      ),
    );
    await sleep(25);
  }
  return (await Promise.all(asked)).filter(Boolean).length;
}

/** Every command as an update, else as a signal; until its row is answered. */
async function drive(opened: Opened): Promise<void> {
  const [milestone] = opened.milestones;
  const messages = [
    messageOf('accept', { terms_hash: opened.hash }, SELLER),
    messageOf('fund', { amount: 4_000 }, BUYER),
    messageOf('fund', { amount: 6_000 }, BUYER),
    messageOf('mark_done', { milestone }, SELLER),
    messageOf('approve', { milestone }, BUYER),
  ];
  for (const message of messages) {
    await insertCommand(world.pool, opened.id, message);
    await limited(() => update(world, opened.id, message)).catch(() =>
      signal(world, opened.id, message.type, message).catch(() => undefined),
    );
    expect((await outcomeOf(world, message.id, 240_000)).outcome).toBe('done');
  }
}

test('queries beside updates, workers killed again and again: all go on', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => openEscrow(world)));
  const looking = all.map(stare);
  const driven = Promise.all(all.map(drive));
  for (let kills = 0; kills < 6; kills += 1) {
    const worker = await startWorkerProcess(world);
    workers.push(worker);
    await sleep(400 + 300 * (kills % 3)); // in the middle of the work
    await worker.kill();
  }
  workers.push(await startWorkerProcess(world));
  await driven;
  isOver = true;
  const looks = await Promise.all(looking);
  expect(Math.min(...looks)).toBeGreaterThan(0);
  for (const opened of all) await untilStatus(world, opened, 'closed_disbursement_complete');
});
