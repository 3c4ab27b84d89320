/**
 * Owns what sending webhooks costs: events that are due, to a fast receiver while a dead one is
 * registered, against the same bodies posted plainly, without signature or persistence.
 * Must not know how they are claimed.
 */
import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { post } from './people';
import type { Stack } from './stack';

export type WebhookBench = {
  /** Events a second that reach the fast receiver. */
  readonly delivered_per_second: number;
  readonly plain_per_second: number;
  readonly delivered_vs_plain: number;
};

const LIMIT_MS = 120_000;
const AT_A_TIME = 4; // posts on their way to one receiver, here as there

/** `count` events; the dead receiver takes connections and never answers. */
export async function benchWebhooks(stack: Stack, count: number): Promise<WebhookBench> {
  const bodies: string[] = [];
  const fast = await listen((body) => bodies.push(body));
  const dead = await listen(null);
  const database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  try {
    for (const { url } of [fast, dead]) {
      await post(stack, '/webhook_endpoints', { url, types: ['account.created'] });
    }
    await database.query(HAPPEN, [count]);
    const begun = performance.now();
    while (bodies.length < count) {
      if (performance.now() - begun > LIMIT_MS)
        throw new Error(`${bodies.length} of ${count} came`);
      await sleep(5);
    }
    const delivered = perSecond(count, begun);
    const plain = await postPlainly(fast.url, bodies.slice(0, count));
    return {
      delivered_per_second: delivered,
      plain_per_second: plain,
      delivered_vs_plain: delivered / plain,
    };
  } finally {
    await database.end();
    for (const { server } of [fast, dead]) await close(server);
  }
}

/** So many events of the platform that the endpoints belong to. */
const HAPPEN = `
  insert into holdfast.outbox (event_id, platform_id, livemode, subject, sequence, type, data)
  select 'evt_bench_' || n, w.platform_id, false, 'acc_bench', n, 'account.created',
         '{"id": "acc_bench", "kind": "person"}'
    from generate_series(1, $1::int) n,
         (select platform_id from holdfast.webhook_endpoints limit 1) w`;

const perSecond = (count: number, begun: number): number =>
  (count * 1_000) / (performance.now() - begun);

type Receiver = { readonly url: string; readonly server: Server };

/** Answers 204 at once, or never. */
async function listen(take: ((body: string) => void) | null): Promise<Receiver> {
  const server = createServer((asked, answer) => {
    if (!take) return;
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      take(Buffer.concat(chunks).toString('utf8'));
      answer.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, server };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** The same bodies by as many connections; answers how many a second. */
async function postPlainly(url: string, bodies: readonly string[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  const left = [...bodies];
  const begun = performance.now();
  const client = async (): Promise<void> => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) await send(url, agent, body);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));
  agent.destroy();
  return perSecond(bodies.length, begun);
}

function send(url: string, agent: Agent, body: string): Promise<void> {
  return new Promise((done, fail) => {
    const sent = request(url, { method: 'POST', agent }, (response) => {
      response.resume();
      response.once('end', done);
    });
    sent.once('error', fail);
    sent.end(body);
  });
}
