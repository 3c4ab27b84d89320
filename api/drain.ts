/**
 * Owns the orderly end of a HTTP server: no new connections, open requests are answered, idle
 * connections are closed.
 * Must not know what is served.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';

/** Above the longest that a request waits. */
const DRAIN_MS = 12_000;

/** Resolves when the last answer has gone out, or the time is over. */
export async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}
