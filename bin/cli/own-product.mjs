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
 * @typedef {{ api: string, key: string }} Ready
 * @typedef {{ dataDir: string, pid: number, untilReady: () => Promise<Ready>,
 *   stop: () => Promise<void> }} Product
 */

/** A server of the user is none for what we try out: an own one never uses it. */
export const OWN_SERVERS = {
  DATABASE_URL: '',
  DATABASE_APP_URL: '',
  TEMPORAL_ADDRESS: '',
  TEMPORAL_NAMESPACE: '',
  SANDBOX_URL: '',
};

/**
 * A folder that goes away again; PostgreSQL may run as another account, and must get there.
 * @param {string} prefix of its name
 */
export function temporaryFolder(prefix) {
  const folder = mkdtempSync(join(tmpdir(), prefix));
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
 * Starts one. It outlives us unless it is stopped.
 * @param {{ dataDir: string, environment: Record<string, string>, log: (line: string) => void }}
 *   options `log` gets the lines of the start
 * @returns {Promise<Product>}
 */
export async function launch({ dataDir, environment, log }) {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const file = join(dataDir, 'start.log');
  const output = openSync(file, 'w', 0o600);
  const port = await freePort([8080]);
  const SANDBOX_PORT = String(await freePort());
  const script = join(ROOT, 'bin', 'start.mjs');
  const child = spawn(process.execPath, [script, '--data', dataDir, '--port', String(port)], {
    cwd: ROOT,
    env: { ...process.env, HOLDFAST_RATE_LIMIT: '1000000', SANDBOX_PORT, ...environment },
    detached: true, // a Ctrl-C in the terminal is ours to handle
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.unref();
  const pid = child.pid ?? 0;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    dataDir,
    pid,
    untilReady: () => untilReady({ dataDir, file, port, hasEnded, log }),
    stop: () => stopProduct(pid),
  };
}

/**
 * @param {{ dataDir: string, file: string, port: number, hasEnded: () => boolean,
 *   log: (line: string) => void }} start
 * @returns {Promise<Ready>}
 */
async function untilReady({ dataDir, file, port, hasEnded, log }) {
  let told = 0;
  for (const until = Date.now() + START_LIMIT_MS; ; await sleep(100)) {
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(told)) if (line.startsWith('· ')) log(line.slice(2));
    told = lines.length;
    const ready = readyOf(dataDir);
    if (ready?.api.includes(`:${port}/`)) return { api: ready.api, key: ready.key };
    if (!hasEnded() && Date.now() < until) continue;
    throw new Trouble(`Holdfast does not start:\n${lastLines(file, 12)}`, 'holdfast doctor');
  }
}

/** @param {number} pid */
async function stopProduct(pid) {
  const steps = /** @type {const} */ ([
    ['SIGINT', STOP_LIMIT_MS],
    ['SIGKILL', 5_000],
  ]);
  if (!(await end(pid, steps))) throw new Trouble(`process ${pid} does not end`, `kill -9 ${pid}`);
}

/** The process of the worker now, or 0. @param {string} dataDir @returns {number} */
export function workerOf(dataDir) {
  /** @type {{ name: string, pid: number }[]} */
  const processes = readJson(join(dataDir, 'processes.json'), []);
  return processes.find(({ name }) => name === 'worker')?.pid ?? 0;
}
