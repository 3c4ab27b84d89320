/**
 * Owns how events change a dispute, and the clocks of its milestone that it stops.
 * Must not know how a ruling moves money (`evolve-milestone.ts`).
 */
import { hours, type Instant } from './calendar';
import { type Countdown, resumeCountdown, startCountdown, stopCountdown } from './countdown';
import type { Dispute, Escrow, Milestone } from './escrow';
import { type Changes, onMilestone, theDispute } from './evolve-milestone';
import type { MilestoneId } from './ids';
import { BrokenInvariant } from './journal';

/** What a dispute taken back leaves at least of a countdown, once per countdown. */
const WITHDRAWN_FLOOR = hours(24);

type DisputeEventType =
  | 'disputed'
  | 'dispute_answered'
  | 'evidence_added'
  | 'dispute_escalated'
  | 'dispute_withdrawn';

export const DISPUTE_CHANGES: Changes<DisputeEventType> = {
  disputed: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => {
      if (!('dispute' in here)) throw new BrokenInvariant(`${here.id} cannot be disputed`);
      const { at, side, by } = event;
      const dispute: Dispute = {
        id: event.dispute,
        side,
        by,
        reason: event.reason,
        amount: event.amount,
        opened_at: at,
        stage: side === 'handler' ? 'with_handler' : 'open',
        answer: null,
        unanswered: false,
        handler: event.handler,
        evidence: [],
        due: startCountdown(at, event.due, escrow.hold !== null),
      };
      const counted = by !== 'clock' && (side === 'buyer' || side === 'seller');
      const disputes_by = counted
        ? { ...here.disputes_by, [side]: here.disputes_by[side] + 1 }
        : here.disputes_by;
      return clocked({ ...here, dispute, disputes_by }, (due) => stopCountdown(due, at));
    }),

  dispute_answered: (escrow, { at, milestone, answer, due }) =>
    onDispute(escrow, milestone, (dispute) => ({
      ...dispute,
      stage: 'negotiating',
      answer,
      due: startCountdown(at, due, escrow.hold !== null),
    })),

  evidence_added: (escrow, { at, milestone, by, side, evidence }) =>
    onDispute(escrow, milestone, (dispute) => ({
      ...dispute,
      evidence: [...dispute.evidence, ...evidence.map((each) => ({ ...each, by, side, at }))],
    })),

  dispute_escalated: (escrow, { at, milestone, unanswered, handler, due }) =>
    onDispute(escrow, milestone, (dispute) => ({
      ...dispute,
      stage: 'with_handler',
      unanswered,
      handler,
      due: startCountdown(at, due, escrow.hold !== null),
    })),

  dispute_withdrawn: (escrow, { at, milestone }) =>
    onMilestone(escrow, milestone, (here) => {
      if (!('dispute' in here)) throw new BrokenInvariant(`${here.id} has no dispute`);
      const undisputed = { ...here, dispute: null };
      return escrow.hold ? undisputed : clocked(undisputed, (due) => goOn(due, at));
    }),
};

function onDispute(escrow: Escrow, id: MilestoneId, change: (dispute: Dispute) => Dispute): Escrow {
  return onMilestone(escrow, id, (here) => {
    if (!('dispute' in here)) throw new BrokenInvariant(`${here.id} has no dispute`);
    return { ...here, dispute: change(theDispute(here)) };
  });
}

/** The milestone with the countdown of its stage changed. */
function clocked(here: Milestone, change: (due: Countdown) => Countdown): Milestone {
  if (!('due' in here)) return here;
  if (here.stage === 'accepted') return { ...here, due: here.due && change(here.due) };
  return { ...here, due: change(here.due) };
}

/** After a withdrawn dispute a countdown goes on, with at least 24 hours the first time. */
function goOn(due: Countdown, at: Instant): Countdown {
  return { ...resumeCountdown(due, at, due.floored ? 0 : WITHDRAWN_FLOOR), floored: true };
}
