/**
 * Owns the bank's time: real, or a test clock that leads it (`temporal.md`, section 5).
 * Must not know what is due.
 */
import type { PoolClient } from 'pg';
import { type Instant, millisBetween, plus } from '../domain/calendar';
import type { Bank } from './bank';

type Client = Pick<PoolClient, 'query'>;

/** The time of a clock, real time for none; null for a clock that has never been set. */
export async function timeOf(
  client: Client,
  bank: Bank,
  connection: string,
  clock: string | null,
): Promise<Instant | null> {
  if (clock === null) return bank.now();
  const { rows } = await client.query<{ lead_ms: string }>(
    'select lead_ms from sandbox.clocks where connection_id = $1 and id = $2',
    [connection, clock],
  );
  return rows[0] === undefined ? null : plus(bank.now(), Number(rows[0].lead_ms));
}

/**
 * Sets a clock, or lets it jump forward. A time that it has passed changes nothing: test clocks
 * never go back. Returns the time it has now.
 */
export async function setClock(
  client: Client,
  bank: Bank,
  connection: string,
  clock: string,
  to: Instant,
): Promise<Instant> {
  const now = bank.now();
  const { rows } = await client.query<{ lead_ms: string }>(
    `insert into sandbox.clocks as c (connection_id, id, lead_ms) values ($1, $2, $3)
     on conflict (connection_id, id)
       do update set lead_ms = greatest(c.lead_ms, excluded.lead_ms)
     returning lead_ms`,
    [connection, clock, millisBetween(now, to)],
  );
  return plus(now, Number(rows[0]?.lead_ms));
}
