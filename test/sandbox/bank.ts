/**
 * Owns a running bank for a test file: own database, own port, connections, and calls to it.
 * Must not know what is tested.
 */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { type Instant, toInstant } from '../../domain/calendar';
import { type Sandbox, startSandbox } from '../../sandbox/app';
import { testDatabase } from '../harness/database';

export type Json = Record<string, unknown>;
export type Answered = { readonly status: number; readonly headers: Headers; readonly body: Json };

/** One connection at the bank: its calls are authorised by its token. */
export type Client = {
  readonly id: string;
  readonly token: string;
  readonly secret: string;
  get(path: string, headers?: Record<string, string>): Promise<Answered>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answered>;
  /** Sends an order, under a new key when none is given. */
  pay(order?: Json, key?: string): Promise<Answered>;
  payOut(order?: Json, key?: string): Promise<Answered>;
};

export type TestBank = {
  readonly url: string;
  readonly reported: unknown[];
  readonly owner: pg.Pool; // reads the book, and may do anything
  connect(webhookUrl?: string): Promise<Client>;
  restart(): Promise<void>;
  close(): Promise<void>;
};

export const anyName = (prefix: string): string => `${prefix}${randomBytes(8).toString('hex')}`;
export const realNow = (): Instant => toInstant(Date.now());

/** Starts a bank on a fresh database. `now` replaces real time. */
export async function startBank(now: () => Instant = realNow): Promise<TestBank> {
  const database = await testDatabase();
  const reported: unknown[] = [];
  const start = () =>
    startSandbox({
      pool: database.pool('holdfast_sandbox'),
      port: 0,
      now,
      report: (error) => reported.push(error),
    });
  let sandbox: Sandbox = await start();
  return {
    get url() {
      return sandbox.url;
    },
    reported,
    owner: database.pool(),
    connect: (webhookUrl) => connect(() => sandbox.url, webhookUrl ?? null),
    async restart() {
      await sandbox.close();
      sandbox = await start();
    },
    async close() {
      await sandbox.close();
      await database.close();
    },
  };
}

/** Registers a connection and gives its calls. */
export async function connect(url: () => string, webhookUrl: string | null): Promise<Client> {
  const [id, token, secret] = [anyName('con_'), anyName('token-'), anyName('secret-')];
  await call(url(), 'POST', '/control/connections', {
    body: { id, token, webhook_url: webhookUrl, webhook_secret: secret },
  });
  const as = (headers: Record<string, string> = {}) => ({
    Authorization: `Bearer ${token}`,
    ...headers,
  });
  const client: Client = {
    id,
    token,
    secret,
    get: (path, headers) => call(url(), 'GET', path, { headers: as(headers) }),
    post: (path, body, headers) => call(url(), 'POST', path, { body, headers: as(headers) }),
    pay: (order, key) =>
      client.post('/payments', payment(order), { 'Idempotency-Key': key ?? anyName('key-') }),
    payOut: (order, key) =>
      client.post('/payouts', payout(order), { 'Idempotency-Key': key ?? anyName('key-') }),
  };
  return client;
}

/** A payment that settles at once; fields of `order` replace its own. */
export const payment = (order: Json = {}): Json => ({
  reference: anyName('pay_'),
  amount: 10000,
  currency: 'EUR',
  payer: { name: 'Bea Buyer' },
  ...order,
});

/** A payout that settles at once, if there is a balance for it. */
export const payout = (order: Json = {}): Json => ({
  reference: anyName('dsb_'),
  amount: 4000,
  currency: 'EUR',
  destination: { reference: 'DE-0001', name: 'Sal Seller' },
  ...order,
});

type Call = { readonly body?: unknown; readonly headers?: Record<string, string> };

export async function call(
  url: string,
  method: string,
  path: string,
  { body, headers = {} }: Call,
): Promise<Answered> {
  const answer = await fetch(new URL(path, url), {
    method,
    redirect: 'manual',
    headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json: unknown = /json/.test(answer.headers.get('content-type') ?? '')
    ? JSON.parse(text)
    : { text };
  return { status: answer.status, headers: answer.headers, body: Object(json) };
}

/** Waits until something holds. Fails after ten seconds, which are long for what waits here. */
export async function until<T>(look: () => Promise<T | null | false>): Promise<T> {
  for (const end = Date.now() + 10_000; ; ) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${look.toString()}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}
