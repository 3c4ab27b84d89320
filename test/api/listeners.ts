/**
 * Owns a running API with receivers that are registered at it, for tests of webhooks.
 * Must not know what is tested.
 */
import { until } from './people';
import { openReceiver, type Receiver } from './receivers';
import { anyName, listAt, openStack, type Stack, textAt } from './stack';

export type Listeners = {
  readonly stack: Stack;
  readonly receiver: () => Promise<Receiver>;
  /** An endpoint, and the secret that is shown once. */
  readonly endpointAt: (
    url: string,
    more?: object,
  ) => Promise<{ readonly id: string; readonly path: string; readonly secret: string }>;
  /** Something that happens: an account is made. Answers its id. */
  readonly anything: () => Promise<string>;
  /** The deliveries of an endpoint, once they are as said. */
  readonly deliveries: (
    path: string,
    holds?: (list: readonly unknown[]) => boolean,
    query?: string,
  ) => Promise<readonly unknown[]>;
  /** Makes what waits due now: the schedule is in hours. */
  readonly hurry: (id: string) => Promise<unknown>;
  /** As if the rest were over that an endpoint is given. */
  readonly awake: (id: string) => Promise<unknown>;
  /** As if the minute were over that a dispatcher has an endpoint for. */
  readonly freed: (id: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

/** A stack with a worker, which sends. */
export async function openListeners(): Promise<Listeners> {
  const stack = await openStack();
  await stack.engine.work();
  const receivers: Receiver[] = [];
  const change = (sql: string) => (id: string) => stack.database.pool().query(sql, [id]);
  return {
    stack,
    receiver: async () => {
      const one = await openReceiver();
      receivers.push(one);
      return one;
    },
    endpointAt: async (url, more = {}) => {
      const made = await stack.call('POST', '/v1/webhook_endpoints', { url, ...more });
      expect(made.status).toBe(201);
      const path = `/v1/webhook_endpoints/${made.id}`;
      return { id: made.id, path, secret: textAt(made.body, 'secret') };
    },
    anything: async () => {
      const body = { kind: 'person', name: 'Ann Author', email: `${anyName('a')}@example.com` };
      return (await stack.call('POST', '/v1/accounts', body)).id;
    },
    deliveries: async (path, holds = () => true, query = '') => {
      const answer = await until(
        () => stack.get(`${path}/deliveries${query}`),
        ({ body }) => holds(listAt(body)),
      );
      return listAt(answer.body);
    },
    hurry: change('update holdfast.webhook_deliveries set next_at = now() where endpoint_id = $1'),
    awake: change('update holdfast.webhook_endpoints set paused_until = null where id = $1'),
    freed: change('update holdfast.webhook_endpoints set leased_until = null where id = $1'),
    close: async () => {
      await stack.close();
      for (const each of receivers) await each.close();
    },
  };
}

export const bodyOf = ({ body }: { readonly body: string }): unknown => JSON.parse(body);
