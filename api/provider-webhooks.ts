/**
 * Owns taking in webhooks of providers: proof over the raw bytes, stored once, answered. What one
 * says is a hint for a script; nothing here believes it.
 * Must not know scripts. Source: `providers.md`, section 4.
 */
import { z } from 'zod';
import { toInstant } from '../domain/calendar';
import type { Forged, Hint, RawWebhook } from '../providers/provider';
import { readSandboxWebhook } from '../providers/sandbox-webhook';
import { failpoint } from '../runtime/failpoints';
import { type OpenEndpoint, openEndpoint } from './open-endpoint';
import { problem } from './problem';
import { type Queryable, rowOf, sql } from './sql';

type Connection = { readonly id: string; readonly webhook_secret: string };

/** How each provider proves that it is the one. */
const READERS: Readonly<Record<string, (secret: string, raw: RawWebhook) => Hint | Forged>> = {
  sandbox: readSandboxWebhook,
};

const take = openEndpoint({
  method: 'post',
  path: '/v1/webhooks/{provider}/{connection}',
  operationId: 'takeProviderWebhook',
  tag: 'Providers',
  summary: 'Webhook of a provider',
  description: "Proved by the provider's own signature. Stored once, however often it comes.",
  params: z.object({ provider: z.string(), connection: z.string() }),
  answers: { 204: { about: 'Stored, now or before.', schema: null } },
  problems: [
    'forged_webhook',
    'not_found',
    'body_too_large',
    'unsupported_media_type',
    'internal',
    'unavailable',
  ],
  answer: async ({ api, params, body, headers }) => {
    const { provider = '', connection: id = '' } = params;
    const read = Object.hasOwn(READERS, provider) ? READERS[provider] : undefined;
    const connection = await rowOf<Connection>(
      api.database,
      sql`select id, webhook_secret from holdfast.connections
           where id = ${id} and provider = ${provider}`,
    );
    if (!read || !connection) return problem('not_found');
    const raw = { headers, body, receivedAt: toInstant(Date.now()) };
    const hint = read(connection.webhook_secret, raw);
    if (hint.type === 'forged') {
      api.metrics.webhooks.inc({ provider, outcome: 'forged' });
      api.log.warn({ provider, connection: connection.id, reason: hint.why }, 'webhook refused');
      await noteForged(api.database, connection.id, hint.why);
      return problem('forged_webhook');
    }
    const stored = await rowOf(
      api.database,
      sql`insert into holdfast.webhook_inbox (connection_id, webhook_id, kind, reference, body)
          values (${connection.id}, ${hint.webhook}, ${hint.kind}, ${hint.reference},
            ${Buffer.from(body).toString('utf8')})
          on conflict do nothing returning webhook_id`,
    );
    await failpoint('inbound.before_2xx');
    api.metrics.webhooks.inc({ provider, outcome: stored ? 'stored' : 'repeated' });
    return { status: 204, body: null };
  },
});

/** One audit entry a minute and connection: whoever forges many does not fill the trail. */
const noteForged = (db: Queryable, connection: string, why: string): Promise<unknown> =>
  rowOf(
    db,
    sql`insert into holdfast.audit (platform_id, livemode, stream, action, object, actor, decision)
        select c.platform_id, c.livemode, c.id, 'take_webhook', c.id,
               '{"kind": "provider", "strength": "none"}', ${`forged: ${why}`}
          from holdfast.connections c
         where c.id = ${connection}
           and pg_try_advisory_xact_lock(hashtextextended('forged ' || c.id, 0))
           and not exists (select from holdfast.audit a
                            where a.stream = c.id and a.action = 'take_webhook'
                              and a.at > clock_timestamp() - interval '1 minute')
        returning id`,
  );

export const webhookRoutes: readonly OpenEndpoint[] = [take];
