/**
 * Owns the call of `ledger.post_journal`: journals in, ids out; and what its refusals mean.
 * Must not know why a journal is posted, nor what an escrow is. Source: `ledger.md`, section 4.
 */
import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { BrokenInvariant, type Journal, type Line } from '../domain/journal';

/** Anything that runs a statement: a pool, or a client inside a transaction. */
export type Queryable = Pick<Pool | ClientBase, 'query'>;

/** Whose books: test and live never meet. */
export type Scope = { readonly platform: string; readonly livemode: boolean };

/** A journal that stands in the books; `created` is false when it stood there before. */
export type Posted = { readonly key: string; readonly id: number; readonly created: boolean };

/**
 * Posts journals, all or none, in one round trip; the same keys and content again return the
 * first ids. The transaction posts once: send all its journals in one call.
 * Throws what PostgreSQL raises; `ledgerErrorOf` reads it. Throws BrokenInvariant for a journal
 * that has a ledger account twice.
 */
export async function postJournals(
  db: Queryable,
  scope: Scope,
  journals: readonly Journal[],
): Promise<readonly Posted[]> {
  const { rows } = await db.query<Posted>({
    name: 'ledger.post_journal',
    text: POST,
    values: [...postingArguments(scope, journals)],
  });
  return rows;
}

