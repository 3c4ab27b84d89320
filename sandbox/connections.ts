/**
 * Owns who may call: one connection, one bearer token, one place for webhooks.
 * Must not know what a connection orders.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Bank } from './bank';

const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])$/;

/** Is this the name of the machine itself? The sandbox neither serves nor calls any other. */
export const isLoopback = (hostname: string): boolean => LOOPBACK.test(hostname);

/** Body of `POST /control/connections`. */
export const connectionSchema = z.strictObject({
  id: z.string().regex(/^con_[a-zA-Z0-9_]{1,60}$/),
  token: z.string().regex(/^[\x21-\x7e]{16,200}$/),
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => URL.canParse(url) && isLoopback(new URL(url).hostname),
      'an address of this machine',
    )
    .nullable(),
  webhook_secret: z.string().min(16).max(200),
  livemode: z.literal(false).optional(),
});
export type Connection = z.infer<typeof connectionSchema>;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Makes a connection or changes its token and webhook. False: another has this token. */
export async function saveConnection(bank: Bank, connection: Connection): Promise<boolean> {
  const { id, token, webhook_url, webhook_secret } = connection;
  const taken = await bank.pool.query(
    'select 1 from sandbox.connections where token_hash = $1 and id <> $2',
    [hashOf(token), id],
  );
  if (taken.rowCount !== 0) return false;
  await bank.pool.query(
    `insert into sandbox.connections (id, token_hash, webhook_url, webhook_secret)
     values ($1, $2, $3, $4)
     on conflict (id) do update set token_hash = excluded.token_hash,
       webhook_url = excluded.webhook_url, webhook_secret = excluded.webhook_secret,
       updated_at = now()`,
    [id, hashOf(token), webhook_url, webhook_secret],
  );
  return true;
}

/** The connection of an `Authorization` header, or null. */
export async function connectionOf(bank: Bank, header: string | undefined): Promise<string | null> {
  const token = /^Bearer ([\x21-\x7e]{1,200})$/.exec(header ?? '')?.[1];
  if (token === undefined) return null;
  const { rows } = await bank.pool.query<{ id: string }>(
    'select id from sandbox.connections where token_hash = $1',
    [hashOf(token)],
  );
  return rows[0]?.id ?? null;
}
