/**
 * Owns reading what stands on ledger accounts: balances, wallets, statements. Each figure comes
 * from one statement, and so from one snapshot.
 * Must not know what an account is used for, nor write anything. Source: `ledger.md`, sections
 * 7 and 12.
 */
import { type Minor, negate, toMinor } from '../domain/money';
import type { Queryable, Scope } from './post';

export type Balance = {
  readonly code: string;
  readonly kind: string;
  readonly currency: string;
  readonly owner: string | null;
  readonly status: 'open' | 'frozen' | 'closed';
  /** Debit positive. */
  readonly amount: Minor;
  /** Positive when it is on the account's own side: a wallet with money in it. */
  readonly balance: Minor;
};

/**
 * The balances of some ledger accounts in every currency, ordered by code and currency. What was
 * never posted to is missing.
 */
export async function balancesOf(
  db: Queryable,
  scope: Scope,
  codes: readonly string[],
): Promise<readonly Balance[]> {
  const { rows } = await db.query<BalanceRow>(`${BALANCES} and code = any ($3) ${IN_ORDER}`, [
    scope.platform,
    scope.livemode,
    codes,
  ]);
  return rows.map(toBalance);
}

/** The balances of all ledger accounts of an owner (an account, an escrow, a connection). */
export async function balancesOfOwner(
  db: Queryable,
  scope: Scope,
  owner: string,
): Promise<readonly Balance[]> {
  const { rows } = await db.query<BalanceRow>(`${BALANCES} and owner = $3 ${IN_ORDER}`, [
    scope.platform,
    scope.livemode,
    owner,
  ]);
  return rows.map(toBalance);
}

const BALANCES = `
  select code, kind, currency, owner, status, side, amount
    from ledger.account_view where platform_id = $1 and livemode = $2`;
const IN_ORDER = 'order by code, currency';

type BalanceRow = Omit<Balance, 'amount' | 'balance'> & { side: number; amount: number };

function toBalance({ side, amount, ...row }: BalanceRow): Balance {
  const minor = toMinor(amount);
  return { ...row, amount: minor, balance: side < 0 ? negate(minor) : minor };
}

export type WalletBalance = {
  readonly currency: string;
  /** Can be spent now. */
  readonly available: Minor;
  /** Has left the wallet by a payout that is not settled. */
  readonly in_flight: Minor;
  /** Kept back by policy. */
  readonly reserved: Minor;
};

/**
 * An account's money per currency. What is in flight is found by the references of the payouts
 * that drew on the wallet, so the cost grows with the number of its debits.
 */
export async function walletBalances(
  db: Queryable,
  scope: Scope,
  account: string,
): Promise<readonly WalletBalance[]> {
  const { rows } = await db.query<Record<keyof WalletBalance, string & number>>(
    `with own as (
       select id, kind, currency, amount from ledger.account_view
        where platform_id = $1 and livemode = $2 and owner = $3 and kind in ('wallet', 'reserve')
     ), drawn as (
       select distinct f.ref from own
         join ledger.posting_view w on w.account_id = own.id and w.amount > 0
         join ledger.posting_view f on f.journal_id = w.journal_id
        where own.kind = 'wallet' and f.kind = 'payout_in_flight' and f.ref is not null
     ), in_flight as (
       select f.currency, sum(f.amount)::bigint as amount from drawn
         join ledger.posting_view f on f.ref = drawn.ref
        where f.kind = 'payout_in_flight' and f.platform_id = $1 and f.livemode = $2
        group by f.currency
     )
     select own.currency,
            coalesce(-sum(own.amount) filter (where own.kind = 'wallet'), 0)::bigint as available,
            coalesce((select -i.amount from in_flight i where i.currency = own.currency), 0)
              as in_flight,
            coalesce(-sum(own.amount) filter (where own.kind = 'reserve'), 0)::bigint as reserved
       from own group by own.currency order by own.currency`,
    [scope.platform, scope.livemode, account],
  );
  return rows.map((row) => ({
    currency: row.currency,
    available: toMinor(row.available),
    in_flight: toMinor(row.in_flight),
    reserved: toMinor(row.reserved),
  }));
}

export type StatementLine = {
  /** Counts from 1; a statement is read backwards from the last. */
  readonly position: number;
  readonly journal: { readonly id: number; readonly key: string; readonly type: string };
  readonly subject: string;
  readonly ref: string | null;
  readonly effective_at: string;
  readonly posted_at: string;
  /** Debit positive. */
  readonly amount: Minor;
  /** Debit positive, after this line. */
  readonly balance_after: Minor;
};

/**
 * What happened on one ledger account, newest first, with the running balance: at most `limit`
 * lines, those before the position `before`. A tracked ledger account keeps its running balance;
 * that of an accumulate one is added up from the start, in order of journal ids, so it is for
 * people who look and not for programs that decide. Empty for an account that does not exist.
 */
export async function statement(
  db: Queryable,
  scope: Scope,
  asked: { code: string; currency: string; before?: number; limit: number },
): Promise<readonly StatementLine[]> {
  const { rows } = await db.query<StatementRow>(STATEMENT, [
    scope.platform,
    scope.livemode,
    asked.code,
    asked.currency,
    asked.before ?? null,
    asked.limit,
  ]);
  return rows.map(({ id, key, type, ...row }) => ({
    ...row,
    journal: { id, key, type },
    amount: toMinor(row.amount),
    balance_after: toMinor(row.balance_after),
  }));
}

type StatementRow = Omit<StatementLine, 'journal' | 'amount' | 'balance_after'> &
  StatementLine['journal'] & { amount: number; balance_after: number };

const STATEMENT = `
  with account as (
    select id, tracked from ledger.account_view
     where platform_id = $1 and livemode = $2 and code = $3 and currency = $4
  ), lines as (
    select p.version as position, p.journal_id, p.line, p.ref, p.posted_at, p.amount,
           p.balance_after
      from account a join ledger.posting_view p on p.account_id = a.id
     where a.tracked and p.version is not null and ($5::bigint is null or p.version < $5)
    union all
    select row_number() over history, p.journal_id, p.line, p.ref, p.posted_at, p.amount,
           (sum(p.amount) over history)::bigint
      from account a join ledger.posting_view p on p.account_id = a.id
     where not a.tracked and p.version is null
    window history as (order by p.journal_id, p.line)
  )
  select l.position, j.id, j.key, j.type, j.subject, l.ref, j.effective_at, l.posted_at, l.amount,
         l.balance_after
    from lines l join ledger.journal_view j on j.id = l.journal_id
   where $5::bigint is null or l.position < $5
   order by l.position desc limit $6`;
