/**
 * Owns the lives whose histories are kept: one for each way in which the workflows talk to the
 * engine. All data in them is made up.
 * Must not know how histories are stored (`record.ts`) or replayed.
 */
import { ask, messageOf, signal } from '../workflows/commands';
import { advance, begin, complete, draftOf, inDays, openEscrow } from '../workflows/escrows';
import { disbursementOf, givePayer, movementOf, pay, webhook } from '../workflows/money';
import { disputeIn, eventually, untilEvent, untilStatus } from '../workflows/seen';
import { BUYER, giveDestination, giveSeller, SELLER, type World } from '../workflows/world';

/** Names of files, and the workflows whose newest runs go into them. */
export type Lived = { readonly [file: string]: string };

export const LIVES: readonly ((world: World) => Promise<Lived>)[] = [
  happyPath,
  disputeWithRuling,
  continuedAsNew,
  payoutFailedAndReturned,
  silence,
  noise,
];

async function happyPath(world: World): Promise<Lived> {
  const opened = await openEscrow(world);
  const payment = await pay(world, opened, BUYER, 10_000);
  await untilEvent(world, opened, 'payment_waiting');
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  await untilStatus(world, opened, 'in_progress');
  await ask(world, opened, 'mark_done', { milestone: opened.milestones[0] }, SELLER);
  await ask(world, opened, 'approve', { milestone: opened.milestones[0] }, BUYER);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  const { id: payout } = await disbursementOf(world, opened);
  await advance(world, opened, inDays(40));
  for (const id of [opened.id, payout]) await ended(world, id);
  return { 'happy-escrow': opened.id, 'happy-payment': payment, 'happy-payout': payout };
}

async function disputeWithRuling(world: World): Promise<Lived> {
  const opened = await openEscrow(world);
  const [milestone] = opened.milestones;
  await begin(world, opened, { road: 'signal' });
  await ask(world, opened, 'dispute', { milestone, reason: 'not as agreed' }, BUYER);
  const dispute = await disputeIn(world, opened);
  const evidence = [{ kind: 'photo', summary: 'a scratch', url: 'https://example.com/1' }];
  await ask(world, opened, 'submit_evidence', { dispute, evidence }, BUYER);
  await ask(world, opened, 'hold', { reason: 'compliance' }, null);
  await ask(world, opened, 'answer_dispute', { dispute, answer: 'it is' }, SELLER);
  await ask(world, opened, 'unhold', { reason: 'cleared' }, null);
  await ask(world, opened, 'escalate', { dispute }, SELLER);
  const split = { recipients: 7_000, payers: 3_000 };
  await ask(world, opened, 'resolve', { dispute, reason: 'half done', split }, null, 'raw signal');
  await untilStatus(world, opened, 'closed_disputed');
  return { 'dispute-escrow': opened.id };
}

async function continuedAsNew(world: World): Promise<Lived> {
  const opened = await openEscrow(world, draftOf(), { continueAsNewAt: 20 });
  const [milestone] = opened.milestones;
  await begin(world, opened);
  await ask(world, opened, 'dispute', { milestone, reason: 'late' }, BUYER);
  const dispute = await disputeIn(world, opened);
  await ask(world, opened, 'withdraw_dispute', { dispute }, BUYER);
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await advance(world, opened, inDays(2));
  return { 'continued-escrow': opened.id };
}

async function payoutFailedAndReturned(world: World): Promise<Lived> {
  const seller = await giveSeller(world.pool, 'Sal fault:fail_later');
  const opened = await openEscrow(world, draftOf({}, seller));
  await complete(world, opened, { seller });
  await untilEvent(world, opened, 'disbursement_failed');
  const { id: payout } = await disbursementOf(world, opened);
  await advance(world, opened, inDays(0.01)); // tried again, and failed again
  await eventually('the third failure', async () => {
    const { state, attempt } = await movementOf(world, payout);
    return state === 'failed' && attempt === 3 ? true : null;
  });
  const destination = await giveDestination(world.pool, seller, 'Sal fault:cut fault:returned-P2D');
  const body = { disbursement: payout, destination };
  await ask(world, opened, 'redirect_disbursement', body, null);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  await advance(world, opened, inDays(9));
  await untilEvent(world, opened, 'disbursement_returned');
  return { 'returned-escrow': opened.id, 'returned-payout': payout };
}

/** Nobody says anything: defaults, reminders, a default that is refused for a while. */
async function silence(world: World): Promise<Lived> {
  const buyer = await givePayer(world, 'Pat fault:delay-P32D');
  const opened = await openEscrow(world, draftOf({}, SELLER, buyer));
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  await pay(world, opened, buyer, 10_000);
  await advance(world, opened, inDays(31));
  await untilEvent(world, opened, 'default_refused');
  await advance(world, opened, inDays(33));
  await untilEvent(world, opened, 'started');
  await advance(world, opened, inDays(60));
  await untilStatus(world, opened, 'closed_refunded');
  return { 'silent-escrow': opened.id };
}

/** What nobody should send. */
async function noise(world: World): Promise<Lived> {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const [milestone] = opened.milestones;
  await signal(world, opened.id, 'no_such_command', { id: 'cmd_1' });
  await signal(world, opened.id, '__temporal_reserved', {});
  await signal(world, opened.id, 'hint', { kind: 'payout', id: 'dsb_unknown' });
  await signal(world, opened.id, 'advance_clock', { to: 'never' });
  await signal(world, opened.id, 'approve', messageOf('approve', { milestone: 7 }, BUYER));
  await ask(world, opened, 'mark_done', { milestone }, SELLER, 'raw signal');
  await ask(world, opened, 'approve', { milestone }, BUYER, 'raw signal');
  await untilStatus(world, opened, 'closed_disbursement_complete');
  await webhook(world, (await disbursementOf(world, opened)).id);
  return { 'noisy-escrow': opened.id };
}

const ended = ({ engine }: World, id: string): Promise<unknown> =>
  engine.client.workflow.getHandle(id).result();
