/**
 * Owns reading what has happened: events of an escrow, all events of the platform by cursor, and
 * past and future on one line.
 * Must not know what an event means.
 */
import { z } from 'zod';
import type { Instant } from '../domain/calendar';
import { API_VERSION } from '../runtime/version';
import { type AnyCall, type Endpoint, endpoint } from './endpoint';
import { type EscrowRow, escrowOf, readEscrow } from './escrow-row';
import { pageOf, unknownCursor } from './lists';
import { mayNotView } from './permissions';
import { isProblem, type Problem, problem } from './problem';
import { escrowEventAnswer, eventAnswer, timelineAnswer } from './schemas/events';
import { escrowParams, idOf, listOf, pageFields, text } from './schemas/fields';
import { every, rowOf, rowsOf, sql } from './sql';
import { deadlineViews } from './views/deadline';

const tag = 'Events';
const order = z.enum(['asc', 'desc']).default('desc').meta({ description: 'By time.' });

type EventRow = {
  readonly id: string;
  readonly escrow_id: string;
  readonly number: number;
  readonly type: string;
  readonly at: Instant;
  readonly livemode: boolean;
  readonly command_id: string;
  readonly actor: {
    readonly kind?: 'clock' | 'provider';
    readonly account?: string;
    readonly on_behalf_of?: string;
  };
  readonly status: string;
  readonly status_code: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly recorded_at: Instant;
};

const ofEscrow = endpoint({
  method: 'get',
  path: '/v1/escrows/{id}/events',
  operationId: 'listEventsOfEscrow',
  tag,
  summary: 'What happened to an escrow',
  right: 'party',
  params: escrowParams,
  query: z.strictObject({ ...pageFields, order, type: text(50).optional() }),
  answers: { 200: { about: 'A page.', schema: listOf(escrowEventAnswer) } },
  problems: ['not_found', 'not_a_party'],
  handle: async (call) => {
    const escrow = await readVisible(call, call.params.id);
    if (isProblem(escrow)) return escrow;
    const { limit, starting_after, type, order } = call.query;
    const last = /_(\d{1,9})$/.exec(starting_after ?? '')?.[1];
    if (starting_after !== undefined && last === undefined) return unknownCursor();
    const isUp = order === 'asc';
    const after = isUp ? sql`number > ${Number(last)}` : sql`number < ${Number(last)}`;
    const rows = await rowsOf<EventRow>(
      call.api.database,
      sql`select * from holdfast.events
           where escrow_id = ${escrow.id} and ${every([
             ...(last === undefined ? [] : [after]),
             ...(type === undefined ? [] : [sql`type = ${type}`]),
           ])}
           order by number ${isUp ? sql`asc` : sql`desc`} limit ${limit + 1}`,
    );
    return { status: 200, body: pageOf(rows, limit, eventView, ({ id }) => id) };
  },
});

const timeline = endpoint({
  method: 'get',
  path: '/v1/escrows/{id}/timeline',
  operationId: 'getTimeline',
  tag,
  summary: 'Past and future of an escrow on one line',
  right: 'party',
  params: escrowParams,
  answers: { 200: { about: 'Events, then deadlines, oldest first.', schema: timelineAnswer } },
  problems: ['not_found', 'not_a_party'],
  handle: async (call) => {
    const escrow = await readVisible(call, call.params.id);
    if (isProblem(escrow)) return escrow;
    const events = await rowsOf<EventRow>(
      call.api.database,
      sql`select * from holdfast.events where escrow_id = ${escrow.id}
             and number <= ${escrow.version} order by number`,
    );
    const data = [
      ...events.map((row) => ({ kind: 'event', at: row.at, event: eventView(row) })),
      ...deadlineViews(escrowOf(escrow)).map((deadline) => ({
        kind: 'deadline',
        at: deadline.at,
        deadline,
      })),
    ];
    const body = { object: 'timeline', escrow: escrow.id, now: escrow.now, data };
    return { status: 200, body };
  },
});

type OutboxRow = {
  readonly id: number;
  readonly event_id: string;
  readonly livemode: boolean;
  readonly subject: string;
  readonly sequence: number;
  readonly type: string;
  readonly escrow_id: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly created_at: Instant;
};

