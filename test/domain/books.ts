/**
 * Owns a ledger in memory: journals are posted, floors hold at every posting, balances are read.
 * Must not know what a journal means. The real one is `ledger/`, with the same chart.
 */
import { journalFor } from '../../domain/bookkeeping';
import { type AccountKind, CHART } from '../../domain/chart';
import type { Escrow } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { balances, type Journal, type Line } from '../../domain/journal';

export class Books {
  private readonly amounts = new Map<string, number>();
  private readonly keys = new Set<string>();
  readonly journals: Journal[] = [];

  /** Throws when the journal does not balance, comes twice, or passes a floor. */
  post(journal: Journal | null): void {
    if (!journal) return;
    if (this.keys.has(journal.key)) throw new Error(`${journal.key} comes twice`);
    if (!balances(journal.lines)) throw new Error(`${journal.key} does not balance`);
    for (const key of journal.needs ?? []) {
      if (!this.keys.has(key)) throw new Error(`${journal.key} needs ${key}`);
    }
    this.keys.add(journal.key);
    this.journals.push(journal);
    for (const line of journal.lines) this.add(journal.key, line);
  }

  /** In the sense of the account: what it holds, above zero. */
  of(code: string): number {
    return -(this.amounts.get(code) ?? 0) + 0;
  }

  /** Debit positive, as stored. */
  raw(code: string): number {
    return this.amounts.get(code) ?? 0;
  }

  codes(): readonly string[] {
    return [...this.amounts.keys()];
  }

  private add(key: string, { account, kind, amount }: Line): void {
    const after = (this.amounts.get(account) ?? 0) + amount;
    const { floor, side } = CHART[kind as AccountKind]; // every line is made by the chart
    if (floor === 0 && side * after < 0) throw new Error(`${key} takes ${account} to ${after}`);
    this.amounts.set(account, after);
  }
}

/** The lines of the journals that the events post on this escrow, those without one left out. */
export const journalsOf = (escrow: Escrow, events: readonly Event[]): readonly string[] =>
  events.map((event) => linesOf(journalFor(escrow, 1, event))).filter((lines) => lines !== 'none');

/** `D ms:1 100, C wallet:seller 100`: the lines of a journal, ids of the sample left out. */
export function linesOf(journal: Journal | null): string {
  if (!journal) return 'none';
  return journal.lines
    .map(({ account, amount }) => `${amount > 0 ? 'D' : 'C'} ${short(account)} ${Math.abs(amount)}`)
    .join(', ');
}

const short = (account: string): string =>
  account
    .replace('liab:escrow:esc_1:', '')
    .replace('liab:wallet:acc_', 'wallet:')
    .replace('liab:reserve:acc_', 'reserve:')
    .replace('rev:', '')
    .replace('liab:tax:platform_fee', 'tax');
