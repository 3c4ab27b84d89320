/**
 * Owns what is due and what is missing of it: together, or for each milestone where each is funded
 * alone. Kept per milestone, so that a price that rises later is funded like the first.
 * Must not know who may pay, nor when (`funding.ts`). Source: `escrow.md`, sections 6 and 8.
 */
import type { Contribution } from './contribution';
import { type Escrow, isOpen, type Milestone } from './escrow';
import type { MilestoneId } from './ids';
import { add, type Minor, max, subtract, sum, ZERO } from './money';

type Owed = Pick<Milestone, 'price' | 'funded' | 'fees' | 'fee_funded'>;

/** Is each milestone funded alone? */
export const isFundedAlone = ({ terms }: Escrow): boolean => terms.funding.mode === 'per_milestone';

/** What the payers bear of fees on top of the price of a milestone. */
export const onTopOf = ({ fees }: Pick<Milestone, 'fees'>): Minor =>
  sum(fees.filter(({ side }) => side === 'buyer').map(({ amount }) => amount));

/** What is due for a milestone: its price, and the payers' fees on it. */
export const dueOf = (milestone: Owed): Minor => add(milestone.price, onTopOf(milestone));

/** What has not been complete yet of that; part of it may have come in. */
export const incompleteOf = (milestone: Owed): Minor =>
  max(ZERO, subtract(dueOf(milestone), add(milestone.funded, milestone.fee_funded)));

/** Is all there that is due for it? */
export const isFunded = (milestone: Owed): boolean => incompleteOf(milestone) === ZERO;

/** What is still missing: of what an accepted amendment waits for; else for one milestone, or for
 * all that are open. */
export function shortfallOf(escrow: Escrow, milestone?: MilestoneId): Minor {
  const waiting = escrow.proposals.find(({ stage }) => stage === 'waiting');
  if (waiting?.stage === 'waiting') {
    return subtract(waiting.more, sum(waiting.paid.map(({ amount }) => amount)));
  }
  const open = escrow.milestones.filter(isOpen);
  if (milestone === undefined || !isFundedAlone(escrow)) {
    return subtract(sum(open.map(incompleteOf)), open.length > 0 ? escrow.unallocated : ZERO);
  }
  const its = open.filter(({ id }) => id === milestone);
  return sum(its.map((each) => subtract(incompleteOf(each), each.unallocated)));
}

/** Milestones whose due amount is complete, or short within the tolerance, and not spread yet. */
export function completeNow(escrow: Escrow): readonly Milestone[] {
  const isWaiting = (each: Milestone): boolean => isOpen(each) && !isFunded(each);
  if (!isFundedAlone(escrow)) {
    return isComplete(escrow, escrow.unallocated) ? escrow.milestones.filter(isWaiting) : [];
  }
  const first = escrow.milestones.find(
    (each) => isComplete(escrow, each.unallocated, each.id) && isWaiting(each),
  );
  return first ? [first] : [];
}

/** What the platform adds so that this is complete. */
export const roundingOf = (escrow: Escrow, complete: readonly Milestone[]): Minor =>
  shortfallOf(escrow, complete[0]?.id);

/** Contributions out of which a milestone was funded: its own, or those to the whole. */
export const contributionsTo = (escrow: Escrow, milestone: MilestoneId): readonly Contribution[] =>
  escrow.contributions.filter((each) => isFor(each, milestone));

/** Was this put in for the milestone? What was put in for the whole is for each. */
export const isFor = (
  { milestone }: Pick<Contribution, 'milestone'>,
  id: MilestoneId | undefined,
): boolean => milestone === undefined || milestone === id;

const isComplete = (escrow: Escrow, cameIn: Minor, milestone?: MilestoneId): boolean =>
  cameIn > 0 && shortfallOf(escrow, milestone) <= (escrow.terms.funding.tolerance ?? 0);
