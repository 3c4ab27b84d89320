/**
 * Owns the proof that an endpoint which we had disabled listens again, and where one may be.
 * Must not change anything. Source: `security.md`, section 11.
 */
import { randomBytes } from 'node:crypto';
import { toInstant } from '../domain/calendar';
import { post } from '../runtime/outbound';
import { API_VERSION } from '../runtime/version';
import { webhookBody, webhookHeaders } from '../runtime/webhook';
import type { Caller } from './actor';
import type { Api } from './dependencies';
import type { AnyCall } from './endpoint';
import { type Problem, problem } from './problem';
import type { EndpointRow } from './webhook-row';

/** Development, and test mode: a receiver on this machine is welcome. */
export const mayBeLocal = ({ settings }: Api, { livemode }: Caller): boolean =>
  settings.HOLDFAST_ENV === 'development' && !livemode;

/** What we have disabled must show that it listens: it gets a word and answers with it. */
export async function whyNotEnabled(
  { api, caller }: AnyCall,
  row: EndpointRow,
): Promise<Problem | null> {
  if (row.disabled_reason === 'asked') return null;
  const challenge = randomBytes(16).toString('hex');
  const id = `evt_${row.id.replaceAll('_', '-')}_challenge-${challenge}`;
  const at = new Date();
  const text = webhookBody(
    {
      event_id: id,
      type: 'webhook_endpoint.challenge',
      created_at: toInstant(at.getTime()),
      livemode: row.livemode,
      escrow_id: null,
      subject: row.id,
      sequence: 0,
      data: { id: row.id, challenge },
    },
    API_VERSION,
  );
  const headers = webhookHeaders(id, text, at, [row.secret]);
  const posted = await post({ url: row.url, headers, body: text, local: mayBeLocal(api, caller) });
  const isOk = posted.status !== null && posted.status >= 200 && posted.status < 300;
  if (isOk && posted.answer.includes(challenge)) return null;
  const said = posted.error ?? `status ${posted.status}`;
  return problem('conditions_unmet', `The challenge did not come back in the answer: ${said}.`);
}
