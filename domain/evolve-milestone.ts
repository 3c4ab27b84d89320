/**
 * Owns how events change one milestone: its delivery, its dispute, its money, its disbursements.
 * Must not know the rest of the agreement (`evolve.ts`).
 */
import { hours, type Instant } from './calendar';
import {
  type Contribution,
  type Countdown,
  type Disbursement,
  type Dispute,
  disputeOf,
  type Escrow,
  isComplete,
  type Milestone,
  type MilestoneFacts,
  resumeCountdown,
  startCountdown,
  stopCountdown,
} from './escrow';
import type { Event, EventOf, EventType, GiveBack, Payout, Share } from './events';
import { claimsAfter } from './fees';
import type { DisbursementId, MilestoneId } from './ids';
import { BrokenInvariant } from './journal';
import { add, subtract, sum } from './money';

/** What a dispute taken back leaves at least of a countdown, once per countdown. */
const WITHDRAWN_FLOOR = hours(24);

type MilestoneEventType =
  | 'delivered'
  | 'delivery_rejected'
  | 'delivery_overdue'
  | 'approved'
  | 'delivery_accepted'
  | 'released'
  | 'refunded'
  | 'disputed'
  | 'dispute_answered'
  | 'evidence_added'
  | 'dispute_escalated'
  | 'dispute_withdrawn'
  | 'ruled'
  | 'disbursement_settled'
  | 'disbursement_failed'
  | 'disbursement_returned'
  | 'disbursement_retried'
  | 'disbursement_redirected';

type Changes<T extends EventType> = {
  readonly [K in T]: (escrow: Escrow, event: EventOf<K>) => Escrow;
};

export const MILESTONE_CHANGES: Changes<MilestoneEventType> = {
  delivered: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: 'delivered',
      approvals: [],
      due: startCountdown(event.at, event.due, escrow.hold !== null),
      dispute: null,
    })),

  delivery_rejected: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: 'rejected',
      approvals: [],
      rework_rounds: here.rework_rounds + 1,
      due: startCountdown(event.at, event.due, escrow.hold !== null),
      dispute: null,
    })),

  delivery_overdue: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: 'in_progress',
      overdue: true,
      due: startCountdown(event.at, event.due, escrow.hold !== null),
      dispute: null,
    })),

  approved: (escrow, { milestone, by }) =>
    onMilestone(escrow, milestone, (here) => ({
      ...here,
      approvals: by ? [...here.approvals, by] : here.approvals,
    })),

  delivery_accepted: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: 'accepted',
      due: event.due && startCountdown(event.at, event.due, escrow.hold !== null),
      dispute: null,
    })),

  released: (escrow, event) =>
    onMilestone(paidOut(escrow, event.milestone, event), event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: here.disbursements.every(isComplete) ? 'disbursed' : 'releasing',
    })),

  refunded: (escrow, event) =>
    onMilestone(givenBack(escrow, event.milestone, event), event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: 'refunded',
    })),

  ruled: (escrow, event) => {
    const dispute = theDispute(find(escrow, event.milestone));
    const paid = paidOut(escrow, event.milestone, event.payout);
    const { reason, by, at, payout, give_back } = event;
    const ruling = {
      dispute,
      reason,
      by,
      at,
      recipients: payout.amount,
      payers: give_back.amount,
    };
    return onMilestone(givenBack(paid, event.milestone, give_back), event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: 'ruled',
      ruling,
    }));
  },

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

  disbursement_settled: (escrow, { milestone, disbursement, destination, returnable_until }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'settled',
      returnable_until,
      destination: destination ?? before.destination,
    })),

  disbursement_failed: (escrow, { at, milestone, disbursement, reason, due }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: reason === 'parked' ? 'parked' : 'failed',
      due: startCountdown(at, due, escrow.hold !== null),
    })),

  disbursement_returned: (escrow, { at, milestone, disbursement, due }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'returned',
      due: startCountdown(at, due, escrow.hold !== null),
    })),

  disbursement_retried: (escrow, { milestone, disbursement }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'pending',
    })),

  disbursement_redirected: (escrow, { milestone, disbursement, destination }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'pending',
      destination,
    })),
};

/** The escrow with one milestone changed. Throws when it has no such milestone. */
export function onMilestone(
  escrow: Escrow,
  id: MilestoneId,
  change: (milestone: Milestone) => Milestone,
): Escrow {
  find(escrow, id);
  const milestones = escrow.milestones.map((m) => (m.id === id ? change(m) : m));
  return { ...escrow, milestones };
}

