/**
 * Owns a Temporal server for one data folder: uses the one that is named, or starts a
 * development server, finds it again after its parent was killed, and stops it
 * (`temporal.md`, section 9).
 * Must not know workflows, search attributes or where binaries come from.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, readJson, writeJson } from './folders.mjs';
import { answers, freePort } from './ports.mjs';
import { commandOf, end, isAlive } from './processes.mjs';
import { temporalBinary } from './temporal-binary.mjs';
import { Trouble } from './trouble.mjs';

const LOCAL = '127.0.0.1:7233';
const LOCAL_UI = 'http://127.0.0.1:8233';
const START_LIMIT_MS = 60_000;

/**
 * @typedef {(line: string) => void} Log
 * @typedef {{ address: string, ui: string | null, pid: number | null, reused: boolean,
 *   stop: () => Promise<void> }} Server `pid` is null when the server is not ours to stop
 * @typedef {{ dataDir: string, namespace: string, log: Log }} Place
 */

/**
 * A Temporal server that answers: `TEMPORAL_ADDRESS`, else one of our own on this data folder.
 * @param {{ dataDir: string, cacheDir: string, namespace: string, log: Log,
 *   own?: boolean, uiPort?: number }} options `own`: never a given server; `uiPort`: a wish
 * @returns {Promise<Server>}
 */
export async function startTemporal({ dataDir, cacheDir, namespace, log, own, uiPort }) {
  const given = own ? null : await givenServer();
  if (given) return given;
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const place = { dataDir: realpathSync(dataDir), namespace, log };
  const found = await takeOver(place);
  if (found) return found;
  const binary = await temporalBinary({ cacheDir, log });
  return launch(place, binary, uiPort);
}

/**
 * Ends the server of a data folder, if one runs, and removes its data.
 * @param {string} dataDir
 */
export async function removeTemporal(dataDir) {
  const { pid } = readJson(join(dataDir, 'temporal.json'), { pid: 0 });
  if (pid && isOurs(pid, realpathSync(dataDir))) await stopServer(pid);
  for (const name of ['', '-shm', '-wal', '-journal'].map((end) => `temporal.db${end}`)) {
    rmSync(join(dataDir, name), { force: true });
  }
  for (const name of ['temporal.json', 'temporal.log'])
    rmSync(join(dataDir, name), { force: true });
}

/** A stranger's server is adopted only when the user says so. @returns {Promise<Server | null>} */
async function givenServer() {
  const { TEMPORAL_ADDRESS: address, HOLDFAST_USE_LOCAL_TEMPORAL: local } = process.env;
  if (address) return reachable(address, null, 'correct TEMPORAL_ADDRESS, or unset it');
  if (local === '1') return reachable(LOCAL, LOCAL_UI, 'unset HOLDFAST_USE_LOCAL_TEMPORAL');
  return null;
}

/**
 * @param {string} address
 * @param {string | null} ui
 * @param {string} cure
 * @returns {Promise<Server>}
 */
async function reachable(address, ui, cure) {
  const { host, port } = hostAndPort(address);
  if (!port) throw new Trouble(`TEMPORAL_ADDRESS is not host:port: ${address}`, cure);
  if (!(await answers(host, port, 5_000))) {
    throw new Trouble(`no Temporal server answers at ${address}`, `start it, ${cure}`);
  }
  return { address, ui, pid: null, reused: true, stop: async () => {} };
}

/** @param {string} address */
function hostAndPort(address) {
  const at = address.lastIndexOf(':');
  const port = Number(address.slice(at + 1));
  return { host: address.slice(0, Math.max(at, 0)), port: Number.isInteger(port) ? port : 0 };
}

/**
 * The server that a killed parent has left. One that does not answer is ended; everything it
 * has acknowledged is in its file.
 * @param {Place} place
 * @returns {Promise<Server | null>}
 */
async function takeOver(place) {
  const { pid, port, uiPort } = memoryOf(place);
  if (!pid || !isOurs(pid, place.dataDir)) return null;
  if (await servesNamespace(place, port, pid, 10_000)) {
    place.log(`Temporal is still running on 127.0.0.1:${port} (process ${pid})`);
    return serverAt(port, uiPort, pid, true);
  }
  place.log(`Temporal (process ${pid}) does not answer; ending it`);
  await stopServer(pid);
  return null;
}

