/**
 * Owns bodies and answers of webhook endpoints, their deliveries and tries.
 * Must not know how a webhook is sent.
 */
import { z } from 'zod';
import { isTopicOrGroup } from '../../domain/topics';
import { commonFields, idOf, metadata, nearInstant, text, time } from './fields';

export const endpointParams = z.object({ id: idOf('whe') });
export const deliveryParams = endpointParams.extend({ delivery: idOf('whd') });

const TYPES_MAX = 50;
const types = z
  .array(z.string().max(60).refine(isTopicOrGroup, 'a type of event, or all of a kind: escrow.*'))
  .max(TYPES_MAX)
  .meta({ description: 'Types of events, or `escrow.*`; none: all.', examples: [['escrow.*']] });
const url = z
  .string()
  .max(2_000)
  .meta({
    format: 'uri',
    description: 'https, port 443 or 8443, a public address. In development also this machine.',
    examples: ['https://example.com/holdfast'],
  });
const inOrder = z.boolean().meta({
  description: 'Events of one subject one after the other; a later one waits for an earlier.',
});

export const endpointBody = z
  .strictObject({
    url,
    types: types.optional(),
    description: text(500).optional(),
    in_order: inOrder.optional(),
    metadata: metadata.optional(),
  })
  .meta({ id: 'WebhookEndpointRequest' });

export const endpointPatch = z
  .strictObject({
    url: url.optional(),
    types: types.optional(),
    description: text(500).nullable().optional(),
    in_order: inOrder.optional(),
    state: z.enum(['enabled', 'disabled']).optional().meta({
      description:
        'Enabling what we had disabled sends a challenge, which must come back in the answer.',
    }),
    metadata: metadata.optional(),
  })
  .meta({ id: 'WebhookEndpointPatch', description: 'Fields replace those of the endpoint.' });

export const endpointAnswer = z
  .object({
    ...commonFields('webhook_endpoint', 'whe'),
    url: z.string(),
    types: z.array(z.string()),
    description: z.string().nullable(),
    in_order: z.boolean(),
    state: z.enum(['enabled', 'disabled']),
    disabled_reason: z.enum(['asked', 'gone', 'failing']).nullable().meta({
      description: '`gone`: it answered 410. `failing`: five days without a success.',
    }),
    failing_since: time.nullable(),
    paused_until: time.nullable().meta({ description: 'Nothing is sent before then.' }),
    secret: z
      .string()
      .nullable()
      .meta({
        description: 'Shown once, when it is made; a repeat of the request does not show it again.',
        examples: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
      }),
    old_secret_until: time.nullable().meta({ description: 'Until then the old one signs too.' }),
  })
  .meta({ id: 'WebhookEndpoint' });

export const tryAnswer = z
  .object({
    at: time,
    status: z.int().nullable().meta({ description: 'HTTP; null when there was no answer.' }),
    error: z.string().nullable(),
    latency_ms: z.int(),
    answer: z.string().meta({ description: 'Its first 1,000 characters.' }),
  })
  .meta({ id: 'WebhookTry' });

export const deliveryAnswer = z
  .object({
    id: z.string(),
    object: z.literal('webhook_delivery'),
    livemode: z.boolean(),
    created_at: time,
    endpoint: z.string(),
    event: z.string(),
    type: z.string(),
    subject: z.string(),
    sequence: z.int(),
    state: z.enum(['pending', 'delivered', 'failed']),
    tries: z.int().meta({ description: 'Since it was asked for, or asked for again.' }),
    next_at: time.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    delivered_at: time.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export const deliveryWithTries = deliveryAnswer
  .extend({ log: z.array(tryAnswer).meta({ description: 'Every try, the newest first.' }) })
  .meta({ id: 'WebhookDeliveryWithTries' });

export const replayBody = z
  .union([
    z.strictObject({ event: text(200) }).meta({ description: 'One event.' }),
    z
      .strictObject({ from: nearInstant, to: nearInstant.optional() })
      .meta({ description: 'All that this endpoint wants, of a range of time.' }),
    z.strictObject({ failed: z.literal(true) }).meta({ description: 'All that have failed.' }),
  ])
  .meta({ id: 'WebhookReplayRequest' });

export const replayAnswer = z
  .object({ object: z.literal('webhook_replay'), endpoint: z.string(), deliveries: z.int() })
  .meta({ id: 'WebhookReplay' });
