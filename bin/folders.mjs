/**
 * Owns where things lie on this machine: the repository, the cache, files of a data folder.
 * Must not know what is kept there.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Our folder in the user's cache: what can be made again, and is shared by all clones.
 * @returns {string}
 */
export function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'holdfast');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'holdfast');
  if (process.platform === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'holdfast');
  return join(homedir(), '.cache', 'holdfast');
}

/**
 * True when every folder on the way lets others through, so that `nobody` can get there.
 * Folders that do not exist yet are counted as open: we shall make them so.
 * @param {string} path
 * @returns {boolean}
 */
export function isOpenToOthers(path) {
  for (let at = resolve(path); ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat && (stat.mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * A small JSON file, or the given value when there is none or it is broken.
 * @template T
 * @param {string} path
 * @param {T} otherwise
 * @returns {T}
 */
export function readJson(path, otherwise) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return otherwise;
  }
}

/**
 * Writes a small JSON file for the owner alone; a reader sees the old one or the new one, whole.
 * @param {string} path
 * @param {unknown} value
 */
export function writeJson(path, value) {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/**
 * The last lines of a log file, for a message about an early exit.
 * @param {string} path
 * @param {number} [lines]
 * @returns {string}
 */
export function lastLines(path, lines = 8) {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}