/** @param {Place} place */
const memoryOf = (place) =>
  readJson(join(place.dataDir, 'temporal.json'), { pid: 0, port: 0, uiPort: 0 });

/**
 * Its arguments name our file. Where they cannot be read the server is not taken for ours.
 * @param {number} pid
 * @param {string} dataDir
 */
const isOurs = (pid, dataDir) =>
  isAlive(pid) && commandOf(pid).includes(`--db-filename ${join(dataDir, 'temporal.db')}`);

/**
 * @param {number} port
 * @param {number} uiPort
 * @param {number} pid
 * @param {boolean} reused
 * @returns {Server}
 */
const serverAt = (port, uiPort, pid, reused) => ({
  address: `127.0.0.1:${port}`,
  ui: `http://127.0.0.1:${uiPort}`,
  pid,
  reused,
  stop: () => stopServer(pid),
});

/** Somebody may take a port between our look and the server's start. */
const LAUNCHES_MAX = 3;

/**
 * @param {Place} place
 * @param {string} binary
 * @param {number} [wishedUiPort]
 * @returns {Promise<Server>}
 */
async function launch(place, binary, wishedUiPort) {
  const before = memoryOf(place);
  const logFile = join(place.dataDir, 'temporal.log');
  for (let launches = 1; ; launches += 1) {
    const isFirst = launches === 1;
    const port = await freePort(isFirst ? [before.port] : []);
    const uiPort = await freePort(isFirst ? [before.uiPort, wishedUiPort] : []);
    const pid = spawnServer(place, binary, port, uiPort);
    writeJson(join(place.dataDir, 'temporal.json'), { pid, port, uiPort });
    if (await servesNamespace(place, port, pid, START_LIMIT_MS)) {
      return serverAt(port, uiPort, pid, false);
    }
    const what = isAlive(pid) ? 'Temporal did not answer in 60 s' : 'Temporal ended at once';
    if (isAlive(pid)) await stopServer(pid);
    const said = lastLines(logFile);
    if (said.includes('address already in use') && launches < LAUNCHES_MAX) continue;
    const cure = `see ${logFile}, or set TEMPORAL_ADDRESS to a server of your own`;
    throw new Trouble(`${what}:\n${said}`, cure);
  }
}

/**
 * In a session of its own: a Ctrl-C in the terminal is ours to handle, in order.
 * @param {Place} place
 * @param {string} binary
 * @param {number} port
 * @param {number} uiPort
 * @returns {number} its pid
 */
function spawnServer({ dataDir, namespace }, binary, port, uiPort) {
  const output = openSync(join(dataDir, 'temporal.log'), 'w', 0o600);
  const options = {
    ip: '127.0.0.1',
    port,
    'ui-port': uiPort,
    namespace,
    'db-filename': join(dataDir, 'temporal.db'),
    'log-level': 'warn',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(binary, ['server', 'start-dev', ...args], {
    cwd: dataDir,
    env: { ...process.env, TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' },
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.on('error', () => {}); // no pid then, which is reported below
  child.unref();
  if (!child.pid) throw new Trouble(`cannot run ${binary}`, 'delete it; it is fetched anew');
  return child.pid;
}

/**
 * Waits until the server answers for our namespace; an open port alone proves nothing.
 * @param {Place} place
 * @param {number} port
 * @param {number} pid
 * @param {number} limitMs
 */
async function servesNamespace({ namespace }, port, pid, limitMs) {
  // Loaded late: this file is read before the dependencies are installed.
  const { Connection } = await import('@temporalio/client');
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
  try {
    for (const until = Date.now() + limitMs; Date.now() < until && isAlive(pid); ) {
      try {
        await connection.withDeadline(Date.now() + 2_000, () =>
          connection.workflowService.describeNamespace({ namespace }),
        );
        return true;
      } catch {
        await sleep(50); // not up yet; the loop ends with the process or the limit
      }
    }
    return false;
  } finally {
    await connection.close();
  }
}

/** @param {number} pid */
async function stopServer(pid) {
  const gone = await end(pid, [
    ['SIGINT', 10_000],
    ['SIGKILL', 5_000],
  ]);
  if (!gone) throw new Trouble(`Temporal (process ${pid}) does not stop`, `kill -9 ${pid}`);
}
