/**
 * Owns rows of webhook endpoints and deliveries: reading, locking, and how they are shown.
 * Must not know how a webhook is sent.
 */
import type { z } from 'zod';
import type { Instant } from '../domain/calendar';
import type { Caller } from './actor';
import { type Problem, problem } from './problem';
import type { deliveryAnswer, endpointAnswer } from './schemas/webhooks';
import { type Queryable, rowOf, type Sql, sql } from './sql';

export type EndpointRow = {
  readonly id: string;
  readonly livemode: boolean;
  readonly url: string;
  readonly types: readonly string[];
  readonly description: string | null;
  readonly in_order: boolean;
  readonly secret: string;
  readonly old_secret_until: Instant | null;
  readonly state: 'enabled' | 'disabled';
  readonly disabled_reason: 'asked' | 'gone' | 'failing' | null;
  readonly failing_since: Instant | null;
  readonly paused_until: Instant | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
};

export type DeliveryRow = {
  readonly id: string;
  readonly endpoint_id: string;
  readonly outbox_id: number;
  readonly livemode: boolean;
  readonly event_id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly tries: number;
  readonly next_at: Instant;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly delivered_at: Instant | null;
  readonly created_at: Instant;
};

/** The columns of an endpoint under the name `t`. */
export const ENDPOINT_COLUMNS: Sql = sql`t.id, t.livemode, t.url, t.types, t.description,
  t.in_order, t.secret, t.old_secret_until, t.state, t.disabled_reason, t.failing_since,
  t.paused_until, t.metadata, t.version, t.created_at, t.updated_at`;

/** Deliveries with their events, as a table under the name `t`. */
export const DELIVERIES: Sql = sql`(
  select d.*, o.platform_id, o.livemode, o.event_id, o.type
    from holdfast.webhook_deliveries d join holdfast.outbox o on o.id = d.outbox_id) t`;

/** An endpoint of the caller's platform and mode; locked when it is to be changed. */
export async function readEndpoint(
  db: Queryable,
  { platform, livemode }: Caller,
  id: string,
  use: 'read' | 'change' = 'read',
): Promise<EndpointRow | Problem> {
  const row = await rowOf<EndpointRow>(
    db,
    sql`select ${ENDPOINT_COLUMNS} from holdfast.webhook_endpoints t
         where t.id = ${id} and t.platform_id = ${platform} and t.livemode = ${livemode}
           and t.deleted_at is null ${use === 'change' ? sql`for no key update` : sql``}`,
  );
  return row ?? problem('not_found');
}

/** Without its secret, unless that has just been made. */
export const endpointView = (
  row: EndpointRow,
  secret: string | null = null,
): z.input<typeof endpointAnswer> => ({
  id: row.id,
  object: 'webhook_endpoint',
  livemode: row.livemode,
  created_at: row.created_at,
  updated_at: row.updated_at,
  version: row.version,
  metadata: row.metadata,
  url: row.url,
  types: [...row.types],
  description: row.description,
  in_order: row.in_order,
  state: row.state,
  disabled_reason: row.disabled_reason,
  failing_since: row.failing_since,
  paused_until: row.paused_until,
  secret,
  old_secret_until: row.old_secret_until,
});

export const deliveryView = (row: DeliveryRow): z.input<typeof deliveryAnswer> => ({
  id: row.id,
  object: 'webhook_delivery',
  livemode: row.livemode,
  created_at: row.created_at,
  endpoint: row.endpoint_id,
  event: row.event_id,
  type: row.type,
  subject: row.subject,
  sequence: row.sequence,
  state: row.state,
  tries: row.tries,
  next_at: row.state === 'pending' ? row.next_at : null,
  last_status: row.last_status,
  last_error: row.last_error,
  delivered_at: row.delivered_at,
});
