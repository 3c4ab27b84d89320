/**
 * Owns the proof that arbitration handlers can act past the API: the script of docs/arbitration.md
 * sends raw signals by the `temporal` command line.
 * Must not send them in any other way.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ask, outcomeOf } from '../workflows/commands';
import { begin, openEscrow } from '../workflows/escrows';
import { closeWorld } from '../workflows/proof';
import { disputeIn, untilStatus } from '../workflows/seen';
import { BUYER, openWorld, SELLER, type World } from '../workflows/world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
}, 120_000);
afterAll(() => closeWorld(world));

/** Runs the script as a handler would, and returns the id of its command. */
function arbitrate(...args: string[]): string {
  const script = join(__dirname, '../../bin/arbitrate.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: world.engine.settings.TEMPORAL_ADDRESS,
      TEMPORAL_NAMESPACE: world.engine.namespace,
    },
  });
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { command: string }).command;
}

test('a handler disputes and rules by raw signal, and both sides get their part', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const milestone = opened.milestones[0] ?? '';
  await ask(world, opened, 'mark_done', { milestone }, SELLER);

  const dispute = arbitrate('dispute', opened.id, '--milestone', milestone, '--reason', 'no word');
  expect(await outcomeOf(world, dispute)).toEqual({ outcome: 'done', code: null });
  const id = await disputeIn(world, opened);

  const split = ['--recipients', '7000', '--payers', '3000'];
  const ruling = arbitrate('resolve', opened.id, '--dispute', id, '--reason', 'half', ...split);
  expect(await outcomeOf(world, ruling)).toEqual({ outcome: 'done', code: null });
  const row = await untilStatus(world, opened, 'closed_disputed');
  expect(row.state.milestones[0]).toMatchObject({ released: 7_000, refunded: 3_000, held: 0 });
});

test('a ruling that does not add up, or of somebody else, is refused and recorded', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const milestone = opened.milestones[0] ?? '';
  const dispute = arbitrate('dispute', opened.id, '--milestone', milestone, '--reason', 'no word');
  await outcomeOf(world, dispute);
  const id = await disputeIn(world, opened);
  const ruled = ['resolve', opened.id, '--dispute', id, '--reason', 'x'];

  const short = arbitrate(...ruled, '--recipients', '7000', '--payers', '2999');
  expect((await outcomeOf(world, short)).code).toBe('amount_mismatch');
  const foreign = arbitrate(...ruled, '--recipients', '10000', '--payers', '0', '--as', BUYER);
  expect((await outcomeOf(world, foreign)).code).toBe('not_allowed');
});

test('without arguments it says how it is used, and ends with an error', () => {
  expect(() => arbitrate()).toThrow(/npm run arbitrate -- dispute/);
});