/** What is left of the contributions after money went back. */
export const contributionsAfter = (
  escrow: Escrow,
  payers: readonly Share[],
): readonly Contribution[] =>
  escrow.contributions.map((contribution) => ({
    ...contribution,
    left: payers
      .filter((payer) => payer.account === contribution.account)
      .reduce((left, payer) => subtract(left, payer.amount), contribution.left),
  }));

function paidOut(escrow: Escrow, id: MilestoneId, payout: Payout): Escrow {
  const { amount, payees, earned, fee_held } = payout;
  const changed = onMilestone(escrow, id, (here) => ({
    ...here,
    held: subtract(here.held, amount),
    released: add(here.released, amount),
    fees: claimsAfter(here.fees, earned, []),
    recipients: here.recipients.map((claim) => ({
      ...claim,
      paid: sum([
        claim.paid,
        ...payees.filter((p) => p.party === claim.party).map((p) => p.amount),
      ]),
    })),
    disbursements: [...here.disbursements, ...payees.map(disbursementOf)],
  }));
  return { ...changed, fee_held: subtract(changed.fee_held, fee_held) };
}

/** A share that stays in the wallet because the terms name it as destination is there at once. */
const disbursementOf = (payee: Payout['payees'][number]): Disbursement => ({
  id: payee.disbursement,
  party: payee.party,
  account: payee.account,
  amount: payee.amount,
  destination: payee.destination,
  returnable_until: null,
  state: payee.destination === 'wallet' ? 'settled' : 'pending',
});

function givenBack(escrow: Escrow, id: MilestoneId, back: GiveBack): Escrow {
  const changed = onMilestone(escrow, id, (here) => ({
    ...here,
    held: subtract(here.held, back.amount),
    refunded: add(here.refunded, back.amount),
    fees: claimsAfter(here.fees, back.earned, back.returned),
  }));
  return {
    ...changed,
    fee_held: subtract(changed.fee_held, back.fee_held),
    contributions: contributionsAfter(changed, back.payers),
  };
}

function onDispute(escrow: Escrow, id: MilestoneId, change: (dispute: Dispute) => Dispute): Escrow {
  return onMilestone(escrow, id, (here) => {
    if (!('dispute' in here)) throw new BrokenInvariant(`${here.id} has no dispute`);
    return { ...here, dispute: change(theDispute(here)) };
  });
}

function onDisbursement(
  escrow: Escrow,
  id: MilestoneId,
  disbursement: DisbursementId,
  change: (before: Disbursement) => Disbursement,
): Escrow {
  return onMilestone(escrow, id, (here) => {
    const disbursements = here.disbursements.map((d) => (d.id === disbursement ? change(d) : d));
    if (here.stage !== 'releasing' && here.stage !== 'disbursed') return { ...here, disbursements };
    const stage = disbursements.every(isComplete) ? 'disbursed' : 'releasing';
    return { ...here, disbursements, stage };
  });
}

/** What every stage has; the fields of the stage that is left are dropped. */
function factsOf(here: Milestone, event: Event): MilestoneFacts {
  return {
    id: here.id,
    number: here.number,
    price: here.price,
    held: here.held,
    released: here.released,
    refunded: here.refunded,
    recipients: here.recipients,
    fees: here.fees,
    approvals: here.approvals,
    rework_rounds: here.rework_rounds,
    disputes_by: here.disputes_by,
    disbursements: here.disbursements,
    left_by_clock: event.actor === 'clock',
  };
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

/** A disbursement without the wait of a state that it leaves. */
function calm(before: Disbursement): Omit<Disbursement, 'state' | 'due'> {
  const { id, party, account, amount, destination, returnable_until } = before;
  return { id, party, account, amount, destination, returnable_until };
}

function theDispute(here: Milestone): Dispute {
  const dispute = disputeOf(here);
  if (!dispute) throw new BrokenInvariant(`${here.id} has no dispute`);
  return dispute;
}

function find(escrow: Escrow, id: MilestoneId): Milestone {
  const milestone = escrow.milestones.find((m) => m.id === id);
  if (!milestone) throw new BrokenInvariant(`no milestone ${id} in ${escrow.id}`);
  return milestone;
}
