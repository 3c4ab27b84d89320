/**
 * Owns free ports on 127.0.0.1.
 * Must not know who will listen there.
 */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/** Below what systems take for outgoing connections, so that a port that is remembered is still
 * free at the next start. */
const OURS = { from: 20_000, to: 30_000, tries: 50 };

/**
 * @param {number} port
 * @returns {Promise<boolean>} true when we could listen there now
 */
export function isFree(port) {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => answer(true)),
    );
  });
}

/**
 * A port that is free now: one of the wished ones, else one of ours, else any that the system
 * gives.
 * @param {readonly (number | null | undefined)[]} wished in order of preference
 * @returns {Promise<number>}
 */
export async function freePort(wished = []) {
  for (const port of wished) if (port && (await isFree(port))) return port;
  for (let n = 0; n < OURS.tries; n += 1) {
    const port = randomInt(OURS.from, OURS.to);
    if (await isFree(port)) return port;
  }
  return new Promise((answer, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => answer(port));
    });
  });
}

/**
 * @param {string} host
 * @param {number} port
 * @param {number} limitMs
 * @returns {Promise<boolean>} true when something accepts connections there
 */
export function answers(host, port, limitMs) {
  return new Promise((answer) => {
    const socket = connect({ host, port });
    /** @param {boolean} yes */
    const done = (yes) => {
      socket.destroy();
      answer(yes);
    };
    socket.setTimeout(limitMs, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
