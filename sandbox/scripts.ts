/**
 * Owns what a script may say, and which script an order gets: attached to its reference, to the
 * next calls, else named in a name, else by its amount (`providers.md`, section 5).
 * Must not know how a script is carried out.
 */
import type { PoolClient } from 'pg';
import { typeid } from 'typeid-js';
import { z } from 'zod';
import { isDuration } from './durations';
import { type Calls, FAILURE_CODES, MAGIC_AMOUNTS, scriptOfNames } from './faults';

const duration = z.string().refine(isDuration, 'a duration such as PT10S, PT3H or P5D');
const minor = z.int().min(1);

/** Every field of a script; none of them means: settle at once. */
const fields = {
  checkout: z.literal(true).optional(),
  bank: z.literal(true).optional(),
  expires_after: duration.optional(),
  send_after: duration.optional(),
  settle_after: duration.optional(),
  decline: z.enum(FAILURE_CODES).optional(),
  again: z.enum(['never', 'new_destination', 'later']).optional(),
  pay: minor.optional(),
  return_after: duration.optional(),
  commit_then: z.enum(['cut', 'hang']).optional(),
  webhook: z
    .union([z.enum(['drop', 'hold']), z.strictObject({ copies: z.int().min(2).max(20) })])
    .optional(),
};

export const scriptSchema = z
  .strictObject(fields)
  .refine((s) => !(s.checkout && s.bank), 'checkout or bank, not both')
  .refine((s) => s.expires_after === undefined || s.checkout || s.bank, 'nobody to wait for')
  .refine((s) => s.again === undefined || s.decline !== undefined, 'again needs decline')
  .refine((s) => !(s.decline && (s.return_after || s.pay)), 'what is declined moves nothing');
export type Script = z.infer<typeof scriptSchema>;

const PAYMENTS_ONLY = ['checkout', 'bank', 'expires_after', 'pay'] as const;
const PAYOUTS_ONLY = ['send_after', 'return_after'] as const;

/** Does every field of a script mean something for these calls? */
export function fits(script: Script, calls: Calls): boolean {
  const foreign = calls === 'payments' ? PAYOUTS_ONLY : PAYMENTS_ONLY;
  return foreign.every((field) => script[field] === undefined);
}

/** Body of `POST /control/scripts`. */
export const attachSchema = z
  .strictObject({
    calls: z.enum(['payments', 'payouts', 'refunds']),
    reference: z.string().min(1).max(200).optional(),
    next: z.int().min(1).max(1000).optional(),
    script: scriptSchema,
  })
  .refine((body) => (body.reference === undefined) !== (body.next === undefined), {
    error: 'either a reference or the next n calls',
  })
  .refine((body) => fits(body.script, body.calls), {
    error: 'a field that these calls do not have',
  });
export type Attach = z.infer<typeof attachSchema>;

/** Attaches a script; one on the same reference is replaced. Returns its id. */
export async function attachScript(
  client: PoolClient,
  connection: string,
  { calls, reference, next, script }: Attach,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into sandbox.scripts (id, connection_id, calls, reference, uses_left, script)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (connection_id, calls, reference) do update set script = excluded.script
     returning id`,
    [typeid('sbs').toString(), connection, calls, reference ?? null, next ?? null, script],
  );
  return z.string().parse(rows[0]?.id);
}

export type Asked = {
  readonly connection: string;
  readonly calls: Calls;
  readonly reference: string;
  readonly amount: number;
  readonly names: readonly string[];
};
export type Chosen =
  | { readonly ok: true; readonly script: Script }
  | { readonly ok: false; readonly why: string };

/** The script of an order: the most explicit one wins, alone. Uses up one of "the next n". */
export async function chooseScript(client: PoolClient, asked: Asked): Promise<Chosen> {
  const attached = (await byReference(client, asked)) ?? (await byTurn(client, asked));
  if (attached !== null) return { ok: true, script: attached };
  const named = scriptOfNames(asked.names, asked.calls);
  if (!named.ok) return named;
  const magic = MAGIC_AMOUNTS.find((m) => m.minor === asked.amount && m.calls === asked.calls);
  const script = scriptSchema.safeParse(named.script ?? magic?.script ?? {});
  if (script.success) return { ok: true, script: script.data };
  return { ok: false, why: script.error.issues.map((issue) => issue.message).join('; ') };
}

async function byReference(client: PoolClient, asked: Asked): Promise<Script | null> {
  const { rows } = await client.query<{ script: unknown }>(
    `select script from sandbox.scripts
     where connection_id = $1 and calls = $2 and reference = $3`,
    [asked.connection, asked.calls, asked.reference],
  );
  return rows[0] === undefined ? null : scriptSchema.parse(rows[0].script);
}

/** The oldest script that still waits for calls. The connection's row makes calls take turns. */
async function byTurn(client: PoolClient, asked: Asked): Promise<Script | null> {
  const scope = [asked.connection, asked.calls];
  const waiting = 'connection_id = $1 and calls = $2 and uses_left > 0';
  const seen = await client.query(`select 1 from sandbox.scripts where ${waiting} limit 1`, scope);
  if (seen.rowCount === 0) return null;
  await client.query('select 1 from sandbox.connections where id = $1 for no key update', [
    asked.connection,
  ]);
  const { rows } = await client.query<{ script: unknown }>(
    `update sandbox.scripts set uses_left = uses_left - 1
     where id = (select id from sandbox.scripts where ${waiting} order by made_at, id limit 1)
     returning script`,
    scope,
  );
  return rows[0] === undefined ? null : scriptSchema.parse(rows[0].script);
}
