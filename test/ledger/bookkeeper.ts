/**
 * Owns short ways of posting for the tests of the ledger.
 * Must not check anything by itself.
 */
import type { Pool, PoolClient } from 'pg';
import { toInstant } from '../../domain/calendar';
import { type Journal, journalOf, type Line } from '../../domain/journal';
import { toMinor } from '../../domain/money';
import {
  ledgerErrorOf,
  type Posted,
  postJournals,
  type Queryable,
  type Scope,
} from '../../ledger/post';

export const SCOPE: Scope = { platform: 'plt_test', livemode: false };
export const AT = toInstant(Date.UTC(2026, 0, 15, 12));

/** The kind that follows from the start of a code. */
const SHORT: Readonly<Record<string, string>> = {
  'liab:wallet:': 'wallet',
  'liab:reserve:': 'reserve',
  'liab:payout_in_flight:': 'payout_in_flight',
  'liab:tax:': 'tax',
  'asset:bank:': 'bank_client',
  'asset:receivable:': 'receivable',
  'rev:platform_fee': 'platform_fee',
};

/** One line: `line('liab:wallet:acc_1', -500)`; debit positive, EUR unless told. */
export function line(account: string, amount: number, more: Partial<Line> = {}): Line {
  const kind = Object.entries(SHORT).find(([start]) => account.startsWith(start))?.[1];
  return {
    account,
    kind: kind ?? kindOfEscrow(account),
    currency: 'EUR',
    amount: toMinor(amount),
    ...more,
  };
}

function kindOfEscrow(account: string): string {
  if (account.includes(':ms:')) return 'escrow_milestone';
  if (account.endsWith(':pending')) return 'provider_pending';
  if (account.endsWith(':available')) return 'provider_available';
  throw new Error(`the tests know no kind for ${account}`);
}

/** A journal of these lines, with no more checks than the type has. */
export const journal = (
  key: string,
  lines: readonly Line[],
  more: Partial<Journal> = {},
): Journal => ({ key, type: 'test', at: AT, subject: key, lines, ...more });

/** Puts money into wallets from the bank. */
export async function fill(
  db: Queryable,
  wallets: readonly string[],
  amount: number,
  scope = SCOPE,
): Promise<void> {
  const lines = wallets.map((wallet) => line(wallet, -amount));
  const filling = journalOf(
    { key: `fill:${scope.platform}:${wallets[0]}`, type: 'test', at: AT, subject: 'fill' },
    [line('asset:bank:main', amount * wallets.length), ...lines],
  );
  if (filling) await postJournals(db, scope, [filling]);
}

/** From one wallet to another. */
export const transfer = (key: string, from: string, to: string, amount: number): Journal =>
  journal(key, [line(from, amount), line(to, -amount)]);

/** Posts one journal, and says what came of it: its id, or the SQLSTATE. */
export async function outcomeOf(posting: Promise<readonly Posted[]>): Promise<number | string> {
  try {
    const [posted] = await posting;
    return posted?.id ?? 'nothing';
  } catch (error) {
    return stateOf(error);
  }
}

/** The SQLSTATE of an error that PostgreSQL raised; anything else is thrown on. */
export function stateOf(error: unknown): string {
  const known = ledgerErrorOf(error);
  if (known) return known.sqlstate;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  throw error;
}

/** The SQLSTATE with which a statement fails, or `none`. */
export const failureOf = (statement: Promise<unknown>): Promise<string> =>
  statement.then(() => 'none', stateOf);

/** Runs work in a transaction that is rolled back. */
export async function undone<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    return await work(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** How often each of some tables has a row: what a refused call must not change. */
export async function countRows(db: Queryable): Promise<Record<string, number>> {
  const { rows } = await db.query(
    `select (select count(*) from ledger.accounts) as accounts,
            (select count(*) from ledger.journals) as journals,
            (select count(*) from ledger.postings) as postings,
            (select coalesce(sum(version), 0)::bigint from ledger.balances) as versions`,
  );
  return rows[0];
}
