/**
 * Owns webhook endpoints: where a platform is told what has happened. Made, changed, tested, given
 * a new secret, taken away.
 * Must not know how a webhook is sent. Source: `security.md`, section 11.
 */
import { z } from 'zod';
import { TEST_TOPIC } from '../domain/topics';
import { whyNotTo } from '../runtime/outbound';
import { newWebhookSecret } from '../runtime/webhook';
import type { Caller } from './actor';
import { type AnyCall, type Endpoint, endpoint, type Given } from './endpoint';
import { atOnce } from './idempotency';
import { newId } from './ids';
import { page } from './lists';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { publish } from './publish';
import { listOf, pageFields } from './schemas/fields';
import { endpointAnswer, endpointBody, endpointParams, endpointPatch } from './schemas/webhooks';
import { type Queryable, rowOf, sql } from './sql';
import { mayBeLocal, whyNotEnabled } from './webhook-challenge';
import { ENDPOINT_COLUMNS, type EndpointRow, endpointView, readEndpoint } from './webhook-row';

const tag = 'Webhooks';
const ENDPOINTS_MAX = 50;

const create = endpoint({
  method: 'post',
  path: '/v1/webhook_endpoints',
  operationId: 'createWebhookEndpoint',
  tag,
  summary: 'Be told what happens',
  description:
    'Every event from now on that the endpoint wants is posted to it, signed after Standard ' +
    'Webhooks, again and again for three days until it answers 2xx. At least once, in no order ' +
    'unless asked for; `sequence` lets a receiver sort.',
  right: 'platform',
  body: endpointBody,
  answers: { 201: { about: 'The endpoint, with its secret.', schema: endpointAnswer } },
  problems: ['limit_reached'],
  example: { body: { url: 'https://example.com/holdfast', types: ['escrow.*', 'dispute.*'] } },
  handle: (call) =>
    atOnce(call, 'create_webhook_endpoint', async (db) => {
      const forbidden = whyForbidden(call, call.body.url);
      if (forbidden) return forbidden;
      const row = await insertEndpoint(db, call.caller, call.body);
      if (!row) return problem('limit_reached', `at most ${ENDPOINTS_MAX} endpoints`);
      return writtenWithSecret(201, row);
    }),
});

