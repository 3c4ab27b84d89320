/**
 * Owns what a killed worker and a killed Temporal server cost: time, and nothing else.
 * Must not know how anything is recorded.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../workflows/messages';
import { insertCommand, messageOf, outcomeOf, signal } from './commands';
import { type EngineProcess, startEngineProcess } from './engine-process';
import { draftOf, type Opened, openEscrow } from './escrows';
import { bankBookOf, disbursementOf } from './money';
import { closeWorld } from './proof';
import { eventsOf, rowOf, untilStatus } from './seen';
import { startWorkerProcess, type WorkerProcess } from './worker-process';
import { BUYER, giveSeller, openWorld, SELLER, type World } from './world';

jest.setTimeout(240_000);

let server: EngineProcess;
let world: World;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  server = await startEngineProcess();
  world = await openWorld({ address: server.address });
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill();
});
afterAll(async () => {
  await closeWorld(world);
  await server.close();
});

async function hire(failpoints = ''): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(world, failpoints);
  workers.push(worker);
  return worker;
}

/** As the API does it: the row is what we have promised; update and signal may both be lost. */
async function submit(escrow: Opened, message: Message): Promise<void> {
  await insertCommand(world.pool, escrow.id, message);
  await hand(escrow, message);
}

async function hand(escrow: Opened, message: Message): Promise<void> {
  const { client } = world.engine;
  try {
    await client.withDeadline(Date.now() + 2_000, () =>
      client.workflow
        .getHandle(escrow.id)
        .executeUpdate(message.type, { args: [message], updateId: message.id }),
    );
  } catch {
    await signal(world, escrow.id, message.type, message).catch(() => undefined);
  }
}

test('killed after the commit, server restarted: the next command sees both steps', async () => {
  const dying = await hire('record.after_commit=kill@3'); // send, accept, fund
  const opened = await openEscrow(world);
  await submit(opened, messageOf('accept', { terms_hash: opened.hash }, SELLER));
  const fund = messageOf('fund', { amount: 10_000 }, BUYER);
  await insertCommand(world.pool, opened.id, fund);
  const { client } = world.engine;
  const lost = client.withDeadline(Date.now() + 20_000, () =>
    client.workflow.getHandle(opened.id).executeUpdate('fund', { args: [fund], updateId: fund.id }),
  );
  lost.catch(() => undefined);
  await dying.dead;
  expect((await eventsOf(world, opened)).at(-1)).toBe('started'); // in the books already
  await server.restart(); // forgets the update, which no history holds
  await hire();
  const done = messageOf('mark_done', { milestone: opened.milestones[0] }, SELLER);
  await submit(opened, done);
  expect((await outcomeOf(world, done.id, 60_000)).outcome).toBe('done');
  expect(await outcomeOf(world, fund.id)).toEqual({ outcome: 'done', code: null });
  expect(await eventsOf(world, opened)).toEqual([
    'created',
    'sent',
    'party_accepted',
    'agreed',
    'funded',
    'due_completed',
    'started',
    'delivered',
  ]);
  await hand(opened, fund); // the client asks again, under the same id
  expect((await rowOf(world, opened)).version).toBe(8);
});

test('killed before the commit: an accepted command is done by the next worker', async () => {
  const dying = await hire('record.before_commit=kill@2');
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const accept = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  await insertCommand(world.pool, opened.id, accept);
  await signal(world, opened.id, 'accept', accept);
  await dying.dead;
  expect(await eventsOf(world, opened)).toEqual(['created', 'sent']);
  await hire();
  expect((await outcomeOf(world, accept.id, 60_000)).outcome).toBe('done');
});

/** One escrow after the other to its end, command by command, each promised by its row. */
async function drive(opened: Opened, seller: `acc_${string}`): Promise<void> {
  const [milestone] = opened.milestones;
  const messages = [
    messageOf('accept', { terms_hash: opened.hash }, seller),
    messageOf('fund', { amount: 10_000 }, BUYER),
    messageOf('mark_done', { milestone }, seller),
    messageOf('approve', { milestone }, BUYER),
  ];
  for (const message of messages) {
    await submit(opened, message);
    const { outcome } = await outcomeOf(world, message.id, 100_000);
    if (outcome !== 'done') throw new Error(`${message.type} of ${opened.id} was ${outcome}`);
  }
}

test('kills at random during a burst lose no command and move no money twice', async () => {
  const seller = await giveSeller(world.pool, 'Sal');
  const chances = [
    'record.before_commit=kill%5',
    'record.after_commit=kill%5',
    'effect.before_send=kill%20',
    'effect.after_send=kill%20',
    'effect.after_result_row=kill%10',
  ].join(',');
  const all = await Promise.all(
    Array.from({ length: 10 }, () => openEscrow(world, draftOf({}, seller))),
  );
  const driven = Promise.all(all.map((opened) => drive(opened, seller)));
  let kills = 0;
  const startedAt = Date.now();
  const isOver = () => Date.now() > startedAt + (kills > 2 ? 30_000 : 60_000);
  const fates = [0, 1].map(async () => {
    while (!isOver()) {
      const { dead } = await hire(chances);
      const isDead = dead.then(() => true);
      while (!isOver()) {
        if (await Promise.race([isDead, sleep(500, false, { ref: false })])) {
          kills += 1;
          break;
        }
      }
    }
  });
  await sleep(8_000);
  await server.restart();
  await Promise.all(fates);
  await hire();
  await driven;
  for (const opened of all) {
    // What was unknown twice is looked up again after a minute.
    await untilStatus(world, opened, 'closed_disbursement_complete', 150_000);
    const { id } = await disbursementOf(world, opened);
    expect(await bankBookOf(world, id)).toEqual(['settled 10000']);
  }
  expect(kills).toBeGreaterThan(2);
});
