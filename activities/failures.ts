/**
 * Owns which errors of an activity are final: one record, code by code. Everything that it does
 * not name is an outage and is repeated.
 * Must not know what the activity was about. Source: `ledger.md`, sections 4 and 5.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { BrokenInvariant } from '../domain/journal';

/** SQLSTATEs that repeating cannot mend, with the name that an operator reads. */
const FINAL: { readonly [sqlstate: string]: string } = {
  LJ001: 'malformed_journal',
  LJ002: 'journal_key_conflict',
  LJ003: 'unknown_ledger_account',
  LJ006: 'journal_not_matching',
  LJ007: 'journal_already_ended',
  LJ008: 'posted_twice_in_one_transaction',
  LJ010: 'append_only',
  RC002: 'version_gap',
  RC003: 'journal_before_event',
};

/** The failure to throw from an activity: final by the table above, else to be repeated. */
export function failureOf(error: unknown): Error {
  if (error instanceof BrokenInvariant) {
    return ApplicationFailure.nonRetryable(error.message, 'broken_invariant');
  }
  const sqlstate = sqlstateOf(error) ?? '';
  const type = FINAL[sqlstate] ?? (isOurFault(sqlstate) ? 'refused_by_database' : undefined);
  const message = error instanceof Error ? error.message : String(error);
  if (type)
    return ApplicationFailure.create({ message, type, nonRetryable: true, cause: asError(error) });
  return asError(error);
}

/** Wrong data, a broken constraint, a wrong statement: the same again would be refused again. */
const isOurFault = (sqlstate: string): boolean => /^(22|23|42)/.test(sqlstate);

/** The SQLSTATE of what PostgreSQL raised; null for anything else. */
export function sqlstateOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error), { cause: error });
