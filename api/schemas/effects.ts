/**
 * Owns bodies and answers of payments, withdrawals and disbursements.
 * Must not know how money moves.
 */
import { z } from 'zod';
import { amount, commonFields, currency, idOf, minorFrom, text, time } from './fields';

export const paymentBody = z
  .strictObject({
    provider: text(40),
    payer: idOf('acc').optional().meta({ description: 'Who pays; left out: the actor.' }),
    amount: minorFrom(1).optional().meta({ description: 'Left out: the whole shortfall.' }),
    milestone: idOf('mil')
      .optional()
      .meta({ description: 'Named where each milestone is funded alone.' }),
  })
  .meta({ id: 'PaymentRequest' });

export const topUpBody = z
  .strictObject({ provider: text(40), amount: minorFrom(1), currency })
  .meta({ id: 'TopUpRequest' });

export const withdrawalBody = z
  .strictObject({ amount: minorFrom(1), currency, destination: idOf('dst') })
  .meta({ id: 'WithdrawalRequest' });

const attempts = z.array(
  z.object({
    n: z.int(),
    provider: z.string(),
    reference: z.string(),
    state: z.string(),
    at: time,
  }),
);

export const paymentAnswer = z
  .object({
    ...commonFields('payment', 'pay'),
    escrow: z.string().nullable().meta({ description: 'Null: a top-up of the wallet.' }),
    milestone: z.string().nullable().meta({ description: 'Where each is funded alone.' }),
    payer: z.string(),
    provider: z.string(),
    amount,
    currency: z.string(),
    status: z.enum(['pending', 'settled', 'failed', 'expired', 'charged_back']),
    reason: z.string().nullable(),
    received: amount.nullable().meta({ description: 'What has come in; it may differ.' }),
    applied: amount.nullable().meta({ description: 'What the escrow has taken of it.' }),
    payer_action: z
      .object({
        checkout_url: z.string().optional(),
        instructions: z.record(z.string(), z.string()).optional(),
      })
      .nullable(),
    attempts,
  })
  .meta({ id: 'Payment' });

const outFields = {
  currency: z.string(),
  amount,
  destination: z.string().nullable().meta({ description: '`wallet`, or a payout destination.' }),
  status: z.enum(['pending', 'sent', 'settled', 'failed', 'returned', 'parked']),
  reason: z.string().nullable(),
  attempts,
};

export const disbursementAnswer = z
  .object({
    ...commonFields('disbursement', 'dsb'),
    escrow: z.string(),
    milestone: z.string(),
    recipient: z.string(),
    ...outFields,
  })
  .meta({ id: 'Disbursement' });

export const refundAnswer = z
  .object({
    ...commonFields('refund', 'ref'),
    escrow: z.string(),
    milestone: z.string().nullable(),
    payment: z
      .string()
      .nullable()
      .meta({ description: 'What it gives back, or a part of it; null: it is in the wallets.' }),
    payer: z.string().nullable().meta({ description: 'Null: several.' }),
    payers: z.array(z.object({ account: z.string(), amount })),
    currency: z.string(),
    amount,
    status: z
      .enum(['pending', 'settled', 'failed'])
      .meta({ description: '`failed`: it stays in the wallet.' }),
    reason: z.string().nullable(),
    attempts,
  })
  .meta({ id: 'Refund' });

export const withdrawalAnswer = z
  .object({ ...commonFields('withdrawal', 'wdr'), account: z.string(), ...outFields })
  .meta({ id: 'Withdrawal' });
