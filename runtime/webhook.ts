/**
 * Owns the form of a webhook that we send: envelope, headers, signature after Standard Webhooks.
 * Must not know what happened, nor to whom it is sent.
 * Source: https://www.standardwebhooks.com, specification 1.0.0; `security.md`, section 11.
 */
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** A secret as receivers keep it: `whsec_` and 32 bytes. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** What is signed: an event as it stands in the outbox. */
export type WebhookEvent = {
  readonly event_id: string;
  readonly type: string;
  readonly created_at: string;
  readonly livemode: boolean;
  readonly escrow_id: string | null;
  readonly subject: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
};

/** The same text at every try: an event never changes. */
export function webhookBody(event: WebhookEvent, apiVersion: string): string {
  return JSON.stringify({
    id: event.event_id,
    object: 'event',
    type: event.type,
    created_at: event.created_at,
    livemode: event.livemode,
    api_version: apiVersion,
    escrow: event.escrow_id,
    subject: event.subject,
    sequence: event.sequence,
    data: thin(event.data),
  });
}

/** What may leave: ids, states and amounts. People's words and data are read with a key. */
const THIN: ReadonlySet<string> = new Set([
  'account',
  'amount',
  'applied',
  'attempt',
  'challenge',
  'currency',
  'disbursement',
  'dispute',
  'fee',
  'id',
  'kind',
  'milestone',
  'party',
  'payment',
  'proposal',
  'refund',
  'state',
  'status',
  'status_code',
  'terms_hash',
  'version',
]);

const thin = (data: WebhookEvent['data']): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(data).filter(
      ([name, value]) => THIN.has(name) && (typeof value !== 'object' || value === null),
    ),
  );

/** Headers of one try. Each secret signs; the old one as long as it counts. */
export function webhookHeaders(
  id: string,
  body: string,
  at: Date,
  secrets: readonly string[],
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'Holdfast',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
