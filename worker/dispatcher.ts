/**
 * Owns sending webhooks: claims endpoints that have something due, posts four at a time to each,
 * writes down how it went. What follows from that, the database says.
 * Must not let one receiver wait for another, nor lose what it has not written down.
 * Source: `security.md`, section 11; `reliability.md`, P9 and P10.
 */
import type { Pool } from 'pg';
import { failpoint } from '../runtime/failpoints';
import type { Log } from '../runtime/log';
import { type Posted, post } from '../runtime/outbound';
import { API_VERSION } from '../runtime/version';
import { type WebhookEvent, webhookBody, webhookHeaders } from '../runtime/webhook';

type Endpoint = {
  readonly id: string;
  readonly url: string;
  readonly livemode: boolean;
  readonly state: 'enabled' | 'disabled';
  readonly in_order: boolean;
  readonly secret: string;
  readonly old_secret: string | null;
  readonly old_secret_until: string | null;
  readonly failures: number;
  readonly paused_until: string | null;
  readonly deleted_at: string | null;
};
type Due = WebhookEvent & { readonly outbox_id: string };
type Try = Posted & { readonly outbox: string };

export type Dispatcher = {
  /** Begins what is due and answers how many endpoints that are. */
  readonly begin: () => Promise<number>;
  /** Ends what is on its way; it is sent again by whoever comes next. */
  readonly stop: () => Promise<void>;
};

/** Endpoints that one process serves at a time, and posts on their way to each of them. */
const ENDPOINTS_MAX = 50;
const AT_A_TIME = 4;
/** Rows that are read at once for an endpoint. */
const READ_MAX = 40;
/** After so many failures an endpoint is tried with one event. */
const FAILING = 5;

/** `local`: endpoints of test mode may be on this machine. */
export function openDispatcher(pool: Pool, log: Log, local: boolean): Dispatcher {
  const stopping = new AbortController();
  const runs = new Set<Promise<void>>();
  return {
    begin: async () => {
      const free = ENDPOINTS_MAX - runs.size;
      if (free === 0 || stopping.signal.aborted) return 0;
      const { rows } = await pool.query<Endpoint>('select * from holdfast.webhook_claim($1)', [
        free,
      ]);
      await failpoint('outbox.claimed');
      for (const endpoint of rows) {
        const serving = { pool, endpoint, local: local && !endpoint.livemode };
        const run = serve(serving, stopping.signal)
          .catch((error: unknown) => log.warn({ err: error }, 'a webhook run failed'))
          .finally(() => runs.delete(run));
        runs.add(run);
      }
      return rows.length;
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(runs);
    },
  };
}

type Serving = { readonly pool: Pool; readonly endpoint: Endpoint; readonly local: boolean };

/** Everything that is due at one endpoint, until nothing is or it should be left alone. */
async function serve(serving: Serving, stop: AbortSignal): Promise<void> {
  let { endpoint } = serving;
  for (let isOn = true; isOn && !stop.aborted; ) {
    const due = await dueOf(serving.pool, endpoint);
    isOn = due.length > 0;
    for (let at = 0; at < due.length && isOn && !stop.aborted; at += AT_A_TIME) {
      const tries = await Promise.all(
        due
          .slice(at, at + AT_A_TIME)
          .map((event) => tryOnce({ ...serving, endpoint }, event, stop)),
      );
      await failpoint('outbox.before_mark');
      endpoint = await tried(serving.pool, endpoint, tries.filter(isOver), false);
      isOn = isListening(endpoint);
    }
  }
  await tried(serving.pool, endpoint, [], true);
}

/** Not once it is taken away, disabled, or resting. */
const isListening = ({ state, deleted_at, paused_until }: Endpoint): boolean =>
  state === 'enabled' && deleted_at === null && paused_until === null;

/** Of an ordered endpoint the first of each subject alone. */
async function dueOf(pool: Pool, { id, in_order, failures }: Endpoint): Promise<readonly Due[]> {
  const { rows } = await pool.query<Due>({
    name: in_order ? 'holdfast.webhooks_due_in_order' : 'holdfast.webhooks_due',
    text: `
      select d.outbox_id::text, o.event_id, o.type, o.created_at, o.livemode, o.escrow_id,
             o.subject, o.sequence, o.data
        from holdfast.webhook_deliveries d join holdfast.outbox o on o.id = d.outbox_id
       where d.endpoint_id = $1 and d.state = 'pending' and d.next_at <= now()
         ${in_order ? FIRST_OF_SUBJECT : ''}
       order by d.next_at, d.outbox_id limit $2`,
    values: [id, failures >= FAILING ? 1 : READ_MAX],
  });
  return rows;
}

const FIRST_OF_SUBJECT = `and not exists (
  select from holdfast.webhook_deliveries b
   where b.endpoint_id = d.endpoint_id and b.subject = d.subject and b.sequence < d.sequence
     and b.state = 'pending')`;

async function tryOnce({ endpoint, local }: Serving, event: Due, stop: AbortSignal): Promise<Try> {
  const body = webhookBody(event, API_VERSION);
  const at = new Date();
  const { old_secret, old_secret_until } = endpoint;
  const isOldGood = old_secret !== null && Date.parse(old_secret_until ?? '') > at.getTime();
  const secrets = [endpoint.secret, ...(isOldGood ? [old_secret] : [])];
  const headers = webhookHeaders(event.event_id, body, at, secrets);
  const posted = await post({ url: endpoint.url, headers, body, local, stop });
  return { outbox: event.outbox_id, ...posted };
}

/** What we have ended ourselves says nothing about the receiver. */
const isOver = ({ error }: Try): boolean => error !== 'stopped';

/** Writes tries down; answers the endpoint as it is now. The last call of a run gives it back. */
async function tried(
  pool: Pool,
  endpoint: Endpoint,
  tries: readonly Try[],
  isLast: boolean,
): Promise<Endpoint> {
  if (tries.length === 0 && !isLast) return endpoint;
  const { rows } = await pool.query<Endpoint>({
    name: 'holdfast.webhook_tried',
    text: 'select * from holdfast.webhook_tried($1, $2, $3)',
    values: [endpoint.id, JSON.stringify(tries), isLast],
  });
  const [now] = rows;
  if (!now) throw new Error(`webhook_tried returned nothing for ${endpoint.id}`);
  return now;
}
