/**
 * Owns how events change one milestone: its delivery and its money.
 * Must not know the rest of the agreement (`evolve.ts`), nor what its dispute (`evolve-dispute.ts`)
 * or its disbursements (`evolve-disbursement.ts`) go through.
 */
import type { Instant } from './calendar';
import { startCountdown } from './countdown';
import {
  type Disbursement,
  type Dispute,
  disputeOf,
  type Escrow,
  isComplete,
  type Milestone,
  type MilestoneFacts,
  type RecipientClaim,
  type Reserve,
} from './escrow';
import type { EventOf, EventType, GiveBack, Payout } from './events';
import { claimsAfter } from './fees';
import type { MilestoneId } from './ids';
import { BrokenInvariant } from './journal';
import { add, subtract, sum, ZERO } from './money';
import { contributionsAfter, sentBack } from './refunds';
import { atOnce } from './reserves';

type MilestoneEventType =
  | 'delivered'
  | 'delivery_rejected'
  | 'delivery_overdue'
  | 'approved'
  | 'delivery_accepted'
  | 'released'
  | 'part_approved'
  | 'part_released'
  | 'refunded'
  | 'ruled'
  | 'fees_earned'
  | 'reserve_freed'
  | 'override_requested'
  | 'overridden';

/** One row per event type: the escrow after it. */
export type Changes<T extends EventType> = {
  readonly [K in T]: (escrow: Escrow, event: EventOf<K>) => Escrow;
};

export const MILESTONE_CHANGES: Changes<MilestoneEventType> = {
  delivered: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => ({
      ...factsOf(here, event.actor === 'clock'),
      stage: 'delivered',
      ...UNAPPROVED,
      due: startCountdown(event.at, event.due, escrow.hold !== null),
      dispute: null,
    })),

  delivery_rejected: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => ({
      ...factsOf(here, event.actor === 'clock'),
      stage: 'rejected',
      ...UNAPPROVED,
      rework_rounds: here.rework_rounds + 1,
      due: startCountdown(event.at, event.due, escrow.hold !== null),
      dispute: null,
    })),

  delivery_overdue: (escrow, event) =>
    onMilestone(escrow, event.milestone, (here) => ({
      ...factsOf(here, event.actor === 'clock'),
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
      ...factsOf(here, event.actor === 'clock'),
      done_at: here.done_at ?? event.at,
      stage: 'accepted',
      due: event.due && startCountdown(event.at, event.due, escrow.hold !== null),
      dispute: null,
    })),

  released: (escrow, event) =>
    onMilestone(paidOut(escrow, event, event), event.milestone, (here) => ({
      ...factsOf(here, event.actor === 'clock'),
      done_at: here.done_at ?? event.at,
      stage: here.disbursements.every(isComplete) ? 'disbursed' : 'releasing',
    })),

  part_approved: (escrow, { milestone, by: party, amount }) =>
    onMilestone(escrow, milestone, (here) => ({
      ...here,
      part_approvals: [...here.part_approvals.filter((p) => p.party !== party), { party, amount }],
    })),

  part_released: (escrow, event) =>
    onMilestone(paidOut(escrow, event, event), event.milestone, (here) => ({
      ...here,
      part_approvals: [],
    })),

  refunded: (escrow, event) =>
    onMilestone(givenBack(escrow, event.milestone, event), event.milestone, (here) => ({
      ...factsOf(here, event.actor === 'clock'),
      done_at: here.done_at ?? event.at,
      stage: 'refunded',
    })),

  ruled: (escrow, event) => {
    const dispute = theDispute(find(escrow, event.milestone));
    const paid = paidOut(escrow, event, event.payout);
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
      ...factsOf(here, event.actor === 'clock'),
      done_at: here.done_at ?? event.at,
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

  override_requested: (escrow, { at, milestone, act, operator, reason }) =>
    onMilestone(escrow, milestone, (here) => ({
      ...here,
      override: { act, operator, reason, at },
    })),

  overridden: (escrow, { milestone }) =>
    onMilestone(escrow, milestone, (here) => ({ ...here, override: null })),

  reserve_freed: (escrow, { milestone, reserve }) =>
    onMilestone(escrow, milestone, (here) => ({
      ...here,
      reserves: here.reserves.filter(({ id }) => id !== reserve),
    })),
};

/** What was approved was something else. */
export const UNAPPROVED = { approvals: [], part_approvals: [] };

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

type Released = { readonly milestone: MilestoneId; readonly at: Instant };

function paidOut(escrow: Escrow, { milestone, at }: Released, payout: Payout): Escrow {
  const { amount, payees, earned, fee_held } = payout;
  const changed = onMilestone(escrow, milestone, (here) => ({
    ...here,
    held: subtract(here.held, amount),
    released: add(here.released, amount),
    fees: claimsAfter(here.fees, { earned }),
    recipients: paidClaims(here.recipients, payees),
    disbursements: [
      ...here.disbursements,
      ...payees.filter((payee) => atOnce(payee) > 0).map(disbursementOf),
    ],
    reserves: [...here.reserves, ...payees.flatMap((p) => reserveOf(p, at, escrow.hold !== null))],
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
  amount: atOnce(payee),
  destination: payee.destination,
  returnable_until: null,
  state: 'pending',
});

function reserveOf(
  { party, account, reserve }: Payout['payees'][number],
  at: Instant,
  held: boolean,
): readonly Reserve[] {
  if (!reserve) return [];
  const { id, amount, due } = reserve;
  return [{ id, party, account, amount, due: startCountdown(at, due, held) }];
}

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
    rounding: subtract(changed.rounding, back.rounding),
    contributions: contributionsAfter(changed, back.payers, id),
    ...sentBack(changed, id, back.sources),
  };
}

/** What every stage has; the fields of the stage that is left are dropped. */
export function factsOf(here: Milestone, left_by_clock: boolean): MilestoneFacts {
  return {
    id: here.id,
    number: here.number,
    price: here.price,
    funded: here.funded,
    fee_funded: here.fee_funded,
    unallocated: here.unallocated,
    held: here.held,
    released: here.released,
    refunded: here.refunded,
    due_at: here.due_at,
    done_at: here.done_at,
    recipients: here.recipients,
    fees: here.fees,
    approvals: here.approvals,
    part_approvals: here.part_approvals,
    rework_rounds: here.rework_rounds,
    disputes_by: here.disputes_by,
    disbursements: here.disbursements,
    reserves: here.reserves,
    override: here.override,
    left_by_clock,
    extensions: here.extensions,
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
