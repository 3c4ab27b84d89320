/**
 * Owns what became of events that were to be sent: deliveries, their tries, and asking again.
 * Must not know how a webhook is sent.
 */
import { z } from 'zod';
import { type Endpoint, endpoint } from './endpoint';
import { atOnce } from './idempotency';
import { page } from './lists';
import { isProblem, problem } from './problem';
import { listOf, pageFields } from './schemas/fields';
import {
  deliveryAnswer,
  deliveryParams,
  deliveryWithTries,
  endpointParams,
  replayAnswer,
  replayBody,
  type tryAnswer,
} from './schemas/webhooks';
import { rowOf, rowsOf, sql } from './sql';
import { DELIVERIES, type DeliveryRow, deliveryView, readEndpoint } from './webhook-row';

const tag = 'Webhooks';

const list = endpoint({
  method: 'get',
  path: '/v1/webhook_endpoints/{id}/deliveries',
  operationId: 'listWebhookDeliveries',
  tag,
  summary: 'What became of the events for an endpoint',
  right: 'platform',
  params: endpointParams,
  query: z.strictObject({
    ...pageFields,
    state: z.enum(['pending', 'delivered', 'failed']).optional(),
  }),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(deliveryAnswer) } },
  problems: ['not_found'],
  handle: async ({ api, caller, params, query }) => {
    const known = await readEndpoint(api.database, caller, params.id);
    if (isProblem(known)) return known;
    const { state } = query;
    const found = await page<DeliveryRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: sql`t.*`,
        from: DELIVERIES,
        where: [
          sql`t.endpoint_id = ${known.id}`,
          ...(state === undefined ? [] : [sql`t.state = ${state}`]),
        ],
      },
      deliveryView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

const get = endpoint({
  method: 'get',
  path: '/v1/webhook_endpoints/{id}/deliveries/{delivery}',
  operationId: 'getWebhookDelivery',
  tag,
  summary: 'A delivery with its tries',
  right: 'platform',
  params: deliveryParams,
  answers: { 200: { about: 'The delivery.', schema: deliveryWithTries } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const known = await readEndpoint(api.database, caller, params.id);
    if (isProblem(known)) return known;
    const row = await rowOf<DeliveryRow>(
      api.database,
      sql`select t.* from ${DELIVERIES} where t.endpoint_id = ${known.id}
             and t.id = ${params.delivery}`,
    );
    if (!row) return problem('not_found');
    const log = await rowsOf<z.input<typeof tryAnswer>>(
      api.database,
      sql`select at, status, error, latency_ms, answer from holdfast.webhook_tries
           where endpoint_id = ${known.id} and outbox_id = ${row.outbox_id} order by id desc
           limit 100`,
    );
    return { status: 200, body: { ...deliveryView(row), log } };
  },
});

const replay = endpoint({
  method: 'post',
  path: '/v1/webhook_endpoints/{id}/replay',
  operationId: 'replayWebhooks',
  tag,
  summary: 'Send events again',
  description: 'One, those of a range of time, or all that have failed. `webhook-id` is the same.',
  right: 'platform',
  params: endpointParams,
  body: replayBody,
  answers: { 200: { about: 'How many are on their way.', schema: replayAnswer } },
  problems: ['not_found', 'conditions_unmet'],
  example: { body: { failed: true } },
  handle: (call) =>
    atOnce(call, 'replay_webhooks', async (db) => {
      const { caller, params, body } = call;
      const known = await readEndpoint(db, caller, params.id);
      if (isProblem(known)) return known;
      if (known.state === 'disabled') {
        return problem('conditions_unmet', 'The endpoint is disabled.');
      }
      const event = 'event' in body ? body.event : null;
      const from = 'from' in body ? body.from : null;
      const to = 'from' in body ? (body.to ?? null) : null;
      const row = await rowOf<{ deliveries: number }>(
        db,
        sql`select holdfast.webhook_replay(${known.id}, ${event}, ${from}, ${to},
              ${'failed' in body}) as deliveries`,
      );
      const deliveries = row?.deliveries ?? 0;
      return {
        answer: {
          status: 200,
          body: { object: 'webhook_replay', endpoint: known.id, deliveries },
        },
        stream: known.id,
        object: known.id,
        version: null,
      };
    }),
});

export const webhookDeliveryRoutes: readonly Endpoint[] = [list, get, replay];
