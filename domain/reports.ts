/**
 * Owns how the rows of a payment or payout script become a command to the escrow: a hint says that
 * there is something to look at, this says what.
 * Must not know where the rows are. Source: `escrow.md`, section 9; `contracts.md`, section 4.
 */
import type { Instant } from './calendar';
import type { Command } from './commands';
import type { Disbursement, Escrow } from './escrow';
import { canTake } from './funding';
import {
  type AccountId,
  type DisbursementId,
  type MilestoneId,
  type PaymentId,
  providerCommandId,
  type RefundId,
} from './ids';
import type { Minor } from './money';

/** What a script's row says. */
export type EffectFacts = (
  | { readonly kind: 'payment'; readonly id: PaymentId }
  | { readonly kind: 'disbursement'; readonly id: DisbursementId }
  | { readonly kind: 'refund'; readonly id: RefundId }
) & {
  readonly state:
    | 'planned'
    | 'sent'
    | 'settled'
    | 'failed'
    | 'unknown'
    | 'parked'
    | 'returned'
    | 'cancelled';
  readonly attempt: number;
  readonly amount: Minor; // what has settled, for a payment
  readonly account: AccountId;
  readonly reason: string | null;
  readonly milestone?: MilestoneId | null; // a payment: where each is funded alone
  readonly returnable_until: Instant | null;
};

/** The command that a script's row means for the escrow now; null when it knows already. */
export function reportOf(escrow: Escrow, facts: EffectFacts): Command | null {
  if (facts.kind === 'payment') return paymentReport(escrow, facts);
  if (facts.kind === 'refund') return refundReport(escrow, facts);
  const known = escrow.milestones
    .flatMap((milestone) => milestone.disbursements)
    .find((disbursement) => disbursement.id === facts.id);
  return known ? disbursementReport(known, facts) : null;
}

/** A payment that has waited in the wallet and may be taken now, as the command to take it. */
export function waitingFund(escrow: Escrow): Command | null {
  const waiting = escrow.payments_waiting.find(({ payer, milestone }) =>
    canTake(escrow, payer, milestone),
  );
  if (!waiting) return null;
  const { payment, payer, amount, milestone } = waiting;
  const id = providerCommandId(payment, 'applied', escrow.version);
  return { id, type: 'fund', body: { amount, payment, payer, ...(milestone && { milestone }) } };
}

/** The wallet was too low for a payment that had waited: it is the payer's free money again. */
export const forgetPayment = (escrow: Escrow, payment: PaymentId): Escrow => ({
  ...escrow,
  payments_waiting: escrow.payments_waiting.filter((waiting) => waiting.payment !== payment),
});

function paymentReport(
  escrow: Escrow,
  { id, state, attempt, amount, account, milestone }: Extract<EffectFacts, { kind: 'payment' }>,
): Command | null {
  const isKnown =
    escrow.payments_taken.includes(id) || escrow.payments_waiting.some((p) => p.payment === id);
  if (state !== 'settled' || isKnown) return null;
  const body = { amount, payment: id, payer: account, ...(milestone && { milestone }) };
  return { id: providerCommandId(id, 'settled', attempt), type: 'fund', body };
}

/** One that came back after it had settled has failed: the money is in the wallet again. */
function refundReport(
  escrow: Escrow,
  { id: refund, state, attempt, reason }: Extract<EffectFacts, { kind: 'refund' }>,
): Command | null {
  const known = escrow.refunds.find(({ id }) => id === refund)?.state;
  if (state === 'settled' && known !== undefined && known !== 'settled') {
    const id = providerCommandId(refund, 'settled', attempt);
    return { id, type: 'settle_refund', body: { refund } };
  }
  const hasFailed = state === 'failed' ? known === 'pending' : state === 'returned';
  if (!hasFailed || known === undefined || known === 'failed') return null;
  const id = providerCommandId(refund, state, attempt);
  return { id, type: 'fail_refund', body: { refund, reason: reason ?? state } };
}

/** Returned before the escrow heard that it had settled: it hears both, in that order. */
function disbursementReport(
  known: Disbursement,
  facts: Extract<EffectFacts, { kind: 'disbursement' }>,
): Command | null {
  const { id: disbursement, state, attempt, returnable_until } = facts;
  const reason = facts.reason ?? state;
  const hasSettled = known.state === 'settled';
  const settle = providerCommandId(disbursement, 'settled', attempt);
  switch (state) {
    case 'settled':
      if (hasSettled) return null;
      return {
        id: settle,
        type: 'settle_disbursement',
        body: { disbursement, returnable_until },
      };
    case 'cancelled':
      if (hasSettled) return null;
      return {
        id: settle,
        type: 'settle_disbursement',
        body: { disbursement, returnable_until: null, destination: 'wallet' },
      };
    case 'returned':
      if (known.state === 'pending') {
        return {
          id: settle,
          type: 'settle_disbursement',
          body: { disbursement, returnable_until },
        };
      }
      if (!hasSettled) return null;
      return {
        id: providerCommandId(disbursement, 'returned', attempt),
        type: 'return_disbursement',
        body: { disbursement, reason },
      };
    case 'failed':
    case 'parked':
      if (known.state !== 'pending') return null;
      return {
        id: providerCommandId(disbursement, state, attempt),
        type: 'fail_disbursement',
        body: { disbursement, reason: state === 'parked' ? 'parked' : reason },
      };
    case 'planned':
    case 'sent':
    case 'unknown':
      return null;
    default:
      return state satisfies never;
  }
}
