/**
 * Owns what the bank answers: a status with a body, and the shape of a refusal (RFC 9457).
 * Must not know HTTP frameworks, or why something is refused.
 */
import type { z } from 'zod';

export type Reply = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Every refusal of the bank, with its sentence; `docs/sandbox.md` lists them. */
export const REFUSALS = {
  malformed: 'The request is not in the form that docs/sandbox.md describes.',
  not_json: 'Send a JSON object with Content-Type: application/json.',
  too_large: 'A body may have 256 kB.',
  key_missing: 'An order needs an Idempotency-Key of 1 to 255 characters.',
  key_mismatch: 'This Idempotency-Key was used with another order.',
  key_in_use: 'An order with this Idempotency-Key is being carried out.',
  token_unknown: 'No connection has this bearer token.',
  token_taken: 'Another connection has this bearer token.',
  host_refused: 'The sandbox answers to 127.0.0.1 and localhost only.',
  not_found: 'There is nothing here.',
  clock_unknown: 'This clock has never been set, and the request has no Sandbox-Now.',
  fault_unknown: 'A name holds a fault: token that the sandbox does not know.',
  payment_unknown: 'No settled payment of this currency has this reference.',
  balance_too_low: 'The balance does not cover this payout.',
  amount_out_of_range: 'With this amount a balance would pass 2^53-1 minor units.',
  too_late: 'This cannot be changed any more.',
  internal: 'The sandbox has made a mistake; its log says which.',
} as const;
export type RefusalCode = keyof typeof REFUSALS;

/** A refusal as problem+json; `more` adds members, such as the object as it stands. */
export function refuse(
  status: number,
  code: RefusalCode,
  more: Readonly<Record<string, unknown>> = {},
): Reply {
  return {
    status,
    body: { type: 'about:blank', title: REFUSALS[code], status, code, ...more },
    headers: { 'Content-Type': 'application/problem+json' },
  };
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reply: Reply };

/** Parses what came from outside; the refusal names each field that is wrong. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, status: 400 | 422): Parsed<T> {
  const result = schema.safeParse(value);
  if (result.success) {
    const pointer = zeroIn(result.data);
    if (pointer === null) return { ok: true, value: result.data };
    const errors = [{ pointer, detail: 'text must not hold U+0000' }];
    return { ok: false, reply: refuse(status, 'malformed', { errors }) };
  }
  const errors = result.error.issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const paths = unknown.length > 0 ? unknown.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({ pointer: pointerTo(path), detail: issue.message }));
  });
  return { ok: false, reply: refuse(status, 'malformed', { errors }) };
}

/** Where a text with U+0000 is, which PostgreSQL does not store; null when there is none. */
function zeroIn(value: unknown): string | null {
  if (typeof value === 'string') return value.includes('\0') ? '' : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const inner = zeroIn(part);
    if (inner !== null) return `${pointerTo([name])}${inner}`;
  }
  return null;
}

/** A JSON pointer (RFC 6901). */
const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