const POST = `select key, journal_id as id, created from ledger.post_journal(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;

/** The arguments of `ledger.post_journal`, in its order; null where no journal or line has any. */
export type PostingArguments = readonly [
  platform: string,
  livemode: boolean,
  accountCode: readonly string[],
  accountKind: readonly string[],
  accountCurrency: readonly string[],
  journalKey: readonly string[],
  journalHash: readonly Buffer[],
  journalType: readonly string[],
  journalAt: readonly string[],
  journalSubject: readonly string[],
  journalNeeds: readonly (string | null)[] | null,
  journalTerminal: readonly (string | null)[] | null,
  journalReverses: readonly (string | null)[] | null,
  journalMeta: null,
  lineJournal: readonly number[],
  lineAccount: readonly number[],
  lineAmount: readonly number[],
  lineRef: readonly (string | null)[] | null,
  lineRest: readonly (number | null)[] | null,
];

/**
 * What `ledger.post_journal` takes for these journals: ledger accounts once and ascending by
 * code and currency in byte order, lines sorted by ledger account within their journal, indexes
 * from one. The hash of a request does not depend on the order in which lines were given.
 * Throws BrokenInvariant for a key that is empty, too long or has a blank, for a ledger account
 * twice in a journal, and for a `rest` that names no line.
 */
export function postingArguments(scope: Scope, journals: readonly Journal[]): PostingArguments {
  for (const { key } of journals) {
    if (!/^[^ ]{1,200}$/.test(key)) throw new BrokenInvariant(`not a key of a journal: "${key}"`);
  }
  const accounts = accountsOf(journals);
  const position = new Map(accounts.map((line, at) => [keyOf(line), at + 1]));
  const lines = journals.flatMap((journal, at) => {
    const sorted = sortedLines(journal);
    const journalsBefore = journals.slice(0, at);
    const offset = journalsBefore.reduce((count, before) => count + before.lines.length, 0);
    return sorted.map((line) => ({
      line,
      journal: at + 1,
      rest: line.rest === undefined ? null : offset + newIndex(journal, sorted, line.rest) + 1,
    }));
  });
  return [
    scope.platform,
    scope.livemode,
    accounts.map((line) => line.account),
    accounts.map((line) => line.kind),
    accounts.map((line) => line.currency),
    journals.map((journal) => journal.key),
    journals.map(requestHash),
    journals.map((journal) => journal.type),
    journals.map((journal) => journal.at),
    journals.map((journal) => journal.subject),
    orNull(journals.map((journal) => journal.needs?.join(' ') || null)),
    orNull(journals.map((journal) => journal.terminal ?? null)),
    orNull(journals.map((journal) => journal.reverses ?? null)),
    null,
    lines.map(({ journal }) => journal),
    lines.map(({ line }) => position.get(keyOf(line)) ?? 0),
    lines.map(({ line }) => line.amount),
    orNull(lines.map(({ line }) => line.ref ?? null)),
    orNull(lines.map(({ rest }) => rest)),
  ];
}

/** Null for an array of nothing: most calls have none of these, and need not pay for reading it. */
const orNull = <T>(values: readonly (T | null)[]): readonly (T | null)[] | null =>
  values.some((value) => value !== null) ? values : null;

/** SHA-256 over the canonical JSON (RFC 8785) of type, date asked for and lines as asked. */
export function requestHash(journal: Journal): Buffer {
  const sorted = sortedLines(journal);
  const lines = sorted.map((line) => ({
    account: line.account,
    amount: line.amount,
    currency: line.currency,
    ref: line.ref ?? null,
    rest: line.rest === undefined ? null : newIndex(journal, sorted, line.rest),
  }));
  // Members in the order of their names, integers and text only: this is canonical as it stands.
  const text = JSON.stringify({ at: journal.at, lines, type: journal.type });
  return createHash('sha256').update(text).digest();
}

function accountsOf(journals: readonly Journal[]): readonly Line[] {
  const distinct = new Map<string, Line>();
  for (const line of journals.flatMap((journal) => journal.lines)) distinct.set(keyOf(line), line);
  return [...distinct.values()].sort(byAccount);
}

function sortedLines(journal: Journal): readonly Line[] {
  const sorted = [...journal.lines].sort(byAccount);
  if (sorted.some((line, at) => at > 0 && keyOf(line) === keyOf(sorted[at - 1]))) {
    throw new BrokenInvariant(`journal ${journal.key} has a ledger account twice`, {
      cause: journal.lines,
    });
  }
  return sorted;
}

/** Where the line that was at `index` of the journal stands now. */
function newIndex(journal: Journal, sorted: readonly Line[], index: number): number {
  const target = journal.lines[index];
  const at = target === undefined ? -1 : sorted.indexOf(target);
  if (at < 0) throw new BrokenInvariant(`journal ${journal.key} leaves its rest to no line`);
  return at;
}

const keyOf = (line: Line | undefined): string => `${line?.account} ${line?.currency}`;

const byAccount = (a: Line, b: Line): number =>
  byteOrder(a.account, b.account) || byteOrder(a.currency, b.currency);

/** The order of collation "C": UTF-8 sorts by code point, JavaScript's `<` by UTF-16 unit. */
export function byteOrder(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** One word per SQLSTATE; the two that are a refusal and no bug carry what was missing. */
const CODES = {
  LJ001: 'malformed',
  LJ002: 'key_reused',
  LJ003: 'unknown_account',
  LJ004: 'insufficient_funds',
  LJ005: 'frozen',
  LJ006: 'journal_missing',
  LJ007: 'terminal_taken',
  LJ008: 'wrong_transaction',
  LJ010: 'append_only',
} as const;

export type LedgerErrorCode = (typeof CODES)[keyof typeof CODES];

/** What the function said about it: members as `ledger.md`, section 4, lists them. */
export type LedgerErrorDetail = Readonly<Record<string, string | number>>;

export type LedgerError = {
  readonly code: LedgerErrorCode;
  readonly sqlstate: keyof typeof CODES;
  readonly message: string;
  /** `insufficient_funds`: code, currency, required, available. `frozen`: code, status. */
  readonly detail: LedgerErrorDetail;
};

/** The ledger's refusal in a thrown error, or null when it is something else. */
export function ledgerErrorOf(error: unknown): LedgerError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const sqlstate = error.code;
  if (!isLedgerState(sqlstate)) return null;
  const detail = 'detail' in error ? readDetail(error.detail) : {};
  return { code: CODES[sqlstate], sqlstate, message: error.message, detail };
}

const isLedgerState = (code: unknown): code is keyof typeof CODES =>
  typeof code === 'string' && Object.hasOwn(CODES, code);

function readDetail(text: unknown): LedgerErrorDetail {
  if (typeof text !== 'string' || !text.startsWith('{')) return {};
  const entries = Object.entries(JSON.parse(text)).filter(
    (entry): entry is [string, string | number] =>
      typeof entry[1] === 'string' || typeof entry[1] === 'number',
  );
  return Object.fromEntries(entries);
}
