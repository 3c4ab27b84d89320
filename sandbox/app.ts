/**
 * Owns the bank as a running thing: its HTTP server on 127.0.0.1, its ticker, its end.
 * Must not know settings, or what an order does.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Instant } from '../domain/calendar';
import { advanceDue } from './acts';
import type { Bank } from './bank';
import { checkoutRoutes } from './checkout';
import { isLoopback } from './connections';
import { controlRoutes } from './control';
import { answerWith } from './http';
import { refuse } from './replies';
import { orderRoutes } from './routes';
import { createPostman, type Postman } from './webhooks';

const TICK_MS = 250; // how late a due movement or webhook may be

export type SandboxDeps = {
  readonly pool: Pool; // of connections with the role holdfast_sandbox; stays the caller's
  readonly port: number; // 0: a free one
  readonly now: () => Instant;
  readonly report: (error: unknown) => void;
};
export type Sandbox = { readonly url: string; close(): Promise<void> };

/**
 * Starts the simulated bank and answers once it listens. `close` ends the server, cuts what hangs,
 * and waits for what is being done. Throws when the port is taken.
 */
export async function startSandbox({ pool, port, now, report }: SandboxDeps): Promise<Sandbox> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bank: Bank = { pool, now, report, url: urlOf(server) };
  const postman = createPostman(bank);
  const ticker = startTicker(bank, postman);
  server.on('request', createApp(bank));
  return {
    url: bank.url,
    async close() {
      const closed = once(server, 'close');
      server.close();
      await ticker.stop();
      server.closeAllConnections();
      await closed;
      await postman.stop();
    },
  };
}

function createApp(bank: Bank): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    if (isLoopback(request.hostname)) next();
    else answerWith(response, refuse(421, 'host_refused')); // a page may have rebound its name
  });
  app.get('/livez', (_request, response) =>
    answerWith(response, { status: 200, body: { status: 'ok' } }),
  );
  app.get('/readyz', async (_request, response) => {
    await bank.pool.query('select 1 from sandbox.connections limit 1');
    answerWith(response, { status: 200, body: { status: 'ok' } });
  });
  app.use('/checkout', checkoutRoutes(bank));
  app.use(express.json({ limit: '256kb' }));
  app.use('/control', controlRoutes(bank));
  app.use(orderRoutes(bank));
  app.use((_request, response) => answerWith(response, refuse(404, 'not_found')));
  app.use(failureHandler(bank));
  return app;
}

const bodyError = z.object({ status: z.int().min(400).max(499), type: z.string() });

/** What a body parser refuses is the caller's mistake; everything else is ours. */
function failureHandler(bank: Bank): ErrorRequestHandler {
  return (error, _request, response, _next) => {
    const refused = bodyError.safeParse(error);
    if (refused.success) {
      const { status } = refused.data;
      answerWith(response, refuse(status, status === 413 ? 'too_large' : 'not_json'));
      return;
    }
    bank.report(error);
    if (!response.headersSent) answerWith(response, refuse(500, 'internal'));
  };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to listen on');
  return `http://127.0.0.1:${address.port}`;
}

/** Applies what is due and sends what is queued, one round after the other. */
function startTicker(bank: Bank, postman: Postman): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  const tick = async () => {
    // A database that is away is reported and tried again in the next round.
    await advanceDue(bank, null).catch(bank.report);
    await postman.deliver().catch(bank.report);
    if (!stopped) timer = setTimeout(start, TICK_MS);
  };
  const start = () => {
    round = tick();
  };
  start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
