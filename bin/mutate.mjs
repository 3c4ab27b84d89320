/**
 * Owns `npm run mutate`: takes each guard of the tables and each journal of the books out in turn,
 * in the memory of a process of its own, and says which of them no pure test notices.
 *   npm run mutate -- [--json FILE] [--only PATTERN] [--workers N] [--limit SECONDS]
 * Must not know the guards (`test/mutation/mutants.ts`), nor change a file of the tree.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './folders.mjs';
import { installDependencies } from './install.mjs';
import { runTypescript } from './run-typescript.mjs';
import { Trouble, tell } from './trouble.mjs';

/**
 * @typedef {{ name: string, file: string, row: string, guard: string }} Mutant
 * @typedef {{ limitMs: number, workers: number }} Limits how long a run may take, how many at once
 */

/** The other tests, those last that play whole lives. */
const LIVES = '(lives|preview|fees-paths)';
const OTHERS = [`/test/domain/(?!${LIVES})`, `/test/domain/${LIVES}`];

main().catch((error) => {
  console.error(tell(error));
  process.exitCode = 1;
});

async function main() {
  const { values } = parseArgs({
    options: {
      json: { type: 'string' },
      only: { type: 'string', default: '' },
      workers: { type: 'string', default: '2' },
      limit: { type: 'string', default: '900' },
    },
  });
  await installDependencies('develop', () => {});
  const mutants = await listOf(new RegExp(values.only, 'i'));
  const limits = { limitMs: Number(values.limit) * 1_000, workers: Number(values.workers) };
  const survivors = await survivorsOf(limits, mutants);
  const total = mutants.length;
  const result = { total, killed: total - survivors.length, survivors };
  if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  for (const { file, row, guard } of survivors) console.log(`not noticed: ${file} ${row} ${guard}`);
  console.log(`${result.killed} of ${total} killed`);
}

/**
 * @param {RegExp} only
 * @returns {Promise<readonly Mutant[]>}
 */
async function listOf(only) {
  const cure = 'mend what it names: test/mutation/mutants.ts reads the tables';
  const printed = await runTypescript('test/mutation/print.ts', { environment: {}, cure });
  const all = /** @type {readonly Mutant[]} */ (JSON.parse(printed));
  const mutants = all.filter(({ name }) => only.test(name));
  if (mutants.length > 0) return mutants;
  throw new Trouble(`none of ${all.length} mutants is called ${only}`, 'try a part of a name');
}

/**
 * @param {Limits} limits
 * @param {readonly Mutant[]} mutants
 * @returns {Promise<readonly Pick<Mutant, 'file' | 'row' | 'guard'>[]>} in the order of the tables
 */
async function survivorsOf(limits, mutants) {
  /** @type {Set<string>} */
  const alive = new Set();
  const waiting = await firstLook(limits, mutants);
  const work = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const isKilled = await isNoticed(limits, name);
      if (!isKilled) alive.add(name);
      tellOf(name, isKilled);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limits.workers) }, work));
  return mutants
    .filter(({ name }) => alive.has(name))
    .map(({ file, row, guard }) => ({ file, row, guard }));
}

/**
 * @param {string} name
 * @param {boolean} isKilled
 */
const tellOf = (name, isKilled) => console.log(`${isKilled ? 'killed  ' : 'SURVIVED'} ${name}`);

/**
 * Asks the most telling tests of all mutants in one process, and answers the names of those that
 * none of them has noticed. A mutant with which it goes on for ever is noticed: the next process
 * begins behind it.
 * @param {Limits} limits
 * @param {readonly Mutant[]} mutants
 * @returns {Promise<string[]>}
 */
async function firstLook({ limitMs }, mutants) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-mutate-'));
  const [asked, verdicts] = [join(folder, 'asked.json'), join(folder, 'verdicts')];
  const environment = { HOLDFAST_TEST_MUTANTS: asked, HOLDFAST_TEST_VERDICTS: verdicts };
  /** @type {string[]} */
  const alive = [];
  try {
    for (let left = mutants.map(({ name }) => name); left.length > 0; ) {
      writeFileSync(asked, JSON.stringify(left));
      writeFileSync(verdicts, '');
      const last = () => statSync(verdicts).mtimeMs;
      const { code, isLate, said } = await runJest(['/test/mutation/quick'], environment, {
        limitMs,
        last,
      });
      if (code !== 0 && !isLate) throw new Trouble(said, 'npx jest --selectProjects pure');
      const found = readFileSync(verdicts, 'utf8').split('\n').filter(Boolean);
      const endless = left.slice(found.length, found.length + 1);
      const seen = found.map((line) => JSON.parse(line));
      alive.push(...seen.filter(({ killed }) => !killed).map(({ name }) => name));
      for (const { name, killed } of seen) if (killed) tellOf(name, true);
      for (const name of endless) tellOf(name, true);
      left = left.slice(found.length + endless.length);
    }
    return alive;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Does any of the other tests notice a mutant? Each runs with the guard taken out before it is
 * loaded. A run that does not end in time has noticed.
 * @param {Limits} limits
 * @param {string} name
 */
async function isNoticed({ limitMs }, name) {
  for (const path of OTHERS) {
    const began = Date.now();
    const environment = { HOLDFAST_TEST_MUTANT: name };
    const { code, isLate, said } = await runJest([path], environment, {
      limitMs,
      last: () => began,
    });
    // Jest writes no results once it bails out, so what it says is read.
    if (isLate || /^Test Suites: [1-9]\d* failed/m.test(said)) return true;
    if (code !== 0) throw new Trouble(`jest has not run ${path}:\n${said}`, 'mend what it says');
  }
  return false;
}

/**
 * @param {readonly string[]} paths
 * @param {Record<string, string>} environment
 * @param {{ limitMs: number, last: () => number }} patience `last`: when something was heard
 * @returns {Promise<{ code: number, isLate: boolean, said: string }>}
 */
async function runJest(paths, environment, { limitMs, last }) {
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const config = join('test', 'mutation', 'jest.config.mjs');
  const args = [...paths, '--config', config, '--runInBand', '--bail', '--silent', '--no-colors'];
  const child = spawn(process.execPath, [jest, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  let isLate = false;
  const guard = setInterval(() => {
    if (Date.now() - last() < limitMs) return;
    isLate = true;
    child.kill('SIGKILL');
  }, 1_000);
  const code = await new Promise((done) => child.once('close', done).once('error', () => done(1)));
  clearInterval(guard);
  return { code, isLate, said };
}
