/**
 * Owns how events change what has come in: contributions, what is complete, what goes back before
 * it is, and milestones that end without ever having been funded.
 * Must not know who pays, nor what is due (`due.ts`).
 */
import type { Refund } from './contribution';
import { startCountdown } from './countdown';
import { type Escrow, isOpen, type Milestone } from './escrow';
import type { Event, EventOf } from './events';
import { paidBack, paidFor } from './evolve-amendment';
import { type Changes, factsOf } from './evolve-milestone';
import type { MilestoneId, RefundId } from './ids';
import { BrokenInvariant } from './journal';
import { add, type Minor, subtract, sum, ZERO } from './money';
import { contributionsAfter, sentBack } from './refunds';

type FundingEventType =
  | 'funded'
  | 'due_completed'
  | 'contributions_returned'
  | 'cancelled'
  | 'payment_waiting'
  | 'refund_settled'
  | 'refund_failed';

export const FUNDING_CHANGES: Changes<FundingEventType> = {
  funded: (escrow, { payer, amount, payment, milestone }) => {
    const isSame = (each: Escrow['contributions'][number]): boolean =>
      each.account === payer && each.milestone === milestone;
    const before = escrow.contributions.find(isSame);
    const contribution = {
      account: payer,
      amount: add(before?.amount ?? ZERO, amount),
      left: add(before?.left ?? ZERO, amount),
      ...(milestone && { milestone }),
    };
    return {
      ...paidFor(escrow, { account: payer, amount, ...(milestone && { milestone }) }),
      unallocated: add(escrow.unallocated, amount),
      contributions: [...escrow.contributions.filter((each) => !isSame(each)), contribution],
      payments_taken: payment ? [...escrow.payments_taken, payment] : escrow.payments_taken,
      sources: payment
        ? [
            ...escrow.sources,
            { payment, account: payer, left: amount, ...(milestone && { milestone }) },
          ]
        : escrow.sources,
      payments_waiting: escrow.payments_waiting.filter((p) => p.payment !== payment),
      milestones: withUnallocated(escrow, milestone ? [milestone] : [], (now) => add(now, amount)),
    };
  },

  due_completed: (escrow, event) => {
    const { fee_held, rounding } = event;
    const taken = subtract(add(sum(event.held.map((h) => h.amount)), fee_held), rounding);
    return {
      ...escrow,
      unallocated: subtract(escrow.unallocated, taken),
      rounding: add(escrow.rounding, rounding),
      fee_held: add(escrow.fee_held, fee_held),
      allocated: true,
      milestones: escrow.milestones.map((milestone) => completed(milestone, event)),
      agreement: agreementAfter(escrow, event),
    };
  },

  contributions_returned: (escrow, event) => {
    const { payers, sources, milestones } = event;
    const [first] = milestones;
    const backFrom = (id: MilestoneId): Minor =>
      sum(payers.filter((payer) => payer.milestone === id).map(({ amount }) => amount));
    const ended = escrow.milestones.map((each) =>
      milestones.includes(each.id)
        ? cancelled({ ...each, unallocated: ZERO }, event)
        : { ...each, unallocated: subtract(each.unallocated, backFrom(each.id)) },
    );
    return {
      ...(first ? escrow : paidBack(escrow)),
      unallocated: subtract(escrow.unallocated, sum(payers.map((p) => p.amount))),
      contributions: contributionsAfter(escrow, payers, first),
      ...(first && sentBack(escrow, first, sources)),
      milestones: ended,
    };
  },

  cancelled: (escrow, event) => ({
    ...escrow,
    milestones: escrow.milestones.map((each) =>
      event.milestones.includes(each.id) ? cancelled(each, event) : each,
    ),
  }),

  refund_settled: (escrow, { refund }) => withRefund(escrow, refund, 'settled'),
  refund_failed: (escrow, { refund }) => withRefund(escrow, refund, 'failed'),

  payment_waiting: (escrow, { payment, account, amount, milestone }) => ({
    ...escrow,
    payments_waiting: [
      ...escrow.payments_waiting,
      { payment, payer: account, amount, ...(milestone && { milestone }) },
    ],
  }),
};

const withRefund = (escrow: Escrow, id: RefundId, state: Refund['state']): Escrow => ({
  ...escrow,
  refunds: escrow.refunds.map((refund) => (refund.id === id ? { ...refund, state } : refund)),
});

/** It has what is due for it; where each is funded alone, that was its own. */
function completed(milestone: Milestone, { held }: EventOf<'due_completed'>): Milestone {
  const part = held.find((each) => each.milestone === milestone.id);
  if (!part) return milestone;
  const whole = {
    ...milestone,
    held: add(milestone.held, part.amount),
    funded: add(milestone.funded, part.amount),
    fee_funded: add(milestone.fee_funded, part.fee),
    unallocated: ZERO,
  };
  return whole.stage === 'waiting' ? { ...whole, funding: null } : whole;
}

function agreementAfter(
  { agreement, hold }: Escrow,
  { at, acceptance }: EventOf<'due_completed'>,
): Escrow['agreement'] {
  if (agreement.stage !== 'sent' && agreement.stage !== 'agreed') return agreement;
  const begun = acceptance && startCountdown(at, acceptance, hold !== null);
  return { ...agreement, funding: null, acceptance: begun ?? agreement.acceptance };
}

const withUnallocated = (
  { milestones }: Escrow,
  ids: readonly MilestoneId[],
  change: (now: Minor) => Minor,
): readonly Milestone[] =>
  milestones.map((each) =>
    ids.includes(each.id) ? { ...each, unallocated: change(each.unallocated) } : each,
  );

function cancelled(milestone: Milestone, { actor }: Event): Milestone {
  if (!isOpen(milestone)) throw new BrokenInvariant(`${milestone.id} is ${milestone.stage}`);
  return { ...factsOf(milestone, actor === 'clock'), stage: 'cancelled' };
}
