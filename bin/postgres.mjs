/**
 * Owns a local PostgreSQL 18 server for one data folder: makes it, starts it, finds it again
 * after its parent was killed, stops it (`stack.md`, section 7).
 * Must not know any table or role: migrations make those.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, readJson, writeJson } from './folders.mjs';
import { freePort } from './ports.mjs';
import { clusterFolder, installedBinaries, makePrivate, serverAccount } from './postgres-files.mjs';
import { query } from './postgres-query.mjs';
import { commandOf, end, folderOf, isAlive } from './processes.mjs';
import { Trouble } from './trouble.mjs';

const LOGIN = 'holdfast';
const START_LIMIT_MS = 60_000;

/**
 * @typedef {(line: string) => void} Log
 * @typedef {{ url: string, pid: number, reused: boolean, stop: () => Promise<void> }} Server
 * @typedef {{ cluster: string, bin: string, logFile: string, password: string, log: Log,
 *   account: import('./postgres-files.mjs').Account }} Place
 */

/**
 * Starts PostgreSQL on 127.0.0.1, or takes over the server that already runs on this data.
 * The login in `url` is a superuser named holdfast; the database is holdfast too.
 * @param {{ dataDir: string, cacheDir: string, log: Log }} options
 * @returns {Promise<Server>} `stop` ends it whether it was started or found
 */
export async function startPostgres({ dataDir, cacheDir, log }) {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const memory = join(dataDir, 'postgres.json');
  const kept = readJson(memory, { password: '', port: 0 });
  const cluster = clusterFolder(realpathSync(dataDir), log);
  const account = serverAccount();
  const place = {
    cluster,
    account,
    log,
    bin: installedBinaries(cacheDir, log),
    logFile: join(dataDir, 'postgres.log'),
    password: kept.password || randomBytes(24).toString('base64url'),
  };
  if (!kept.password && existsSync(cluster)) await setAside(place, memory);
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    writeJson(memory, { password: place.password, port: 0 });
    makeCluster(place);
  }
  const found = (await takeOver(place)) ?? (await launch(place, kept.port));
  writeJson(memory, { password: place.password, port: found.port });
  await ensureDatabase(urlOf(place, found.port, 'postgres'));
  return {
    url: urlOf(place, found.port, LOGIN),
    pid: found.pid,
    reused: found.reused,
    stop: () => stopServer(found.pid),
  };
}

/**
 * Ends the server of a data folder, if one runs, and removes its data.
 * @param {{ dataDir: string, log: Log }} options
 */
export async function removePostgres({ dataDir, log }) {
  if (!existsSync(dataDir)) return;
  const cluster = clusterFolder(realpathSync(dataDir), log);
  const pid = runningPid(cluster);
  if (pid) await stopServer(pid);
  rmSync(cluster, { recursive: true, force: true });
  for (const name of ['postgres.json', 'postgres.log'])
    rmSync(join(dataDir, name), { force: true });
}

/**
 * A cluster without its password. In a system folder it has outlived a data folder that somebody
 * deleted, and the new one begins anew; the old money records are kept, not removed.
 * @param {Place} place
 * @param {string} memory
 */
async function setAside({ cluster, log }, memory) {
  if (dirname(cluster) === realpathSync(dirname(memory))) {
    throw new Trouble(
      `${memory} is missing, and ${cluster} cannot be opened without`,
      'restore it',
    );
  }
  const pid = runningPid(cluster);
  if (pid) await stopServer(pid);
  const aside = `${cluster}.${new Date().toISOString().replaceAll(/[^0-9]/g, '')}`;
  renameSync(cluster, aside);
  log(`the PostgreSQL data of a deleted data folder is now in ${aside}`);
}

/**
 * @param {Place} place
 * @param {number} port
 * @param {string} database
 */
const urlOf = (place, port, database) =>
  `postgres://${LOGIN}:${place.password}@127.0.0.1:${port}/${database}`;

/**
 * Made beside and moved into place, so that a killed initdb leaves nothing that looks whole.
 * @param {Place} place
 */
