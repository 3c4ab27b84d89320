/**
 * Owns whether the locked dependencies are there, and installing them when they are not
 * (`stack.md`, section 5).
 * Must not know who needs them.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, readJson, writeJson } from './folders.mjs';
import { withLock } from './lock.mjs';
import { Trouble } from './trouble.mjs';

const MODULES = join(ROOT, 'node_modules');
const MARKER = join(MODULES, '.holdfast.json');

/** From small to large; a larger set is enough for who needs a smaller one. */
const SETS = {
  run: ['--workspaces=false', '--omit=dev'],
  develop: ['--workspaces=false'],
  all: [],
};

/**
 * Makes sure that the locked dependencies of a set are installed.
 * @param {keyof typeof SETS} set
 * @param {(line: string) => void} log
 */
export async function installDependencies(set, log) {
  if (isInstalled(set)) return;
  // Outside the repository: npm removes node_modules, and nothing of ours belongs beside it.
  const name = createHash('sha256').update(ROOT).digest('hex').slice(0, 16);
  const lock = join(tmpdir(), `holdfast-install-${name}.lock`);
  await withLock(lock, log, 'another process installs the dependencies', async () => {
    if (isInstalled(set)) return;
    log(`installing the locked dependencies (set: ${set})`);
    rmSync(MARKER, { force: true });
    await runInstall(['ci', ...SETS[set], '--no-audit', '--no-fund', '--loglevel=error'], log);
    writeJson(MARKER, { lock: lockHash(), set });
  });
}

/** @param {keyof typeof SETS} set */
function isInstalled(set) {
  const sizes = Object.keys(SETS);
  const marker = readJson(MARKER, { lock: '', set: '' });
  if (marker.lock === lockHash() && sizes.indexOf(marker.set) >= sizes.indexOf(set)) return true;
  if (!isEverythingThere(set)) return false;
  // Somebody ran npm by hand and has it all: no reason to pull the floor from under them.
  writeJson(MARKER, { lock: lockHash(), set });
  return true;
}

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean,
 *   os?: string[], cpu?: string[], libc?: string[] }} Package
 */

/**
 * Compares the lock with npm's own record of what it has put into node_modules.
 * @param {keyof typeof SETS} set
 */
function isEverythingThere(set) {
  if (set === 'all') return false;
  /** @type {{ packages: Record<string, Package> }} */
  const wanted = readJson(join(ROOT, 'package-lock.json'), { packages: {} });
  /** @type {{ packages: Record<string, Package> }} */
  const present = readJson(join(MODULES, '.package-lock.json'), { packages: {} });
  return Object.entries(wanted.packages).every(([path, locked]) => {
    if (!path.startsWith('node_modules/')) return true; // ourselves, and the workspaces
    const found = present.packages[path];
    if (found) return found.version === locked.version && existsSync(join(ROOT, path));
    return (set === 'run' && locked.dev) || !isForThisMachine(locked);
  });
}

/** Optional packages are left out where they cannot run. @param {Package} locked */
function isForThisMachine({ optional, devOptional, os, cpu, libc }) {
  if (!optional && !devOptional) return true;
  if (!os || !cpu || libc) return false; // belongs to another optional one, or cannot be told
  return os.includes(process.platform) && cpu.includes(process.arch);
}

/**
 * @param {readonly string[]} args
 * @param {(line: string) => void} log
 */
async function runInstall(args, log) {
  const startedAt = Date.now();
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const child = spawn(npm, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: '' }, // with `production` npm would leave out what we ask for
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const timer = setInterval(() => log(`installing: ${seconds()} s`), 10_000);
  const code = await new Promise((done) => child.once('close', done).once('error', done));
  clearInterval(timer);
  if (code === 0) return;
  const tail = output.trimEnd().split('\n').slice(-12).join('\n');
  const cure = 'check the network and the registry of npm (`npm config get registry`), run again';
  throw new Trouble(`npm ${args.join(' ')} failed:\n${tail}`, cure, code);
}
