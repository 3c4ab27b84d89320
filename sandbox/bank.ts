/**
 * Owns what every part of the bank is given: its database, its time, its address.
 * Must not know what the parts do with it.
 */
import type { Pool, PoolClient } from 'pg';
import type { Instant } from '../domain/calendar';

export type Bank = {
  readonly pool: Pool; // connections have the role holdfast_sandbox
  readonly now: () => Instant; // real time; test clocks are a lead over it
  readonly url: string; // where this bank listens, without a slash at the end
  readonly report: (error: unknown) => void; // what went wrong where nobody waits for an answer
};

/** Runs work in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((lost: Error) => {
      broken = lost; // the pool then throws this connection away
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
