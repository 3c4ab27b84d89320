/**
 * Owns every deadline with its default, on the real engine with a test clock.
 * Must not know how long a deadline is: it moves the clock past it.
 */
import { ask } from './commands';
import { advance, begin, draftOf, inDays, type Opened, openEscrow } from './escrows';
import { closeWorld } from './proof';
import {
  disputeIn,
  eventsOf,
  onlyMilestone as only,
  rowOf,
  untilEvent,
  untilStatus,
  walletOf,
} from './seen';
import { BUYER, giveAccount, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

const started = async (change = {}): Promise<Opened> => {
  const opened = await openEscrow(world, draftOf(change));
  await begin(world, opened);
  return opened;
};

test('unpaid past the due date: the escrow closes', async () => {
  const opened = await openEscrow(world);
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  await advance(world, opened, inDays(31));
  const row = await untilStatus(world, opened, 'closed');
  expect(row.state.agreement).toEqual({ stage: 'closed', reason: 'unfunded' });
});

test('partly paid past the due date: the contribution is back in the wallet', async () => {
  const before = await walletOf(world, BUYER);
  const opened = await openEscrow(world);
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  await ask(world, opened, 'fund', { amount: 4_000 }, BUYER);
  expect(await walletOf(world, BUYER)).toBe(before - 4_000);
  await advance(world, opened, inDays(31));
  await untilStatus(world, opened, 'closed_refunded');
  expect(await walletOf(world, BUYER)).toBe(before);
});

test('rejected after funding: closed_refunded with the money in the wallet', async () => {
  const before = await walletOf(world, BUYER);
  const opened = await openEscrow(world, draftOf({ funding: { order: 'fund_first' } }));
  await ask(world, opened, 'fund', { amount: 10_000 }, BUYER);
  await untilStatus(world, opened, 'accepted_funded');
  await ask(world, opened, 'reject', { reason: 'no longer for sale' }, SELLER);
  await untilStatus(world, opened, 'closed_refunded');
  expect(await walletOf(world, BUYER)).toBe(before);
  expect(await eventsOf(world, opened)).toEqual([
    'created',
    'sent',
    'funded',
    'due_completed',
    'party_rejected',
    'refunded',
    'closed',
  ]);
});

test('late delivery is marked overdue, then cancelled and refunded', async () => {
  const before = await walletOf(world, BUYER);
  const opened = await started();
  await advance(world, opened, inDays(31));
  await untilEvent(world, opened, 'delivery_overdue');
  await advance(world, opened, inDays(46));
  await untilStatus(world, opened, 'closed_refunded');
  expect(await walletOf(world, BUYER)).toBe(before);
});

test('a rejected delivery that nobody reworks becomes a dispute for the buyer', async () => {
  const opened = await started();
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await ask(world, opened, 'reject_delivery', { milestone, reason: 'cracked' }, BUYER);
  await advance(world, opened, inDays(8));
  await untilEvent(world, opened, 'disputed');
  const here = only(await rowOf(world, opened));
  expect('dispute' in here && here.dispute?.by).toBe('clock');
});

test('manual release that nobody gives is given by the clock', async () => {
  const opened = await started({ release: { mode: 'manual' } });
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await ask(world, opened, 'approve', { milestone }, BUYER);
  await untilStatus(world, opened, 'delivered_accepted');
  await advance(world, opened, inDays(4));
  await untilStatus(world, opened, 'closed_disbursement_complete');
});

test('a dispute that nobody answers goes to the handler, then to its side', async () => {
  const before = await walletOf(world, BUYER);
  const opened = await started();
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await ask(world, opened, 'dispute', { milestone, reason: 'empty box' }, BUYER);
  await advance(world, opened, inDays(6));
  await untilEvent(world, opened, 'dispute_escalated');
  await advance(world, opened, inDays(40));
  await untilStatus(world, opened, 'closed_disputed');
  expect(await walletOf(world, BUYER)).toBe(before);
});

test('an answered dispute goes to the handler when negotiation takes too long', async () => {
  const opened = await started({ ruling_default: { recipients_bps: 2_500 } });
  const [milestone] = opened.milestones;
  await ask(world, opened, 'dispute', { milestone, reason: 'late' }, BUYER);
  const dispute = await disputeIn(world, opened);
  await ask(world, opened, 'answer_dispute', { dispute, answer: 'not late' }, SELLER);
  await advance(world, opened, inDays(15));
  await untilEvent(world, opened, 'dispute_escalated');
  await advance(world, opened, inDays(46));
  const row = await untilStatus(world, opened, 'closed_disputed');
  expect(only(row)).toMatchObject({ released: 2_500, refunded: 7_500, held: 0 });
});

test('a withdrawn dispute lets the clock of the milestone go on', async () => {
  const opened = await started();
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await ask(world, opened, 'dispute', { milestone, reason: 'a scratch' }, BUYER);
  const dispute = await disputeIn(world, opened);
  await ask(world, opened, 'withdraw_dispute', { dispute }, BUYER);
  await advance(world, opened, inDays(5));
  await untilStatus(world, opened, 'closed_disbursement_complete');
});

test('on hold no deadline passes; afterwards the clocks go on', async () => {
  const opened = await started();
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await ask(world, opened, 'hold', { reason: 'compliance' }, null);
  await advance(world, opened, inDays(20));
  await untilEvent(world, opened, 'reminded');
  expect((await rowOf(world, opened)).status).toBe('delivered');
  expect((await ask(world, opened, 'approve', { milestone }, BUYER)).code).toBe('on_hold');
  await ask(world, opened, 'unhold', { reason: 'cleared' }, null);
  await advance(world, opened, inDays(30));
  await untilStatus(world, opened, 'closed_disbursement_complete');
});

test('a payout without a destination is parked, then stays in the wallet', async () => {
  const broker = await giveAccount(world.pool, 'acc_nowhere', 'Nora');
  const before = await walletOf(world, broker);
  const opened = await openEscrow(world, draftOf({}, broker));
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, broker);
  await ask(world, opened, 'fund', { amount: 10_000 }, BUYER);
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, broker);
  await ask(world, opened, 'approve', { milestone }, BUYER);
  await untilEvent(world, opened, 'disbursement_failed');
  expect((await rowOf(world, opened)).status).toBe('closed_disbursement_pending');
  await advance(world, opened, inDays(31));
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await walletOf(world, broker)).toBe(before + 10_000);
});
