/**
 * Owns taking waiting rows one by one: each in a transaction of its own, locked while it is
 * carried out, so that many workers do no more than one, and one bad row stops no other.
 * Must not know what is done with a row.
 */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';

/** Writes within the transaction of the claimed row. */
export type Done = (sql: string, values: readonly unknown[]) => Promise<unknown>;

export type Claim<R> = {
  /** Selects one waiting row for update, skipping locked ones and those whose key is in `$1`. */
  readonly select: string;
  readonly keyOf: (row: R) => string;
  readonly work: (row: R, done: Done) => Promise<void>;
};

/** Rows of one round; more wait for the next. */
const ROWS_MAX = 50;
const ROUND_MS = 8_000;

/**
 * Carries out what waits; answers how many. A row that fails is left alone for this round, with
 * all of its key. Throws the first failure at the end, so that the next round comes later.
 */
export async function eachClaimed<R extends object>(pool: Pool, claim: Claim<R>): Promise<number> {
  const passed = new Set<string>();
  const failures: unknown[] = [];
  let done = 0;
  for (const until = Date.now() + ROUND_MS; done < ROWS_MAX && Date.now() < until; ) {
    const taken = await oneClaimed(pool, claim, [...passed]);
    if (!taken) break;
    if (taken.failure === null) done += 1;
    else failures.push(taken.failure);
    if (taken.failure !== null) passed.add(taken.key);
  }
  if (failures.length > 0) throw failures[0];
  return done;
}

type Taken = { readonly key: string; readonly failure: unknown };

/** Null when nothing waits. The lock goes with the transaction, whatever happens. */
async function oneClaimed<R extends object>(
  pool: Pool,
  { select, keyOf, work }: Claim<R>,
  passed: readonly string[],
): Promise<Taken | null> {
  const connection = await pool.connect();
  try {
    await connection.query('begin');
    const { rows } = await connection.query<R>(select, [passed]);
    const [row] = rows;
    if (!row) {
      await connection.query('rollback');
      return null;
    }
    const failure = await work(row, (sql, values) => connection.query(sql, [...values])).then(
      () => null,
      (error: unknown) => error ?? new Error('no reason'),
    );
    await connection.query(failure === null ? 'commit' : 'rollback');
    return { key: keyOf(row), failure };
  } catch (error) {
    await connection.query('rollback');
    throw error;
  } finally {
    connection.release();
  }
}

/** Shorter than a lock of the recording step waits: the command row is locked meanwhile. */
const CALL_MS = 2_000;

/** A call of the engine under a time limit. A limit is never a failure: it is done again. */
export const limited = <T>(temporal: Client, call: () => Promise<T>): Promise<T> =>
  temporal.withDeadline(Date.now() + CALL_MS, call);
