/**
 * Owns a running API for a test file: its database, its engine and bank, its server on a free port,
 * two platforms with keys, and calls to it.
 * Must not know what is tested.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Pool } from 'pg';
import { type Answers, openAnswers } from '../../api/answers';
import { createApp } from '../../api/app';
import { type Api, LIMITS, type Limits } from '../../api/dependencies';
import { openClient } from '../../runtime/database';
import { makeKey } from '../../runtime/keys';
import { createLog } from '../../runtime/log';
import { createMetrics } from '../../runtime/metrics';
import { type TestDatabase, testDatabase } from '../harness/database';
import { type TestEngine, testEngine } from '../harness/workers';

export type Answered = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** The id in the body, '' when it has none. */
  readonly id: string;
};

export type CallOptions = {
  /** On-Behalf-Of. */
  readonly as?: string;
  /** API key; '' for none. */
  readonly key?: string;
  readonly idempotency?: string;
  readonly headers?: Record<string, string>;
};

export type Stack = {
  readonly url: string;
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly engine: TestEngine;
  readonly api: Api;
  /** Keys of the first platform, in both modes, and of another one. */
  readonly keys: { readonly test: string; readonly live: string; readonly other: string };
  readonly platform: string;
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answered>;
  /** Sends an unsafe request twice and fails unless the repeat gets the first answer. */
  twice(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answered>;
  get(path: string, options?: CallOptions): Promise<Answered>;
  /** Another API with something of it replaced; returns its URL. */
  serve(replaced: Partial<Api>): Promise<string>;
  close(): Promise<void>;
};

export const anyName = (prefix: string): string => `${prefix}${randomBytes(6).toString('hex')}`;

/** Starts everything but workers: `stack.engine.work()` does that. */
export async function openStack(options: { limits?: Limits } = {}): Promise<Stack> {
  const database = await testDatabase();
  const engine = await testEngine(database);
  const pool = database.pool('holdfast_app');
  const log = createLog({ process: 'test', level: process.env.HOLDFAST_TEST_LOG ?? 'fatal' });
  const answers = listen(database, log);
  const api: Api = {
    database: pool,
    temporal: engine.client,
    answers,
    log,
    metrics: createMetrics('test'),
    settings: { ...engine.settings, SANDBOX_URL: engine.sandbox.url },
    limits: options.limits ?? LIMITS,
    isServing: () => true,
  };
  const closing: (() => Promise<void>)[] = [];
  const serve: Stack['serve'] = async (replaced) => {
    const other = await serveApp({ ...api, metrics: createMetrics('test'), ...replaced });
    closing.push(other.close);
    return other.url;
  };
  const url = await serve({ metrics: api.metrics });
  const { platform, keys } = await makePlatforms(pool, engine, url);
  const call: Stack['call'] = (method, path, body, more = {}) =>
    send(`${url}${path}`, method, body, { key: keys.test, ...more });
  return {
    url,
    database,
    pool,
    engine,
    api,
    keys,
    platform,
    call,
    get: (path, more) => call('GET', path, undefined, more),
    twice: async (method, path, body, more = {}) => {
      const idempotency = more.idempotency ?? randomUUID();
      const first = await call(method, path, body, { ...more, idempotency });
      const second = await call(method, path, body, { ...more, idempotency });
      expectRepeat(first, second);
      return first;
    },
    serve,
    close: async () => {
      for (const end of closing) await end();
      await answers.close();
      await engine.close();
      await database.close();
    },
  };
}

async function serveApp(api: Api): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(createApp(api));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: urlOf(server),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A repeat gets status and body of the first; a refusal that wrote nothing is made anew. */
function expectRepeat(first: Answered, second: Answered): void {
  expect(second.status).toBe(first.status);
  if (second.headers.get('idempotency-replayed') === 'true') {
    expect(second.body).toEqual(first.body);
  } else {
    const anew = { request_id: expect.any(String) };
    expect(second.body).toEqual({ ...Object(first.body), ...anew });
    expect(first.status).toBeGreaterThanOrEqual(400);
  }
}

function listen(database: TestDatabase, log: Api['log']): Answers {
  return openAnswers(
    (onBroken) =>
      openClient({
        url: database.url,
        role: 'holdfast_app',
        name: 'test answers',
        onError: onBroken,
      }),
    log,
  );
}

async function makePlatforms(pool: Pool, engine: TestEngine, url: string) {
  const [platform, stranger] = [anyName('plt_'), anyName('plt_')];
  const made = { test: '', live: '', other: '' };
  for (const [name, id, livemode] of [
    ['test', platform, false],
    ['live', platform, true],
    ['other', stranger, false],
  ] as const) {
    await pool.query(
      `insert into holdfast.platforms (id, name) values ($1, 'A platform') on conflict do nothing`,
      [id],
    );
    const { key, publicId, secretHash } = makeKey({ livemode });
    await pool.query(
      `insert into holdfast.api_keys (id, platform_id, livemode, secret_hash)
       values ($1, $2, $3, $4)`,
      [publicId, id, livemode, secretHash],
    );
    made[name] = key;
    if (!livemode) await connect(pool, engine, url, id);
  }
  return { platform, keys: made };
}

/** A connection to the bank, which sends its webhooks to this API. */
async function connect(pool: Pool, engine: TestEngine, url: string, platform: string) {
  const id = anyName('con_');
  const [token, secret] = [anyName('token-'), anyName('secret-')];
  await pool.query(
    `insert into holdfast.connections (id, platform_id, livemode, provider, token, webhook_secret)
     values ($1, $2, false, 'sandbox', $3, $4)`,
    [id, platform, token, secret],
  );
  const webhook_url = `${url}/v1/webhooks/sandbox/${id}`;
  const answer = await fetch(`${engine.sandbox.url}/control/connections`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, token, webhook_secret: secret, webhook_url }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

export async function send(
  url: string,
  method: string,
  body: unknown,
  { as, key, idempotency = randomUUID(), headers = {} }: CallOptions = {},
): Promise<Answered> {
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(as && { 'on-behalf-of': as }),
      ...(method !== 'GET' && { 'idempotency-key': idempotency }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  const read: unknown = isJson ? JSON.parse(text) : text;
  return { status: answer.status, headers: answer.headers, body: read, id: textAt(read, 'id') };
}

/** What stands at a place of an answer; undefined when there is nothing. */
export const at = (body: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((here, key) => Object(here)[key], body);

/** The text at a place of an answer, '' when there is none. */
export const textAt = (body: unknown, ...path: readonly (string | number)[]): string => {
  const found = at(body, ...path);
  return typeof found === 'string' ? found : '';
};

/** The list at a place of an answer; without a place: its `data`. */
export function listAt(body: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(body, ...(path.length > 0 ? path : ['data']));
  return Array.isArray(found) ? found : [];
}

/** One field of everything in a list. */
export const each = (body: unknown, field: string): readonly unknown[] =>
  listAt(body).map((item) => at(item, field));

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to listen on');
  return `http://127.0.0.1:${address.port}`;
}
