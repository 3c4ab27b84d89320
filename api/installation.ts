/**
 * Owns what a platform may see of itself: its name, and its connections to providers.
 * Must not show a secret: tokens and webhook secrets stay where they are.
 */
import { z } from 'zod';
import type { Instant } from '../domain/calendar';
import { type Endpoint, endpoint } from './endpoint';
import { problem } from './problem';
import { idOf, time } from './schemas/fields';
import { rowOf, sql } from './sql';

const tag = 'Operations';

const platformAnswer = z
  .object({
    id: z.string(),
    object: z.literal('platform'),
    name: z.string(),
    created_at: time,
  })
  .meta({ id: 'Platform' });

const platform = endpoint({
  method: 'get',
  path: '/v1/platforms/{id}',
  operationId: 'getPlatform',
  tag,
  summary: 'Get the platform whose key is used',
  right: 'platform',
  params: z.object({ id: idOf('plt') }),
  answers: { 200: { about: 'The platform.', schema: platformAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await rowOf<{ id: string; name: string; created_at: Instant }>(
      api.database,
      sql`select id, name, created_at from holdfast.platforms
           where id = ${params.id} and id = ${caller.platform}`,
    );
    return row ? { status: 200, body: { ...row, object: 'platform' } } : problem('not_found');
  },
});

const connectionAnswer = z
  .object({
    id: z.string(),
    object: z.literal('connection'),
    livemode: z.boolean(),
    provider: z.string(),
    created_at: time,
  })
  .meta({ id: 'Connection', description: 'One configured login at a provider.' });

type ConnectionRow = Omit<z.input<typeof connectionAnswer>, 'object'>;

const connection = endpoint({
  method: 'get',
  path: '/v1/connections/{id}',
  operationId: 'getConnection',
  tag,
  summary: 'Get a connection to a provider',
  description: 'Without its secrets.',
  right: 'platform',
  params: z.object({ id: idOf('con') }),
  answers: { 200: { about: 'The connection.', schema: connectionAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await rowOf<ConnectionRow>(
      api.database,
      sql`select id, livemode, provider, created_at from holdfast.connections
           where id = ${params.id} and platform_id = ${caller.platform}
             and livemode = ${caller.livemode}`,
    );
    return row ? { status: 200, body: { ...row, object: 'connection' } } : problem('not_found');
  },
});

export const installationRoutes: readonly Endpoint[] = [platform, connection];
