/**
 * Owns how events change one milestone: its delivery and its money.
 * Must not know the rest of the agreement (`evolve.ts`), nor what its dispute (`evolve-dispute.ts`)
 * or its disbursements (`evolve-disbursement.ts`) go through.
 */
import {
  type Contribution,
  type Disbursement,
  type Dispute,
  disputeOf,
  type Escrow,
  isComplete,
  type Milestone,
  type MilestoneFacts,
  type RecipientClaim,
  startCountdown,
} from './escrow';
import type { Event, EventOf, EventType, GiveBack, Payout, Share } from './events';
import { claimsAfter } from './fees';
import type { MilestoneId } from './ids';
import { BrokenInvariant } from './journal';
import { add, subtract, sum, ZERO } from './money';

type MilestoneEventType =
  | 'delivered'
  | 'delivery_rejected'
  | 'delivery_overdue'
  | 'approved'
  | 'delivery_accepted'
  | 'released'
  | 'refunded'
  | 'ruled'
  | 'fees_earned';

/** One row per event type: the escrow after it. */
export type Changes<T extends EventType> = {
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
      left_by_clock: here.left_by_clock, // a mark: the clock has left no stage
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
    onMilestone(paidOut(escrow, event.milestone, event), event.milestone, (here) =>
      // A part of it: the rest is still to be decided.
      here.held > 0 ? here : { ...factsOf(here, event), stage: paidStage(here) },
    ),

  refunded: (escrow, event) =>
    onMilestone(givenBack(escrow, event.milestone, event), event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: here.released > 0 ? paidStage(here) : 'refunded',
    })),

  ruled: (escrow, event) => {
    const dispute = theDispute(find(escrow, event.milestone));
    const paid = paidOut(escrow, event.milestone, event.payout);
    const { reason, by, at, payout, give_back, arbiter_fee } = event;
    const ruling = {
      dispute,
      reason,
      by,
      at,
      recipients: payout.amount,
      payers: give_back.amount,
      arbiter_fee,
    };
    return onMilestone(givenBack(paid, event.milestone, give_back), event.milestone, (here) => ({
      ...factsOf(here, event),
      stage: 'ruled',
      ruling,
    }));
  },

  fees_earned: (escrow, { milestones }) =>
    milestones.reduce((now, { milestone, earned }) => {
      const moved = sum(earned.map(({ amount }) => amount));
      const changed = onMilestone(now, milestone, (here) => ({
        ...here,
        fees: claimsAfter(here.fees, { earned }),
      }));
      return { ...changed, fee_held: subtract(changed.fee_held, moved) };
    }, escrow),
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

/** Where a milestone stands that nothing is held for and from which something was released. */
const paidStage = ({ disbursements }: Milestone): 'releasing' | 'disbursed' =>
  disbursements.every(isComplete) ? 'disbursed' : 'releasing';

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
    fees: claimsAfter(here.fees, { earned }),
    recipients: paidClaims(here.recipients, payees),
    disbursements: [...here.disbursements, ...payees.map(disbursementOf)],
  }));
  return { ...changed, fee_held: subtract(changed.fee_held, fee_held) };
}

/** Whom a ruling names beside the recipients of the plan was promised nothing. */
function paidClaims(
  recipients: readonly RecipientClaim[],
  payees: Payout['payees'],
): readonly RecipientClaim[] {
  const isNew = ({ party }: Payout['payees'][number]): boolean =>
    !recipients.some((claim) => claim.party === party);
  const added = payees
    .filter(isNew)
    .map(({ party, account }) => ({ party, account, net: ZERO, paid: ZERO }));
  return [...recipients, ...added].map((claim) => ({
    ...claim,
    paid: sum([claim.paid, ...payees.filter((p) => p.party === claim.party).map((p) => p.amount)]),
  }));
}

const disbursementOf = (payee: Payout['payees'][number]): Disbursement => ({
  id: payee.disbursement,
  party: payee.party,
  account: payee.account,
  amount: payee.amount,
  destination: payee.destination,
  returnable_until: null,
  state: 'pending',
});

function givenBack(escrow: Escrow, id: MilestoneId, back: GiveBack): Escrow {
  const changed = onMilestone(escrow, id, (here) => ({
    ...here,
    held: subtract(here.held, back.amount),
    refunded: add(here.refunded, back.amount),
    fees: claimsAfter(here.fees, back),
  }));
  return {
    ...changed,
    fee_held: subtract(changed.fee_held, back.fee_held),
    contributions: contributionsAfter(changed, back.payers),
  };
}

/** What every stage has; the fields of the stage that is left are dropped. */
export function factsOf(here: Milestone, event: Pick<Event, 'actor'>): MilestoneFacts {
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
    extensions: here.extensions,
    extended_to: here.extended_to,
  };
}

/** The dispute of a milestone that must have one. */
export function theDispute(here: Milestone): Dispute {
  const dispute = disputeOf(here);
  if (!dispute) throw new BrokenInvariant(`${here.id} has no dispute`);
  return dispute;
}

function find(escrow: Escrow, id: MilestoneId): Milestone {
  const milestone = escrow.milestones.find((m) => m.id === id);
  if (!milestone) throw new BrokenInvariant(`no milestone ${id} in ${escrow.id}`);
  return milestone;
}
