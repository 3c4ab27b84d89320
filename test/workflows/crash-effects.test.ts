/**
 * Owns what a worker costs that is killed around the call of a provider: time, and nothing else.
 * Must not know how the provider is asked.
 */
import { ask } from './commands';
import { complete, draftOf, openEscrow } from './escrows';
import { bankBookOf, disbursementOf, givePayer, movementOf, pay, untilState } from './money';
import { closeWorld } from './proof';
import { eventually, rowOf } from './seen';
import { startWorkerProcess, type WorkerProcess } from './worker-process';
import { openWorld, SELLER, type World } from './world';

jest.setTimeout(300_000);

let world: World;
const workers: WorkerProcess[] = [];
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work({ roles: ['escrow'] }); // lives: only who carries money is killed
});
afterAll(async () => {
  for (const worker of workers) await worker.kill();
  await closeWorld(world);
});

async function hire(failpoints = ''): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(world, failpoints, ['money', 'provider']);
  workers.push(worker);
  return worker;
}

/** Where a worker is killed that carries a payout out, and how often it comes there first. */
const PLACES = [
  'effect.after_result_row=kill@1', // the row says sent, and nothing has been sent
  'effect.before_send=kill@1',
  'effect.after_send=kill@1', // the bank has paid, and nobody knows
  'effect.after_result_row=kill@2', // the row says settled, and the script does not know
];

test('killed around the call of a payout: paid once, whatever the moment', async () => {
  const all = [];
  for (const place of PLACES) {
    const dying = await hire(place);
    const opened = await openEscrow(world, draftOf());
    await complete(world, opened);
    const { id } = await disbursementOf(world, opened);
    await dying.dead;
    all.push({ opened, id });
  }
  await hire();
  for (const { opened, id } of all) {
    await eventually(
      `${id} to be paid`,
      async () => ((await movementOf(world, id)).state === 'settled' ? true : null),
      120_000,
    );
    await eventually(
      `${opened.id} to hear of it`,
      async () =>
        (await rowOf(world, opened)).status === 'closed_disbursement_complete' ? true : null,
      60_000,
    );
    expect(await bankBookOf(world, id)).toEqual(['settled 10000']);
    expect(await movementOf(world, id)).toMatchObject({ attempt: 1, reservation: 1 });
  }
});

test('killed around the call of a payment: taken once', async () => {
  for (const worker of workers.splice(0)) await worker.kill();
  const all = [];
  for (const place of ['effect.after_result_row=kill@1', 'effect.after_send=kill@1']) {
    const buyer = await givePayer(world, 'Pat');
    const dying = await hire(place);
    const opened = await openEscrow(world, draftOf({}, SELLER, buyer));
    await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
    const payment = await pay(world, opened, buyer, 10_000);
    await dying.dead;
    all.push({ opened, payment });
  }
  await hire();
  for (const { opened, payment } of all) {
    await eventually(
      `${opened.id} to be funded`,
      async () => ((await rowOf(world, opened)).status === 'in_progress' ? true : null),
      120_000,
    );
    await untilState(world, payment, 'settled');
    expect(await bankBookOf(world, payment)).toEqual(['settled 10000']);
  }
});