function makeCluster({ cluster, bin, password, account, log }) {
  log('making a new PostgreSQL cluster');
  const draft = `${cluster}.new`;
  rmSync(draft, { recursive: true, force: true });
  makePrivate(draft, account);
  const passwordFile = join(draft, 'password');
  const data = join(draft, 'data');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const run = spawnSync(
    join(bin, 'initdb'),
    [
      `--pgdata=${data}`,
      `--username=${LOGIN}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--locale=C',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
    ],
    { ...account, cwd: '/', env: serverEnvironment(), encoding: 'utf8' },
  );
  if (run.status !== 0) {
    const why = run.error?.message ?? `${run.stdout}${run.stderr}`.trimEnd();
    throw new Trouble(`initdb failed:\n${why}`, 'set DATABASE_URL to a server of your own');
  }
  renameSync(data, cluster);
  rmSync(draft, { recursive: true, force: true });
}

/** Nothing of ours reaches the server: PGDATA or a locale of the user would change it. */
const serverEnvironment = () => ({ PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' });

/**
 * The server that a killed parent has left on this data, once it answers.
 * @param {Place} place
 * @returns {Promise<{ pid: number, port: number, reused: boolean } | null>}
 */
async function takeOver(place) {
  const pid = runningPid(place.cluster);
  if (!pid) return null;
  const port = Number(readFileSync(join(place.cluster, 'postmaster.pid'), 'utf8').split('\n')[3]);
  if (port && (await answersFor(place, port, pid, START_LIMIT_MS))) {
    place.log(`PostgreSQL is still running on 127.0.0.1:${port} (process ${pid})`);
    return { pid, port, reused: true };
  }
  place.log(`PostgreSQL (process ${pid}) does not answer; ending it`);
  await stopServer(pid);
  return null;
}

/**
 * The process that runs on a cluster, or 0. A file left by one that has gone is removed: its
 * number may belong to a stranger by now, and PostgreSQL would refuse to start for that.
 * @param {string} cluster
 */
function runningPid(cluster) {
  const pidFile = join(cluster, 'postmaster.pid');
  if (!existsSync(pidFile)) return 0;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  if (isOurs(pid, cluster)) return pid;
  rmSync(pidFile, { force: true });
  return 0;
}

/**
 * A postmaster works in its data folder; where the system does not tell, its arguments name it.
 * @param {number} pid
 * @param {string} cluster
 */
function isOurs(pid, cluster) {
  if (!pid || !isAlive(pid)) return false;
  if (process.platform === 'linux') return folderOf(pid) === cluster;
  return process.platform === 'win32' || commandOf(pid).includes(cluster);
}

/**
 * @param {Place} place
 * @param {number} portBefore
 * @returns {Promise<{ pid: number, port: number, reused: boolean }>}
 */
async function launch(place, portBefore) {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort([portBefore]);
    const pid = spawnServer(place, port);
    if (await answersFor(place, port, pid, START_LIMIT_MS)) return { pid, port, reused: false };
    const gone = !isAlive(pid);
    if (!gone) await stopServer(pid);
    // After a kill the old backends need a moment to see it and let go of shared memory.
    const reason = lastLines(place.logFile);
    if (gone && attempt < 10 && /shared memory|lock file|Address already/.test(reason)) {
      await sleep(500);
      continue;
    }
    const what = gone ? 'PostgreSQL ended at once' : `PostgreSQL did not answer in 60 s`;
    throw new Trouble(`${what}:\n${reason}`, `see ${place.logFile}, or set DATABASE_URL`);
  }
}

/**
 * In a session of its own: a Ctrl-C in the terminal is ours to handle, in order.
 * @param {Place} place
 * @param {number} port
 * @returns {number} its pid
 */
function spawnServer({ bin, cluster, logFile, account }, port) {
  const output = openSync(logFile, 'w', 0o600);
  const options = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
  };
  const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', cluster, ...args], {
    ...account,
    cwd: '/',
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.on('error', () => {}); // no pid then, and the caller reports that
  child.unref();
  if (!child.pid) throw new Trouble(`cannot run ${bin}/postgres`, 'delete it; it is copied anew');
  return child.pid;
}

/**
 * Waits until a query is answered, and by a server of this data folder.
 * @param {Place} place
 * @param {number} port
 * @param {number} pid
 * @param {number} limitMs
 */
async function answersFor(place, port, pid, limitMs) {
  for (const until = Date.now() + limitMs; Date.now() < until && isAlive(pid); ) {
    try {
      const [row] = await query(urlOf(place, port, 'postgres'), 'show data_directory');
      return row?.data_directory === place.cluster;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === '28P01') return false; // a stranger: it does not know our password
    }
    await sleep(30);
  }
  return false;
}

/** @param {string} url the maintenance database */
async function ensureDatabase(url) {
  const rows = await query(url, `select 1 from pg_database where datname = '${LOGIN}'`);
  if (rows.length === 0) await query(url, `create database ${LOGIN}`);
}

/**
 * Fast shutdown, after ten seconds an immediate one; both are safe for the data.
 * @param {number} pid
 */
async function stopServer(pid) {
  const gone = await end(pid, [
    ['SIGINT', 10_000],
    ['SIGQUIT', 10_000],
  ]);
  if (!gone) throw new Trouble(`PostgreSQL (process ${pid}) does not stop`, `kill -9 ${pid}`);
}
