/**
 * Owns the straight road on a real Temporal server and a real PostgreSQL.
 * Must not know faults.
 */
import { ask } from './commands';
import { advance, begin, inDays, openEscrow } from './escrows';
import { closeWorld } from './proof';
import { disputeIn, eventsOf, untilStatus, walletOf } from './seen';
import { BUYER, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

test('an escrow lives from creation to disbursement', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const [milestone] = opened.milestones;
  expect(await ask(world, opened, 'mark_done', { milestone }, SELLER)).toEqual({
    outcome: 'done',
    code: null,
  });
  expect((await ask(world, opened, 'approve', { milestone }, BUYER)).outcome).toBe('done');
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await eventsOf(world, opened)).toEqual([
    'created',
    'sent',
    'party_accepted',
    'agreed',
    'funded',
    'due_completed',
    'started',
    'delivered',
    'approved',
    'delivery_accepted',
    'released',
    'closed',
    'disbursement_settled',
  ]);
});

test('a silent buyer approves by the clock and the seller is paid', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  await ask(world, opened, 'mark_done', { milestone: opened.milestones[0] }, SELLER);
  await advance(world, opened, inDays(4));
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await eventsOf(world, opened)).toContain('reminded');
});

test('nobody accepts: the escrow closes', async () => {
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  await advance(world, opened, inDays(8));
  const row = await untilStatus(world, opened, 'closed');
  expect(row.state.agreement).toEqual({ stage: 'closed', reason: 'unaccepted' });
});

test('a ruling of 70 to 30 credits both sides exactly', async () => {
  const before = await walletOf(world, BUYER);
  const opened = await openEscrow(world);
  await begin(world, opened);
  const [milestone] = opened.milestones;
  await ask(world, opened, 'dispute', { milestone, reason: 'not as agreed' }, BUYER);
  const dispute = await disputeIn(world, opened);
  await ask(world, opened, 'answer_dispute', { dispute, answer: 'it is' }, SELLER);
  await ask(world, opened, 'escalate', { dispute }, SELLER);
  const split = { recipients: 7_000, payers: 3_000 };
  const ruled = await ask(world, opened, 'resolve', { dispute, reason: 'half done', split }, null);
  expect(ruled).toEqual({ outcome: 'done', code: null });
  await untilStatus(world, opened, 'closed_disputed');
  expect(await walletOf(world, BUYER)).toBe(before - 7_000);
});
