/**
 * Owns idempotency keys: the first answer is given again, another order under the same key is
 * refused, a key is forgotten after 24 hours of the order's time (`providers.md`, section 5).
 * Must not know what is ordered.
 */
import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { hours, type Instant, millisBetween } from '../domain/calendar';
import { type Bank, inTransaction } from './bank';
import { timeOf } from './clocks';
import { instantColumn } from './objects';
import { type Reply, refuse } from './replies';

const KEPT = hours(24);

export type KeyedCall = {
  readonly connection: string;
  readonly key: string;
  readonly order: unknown; // parsed, so that two spellings of one order are one order
  readonly clock: string | null;
};
type Carried = { readonly reply: Reply; readonly ending: 'answer' | 'cut' | 'hang' };

/**
 * Carries an order out once. Order, movements, webhooks and the stored answer are one transaction,
 * so a process that dies leaves either all of them or none. `ending` is what the script does to the
 * answer of the call that carried it out; a repeat is always answered.
 */
export async function onceUnderKey(
  bank: Bank,
  call: KeyedCall,
  carryOut: (client: PoolClient, now: Instant) => Promise<Carried>,
): Promise<Carried> {
  return inTransaction(bank.pool, async (client) => {
    const now = await timeOf(client, bank, call.connection, call.clock);
    if (now === null) return answer(refuse(422, 'clock_unknown'));
    if (!(await takeKey(client, call))) {
      return answer({ ...refuse(409, 'key_in_use', { retry_after: 1 }) });
    }
    const known = await readKey(client, bank, call);
    const hash = createHash('sha256').update(JSON.stringify(call.order)).digest();
    if (known !== null) {
      return answer(known.hash.equals(hash) ? known.reply : refuse(409, 'key_mismatch'));
    }
    const carried = await carryOut(client, now);
    await client.query(
      `insert into sandbox.keys (connection_id, key, body_hash, status, body, clock, made_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (connection_id, key) do update set body_hash = excluded.body_hash,
         status = excluded.status, body = excluded.body, clock = excluded.clock,
         made_at = excluded.made_at`,
      [
        call.connection,
        call.key,
        hash,
        carried.reply.status,
        JSON.stringify(carried.reply),
        call.clock,
        now,
      ],
    );
    return carried;
  });
}

const answer = (reply: Reply): Carried => ({ reply, ending: 'answer' });

/** False when another call holds the key at this moment. Held to the end of the transaction. */
async function takeKey(client: PoolClient, { connection, key }: KeyedCall): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken',
    [`sandbox.key ${connection} ${key}`],
  );
  return rows[0]?.taken === true;
}

const keyRow = z.object({
  body_hash: z.instanceof(Buffer),
  body: z.string(),
  clock: z.string().nullable(),
  made_at: instantColumn,
});
const storedReply = z.object({
  status: z.number(),
  body: z.unknown(),
  headers: z.record(z.string(), z.string()).optional(),
});

async function readKey(
  client: PoolClient,
  bank: Bank,
  { connection, key }: KeyedCall,
): Promise<{ hash: Buffer; reply: Reply } | null> {
  const { rows } = await client.query(
    `select body_hash, body, clock, made_at from sandbox.keys
     where connection_id = $1 and key = $2`,
    [connection, key],
  );
  if (rows[0] === undefined) return null;
  const found = keyRow.parse(rows[0]);
  const now = await timeOf(client, bank, connection, found.clock);
  if (now !== null && millisBetween(found.made_at, now) >= KEPT) return null;
  const { status, body, headers = {} } = storedReply.parse(JSON.parse(found.body));
  return {
    hash: found.body_hash,
    reply: { status, body, headers: { ...headers, 'Idempotency-Replayed': 'true' } },
  };
}