const ofPlatform = endpoint({
  method: 'get',
  path: '/v1/events',
  operationId: 'listEvents',
  tag,
  summary: 'All events of the platform',
  description:
    'For catching up: `order=asc`, and `starting_after` the last event that you have. Then none ' +
    'is skipped: an event shows only when no earlier one can still appear before it.',
  right: 'platform',
  query: z.strictObject({
    ...pageFields,
    order,
    type: text(60).optional(),
    escrow: idOf('esc').optional(),
  }),
  answers: { 200: { about: 'A page.', schema: listOf(eventAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const { limit, starting_after, type, escrow, order } = query;
    const isUp = order === 'asc';
    const mine = sql`platform_id = ${caller.platform} and livemode = ${caller.livemode}`;
    const last =
      starting_after === undefined
        ? null
        : await rowOf<{ id: number }>(
            api.database,
            sql`select id from holdfast.outbox where event_id = ${starting_after} and ${mine}`,
          );
    if (starting_after !== undefined && !last) return unknownCursor();
    const after = isUp ? sql`id > ${last?.id}` : sql`id < ${last?.id}`;
    const rows = await rowsOf<OutboxRow>(
      api.database,
      sql`select * from holdfast.outbox
           where ${every([
             mine,
             ...(last ? [after] : []),
             ...(isUp ? [SETTLED] : []),
             ...(type === undefined ? [] : [sql`type = ${type}`]),
             ...(escrow === undefined ? [] : [sql`escrow_id = ${escrow}`]),
           ])}
           order by id ${isUp ? sql`asc` : sql`desc`} limit ${limit + 1}`,
    );
    return { status: 200, body: pageOf(rows, limit, outboxView, ({ event_id }) => event_id) };
  },
});

const one = endpoint({
  method: 'get',
  path: '/v1/events/{id}',
  operationId: 'getEvent',
  tag,
  summary: 'Get an event',
  right: 'platform',
  params: z.object({ id: text(200) }),
  answers: { 200: { about: 'The event.', schema: eventAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await rowOf<OutboxRow>(
      api.database,
      sql`select * from holdfast.outbox where event_id = ${params.id}
             and platform_id = ${caller.platform} and livemode = ${caller.livemode}`,
    );
    return row ? { status: 200, body: outboxView(row) } : problem('not_found');
  },
});

/** Numbers are given before their transactions end, so a later one may show first. A row counts
 * once every transaction that was open beside its own has ended; ours end within seconds, those of
 * other databases of the server are waited for no longer than a minute. */
const SETTLED = sql`(created_at < clock_timestamp() - interval '1 minute'
  or age(xmin) > age(xid(pg_snapshot_xmin(pg_current_snapshot()))))`;

async function readVisible(
  { api, caller }: AnyCall,
  reference: string,
): Promise<EscrowRow | Problem> {
  const row = await readEscrow(api.database, caller, reference);
  if (isProblem(row)) return row;
  return mayNotView(escrowOf(row), caller) ?? row;
}

type Shown = z.input<typeof escrowEventAnswer>;

const eventView = (row: EventRow): Shown => ({
  id: row.id,
  object: 'event',
  type: row.type,
  created_at: row.recorded_at,
  livemode: row.livemode,
  api_version: API_VERSION,
  escrow: row.escrow_id,
  subject: row.escrow_id,
  sequence: row.number,
  data: row.data,
  at: row.at,
  status: row.status,
  status_code: row.status_code,
  command: row.command_id,
  actor: actorView(row.actor),
});

/** Who acted, without the credential: that is the platform's own business. */
function actorView({ kind, on_behalf_of, account }: EventRow['actor']): Shown['actor'] {
  if (kind !== undefined) return { kind, account: null };
  const acting = on_behalf_of ?? account ?? null;
  return { kind: acting ? 'account' : 'platform', account: acting };
}

const outboxView = (row: OutboxRow): z.input<typeof eventAnswer> => ({
  id: row.event_id,
  object: 'event',
  type: row.type,
  created_at: row.created_at,
  livemode: row.livemode,
  api_version: API_VERSION,
  escrow: row.escrow_id,
  subject: row.subject,
  sequence: row.sequence,
  data: row.data,
});

export const eventRoutes: readonly Endpoint[] = [ofEscrow, timeline, ofPlatform, one];
