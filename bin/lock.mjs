/**
 * Owns a lock between processes: a file that names its holder, void once that process is gone.
 * Must not know what is done under it.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf } from './processes.mjs';

/**
 * Takes the lock, or says who has it.
 * @param {string} path
 * @returns {number} 0 when it is ours now, else the pid of its holder
 */
export function tryLock(path) {
  for (;;) {
    try {
      const name = `${process.pid} ${birthOf(process.pid)}\n`;
      writeFileSync(path, name, { flag: 'wx', mode: 0o600 });
      return 0;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = holderOf(path);
    if (holder) return holder === process.pid ? 0 : holder;
    rmSync(path, { force: true });
  }
}

/** @param {string} path @returns {number} the pid of a holder that still lives, or 0 */
export function holderOf(path) {
  try {
    const [pid = '', ...birth] = readFileSync(path, 'utf8').trim().split(' ');
    return pid && birthOf(Number(pid)) === birth.join(' ') ? Number(pid) : 0;
  } catch {
    return 0; // released this moment
  }
}

/** @param {string} path */
export const unlock = (path) => rmSync(path, { force: true });

/**
 * Does the work while holding the lock; waits for another holder, and says once that it waits.
 * @template T
 * @param {string} path
 * @param {(line: string) => void} log
 * @param {string} reason
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, log, reason, work) {
  for (let told = false; ; told = true) {
    const holder = tryLock(path);
    if (!holder) break;
    if (!told) log(`${reason} (process ${holder}); waiting`);
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    unlock(path);
  }
}
