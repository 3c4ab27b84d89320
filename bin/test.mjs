/**
 * Owns `npm test`: installs, starts servers of its own, runs jest, ends what it has started, and
 * ends with the line `N passed, N failed`.
 *   npm test -- [--keep] [arguments of jest]   --keep leaves the servers up for the next --keep
 *   npm test -- --stop                         ends the servers that were kept
 * Must not know what is tested.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, readJson } from './folders.mjs';
import { installDependencies } from './install.mjs';
import { checkNode } from './node-version.mjs';
import { tell } from './trouble.mjs';

/** @param {string} line */
const log = (line) => console.log(`[test] ${line}`);

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(tell(error));
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
  },
);

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code
 */
async function main(args) {
  checkNode();
  await installDependencies('develop', log);
  // These need the dependencies.
  const { endKeptServers, keptServers, ownServers } = await import('./test-servers.mjs');
  if (args.includes('--stop')) {
    await endKeptServers();
    return 0;
  }
  const servers = args.includes('--keep') ? await keptServers(log) : await ownServers(log);
  const tally = join(tmpdir(), `holdfast-tally-${randomBytes(6).toString('hex')}.json`);
  let code = 1;
  try {
    const environment = { ...servers.environment, HOLDFAST_TEST_TALLY: tally };
    code = await runJest(
      args.filter((arg) => arg !== '--keep'),
      environment,
    );
  } finally {
    await servers.stop();
  }
  const counts = readJson(tally, { passed: 0, failed: 0 });
  rmSync(tally, { force: true });
  return report(code, counts);
}

/**
 * @param {readonly string[]} args
 * @param {Record<string, string>} environment
 * @returns {Promise<number>} exit code
 */
async function runJest(args, environment) {
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      ...args, // first: an option that takes a list would swallow a path after it
      '--reporters=default',
      `--reporters=${join(ROOT, 'test', 'harness', 'tally.mjs')}`,
    ],
    { cwd: ROOT, env: { ...withoutSettings(process.env), ...environment }, stdio: 'inherit' },
  );
  // A Ctrl-C reaches jest as well; we stay to end the servers behind it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const guard = setInterval(
    () => endIfHanging(child, environment.HOLDFAST_TEST_TALLY ?? ''),
    1_000,
  );
  const code = await new Promise((done) => {
    child.once('exit', (code) => done(code ?? 1)).once('error', () => done(1));
  });
  clearInterval(guard);
  return code;
}

/**
 * Jest waits for ever for what a test has left open. Once all results are there it has 15 s.
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} tally
 */
function endIfHanging(child, tally) {
  const written = statSync(tally, { throwIfNoEntry: false });
  if (!written || Date.now() - written.mtimeMs < 15_000) return;
  log('jest does not end: a test has left something open (npx jest --detectOpenHandles)');
  child.kill('SIGKILL');
}

/**
 * The user's settings of a real installation must not reach a test.
 * @param {NodeJS.ProcessEnv} env
 */
function withoutSettings(env) {
  const settings = /^(PORT|DATABASE_|TEMPORAL_|SANDBOX_|HOLDFAST_(?!TEST_))/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !settings.test(name)));
}

/**
 * Prints the last line. A run that fails in any other way than by a test counts as one failure,
 * and so does a run without tests: it has proved nothing.
 * @param {number} code
 * @param {{ passed: number, failed: number }} counts
 * @returns {number} exit code
 */
function report(code, { passed, failed }) {
  if (passed + failed === 0) log('no test ran');
  const broken = failed === 0 && (code !== 0 || passed === 0) ? 1 : 0;
  console.log(`${passed} passed, ${failed + broken} failed`);
  return failed + broken === 0 ? 0 : code || 1;
}
