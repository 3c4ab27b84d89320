/**
 * Owns what is kept back of recipients' money against chargebacks: how much of each credit, and
 * the row of TABLE 2 that frees it. Source: `escrow.md`, section 6; `ledger.md`, template 7.
 * Must not know who is paid what (`splits.ts`).
 */
import type { Instant } from './calendar';
import type { Escrow, Milestone } from './escrow';
import type { Payee, Payout } from './events';
import { reserveId } from './ids';
import { BrokenInvariant } from './journal';
import { floorShare, type Minor, subtract, ZERO } from './money';
import { periodDue } from './periods';
import { type Ask, happened, type MilestoneRow } from './row';

const WHOLE_BPS = 10_000;

/** The same payout with the part of each recipient's credit that the terms keep back. A commission
 * is none. */
export function keptBack(escrow: Escrow, payout: Payout, at: Instant): Payout {
  const { reserve_bps: bps } = escrow.terms.release;
  if (bps === 0) return payout;
  const due = periodDue(escrow.terms, 'reserve', at);
  return {
    ...payout,
    payees: payout.payees.map((payee) => {
      const amount = floorShare(payee.amount, bps, WHOLE_BPS);
      const reserve = { id: reserveId(payee.disbursement), amount, due };
      return { ...payee, reserve: amount > 0 ? reserve : null };
    }),
  };
}

/** What of a recipient's credit is his at once: the rest is kept back. */
export const atOnce = ({ amount, reserve }: Payee): Minor =>
  subtract(amount, reserve?.amount ?? ZERO);

export const RESERVED = {
  free_reserve: {
    who: ['clock'],
    dispute: 'either', // it is the recipient's, whatever becomes of the rest
    check: { already_done: isFreed },
    emits: (ask) => {
      const kept = reserveOf(ask);
      if (!kept) throw new BrokenInvariant(`${ask.here.id} keeps no ${ask.command.body.reserve}`);
      const { id: reserve, account, amount } = kept;
      return [happened(ask, 'reserve_freed', { milestone: ask.here.id, reserve, account, amount })];
    },
    to: ['unchanged'],
  } satisfies MilestoneRow<'free_reserve'>,
};

const reserveOf = ({ here, command }: Ask<Milestone, 'free_reserve'>) =>
  here.reserves.find(({ id }) => id === command.body.reserve);

function isFreed(ask: Ask<Milestone, 'free_reserve'>): boolean {
  return !reserveOf(ask);
}
