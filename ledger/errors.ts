/**
 * Owns what the SQLSTATEs of the ledger mean.
 * Must not decide what is done about it: a refusal, a retry, or an alarm.
 */

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
