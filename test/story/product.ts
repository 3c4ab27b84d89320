/**
 * Owns a real `npm start` in a folder of its own, and people who call it like anybody would.
 * Must not know what they do with it.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { given } from '../harness/environment';
import { start } from '../house/program';

export type Ready = {
  readonly api: string;
  readonly key: string;
  readonly sandbox: string;
  readonly docs: string;
  readonly temporal_ui: string;
  readonly platform: string;
};

export type Product = {
  readonly data: string;
  readonly ready: () => Ready;
  /** Ends it as Ctrl-C does. */
  readonly stop: () => Promise<void>;
  /** Ends `npm start` itself with SIGKILL, and nothing else. */
  readonly kill: () => Promise<void>;
};

const READY_MS = 240_000;

/** A folder for the data of one product; the caller removes it. */
export const newData = (): string => mkdtempSync(join(given('folder'), 'story-'));
export const removeData = (data: string): void => rmSync(data, { recursive: true, force: true });

/** Starts it and waits until it is ready. Throws with what it said. */
export async function startProduct(data: string): Promise<Product> {
  const port = String(await freePort());
  const program = start(['bin/start.mjs', '--data', data, '--port', port], {
    HOLDFAST_RATE_LIMIT: '1000000',
    SANDBOX_PORT: String(await freePort()), // another product may start at this moment
  });
  const file = join(data, 'ready.json');
  rmSync(file, { force: true });
  for (const until = Date.now() + READY_MS; !existsSync(file); await sleep(100)) {
    const { exitCode } = program.child;
    if (exitCode !== null || Date.now() > until) throw new Error(program.said());
  }
  const end = async (signal: 'SIGINT' | 'SIGKILL'): Promise<void> => {
    if (program.child.exitCode === null) program.child.kill(signal);
    await program.ended;
  };
  return {
    data,
    ready: () => JSON.parse(readFileSync(file, 'utf8')) as Ready,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
}

/** A port of 127.0.0.1 that nobody has now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

/** The process of a service or server now; it changes when it is started again. */
export function pidOf({ data }: Product, name: 'api' | 'worker' | 'temporal'): number {
  if (name === 'temporal') {
    return (JSON.parse(readFileSync(join(data, 'temporal.json'), 'utf8')) as { pid: number }).pid;
  }
  const text = readFileSync(join(data, 'processes.json'), 'utf8');
  const known = JSON.parse(text) as readonly { name: string; pid: number }[];
  return known.find((process) => process.name === name)?.pid ?? 0;
}

export type Reply = { readonly status: number; readonly body: Record<string, unknown> };

/** One request; a network error is thrown. */
export async function request(
  { ready }: Product,
  method: 'GET' | 'POST',
  path: string,
  options: { body?: object; account?: string; key?: string } = {},
): Promise<Reply> {
  const { api, key } = ready();
  const response = await fetch(api + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(method === 'POST' && {
        'content-type': 'application/json',
        'idempotency-key': options.key ?? randomUUID(),
      }),
      ...(options.account && { 'on-behalf-of': options.account }),
    },
    ...(method === 'POST' && { body: JSON.stringify(options.body ?? {}) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {} };
}

/**
 * A client who does not give up: the same request under the same key until it is answered. What
 * was 2xx once is never asked again.
 */
export async function insist(
  product: Product,
  path: string,
  body: object,
  account?: string,
): Promise<Record<string, unknown>> {
  const key = randomUUID();
  for (const until = Date.now() + 120_000; ; await sleep(300)) {
    const reply = await request(product, 'POST', path, {
      body,
      key,
      ...(account && { account }),
    }).catch(() => null); // the API is down: it comes back
    const isFinal = reply && reply.status < 500 && reply.status !== 202 && reply.status !== 409;
    if (isFinal && reply.status < 300) return reply.body;
    if (isFinal) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    if (Date.now() > until) throw new Error(`${path}: no answer, last ${JSON.stringify(reply)}`);
  }
}

/** Reads until it is so. */
export async function untilStatus(product: Product, id: string, status: string): Promise<void> {
  let last = '';
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(250)) {
    const reply = await request(product, 'GET', `/escrows/${id}`).catch(() => null);
    if (typeof reply?.body.status === 'string') last = reply.body.status;
    if (last === status) return;
  }
  throw new Error(`${id} is ${last}, not ${status}`);
}
