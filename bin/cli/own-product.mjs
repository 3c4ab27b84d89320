/**
 * Owns a Holdfast that the command line starts for itself: in a folder of its own, on a free
 * port, ended and forgotten afterwards.
 * Must not know what it is used for.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, ROOT, readJson } from '../folders.mjs';
import { freePort } from '../ports.mjs';
import { removePostgres } from '../postgres.mjs';
import { end } from '../processes.mjs';
import { removeTemporal } from '../temporal.mjs';
import { Trouble } from '../trouble.mjs';
import { readyOf } from './connection.mjs';

const START_LIMIT_MS = 600_000; // the first one on a machine may build Temporal
const STOP_LIMIT_MS = 120_000;

/**
 * @typedef {{ dataDir: string, pid: number, api: string, key: string,
 *   stop: () => Promise<void> }} Product
 */

/** A folder that goes away again; PostgreSQL may run as another account, and must get there. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-demo-'));
  chmodSync(folder, 0o711);
  return folder;
}

/** Forgets a temporary folder and all that lies elsewhere for it. @param {string} dataDir */
export async function removeFolder(dataDir) {
  await removeTemporal(dataDir);
  await removePostgres({ dataDir, log: () => {} });
  rmSync(dataDir, { recursive: true, force: true });
}

/**
 * Starts one and waits until it is ready. It outlives us unless it is stopped.
 * @param {{ dataDir: string, environment: Record<string, string>, log: (line: string) => void }}
 *   options `log` gets the lines of the start
 * @returns {Promise<Product>}
 */
export async function startProduct({ dataDir, environment, log }) {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const file = join(dataDir, 'start.log');
  const output = openSync(file, 'w', 0o600);
  const port = await freePort([8080]);
  const script = join(ROOT, 'bin', 'start.mjs');
  const child = spawn(process.execPath, [script, '--data', dataDir, '--port', String(port)], {
    cwd: ROOT,
    env: { ...process.env, HOLDFAST_RATE_LIMIT: '1000000', ...environment },
    detached: true, // a Ctrl-C in the terminal is ours to handle
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const pid = child.pid ?? 0;
  child.unref();
  const stop = async () => {
    const clean = await end(pid, [
      ['SIGINT', STOP_LIMIT_MS],
      ['SIGKILL', 5_000],
    ]);
    if (!clean) throw new Trouble(`process ${pid} does not end`, `kill -9 ${pid}`);
  };
  let told = 0;
  for (const until = Date.now() + START_LIMIT_MS; ; await sleep(100)) {
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(told)) if (line.startsWith('· ')) log(line.slice(2));
    told = lines.length;
    const ready = readyOf(dataDir);
    if (ready?.api.includes(`:${port}/`))
      return { dataDir, pid, api: ready.api, key: ready.key, stop };
    if (child.exitCode === null && child.signalCode === null && Date.now() < until) continue;
    const said = lastLines(file, 12);
    await stop();
    throw new Trouble(`Holdfast does not start:\n${said}`, 'holdfast doctor');
  }
}

/** The process of the worker now, or 0. @param {string} dataDir @returns {number} */
export function workerOf(dataDir) {
  /** @type {{ name: string, pid: number }[]} */
  const processes = readJson(join(dataDir, 'processes.json'), []);
  return processes.find(({ name }) => name === 'worker')?.pid ?? 0;
}
