/**
 * Owns where the `temporal` program comes from: PATH, our cache, the SDK's download, a build
 * from source with Go (`temporal.md`, section 9, order 3 to 6).
 * Must not know how a server is started.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './folders.mjs';
import { withLock } from './lock.mjs';
import { buildTemporal, goVersion } from './temporal-build.mjs';
import { Trouble } from './trouble.mjs';

/** The newest tag of the command line that `go install` accepts; server 1.29.1, UI 2.42.1. */
export const VERSION = '1.5.1';
const SERVER_MIN = [1, 29];
const DOWNLOAD_LIMIT_MS = 60_000;
const NAME = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/**
 * @typedef {(line: string) => void} Log
 */

/**
 * The path or name of a program that can be run and is new enough.
 * @param {{ cacheDir: string, log: Log }} options
 * @returns {Promise<string>}
 */
export async function temporalBinary({ cacheDir, log }) {
  const onPath = await serverVersion('temporal');
  if (isNewEnough(onPath)) return 'temporal';
  if (onPath) log(`the temporal program on PATH has server ${onPath}; 1.29 is needed`);
  const home = join(cacheDir, 'temporal', VERSION);
  if (isNewEnough(await serverVersion(join(home, NAME)))) return join(home, NAME);
  mkdirSync(join(cacheDir, 'temporal'), { recursive: true });
  return withLock(`${home}.lock`, log, 'another process fetches the Temporal server', async () => {
    const path = join(home, NAME);
    if (isNewEnough(await serverVersion(path))) return path; // the process that we waited for
    const draft = `${home}.draft`;
    rmSync(draft, { recursive: true, force: true }); // what an abandoned try has left
    mkdirSync(draft);
    try {
      const made = (await downloaded(draft, log)) ?? (await built(draft, log));
      if (!isNewEnough(await serverVersion(made))) {
        throw new Trouble(`${made} does not run`, choices());
      }
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home);
      renameSync(made, path);
      return path;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
}

/**
 * Where a start would take the program from, without fetching anything.
 * Throws a Trouble when only the network could help, and lists what else would.
 * @param {string} cacheDir
 * @returns {Promise<string>} one sentence
 */
export async function temporalSource(cacheDir) {
  if (isNewEnough(await serverVersion('temporal'))) return 'the temporal program on PATH';
  const cached = join(cacheDir, 'temporal', VERSION, NAME);
  if (isNewEnough(await serverVersion(cached))) return cached;
  const go = await goVersion();
  if (go) return `downloaded, or built once with Go ${go} (3 to 5 minutes)`;
  throw new Trouble('no Temporal server at hand: the first start downloads one', choices());
}

/**
 * The server version of a program, or null when it cannot be run.
 * @param {string} binary
 * @returns {Promise<string | null>}
 */
async function serverVersion(binary) {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 20_000 });
    return /Server (\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null; // not there, or not for this machine: the next source is tried
  }
}

/** @param {string | null} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = SERVER_MIN;
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/**
 * The SDK's own download, in a process of its own: it has no time limit and cannot be stopped.
 * @param {string} draft
 * @param {Log} log
 * @returns {Promise<string | null>} null when there is no way to the download
 */
async function downloaded(draft, log) {
  log(`downloading the Temporal server ${VERSION} (at most ${DOWNLOAD_LIMIT_MS / 1000} s)`);
  const script = join(ROOT, 'bin', 'temporal-download.mjs');
  const child = spawn(process.execPath, [script, draft, `v${VERSION}`], { stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), DOWNLOAD_LIMIT_MS);
  const code = await new Promise((done) => child.once('exit', done).once('error', done));
  clearTimeout(timer);
  const name = readdirSync(draft).find((file) => file.startsWith('temporal'));
  if (code === 0 && name) return join(draft, name);
  log('the download failed; building it from source instead');
  return null;
}

/**
 * @param {string} draft
 * @param {Log} log
 * @returns {Promise<string>}
 */
async function built(draft, log) {
  const version = await goVersion();
  if (!version)
    throw new Trouble('there is no Temporal server, and no Go ≥ 1.25 to build one', choices());
  await buildTemporal({ version: VERSION, folder: draft, log });
  const path = join(draft, NAME);
  if (!existsSync(path)) throw new Trouble('the build of Temporal left no program', choices());
  return path;
}

const choices = () =>
  [
    'any one of these will do:',
    '    TEMPORAL_ADDRESS=host:port   a Temporal server (1.29 or newer) that can be reached',
    '    the `temporal` program on PATH (https://docs.temporal.io/cli)',
    '    access to https://temporal.download',
    '    Go 1.25 or newer on PATH (https://go.dev/dl)',
  ].join('\n');
