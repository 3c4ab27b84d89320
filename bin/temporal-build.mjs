/**
 * Owns building the Temporal server from source with Go, and saying how far it is.
 * Must not know where the program is kept afterwards.
 */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { Trouble } from './trouble.mjs';

const PACKAGE = 'github.com/temporalio/cli';
const PROGRESS_MS = 10_000;

/**
 * The version of Go on PATH when it is new enough (1.25), else null.
 * @returns {Promise<string | null>}
 */
export async function goVersion() {
  try {
    const { stdout } = await promisify(execFile)('go', ['version'], { timeout: 20_000 });
    const [, major = 0, minor = 0] = (/go(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
    return major > 1 || (major === 1 && minor >= 25) ? `${major}.${minor}` : null;
  } catch {
    return null; // no Go: the caller says what else there is
  }
}

/**
 * Builds the program into a folder. It appears there whole or not at all.
 * @param {{ version: string, folder: string, log: (line: string) => void }} options
 */
export async function buildTemporal({ version, folder, log }) {
  log(`building the Temporal server ${version} with Go: 3 to 5 minutes, once on this machine`);
  const startedAt = Date.now();
  const flags = `-s -w -X ${PACKAGE}/temporalcli.Version=${version}`;
  const child = spawn(
    'go',
    ['install', '-v', '-trimpath', '-ldflags', flags, `${PACKAGE}/cmd/temporal@v${version}`],
    {
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: '0', GOBIN: folder, GOFLAGS: '', GOWORK: 'off' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const stopChild = () => child.kill();
  process.once('exit', stopChild);
  const seen = { downloaded: 0, compiled: 0, tail: /** @type {string[]} */ ([]) };
  child.stderr.setEncoding('utf8').on('data', (text) => count(seen, text));
  const timer = setInterval(() => log(progress(seen, startedAt)), PROGRESS_MS);
  const code = await new Promise((done) => child.once('close', done).once('error', done));
  clearInterval(timer);
  process.off('exit', stopChild);
  if (code === 0) {
    log(`built in ${seconds(startedAt)} s`);
    return;
  }
  const cure = 'free memory and disk (2 GB), check GOPROXY, or set TEMPORAL_ADDRESS';
  throw new Trouble(`building Temporal failed:\n${seen.tail.join('\n')}`, cure, code);
}

/**
 * Go names each module that it fetches and each package that it compiles, one per line.
 * @param {{ downloaded: number, compiled: number, tail: string[] }} seen
 * @param {string} text
 */
function count(seen, text) {
  for (const line of text.split('\n').filter(Boolean)) {
    if (line.startsWith('go: downloading')) seen.downloaded += 1;
    else seen.compiled += 1;
    seen.tail = [...seen.tail, line].slice(-8);
  }
}

/**
 * @param {{ downloaded: number, compiled: number }} seen
 * @param {number} startedAt
 */
function progress({ downloaded, compiled }, startedAt) {
  const work = compiled === 0 ? `${downloaded} modules fetched` : `${compiled} packages compiled`;
  return `building Temporal: ${work}, ${seconds(startedAt)} s`;
}

/** @param {number} since */
const seconds = (since) => Math.round((Date.now() - since) / 1000);
