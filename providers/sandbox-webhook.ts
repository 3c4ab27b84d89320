/**
 * Owns the proof of the sandbox's webhooks: HMAC over the raw bytes, at most five minutes old
 * (`providers.md`, section 5; `security.md`, section 12). Must not believe anything else in them.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { minutes, toMillis } from '../domain/calendar';
import type { Forged, Hint, RawWebhook } from './provider';

const AGE_MAX = minutes(5);
const HEADER = /^t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,5})$/;

const hint = z.object({
  id: z.string().min(1).max(100),
  type: z.string().regex(/^(payment|payout|refund)\.[a-z_]+$/),
  object: z.string().min(1).max(100),
  reference: z.string().min(1).max(200),
});

/** The hint of a webhook that proves itself; else why it is taken for forged. */
export function readSandboxWebhook(secret: string, raw: RawWebhook): Hint | Forged {
  const header = HEADER.exec(raw.headers['sandbox-signature'] ?? '');
  if (header === null) return forged('no signature');
  const [, t = '', proofs = ''] = header;
  const expected = createHmac('sha256', secret).update(`${t}.`).update(raw.body).digest();
  // Several while a secret is being changed; all are compared, so that time tells nothing.
  const matches = proofs
    .split(',v1=')
    .slice(1)
    .filter((proof) => timingSafeEqual(Buffer.from(proof, 'hex'), expected));
  if (matches.length === 0) return forged('bad signature');
  if (Math.abs(toMillis(raw.receivedAt) - Number(t) * 1000) > AGE_MAX) return forged('too old');
  const body = parsed(raw.body);
  if (body === null) return forged('not a webhook of the sandbox');
  return {
    type: 'hint',
    webhook: body.id,
    kind: kindOf(body.type),
    reference: body.reference,
    theirs: body.object,
  };
}

const kindOf = (type: string): Hint['kind'] =>
  type.startsWith('payment.') ? 'take' : type.startsWith('refund.') ? 'give_back' : 'send';

const forged = (why: string): Forged => ({ type: 'forged', why });

function parsed(body: Uint8Array): z.infer<typeof hint> | null {
  try {
    return hint.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // signed, yet not JSON: nothing to look up
    throw error;
  }
}
