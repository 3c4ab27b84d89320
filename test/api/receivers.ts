/**
 * Owns receivers of webhooks for tests: real servers on this machine that answer as they are told.
 * Must not know what is sent.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Received = {
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Receiver = {
  readonly url: string;
  readonly got: readonly Received[];
  /** How it answers from now on; the body of the request is the second argument. */
  answer: (response: ServerResponse, body: string) => void;
  /** Waits until it has had so many. */
  readonly has: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const LIMIT_MS = 15_000;

/** A server that answers 204 until it is told otherwise. */
export async function openReceiver(): Promise<Receiver> {
  const got: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      got.push({ at: Date.now(), headers: request.headers, body });
      receiver.answer(response, body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    got,
    answer: (response) => void response.writeHead(204).end(),
    has: async (count) => {
      for (const until = Date.now() + LIMIT_MS; got.length < count; await sleep(20)) {
        if (Date.now() > until) throw new Error(`${got.length} of ${count} webhooks came`);
      }
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
