/**
 * Owns what the keeper of the books does between postings, under the role `holdfast_keeper`:
 * status of ledger accounts, checkpoints, the nightly proof.
 * Must not write an amount: its functions cannot (`ledger.md`, section 3).
 */
import type { Queryable, Scope } from './post';

/**
 * Opens, freezes (may grow, may not shrink) or closes a ledger account.
 * Throws LJ003 (`unknown_account`) when it does not exist.
 */
export async function setAccountStatus(
  db: Queryable,
  scope: Scope,
  account: { code: string; currency: string },
  status: 'open' | 'frozen' | 'closed',
): Promise<void> {
  await db.query('select ledger.set_account_status($1, $2, $3, $4, $5)', [
    scope.platform,
    scope.livemode,
    account.code,
    account.currency,
    status,
  ]);
}

/**
 * Takes a checkpoint of each accumulate ledger account with at least `tailMin` postings since its
 * last one; returns how many were taken. Every few seconds is often enough.
 */
export async function takeCheckpoints(db: Queryable, tailMin = 1): Promise<number> {
  const { rows } = await db.query<{ taken: number }>('select ledger.take_checkpoint($1) as taken', [
    tailMin,
  ]);
  return rows[0]?.taken ?? 0;
}

/** Runs the proof for a scope, or for all (null), and stores its result as a row. */
export async function prove(
  db: Queryable,
  scope: Scope | null,
): Promise<{ readonly ok: boolean; readonly first_break: string | null }> {
  const { rows } = await db.query<{ ok: boolean; first_break: string | null }>(
    'select ok, first_break from ledger.prove($1, $2)',
    [scope?.platform ?? null, scope?.livemode ?? null],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('ledger.prove returned nothing');
  return row;
}
