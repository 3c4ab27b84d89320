/**
 * Owns what is due and what is missing of it: together, or for each milestone where each is funded
 * alone. Kept per milestone, so that a price that rises later is funded like the first.
 * Must not know who may pay, nor when (`funding.ts`). Source: `escrow.md`, sections 6 and 8.
 */
import type { Contribution } from './contribution';
import { type Escrow, isOpen, type Milestone, type Proposal } from './escrow';
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

/** What is still missing: for one milestone or for all that are open, with what an accepted
 * amendment waits for. */
export function shortfallOf(escrow: Escrow, milestone?: MilestoneId): Minor {
  const open = escrow.milestones.filter(isOpen);
  if (!isFundedAlone(escrow)) {
    const waiting = waitingAmendment(escrow);
    if (waiting) return subtract(waiting.more, sum(waiting.paid.map(({ amount }) => amount)));
    return subtract(sum(open.map(incompleteOf)), open.length > 0 ? escrow.unallocated : ZERO);
  }
  return sum(
    open
      .filter(({ id }) => milestone === undefined || id === milestone)
      .map((each) => {
        const missing = add(incompleteOf(each), moreFor(escrow, each.id));
        return subtract(missing, each.unallocated);
      }),
  );
}

/** What an amendment that waits needs for a milestone that is funded alone. */
export const moreFor = (escrow: Escrow, id: MilestoneId): Minor =>
  waitingAmendment(escrow)?.parts.find(({ milestone }) => milestone === id)?.amount ?? ZERO;

/** The amendment that waits for money, if there is one. */
export function waitingAmendment({
  proposals,
}: Escrow): Extract<Proposal, { stage: 'waiting' }> | null {
  const found = proposals.find(({ stage }) => stage === 'waiting');
  return found?.stage === 'waiting' ? found : null;
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

/** Contributions out of which a milestone was funded: its own, or those to the whole. What was put
 * in for an amendment that still waits has funded nothing yet. */
export function contributionsTo(escrow: Escrow, milestone: MilestoneId): readonly Contribution[] {
  const paid = waitingAmendment(escrow)?.paid ?? [];
  return escrow.contributions
    .filter((each) => isFor(each, milestone))
    .map((each) => {
      const its = paid.filter((p) => p.account === each.account && p.milestone === each.milestone);
      return { ...each, left: subtract(each.left, sum(its.map(({ amount }) => amount))) };
    });
}

/** Was this put in for the milestone? What was put in for the whole is for each. */
export const isFor = (
  { milestone }: Pick<Contribution, 'milestone'>,
  id: MilestoneId | undefined,
): boolean => milestone === undefined || milestone === id;

const isComplete = (escrow: Escrow, cameIn: Minor, milestone?: MilestoneId): boolean =>
  cameIn > 0 && shortfallOf(escrow, milestone) <= (escrow.terms.funding.tolerance ?? 0);
