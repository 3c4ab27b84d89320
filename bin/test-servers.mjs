/**
 * Owns the servers of a test run: their folder, their start, their end, and those that a killed
 * run has left behind.
 * Must not know jest, or what the tests do with the servers.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, ROOT } from './folders.mjs';
import { holderOf, tryLock, unlock, withLock } from './lock.mjs';
import { removePostgres, startPostgres } from './postgres.mjs';
import { endLeftServices } from './services.mjs';
import { removeTemporal, startTemporal } from './temporal.mjs';

const PREFIX = 'holdfast-test-';
const KEPT_PREFIX = 'holdfast-kept-';

/**
 * @typedef {(line: string) => void} Log
 * @typedef {{ environment: Record<string, string>, stop: () => Promise<void> }} Servers
 */

/** The folder of the servers that `--keep` leaves up; one per clone. */
const keptFolder = () =>
  join(tmpdir(), KEPT_PREFIX + createHash('sha256').update(ROOT).digest('hex').slice(0, 12));

/** True when an earlier run has left servers for the next one. */
export const hasKeptServers = () => existsSync(keptFolder());

/**
 * Servers that stay up: found again, or started.
 * @param {Log} log
 * @returns {Promise<Servers>} `stop` does nothing
 */
export function keptServers(log) {
  mkdirSync(keptFolder(), { recursive: true, mode: 0o711 });
  const lock = join(keptFolder(), 'start.lock');
  return withLock(lock, log, 'another run starts the kept servers', async () => {
    const environment = await start(keptFolder(), log);
    return { environment, stop: async () => {} };
  });
}

/** Ends the servers that `--keep` has left up. */
export async function endKeptServers() {
  if (hasKeptServers()) await remove(keptFolder());
}

/**
 * Servers for this run alone, with data in a temporary folder.
 * @param {Log} log
 * @returns {Promise<Servers>} `stop` ends them and removes the folder
 */
export async function ownServers(log) {
  await sweep(log);
  const folder = join(tmpdir(), PREFIX + randomBytes(6).toString('hex'));
  mkdirSync(folder, { mode: 0o711 });
  tryLock(join(folder, 'owner'));
  const stop = () => remove(folder);
  try {
    return { environment: await start(folder, log), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {string} folder
 * @param {Log} log
 */
async function start(folder, log) {
  const places = { dataDir: folder, cacheDir: cacheFolder(), log };
  const database = process.env.HOLDFAST_TEST_DATABASE_URL || (await startPostgres(places)).url;
  // A server that was given may be somebody's: never a namespace that he could know.
  const given = Boolean(process.env.TEMPORAL_ADDRESS);
  const namespace = `holdfast-test${given ? `-${randomBytes(4).toString('hex')}` : ''}`;
  const temporal = await startTemporal({ ...places, namespace });
  return {
    HOLDFAST_TEST_FOLDER: folder,
    HOLDFAST_TEST_DATABASE_URL: database,
    HOLDFAST_TEST_TEMPORAL_ADDRESS: temporal.address,
    HOLDFAST_TEST_TEMPORAL_NAMESPACE: namespace,
    HOLDFAST_TEST_TEMPORAL_UI: temporal.ui ?? '',
  };
}

/** Ends what runs on folders whose run was killed. @param {Log} log */
async function sweep(log) {
  for (const name of readdirSync(tmpdir()).filter((file) => file.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name);
    const owner = join(folder, 'owner');
    // Without the file it is either none of ours or being made at this moment.
    if (!existsSync(owner) || holderOf(owner)) continue;
    log(`removing what a killed test run has left in ${folder}`);
    if (tryLock(owner) === 0) await remove(folder);
  }
}

/** Tests of the launchers keep folders of their own below. @param {string} folder */
async function remove(folder) {
  const below = readdirSync(folder).filter((name) => name.startsWith('house-'));
  for (const dataDir of [folder, ...below.map((name) => join(folder, name))]) {
    await endLeftServices(dataDir, () => {});
    await removeTemporal(dataDir);
    await removePostgres({ dataDir, log: () => {} });
  }
  unlock(join(folder, 'owner'));
  rmSync(folder, { recursive: true, force: true });
}
