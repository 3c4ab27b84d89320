/**
 * Owns how money comes in: from a wallet or by a payment, in time or too early, and how much of it
 * is taken.
 * Must not know what is due (`due.ts`), nor who may ask when (`agreement.ts`).
 * Source: `escrow.md`, section 8.
 */
import { isFundedAlone, shortfallOf } from './due';
import type { Escrow } from './escrow';
import type { Event } from './events';
import type { AccountId, MilestoneId } from './ids';
import { BrokenInvariant } from './journal';
import { min } from './money';
import { isPayer } from './parties';
import { type Ask, happened } from './row';

type AskFund = Ask<unknown, 'fund'>;

/** Too early, on hold, or by one who may not pay yet: the money waits in the payer's wallet. */
export function funded(ask: AskFund): readonly Event[] {
  const { escrow, command, by } = ask;
  const { amount, payment, payer, milestone } = command.body;
  const place = milestone && isFundedAlone(escrow) ? { milestone } : {};
  const taken = min(amount, shortfallOf(escrow, milestone));
  if (by.kind === 'account') {
    const { account } = by;
    return [happened(ask, 'funded', { payer: account, amount: taken, payment: null, ...place })];
  }
  if (!payment || !payer) throw new BrokenInvariant('a payment without its payer');
  if (canTake(escrow, payer, milestone)) {
    return [happened(ask, 'funded', { payer, amount: taken, payment, ...place })];
  }
  return [happened(ask, 'payment_waiting', { payment, account: payer, amount, ...place })];
}

/** May money of this account go into the escrow now, for a milestone where each is funded alone? */
export function canTake(escrow: Escrow, account: AccountId, milestone?: MilestoneId): boolean {
  const { agreement, terms, hold } = escrow;
  const isTime =
    agreement.stage === 'agreed' ||
    agreement.stage === 'active' ||
    (agreement.stage === 'sent' && terms.funding.order !== 'accept_first');
  const isDue = shortfallOf(escrow, milestone) > 0;
  return isPayer(escrow, account) && isTime && hold === null && isDue;
}

/** Taken already, or known to wait and still too early. */
export function isKnownPayment({ escrow, command, by }: AskFund): boolean {
  const { payment, payer, milestone } = command.body;
  if (by.kind !== 'provider' || !payment || !payer) return false;
  if (escrow.payments_taken.includes(payment)) return true;
  const isWaiting = escrow.payments_waiting.some((p) => p.payment === payment);
  return isWaiting && !canTake(escrow, payer, milestone);
}
