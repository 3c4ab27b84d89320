/**
 * Owns `npm run mutate`: takes each guard of the tables and each journal of the books out in turn,
 * in the memory of a process of its own, and says which of them no pure test notices.
 *   npm run mutate -- [--json FILE] [--only PATTERN] [--workers N] [--limit SECONDS]
 * Must not know the guards (`test/mutation/mutants.ts`), nor change a file of the tree.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './folders.mjs';
import { installDependencies } from './install.mjs';
import { runTypescript } from './run-typescript.mjs';
import { Trouble, tell } from './trouble.mjs';

/**
 * @typedef {{ name: string, table: keyof typeof TELLING, file: string, row: string,
 *   guard: string }} Mutant
 * @typedef {{ limitMs: number, workers: number }} Limits how long a run may take, how many at once
 */

/** The tests that know most of a table, first: most mutants end there. */
const TELLING = {
  agreement: ['agreement', 'acceptance', 'funding', 'refunds'],
  milestone: ['milestone', 'disputes', 'disbursement'],
  negotiation: ['negotiation', 'proposals'],
  bookkeeping: ['bookkeeping'],
};
/** Then all others, those last that play whole lives. */
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
      limit: { type: 'string', default: '300' },
    },
  });
  await installDependencies('develop', () => {});
  const mutants = await listOf(new RegExp(values.only, 'i'));
  const limits = { limitMs: Number(values.limit) * 1_000, workers: Number(values.workers) };
  await assertGreen(limits, [...new Set(mutants.map(({ table }) => table))]);
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
 * A test that is red without any mutant would kill them all.
 * @param {Limits} limits
 * @param {readonly (keyof typeof TELLING)[]} tables
 */
async function assertGreen(limits, tables) {
  if (!(await isRed(limits, null, tables.flatMap(pathsOf)))) return;
  throw new Trouble('the tests are red without any mutant', 'npx jest --selectProjects pure');
}

/**
 * @param {Limits} limits
 * @param {readonly Mutant[]} mutants
 * @returns {Promise<readonly Pick<Mutant, 'file' | 'row' | 'guard'>[]>} in the order of the tables
 */
async function survivorsOf(limits, mutants) {
  /** @type {Set<Mutant>} */
  const alive = new Set();
  const waiting = [...mutants];
  const work = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const isKilled = await isNoticed(limits, mutant);
      if (!isKilled) alive.add(mutant);
      console.log(`${isKilled ? 'killed  ' : 'SURVIVED'} ${mutant.name}`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limits.workers) }, work));
  return mutants
    .filter((mutant) => alive.has(mutant))
    .map(({ file, row, guard }) => ({ file, row, guard }));
}

/**
 * @param {Limits} limits
 * @param {Mutant} mutant
 */
async function isNoticed(limits, mutant) {
  for (const paths of [pathsOf(mutant.table), ...OTHERS.map((path) => [path])]) {
    if (await isRed(limits, mutant, paths)) return true;
  }
  return false;
}

/** @param {keyof typeof TELLING} table */
const pathsOf = (table) => TELLING[table].map((name) => `/test/domain/${name}\\.test`);

/**
 * Does a test fail? Red is also a run that does not end in time: with a guard gone it may go on for
 * ever. Jest writes no results once it bails out, so what it says is read.
 * @param {Limits} limits
 * @param {Mutant | null} mutant
 * @param {readonly string[]} paths
 * @returns {Promise<boolean>}
 */
async function isRed({ limitMs }, mutant, paths) {
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const config = join('test', 'mutation', 'jest.config.mjs');
  const args = [...paths, '--config', config, '--runInBand', '--bail', '--silent', '--no-colors'];
  const child = spawn(process.execPath, [jest, ...args], {
    cwd: ROOT,
    env: { ...process.env, HOLDFAST_TEST_MUTANT: mutant?.name ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  const code = await new Promise((done) => child.once('close', done).once('error', done));
  clearTimeout(timer);
  if (isLate || /^Test Suites: [1-9]\d* failed/m.test(said)) return true;
  if (code === 0 && /^Tests: .*[1-9]\d* passed/m.test(said)) return false;
  throw new Trouble(`jest has not run ${paths.join(' ')}:\n${said}`, 'mend what it says');
}
