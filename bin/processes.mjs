/**
 * Owns questions about and signals to other processes: alive, what it runs, ending it.
 * Must not know what these processes do.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * True while the process runs. A zombie counts as gone: in a container nobody may ever reap it.
 * @param {number} pid
 * @returns {boolean}
 */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!isDenied(error)) return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    // Either there is no /proc here (the signal above has answered), or it went this moment.
    return process.platform !== 'linux';
  }
}

/** @param {unknown} error */
const isDenied = (error) => error instanceof Error && 'code' in error && error.code === 'EPERM';

/**
 * When a process was born, in the system's own words, or '' when it has gone. With its number it
 * names one process for good; the number alone is given to another one later.
 * @param {number} pid
 * @returns {string}
 */
export function birthOf(pid) {
  if (!isAlive(pid)) return '';
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    }
    if (process.platform === 'win32') return 'unknown';
    return execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/**
 * The command line of a process, or '' when it cannot be read.
 * @param {number} pid
 * @returns {string}
 */
export function commandOf(pid) {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    }
    if (process.platform === 'win32') return '';
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/**
 * The working directory of a process, or '' when it cannot be read (only Linux tells).
 * @param {number} pid
 * @returns {string}
 */
export function folderOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/**
 * Sends the signals one after the other until the process is gone.
 * @param {number} pid
 * @param {readonly (readonly [NodeJS.Signals, number])[]} steps signal, and how long to wait in ms
 * @returns {Promise<boolean>} false when it is still there after the last step
 */
export async function end(pid, steps) {
  for (const [signal, waitMs] of steps) {
    if (!isAlive(pid)) return true;
    try {
      process.kill(pid, signal);
    } catch {
      // It went between the look and the signal; the wait below sees it.
    }
    if (await isGoneWithin(pid, waitMs)) return true;
  }
  return !isAlive(pid);
}

/**
 * @param {number} pid
 * @param {number} waitMs
 * @returns {Promise<boolean>} true as soon as the process is gone
 */
async function isGoneWithin(pid, waitMs) {
  for (const until = Date.now() + waitMs; Date.now() < until; ) {
    if (!isAlive(pid)) return true;
    await sleep(25);
  }
  return !isAlive(pid);
}
