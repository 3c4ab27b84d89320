/**
 * Owns how a milestone and its dispute are shown.
 * Must not know who is looking.
 */
import type { z } from 'zod';
import { endOf } from '../../domain/countdown';
import { dueOf, isFundedAlone, moreFor, shortfallOf } from '../../domain/due';
import { type Dispute, disputeOf, type Escrow, type Milestone } from '../../domain/escrow';
import type { Sides } from '../../domain/fee-quote';
import { add, sum, ZERO } from '../../domain/money';
import { milestoneStatusOf } from '../../domain/status';
import type { TermsMilestone } from '../../domain/terms';
import type { milestoneAnswer } from '../schemas/escrow-answers';

type Shown = z.input<typeof milestoneAnswer>;

/** A milestone of an escrow; `terms` is what was agreed about it. */
export function milestoneView(
  escrow: Escrow,
  milestone: Milestone,
  terms: TermsMilestone,
  sides: Sides,
): Shown {
  const dispute = disputeOf(milestone);
  return {
    id: milestone.id,
    title: terms.title,
    description: terms.description ?? null,
    ...milestoneStatusOf(escrow, milestone),
    amount: milestone.price,
    funding: isFundedAlone(escrow) ? fundingOf(escrow, milestone) : null,
    held: dispute ? ZERO : milestone.held,
    due_at: dueDateOf(milestone),
    after: [...terms.after],
    inspection_period: terms.inspection_period,
    overdue: milestone.stage === 'in_progress' && milestone.overdue,
    recipients: terms.recipients.map(({ party, account_id, amount }, at) => ({
      party,
      account: account_id,
      amount,
      net: milestone.recipients[at]?.net ?? amount,
      paid: milestone.recipients[at]?.paid ?? ZERO,
    })),
    approvals_required: terms.approvals_required,
    approvals: [...milestone.approvals],
    part_approvals: [...milestone.part_approvals],
    released: milestone.released,
    refunded: milestone.refunded,
    override: milestone.override,
    reserves: milestone.reserves.map(({ id, party, account, amount, due }) => ({
      id,
      party,
      account,
      amount,
      until: endOf(due),
    })),
    dispute: disputeView(milestone),
    sides: sidesView(sides),
    files: [...terms.files],
  };
}

/** Each side's numbers. */
export const sidesView = (sides: Sides): Shown['sides'] => ({
  ...sides,
  recipients: [...sides.recipients],
});

/** What is due for one that is funded alone. */
const fundingOf = (escrow: Escrow, milestone: Milestone): NonNullable<Shown['funding']> => ({
  due: add(dueOf(milestone), moreFor(escrow, milestone.id)),
  received: sum([milestone.funded, milestone.fee_funded, milestone.unallocated]),
  shortfall: shortfallOf(escrow, milestone.id),
});

/** While it is being delivered the clock says when it is due, a pause included. */
function dueDateOf(milestone: Milestone): Shown['due_at'] {
  const isRunning = milestone.stage === 'in_progress' && !milestone.overdue;
  return (isRunning ? endOf(milestone.due) : null) ?? milestone.due_at;
}

/** The dispute of a milestone, open or ruled; null when there is none. */
export function disputeView(milestone: Milestone): Shown['dispute'] {
  const open = disputeOf(milestone);
  if (open) return { ...factsOf(milestone, open), status: open.stage, ruling: null };
  if (milestone.stage !== 'ruled') return null;
  const { dispute, ...ruling } = milestone.ruling;
  return { ...factsOf(milestone, dispute), status: 'ruled', due_at: null, ruling };
}

const factsOf = (milestone: Milestone, dispute: Dispute) => ({
  id: dispute.id,
  milestone: milestone.id,
  side: dispute.side,
  by: dispute.by,
  reason: dispute.reason,
  amount: dispute.amount,
  opened_at: dispute.opened_at,
  answer: dispute.answer,
  unanswered: dispute.unanswered,
  handler: dispute.handler,
  evidence: [...dispute.evidence],
  due_at: endOf(dispute.due),
});
