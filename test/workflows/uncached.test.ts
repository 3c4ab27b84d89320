/**
 * Owns whole lives on workers that keep no workflow in memory: every task replays its history.
 * Must not know what is replayed.
 */
import { ask as askBy } from './commands';
import { advance, begin, complete, draftOf, inDays, openEscrow } from './escrows';
import { disbursementOf, pay } from './money';
import { closeWorld } from './proof';
import { disputeIn, untilEvent, untilStatus } from './seen';
import { BUYER, giveDestination, giveSeller, openWorld, SELLER, type World } from './world';

// The SDK drops a local activity now and then when it may keep nothing; its task is given again.
jest.setTimeout(90_000);

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work({ cached: 0 });
});
afterAll(() => closeWorld(world));

/** By signal: a task for an update alone that such a worker loses is given again after 10 s. */
const ask = (...[where, opened, type, body, by]: Parameters<typeof askBy>) =>
  askBy(where, opened, type, body, by, 'signal');

test('from a payment to the end of the return window', async () => {
  const opened = await openEscrow(world);
  const [milestone] = opened.milestones;
  await pay(world, opened, BUYER, 10_000);
  await untilEvent(world, opened, 'payment_waiting');
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  await untilStatus(world, opened, 'in_progress');
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await advance(world, opened, inDays(4)); // the buyer is silent
  await untilStatus(world, opened, 'closed_disbursement_complete');
  await advance(world, opened, inDays(50));
  await world.engine.client.workflow.getHandle(opened.id).result();
});

test('a dispute to its ruling, with refusals, a hold and runs that end', async () => {
  const opened = await openEscrow(world, draftOf(), { continueAsNewAt: 30 });
  const [milestone] = opened.milestones;
  await begin(world, opened, { road: 'signal' });
  await ask(world, opened, 'release', { milestone }, BUYER);
  await ask(world, opened, 'dispute', { milestone, reason: 'empty box' }, BUYER);
  const dispute = await disputeIn(world, opened);
  await ask(world, opened, 'hold', { reason: 'who is who' }, null);
  await ask(world, opened, 'answer_dispute', { dispute, answer: 'full box' }, SELLER);
  await ask(world, opened, 'unhold', { reason: 'known' }, null);
  await advance(world, opened, inDays(17)); // negotiation ends
  await untilEvent(world, opened, 'dispute_escalated');
  const split = { recipients: 2_500, payers: 7_500 };
  await ask(world, opened, 'resolve', { dispute, reason: 'half full', split }, null);
  await untilStatus(world, opened, 'closed_disputed');
});

test('a payout that fails, is tried again and comes back', async () => {
  const seller = await giveSeller(world.pool, 'Sal fault:fail_later');
  const opened = await openEscrow(world, draftOf({}, seller));
  await complete(world, opened, { seller, road: 'signal' });
  const { id: disbursement } = await disbursementOf(world, opened);
  await untilEvent(world, opened, 'disbursement_failed');
  const destination = await giveDestination(world.pool, seller, 'Sal fault:returned-P2D');
  await ask(world, opened, 'redirect_disbursement', { disbursement, destination }, null);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  await advance(world, opened, inDays(9));
  await untilEvent(world, opened, 'disbursement_returned');
});
