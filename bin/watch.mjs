/**
 * Owns keeping a server of ours up: started again when it ends by itself.
 * Must not know which server it is.
 */
import { isAlive } from './processes.mjs';
import { tell } from './trouble.mjs';

const LOOK_MS = 1_000;

/**
 * @typedef {{ pid: number | null, stop: () => Promise<void> }} Server
 */

/**
 * Looks after a server until the returned function ends it. A server without pid is somebody
 * else's: it is neither watched nor ended. It comes back on its remembered port, so that its
 * clients find it again.
 * @param {string} name
 * @param {Server} first
 * @param {() => Promise<Server>} startAgain
 * @param {(line: string) => void} log
 * @returns {() => Promise<void>} ends it
 */
export function keepAlive(name, first, startAgain, log) {
  let server = first;
  let over = false;
  /** @type {Promise<void>} */
  let restarting = Promise.resolve();
  const restart = async () => {
    log(`${name} (process ${server.pid}) has ended; starting it again`);
    try {
      server = await startAgain();
      log(`${name} runs again (process ${server.pid})`);
    } catch (error) {
      console.error(tell(error)); // the next look tries again
    }
  };
  let busy = false;
  const timer = setInterval(() => {
    if (over || busy || server.pid === null || isAlive(server.pid)) return;
    busy = true;
    restarting = restart().finally(() => {
      busy = false;
    });
  }, LOOK_MS);
  return async () => {
    over = true;
    clearInterval(timer);
    await restarting;
    await server.stop();
  };
}
