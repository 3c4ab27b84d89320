/**
 * Owns reading the books as a whole: all journals of a subject, their sums, the trial balance.
 * Must not know what a subject is, nor write anything. Source: `ledger.md`, section 12.
 */
import type { Journal } from '../domain/journal';
import { type Minor, max, negate, sum, toMinor, ZERO } from '../domain/money';
import type { Queryable, Scope } from './post';

/** What the journals of one type have moved on one ledger account. */
export type Sum = {
  readonly subject: string;
  readonly type: string;
  readonly kind: string;
  readonly code: string;
  readonly currency: string;
  readonly debit: Minor;
  readonly credit: Minor;
};

/**
 * Sums of all postings of some subjects, per type of journal and ledger account: what an
 * equation over a subject is made of, and computed from nothing but postings.
 */
export async function sumsOfSubjects(
  db: Queryable,
  scope: Scope,
  subjects: readonly string[],
): Promise<readonly Sum[]> {
  const { rows } = await db.query<Omit<Sum, 'debit' | 'credit'> & Turnover>(
    `select j.subject, j.type, p.kind, p.code, p.currency, ${TURNOVER}
       from ledger.journal_view j join ledger.posting_view p on p.journal_id = j.id
      where j.platform_id = $1 and j.livemode = $2 and j.subject = any ($3)
      group by j.subject, j.type, p.kind, p.code, p.currency
      order by j.subject, j.type, p.code, p.currency`,
    [scope.platform, scope.livemode, subjects],
  );
  return rows.map((row) => ({ ...row, debit: toMinor(row.debit), credit: toMinor(row.credit) }));
}

type Turnover = { debit: number; credit: number };
const TURNOVER = `
  coalesce(sum(p.amount) filter (where p.amount > 0), 0)::bigint as debit,
  coalesce(-sum(p.amount) filter (where p.amount < 0), 0)::bigint as credit`;

/** The books of a subject: its ledger accounts as T-accounts, and its journals. */
export type Books = {
  readonly accounts: readonly {
    readonly code: string;
    readonly kind: string;
    readonly currency: string;
    readonly debit: Minor;
    readonly credit: Minor;
    /** Debit positive: debit − credit of these journals. */
    readonly balance: Minor;
  }[];
  readonly journals: readonly BookedJournal[];
};

export type BookedJournal = {
  readonly id: number;
  readonly key: string;
  readonly type: string;
  readonly subject: string;
  readonly at: string;
  readonly reverses: string | null;
  readonly lines: readonly {
    readonly account: string;
    readonly currency: string;
    readonly amount: Minor;
    readonly ref: string | null;
  }[];
};

/** All journals of some subjects in the order of their ids, and what they moved per account. */
export async function booksOfSubjects(
  db: Queryable,
  scope: Scope,
  subjects: readonly string[],
): Promise<Books> {
  const { rows } = await db.query<BookRow>(
    `select j.id, j.key, j.type, j.subject, j.effective_at as at, j.reverses,
            p.code, p.kind, p.currency, p.amount, p.ref
       from ledger.journal_view j join ledger.posting_view p on p.journal_id = j.id
      where j.platform_id = $1 and j.livemode = $2 and j.subject = any ($3)
      order by j.id, p.line`,
    [scope.platform, scope.livemode, subjects],
  );
  const byJournal = groupBy(rows, ({ id }) => String(id));
  const byAccount = groupBy(rows, ({ code, currency }) => `${code} ${currency}`);
  return {
    accounts: byAccount.map(([first, ...more]) => {
      const amounts = [first, ...more].map(({ amount }) => toMinor(amount));
      const { code, kind, currency } = first;
      const debit = sum(amounts.map((amount) => max(amount, ZERO)));
      const credit = sum(amounts.map((amount) => max(negate(amount), ZERO)));
      return { code, kind, currency, debit, credit, balance: sum(amounts) };
    }),
    journals: byJournal.map(([first, ...more]) => {
      const { id, key, type, subject, at, reverses } = first;
      const lines = [first, ...more].map(({ code, currency, amount, ref }) => ({
        account: code,
        currency,
        amount: toMinor(amount),
        ref,
      }));
      return { id, key, type, subject, at, reverses, lines };
    }),
  };
}

type BookRow = Omit<BookedJournal, 'lines'> & {
  code: string;
  kind: string;
  currency: string;
  amount: number;
  ref: string | null;
};

export type TrialBalance = {
  readonly currency: string;
  readonly accounts: readonly {
    readonly code: string;
    readonly kind: string;
    readonly debit: Minor;
    readonly credit: Minor;
  }[];
  /** Equal to `credit`, or the books are broken. */
  readonly debit: Minor;
  readonly credit: Minor;
};

type Instant = Journal['at'];

/** As of which moment, on which time: now; when it counted; when it was written down. */
export type AsOf =
  | { readonly type: 'now' }
  | { readonly type: 'effective'; readonly at: Instant }
  | { readonly type: 'posted'; readonly at: Instant };

/**
 * Every ledger account that is not zero with its balance on the debit or the credit side, per
 * currency. Now: from balances and checkpoints; as of a moment: from all postings up to it.
 */
export async function trialBalance(
  db: Queryable,
  scope: Scope,
  asOf: AsOf,
): Promise<readonly TrialBalance[]> {
  const values = [scope.platform, scope.livemode];
  const { rows } =
    asOf.type === 'now'
      ? await db.query<TrialRow>(NOW, values)
      : await db.query<TrialRow>(AS_OF[asOf.type], [...values, asOf.at]);
  return groupBy(rows, ({ currency }) => currency).map(([first, ...more]) => {
    const accounts = [first, ...more].map(({ code, kind, amount }) => {
      const minor = toMinor(amount);
      return { code, kind, debit: max(minor, ZERO), credit: max(negate(minor), ZERO) };
    });
    return {
      currency: first.currency,
      accounts,
      debit: sum(accounts.map(({ debit }) => debit)),
      credit: sum(accounts.map(({ credit }) => credit)),
    };
  });
}

type TrialRow = { currency: string; code: string; kind: string; amount: number };

const NOW = `
  select currency, code, kind, amount from ledger.account_view
   where platform_id = $1 and livemode = $2 and amount <> 0 order by currency, code`;

const upTo = (moment: string): string => `
  select p.currency, p.code, p.kind, sum(p.amount)::bigint as amount
    from ledger.posting_view p join ledger.journal_view j on j.id = p.journal_id
   where p.platform_id = $1 and p.livemode = $2 and ${moment} <= $3
   group by p.currency, p.code, p.kind having sum(p.amount) <> 0
   order by p.currency, p.code`;

const AS_OF = { effective: upTo('j.effective_at'), posted: upTo('p.posted_at') };

/** Groups in the order of their first members; no group is empty. */
function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return [...groups.values()];
}
