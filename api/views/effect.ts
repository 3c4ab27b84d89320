/**
 * Owns how payments, disbursements and withdrawals are shown: their live state, in the words of
 * the caller.
 * Must not know providers. Source: `contracts.md`, sections 1a and 5.
 */
import type { z } from 'zod';
import type { EffectRow, EffectState } from '../effect-row';
import type {
  disbursementAnswer,
  paymentAnswer,
  refundAnswer,
  withdrawalAnswer,
} from '../schemas/effects';

/** Money coming in. */
export function paymentView(row: EffectRow): z.input<typeof paymentAnswer> {
  return {
    ...commonOf(row, 'payment'),
    escrow: row.escrow_id,
    milestone: row.milestone_id,
    payer: row.account_id,
    provider: row.provider ?? '',
    amount: row.amount,
    currency: row.currency,
    status: isExpired(row) ? 'expired' : PAYMENT_STATUS[row.state],
    reason: row.reason,
    received: row.settled_amount,
    applied: row.applied,
    payer_action: row.payer_action,
    attempts: attemptsOf(row),
  };
}

/** A disbursement on its way to its recipient. */
export const disbursementView = (row: EffectRow): z.input<typeof disbursementAnswer> => ({
  ...commonOf(row, 'disbursement'),
  escrow: row.escrow_id ?? '',
  milestone: row.milestone_id ?? '',
  recipient: row.account_id,
  ...outOf(row),
});

/** Money on its way back through the provider that it came from; failed: it is in the wallet. */
export const refundView = (row: EffectRow): z.input<typeof refundAnswer> => ({
  ...commonOf(row, 'refund'),
  escrow: row.escrow_id ?? '',
  milestone: row.milestone_id,
  payment: row.payment_id,
  payer: row.account_id,
  payers: [{ account: row.account_id, amount: row.amount }],
  currency: row.currency,
  amount: row.amount,
  status: REFUND_STATUS[row.state],
  reason: row.reason,
  attempts: attemptsOf(row),
});

export const REFUND_STATUS = {
  planned: 'pending',
  parked: 'pending',
  sent: 'pending',
  unknown: 'pending',
  settled: 'settled',
  failed: 'failed',
  returned: 'failed',
  cancelled: 'failed',
} as const satisfies Record<EffectState, string>;

/** Money leaving a wallet. */
export const withdrawalView = (row: EffectRow): z.input<typeof withdrawalAnswer> => ({
  ...commonOf(row, 'withdrawal'),
  account: row.account_id,
  ...outOf(row),
});

const PAYMENT_STATUS = {
  planned: 'pending',
  sent: 'pending',
  unknown: 'pending',
  parked: 'pending',
  settled: 'settled',
  failed: 'failed',
  cancelled: 'failed',
  returned: 'charged_back',
} as const satisfies Record<EffectState, string>;

const isExpired = ({ state, reason }: EffectRow): boolean =>
  PAYMENT_STATUS[state] === 'failed' && reason === 'expired';

/** Cancelled: the clock has given up, and the money stays in the wallet for good. */
export const OUT_STATUS = {
  planned: 'pending',
  sent: 'sent',
  unknown: 'sent',
  settled: 'settled',
  cancelled: 'settled',
  failed: 'failed',
  returned: 'returned',
  parked: 'parked',
} as const satisfies Record<EffectState, string>;

const outOf = (row: EffectRow) => ({
  currency: row.currency,
  amount: row.amount,
  destination: row.state === 'cancelled' ? 'wallet' : row.destination_id,
  status: OUT_STATUS[row.state],
  reason: row.reason,
  attempts: attemptsOf(row),
});

const attemptsOf = ({ attempts, provider }: EffectRow) =>
  attempts.map(({ number, reference, state, sent_at }) => ({
    n: number,
    provider: provider ?? '',
    reference,
    state,
    at: sent_at,
  }));

const commonOf = <O extends string>(row: EffectRow, object: O) => ({
  id: row.id,
  object,
  livemode: row.livemode,
  created_at: row.created_at,
  updated_at: row.updated_at,
  version: row.version,
  metadata: row.metadata,
});
