/**
 * Owns asking whether the books can be proved: the checks are views of the database that read
 * the tables and share nothing with the code that writes them (`ledger.md`, section 12).
 * Must not mend anything.
 */
import type { Pool } from 'pg';
import type { Queryable, Scope } from './post';

export type Check = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type Proof = { readonly ok: boolean; readonly checks: readonly Check[] };

const PROOF_TIMEOUT_MS = 60_000; // it reads all postings; the limit of a request is too short

/**
 * Runs every check for one platform and mode, or for all (null), on one snapshot. `detail` is
 * the question that was asked when it holds, and else the first break with the number of breaks.
 */
export async function verify(pool: Pool, scope: Scope | null): Promise<Proof> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`set local statement_timeout = ${PROOF_TIMEOUT_MS}`);
    const { rows } = await client.query<CheckRow>(VERIFY, [
      scope?.platform ?? null,
      scope?.livemode ?? null,
    ]);
    await client.query('commit');
    client.release();
    return proofOf(rows);
  } catch (error) {
    client.release(true); // whatever state it is in, nobody else shall have it
    throw error;
  }
}

type CheckRow = { name: string; question: string; breaks: number; first: string | null };

const VERIFY = `
  select c.name, c.question, count(b.detail)::int as breaks, min(b.detail) as first
    from ledger.proof_check_view c
    left join (select * from ledger.proof_break_view v
                where ($1::text is null or v.platform_id = $1)
                  and ($2::boolean is null or v.livemode = $2)) b on b.name = c.name
   group by c.name, c.question order by c.name`;

function proofOf(rows: readonly CheckRow[]): Proof {
  if (rows.length === 0) throw new Error('the database has no checks of the books');
  const checks = rows.map(({ name, question, breaks, first }) => ({
    name,
    ok: breaks === 0,
    detail: breaks === 0 ? question : `${first} (${breaks} in all)`,
  }));
  return { ok: checks.every(({ ok }) => ok), checks };
}

/**
 * May this database be posted to? Not when transaction ids have started again below those in the
 * books, as after restoring a logical copy: checkpoints would miss what is posted then.
 * Asked at start (`ledger.md`, section 7).
 */
export async function transactionIdsGoOn(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ go_on: boolean }>(
    `select coalesce(max(newest.xid) < pg_snapshot_xmax(pg_current_snapshot()), true) as go_on
       from (select xid from ledger.journal_view order by id desc limit 1000) newest`,
  );
  return rows[0]?.go_on ?? false;
}