const list = endpoint({
  method: 'get',
  path: '/v1/webhook_endpoints',
  operationId: 'listWebhookEndpoints',
  tag,
  summary: 'List webhook endpoints',
  right: 'platform',
  query: z.strictObject(pageFields),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(endpointAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const found = await page<EndpointRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: ENDPOINT_COLUMNS,
        from: sql`holdfast.webhook_endpoints t`,
        where: [sql`t.deleted_at is null`],
      },
      (row) => endpointView(row),
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

const get = endpoint({
  method: 'get',
  path: '/v1/webhook_endpoints/{id}',
  operationId: 'getWebhookEndpoint',
  tag,
  summary: 'Get a webhook endpoint',
  right: 'platform',
  params: endpointParams,
  answers: { 200: { about: 'The endpoint.', schema: endpointAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await readEndpoint(api.database, caller, params.id);
    return isProblem(row) ? row : { status: 200, body: endpointView(row) };
  },
});

const patch = endpoint({
  method: 'patch',
  path: '/v1/webhook_endpoints/{id}',
  operationId: 'updateWebhookEndpoint',
  tag,
  summary: 'Change, disable or enable a webhook endpoint',
  description: 'What happens while it is disabled is not sent; ask for it by a replay.',
  right: 'platform',
  params: endpointParams,
  body: endpointPatch,
  answers: { 200: { about: 'The endpoint.', schema: endpointAnswer } },
  problems: ['not_found', 'stale_version', 'conditions_unmet'],
  example: { body: { state: 'disabled' } },
  handle: async (call) => {
    const { api, caller, params, body, request } = call;
    const forbidden = body.url === undefined ? null : whyForbidden(call, body.url);
    if (forbidden) return forbidden;
    const known = await readEndpoint(api.database, caller, params.id);
    if (isProblem(known)) return known;
    const isBack = body.state === 'enabled' && known.state === 'disabled';
    const silent = isBack && (await whyNotEnabled(call, { ...known, url: body.url ?? known.url }));
    if (silent) return silent;
    return atOnce(call, 'update_webhook_endpoint', async (db) => {
      const before = await readEndpoint(db, caller, params.id, 'change');
      if (isProblem(before)) return before;
      const { expectedVersion } = request;
      if (expectedVersion !== null && expectedVersion !== before.version) {
        return problem('stale_version');
      }
      const row = await updateEndpoint(db, { ...before, ...body });
      return written(200, row, endpointView(row));
    });
  },
});

const remove = endpoint({
  method: 'delete',
  path: '/v1/webhook_endpoints/{id}',
  operationId: 'deleteWebhookEndpoint',
  tag,
  summary: 'Take a webhook endpoint away',
  right: 'platform',
  params: endpointParams,
  answers: { 204: { about: 'It is gone.', schema: null } },
  problems: ['not_found'],
  handle: (call) =>
    atOnce(call, 'delete_webhook_endpoint', async (db) => {
      const row = await readEndpoint(db, call.caller, call.params.id, 'change');
      if (isProblem(row)) return row;
      await rowOf(
        db,
        sql`update holdfast.webhook_endpoints
               set deleted_at = clock_timestamp(), version = version + 1 where id = ${row.id}`,
      );
      return written(204, { ...row, version: row.version + 1 }, null);
    }),
});

const rotate = endpoint({
  method: 'post',
  path: '/v1/webhook_endpoints/{id}/rotate_secret',
  operationId: 'rotateWebhookSecret',
  tag,
  summary: 'Give a webhook endpoint a new secret',
  description:
    'For 24 hours the one before signs too, so that a receiver can change over without a gap. ' +
    'Another rotation within that time ends the older of them.',
  right: 'platform',
  params: endpointParams,
  answers: { 200: { about: 'The endpoint, with its new secret.', schema: endpointAnswer } },
  problems: ['not_found'],
  handle: (call) =>
    atOnce(call, 'rotate_webhook_secret', async (db) => {
      const before = await readEndpoint(db, call.caller, call.params.id, 'change');
      if (isProblem(before)) return before;
      const row = await rowOf<EndpointRow>(
        db,
        sql`update holdfast.webhook_endpoints t
               set old_secret = secret, secret = ${newWebhookSecret()},
                   old_secret_until = clock_timestamp() + interval '24 hours',
                   version = version + 1, updated_at = clock_timestamp()
             where t.id = ${before.id} returning ${ENDPOINT_COLUMNS}`,
      );
      return row ? writtenWithSecret(200, row) : problem('not_found');
    }),
});

const test = endpoint({
  method: 'post',
  path: '/v1/webhook_endpoints/{id}/test',
  operationId: 'testWebhookEndpoint',
  tag,
  summary: 'Send a test event',
  description: `An event \`${TEST_TOPIC}\` goes to this endpoint alone; its delivery tells how.`,
  right: 'platform',
  params: endpointParams,
  answers: { 200: { about: 'The endpoint; the event is on its way.', schema: endpointAnswer } },
  problems: ['not_found', 'conditions_unmet'],
  handle: (call) =>
    atOnce(call, 'test_webhook_endpoint', async (db) => {
      const { caller, params } = call;
      const row = await readEndpoint(db, caller, params.id, 'change');
      if (isProblem(row)) return row;
      if (row.state === 'disabled') return problem('conditions_unmet', 'The endpoint is disabled.');
      const counted = await rowOf<{ tests: number }>(
        db,
        sql`update holdfast.webhook_endpoints set tests = tests + 1 where id = ${row.id}
             returning tests`,
      );
      await publish(db, caller, {
        subject: row.id,
        sequence: -(counted?.tests ?? 1), // beside those that count its own events
        type: TEST_TOPIC,
        escrow: null,
        data: { id: row.id },
      });
      return written(200, row, endpointView(row));
    }),
});

const written = (status: number, { id, version }: EndpointRow, body: unknown) => ({
  answer: { status, body },
  stream: id,
  object: id,
  version,
});

/** The secret goes out once and is not kept with the answer. */
const writtenWithSecret = (status: number, row: EndpointRow) => ({
  ...written(status, row, endpointView(row, row.secret)),
  kept: endpointView(row),
});

/** Null when there are too many. */
const insertEndpoint = (
  db: Queryable,
  { platform, livemode }: Caller,
  asked: Given<typeof endpointBody>,
): Promise<EndpointRow | null> =>
  rowOf<EndpointRow>(
    db,
    sql`insert into holdfast.webhook_endpoints as t (id, platform_id, livemode, url, types,
          description, in_order, secret, state, metadata)
        select ${newId('whe')}, ${platform}, ${livemode}, ${asked.url}, ${asked.types ?? []},
          ${asked.description ?? null}, ${asked.in_order ?? false}, ${newWebhookSecret()},
          'enabled', ${JSON.stringify(asked.metadata ?? {})}
         where (select count(*) from holdfast.webhook_endpoints
                 where platform_id = ${platform} and livemode = ${livemode}
                   and deleted_at is null) < ${ENDPOINTS_MAX}
        returning ${ENDPOINT_COLUMNS}`,
  );

/** Enabled anew, it has a clean slate; only the asked-for reason can be given here. */
async function updateEndpoint(db: Queryable, asked: EndpointRow): Promise<EndpointRow> {
  const isOn = asked.state === 'enabled';
  const reason = isOn ? null : (asked.disabled_reason ?? 'asked');
  const row = await rowOf<EndpointRow>(
    db,
    sql`update holdfast.webhook_endpoints t
           set url = ${asked.url}, types = ${asked.types}, description = ${asked.description},
               in_order = ${asked.in_order}, metadata = ${JSON.stringify(asked.metadata)},
               failures = case when t.state = ${asked.state} then t.failures else 0 end,
               failing_since = case when t.state = ${asked.state} then t.failing_since end,
               paused_until = case when t.state = ${asked.state} then t.paused_until end,
               state = ${asked.state}, disabled_reason = ${reason},
               version = version + 1, updated_at = clock_timestamp()
         where t.id = ${asked.id} returning ${ENDPOINT_COLUMNS}`,
  );
  if (!row) throw new Error(`${asked.id} was locked and is gone`);
  return row;
}

function whyForbidden({ api, caller }: AnyCall, url: string): Problem | null {
  const reason = whyNotTo(url, mayBeLocal(api, caller));
  return reason === null ? null : fieldProblem('malformed', '/url', reason, 'wrong_value');
}

export const webhookEndpointRoutes: readonly Endpoint[] = [
  create,
  list,
  get,
  patch,
  remove,
  rotate,
  test,
];
