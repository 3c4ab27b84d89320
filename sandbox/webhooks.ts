/**
 * Owns the queue of webhooks: what is queued, how it is signed, when it is sent again. At least
 * once, in no promised order (`providers.md`, section 5). Must not know what a receiver does.
 */
import { createHmac } from 'node:crypto';
import type { PoolClient } from 'pg';
import { typeid } from 'typeid-js';
import { z } from 'zod';
import { type Instant, type Millis, minutes, plus, seconds, toMillis } from '../domain/calendar';
import type { Bank } from './bank';
import type { BankObject } from './course';

const ANSWER_WITHIN: Millis = seconds(5);
const LEASE: Millis = seconds(15); // longer than a sending can take; after it another may send
const IN_FLIGHT_MAX = 50;

/** Puts the news of an object's new state into the queue, as its script says. */
export async function queueWebhook(
  client: PoolClient,
  bank: Bank,
  object: BankObject,
  at: Instant,
): Promise<void> {
  const id = typeid('sbw').toString();
  const type = `${object.kind}.${object.state}`;
  const { reference } = object;
  const body = JSON.stringify({ id, type, object: object.id, reference, created_at: at });
  const wish = object.script.webhook;
  const state = wish === 'drop' ? 'dropped' : wish === 'hold' ? 'held' : 'queued';
  const copies = typeof wish === 'object' ? wish.copies : 1;
  await client.query(
    `insert into sandbox.webhooks
       (id, connection_id, object_id, reference, type, body, state, copies, next_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, object.connection, object.id, reference, type, body, state, copies, bank.now()],
  );
}

/** The header that proves a body: hex HMAC-SHA256 of `t.body` under the connection's secret. */
export function signatureOf(body: string, secret: string, at: Instant): string {
  const t = Math.floor(toMillis(at) / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  return `t=${t},v1=${v1}`;
}

/** How long to wait after the n-th attempt that failed: 1 s, 2 s, 4 s … up to 5 min. */
export const backOff = (attempts: number): Millis =>
  Math.min(seconds(2 ** Math.min(attempts - 1, 20)), minutes(5));

const dueRow = z.object({
  id: z.string(),
  body: z.string(),
  copies: z.number(),
  attempts: z.number(),
  url: z.string(),
  secret: z.string(),
});
type Due = z.infer<typeof dueRow>;

export type Postman = {
  deliver(): Promise<void>; // claims what is due and starts sending it; does not wait for answers
  stop(): Promise<void>; // breaks off what is being sent; the next start sends it again
};

/** The sender. Slow receivers hold back only their own webhooks. */
export function createPostman(bank: Bank): Postman {
  const inFlight = new Set<Promise<void>>();
  const stopping = new AbortController();
  return {
    async deliver() {
      const room = IN_FLIGHT_MAX - inFlight.size;
      if (room <= 0) return;
      for (const due of await claim(bank, room)) {
        const sending: Promise<void> = send(bank, due, stopping.signal)
          .catch(bank.report)
          .finally(() => inFlight.delete(sending));
        inFlight.add(sending);
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(inFlight);
    },
  };
}

async function claim(bank: Bank, limit: number): Promise<readonly Due[]> {
  const now = bank.now();
  const { rows } = await bank.pool.query(
    `with due as (
       select w.id, c.webhook_url as url, c.webhook_secret as secret
       from sandbox.webhooks w join sandbox.connections c on c.id = w.connection_id
       where w.state = 'queued' and w.next_at <= $1 and c.webhook_url is not null
       order by w.next_at limit $2 for update of w skip locked)
     update sandbox.webhooks w set attempts = w.attempts + 1, next_at = $3
     from due where w.id = due.id
     returning w.id, w.body, w.copies, w.attempts, due.url, due.secret`,
    [now, limit, plus(now, LEASE)],
  );
  return rows.map((row) => dueRow.parse(row));
}

async function send(bank: Bank, due: Due, stopping: AbortSignal): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: due.copies }, () => post(bank, due, stopping)),
  );
  const taken = answers.find((answer) => /^2\d\d$/.test(answer));
  const now = bank.now();
  await bank.pool.query(
    `update sandbox.webhooks set last_answer = $2, state = $3, delivered_at = $4, next_at = $5
     where id = $1 and state = 'queued' and attempts = $6`,
    [
      due.id,
      taken ?? answers[0] ?? null,
      taken === undefined ? 'queued' : 'delivered',
      taken === undefined ? null : now,
      plus(now, backOff(due.attempts)),
      due.attempts, // a replay meanwhile has started to count anew: then its sending decides
    ],
  );
}

/** One POST: the status as text, or why there is none. Redirects are not followed. */
async function post(
  bank: Bank,
  { body, url, secret }: Due,
  stopping: AbortSignal,
): Promise<string> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_WITHIN)]),
      headers: {
        'Content-Type': 'application/json',
        'Sandbox-Signature': signatureOf(body, secret, bank.now()),
      },
    });
    await answer.body?.cancel();
    return String(answer.status);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : 'no answer';
  }
}

const webhookRow = z.object({
  id: z.string(),
  type: z.string(),
  object: z.string(),
  reference: z.string(),
  state: z.enum(['queued', 'held', 'dropped', 'delivered']),
  copies: z.number(),
  attempts: z.number(),
  last_answer: z.string().nullable(),
});
export type Webhook = z.infer<typeof webhookRow>;

/** All webhooks of a reference, oldest first. */
export async function webhooksOf(
  bank: Bank,
  connection: string,
  reference: string,
): Promise<readonly Webhook[]> {
  const { rows } = await bank.pool.query(
    `select id, type, object_id as object, reference, state, copies, attempts, last_answer
     from sandbox.webhooks where connection_id = $1 and reference = $2 order by created_at, id`,
    [connection, reference],
  );
  return rows.map((row) => webhookRow.parse(row));
}

/**
 * Queues webhooks again: those held back (`release`) or whatever became of them (`replay`), of one
 * reference, or all that are held. Returns how many.
 */
export async function requeue(
  bank: Bank,
  connection: string,
  which: 'release' | 'replay',
  reference: string | null,
): Promise<number> {
  const { rowCount } = await bank.pool.query(
    `update sandbox.webhooks set state = 'queued', attempts = 0, next_at = $4
     where connection_id = $1 and ($2::text is null or reference = $2)
       and ($3 = 'replay' or state = 'held')`,
    [connection, reference, which, bank.now()],
  );
  return rowCount ?? 0;
}
