/**
 * Owns a receiver of webhooks for tests: keeps what came, answers as told.
 * Must not know who sends.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

export type Received = { readonly headers: IncomingHttpHeaders; readonly body: Buffer };
export type Receiver = {
  readonly url: string;
  readonly received: Received[];
  answer: number; // the status; 0: no answer at all
  /** What came about a reference, parsed. */
  about(reference: unknown): Record<string, unknown>[];
  close(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks) });
      if (receiver.answer !== 0) response.writeHead(receiver.answer, { Location: '/' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}/hook`,
    received,
    answer: 204,
    about: (reference) =>
      received
        .map(({ body }) => JSON.parse(body.toString('utf8')))
        .filter((body) => body.reference === reference),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}
