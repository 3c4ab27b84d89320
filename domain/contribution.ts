/**
 * Owns a payer's money: what he has put in, the payments that it came from, and what is on its way
 * back to them.
 * Must not know what is due, nor who may pay.
 */
import type { AccountId, MilestoneId, PaymentId, RefundId } from './ids';
import type { Minor } from './money';

/** A payer's money in this escrow: put in so far, and not yet given back; `milestone` where each is
 * funded alone. */
export type Contribution = {
  readonly account: AccountId;
  readonly milestone?: MilestoneId;
  readonly amount: Minor;
  readonly left: Minor;
};

/** A part of a payer's money; `milestone` where each is funded alone. */
export type PayerShare = {
  readonly account: AccountId;
  readonly milestone?: MilestoneId;
  readonly amount: Minor;
};

/** What must be funded for one milestone before an amendment takes effect. */
export type AmendmentPart = { readonly milestone: MilestoneId; readonly amount: Minor };

/** What the escrow took of a payment, and has not given back yet. */
export type Source = {
  readonly payment: PaymentId;
  readonly account: AccountId;
  readonly milestone?: MilestoneId;
  readonly left: Minor;
};

/** Money on its way from a payer's wallet back through the provider that it came from. */
export type Refund = {
  readonly id: RefundId;
  readonly payment: PaymentId;
  readonly account: AccountId;
  readonly milestone: MilestoneId;
  readonly amount: Minor;
  readonly state: 'pending' | 'settled' | 'failed'; // failed: it stays in the wallet
};
