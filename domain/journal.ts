/**
 * Owns the shape of a journal: balanced lines between ledger accounts.
 * Must not know how a journal is stored, nor why it is posted.
 */
import type { Instant } from './calendar';
import { type Minor, negate, sum } from './money';

/** One line; debit positive, credit negative. `rest` is the index of the line that takes what a
 * floor leaves over; `ref` names an open item. */
export type Line = {
  readonly account: string;
  readonly kind: string;
  readonly currency: string;
  readonly amount: Minor;
  readonly ref?: string;
  readonly rest?: number;
};

/** A balanced set of lines under a key that exists once, for ever (`ledger.md`, section 6). */
export type Journal = {
  readonly key: string;
  readonly type: string;
  readonly at: Instant;
  readonly subject: string;
  readonly lines: readonly Line[];
  readonly needs?: readonly string[];
  readonly terminal?: string;
  readonly reverses?: string;
};

/** Something that only we can mend: a rule of the program does not hold. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** A ledger account of the chart: its kind and its code. */
export type LedgerAccount = { readonly kind: string; readonly code: string };

export const debit = (to: LedgerAccount, currency: string, amount: Minor, ref?: string): Line =>
  lineOf(to, currency, amount, ref);
export const credit = (to: LedgerAccount, currency: string, amount: Minor, ref?: string): Line =>
  lineOf(to, currency, negate(amount), ref);

/**
 * A journal of lines: lines of zero are left out, several on one ledger account become one.
 * Null when nothing is left. Throws BrokenInvariant when they do not sum to zero per currency.
 */
export function journalOf(head: Omit<Journal, 'lines'>, lines: readonly Line[]): Journal | null {
  const merged = mergeLines(lines).filter((line) => line.amount !== 0);
  if (merged.length === 0) return null;
  if (!balances(merged)) {
    throw new BrokenInvariant(`journal ${head.key} does not balance`, { cause: lines });
  }
  return { ...head, lines: merged };
}

/** Do the lines sum to zero in every currency? */
export function balances(lines: readonly Line[]): boolean {
  const currencies = new Set(lines.map((line) => line.currency));
  return [...currencies].every(
    (currency) => sum(lines.filter((l) => l.currency === currency).map((l) => l.amount)) === 0,
  );
}

/** The exact opposite of a journal. Nothing is ever edited: a mistake is answered by this. */
export function reversalOf(journal: Journal, at: Instant): Journal {
  return {
    key: `rev:${journal.key}`,
    type: 'reversal',
    at,
    subject: journal.subject,
    reverses: journal.key,
    lines: journal.lines.map((line) => ({ ...line, amount: negate(line.amount) })),
  };
}

function mergeLines(lines: readonly Line[]): readonly Line[] {
  const merged = new Map<string, Line>();
  for (const line of lines) {
    const at = `${line.currency} ${line.account} ${line.ref ?? ''}`;
    const before = merged.get(at);
    merged.set(at, before ? { ...before, amount: sum([before.amount, line.amount]) } : line);
  }
  return [...merged.values()];
}

function lineOf(to: LedgerAccount, currency: string, amount: Minor, ref?: string): Line {
  const line = { account: to.code, kind: to.kind, currency, amount };
  return ref === undefined ? line : { ...line, ref };
}
