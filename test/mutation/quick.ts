/**
 * Owns the first look at every mutant: all tests that do not take long are loaded once, and asked
 * again for each mutant in the same process, until one fails.
 * Must not have the last word: what a test works out while it is loaded has not seen the mutant
 * (`plant.ts`).
 */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MutatedTable, mutantsOf, nameOf } from './mutants';

/** By table, what knows most of it: asked first. */
const TELLING: { readonly [T in MutatedTable]: readonly string[] } = {
  agreement: ['agreement', 'acceptance', 'funding', 'hold', 'refunds'],
  milestone: ['milestone', 'disputes', 'disbursement', 'hold', 'override', 'reserves', 'parts'],
  negotiation: ['negotiation', 'proposals', 'proposals-milestones'],
  bookkeeping: ['bookkeeping', 'bookkeeping-early'],
};

/** Then all others; but not those that take long, that ship a rulebook of their own, or that read
 * the printed pages (`jest.config.mjs`). */
const OTHERS = readdirSync(join(__dirname, '..', 'domain'))
  .filter(
    (name) => name.endsWith('.test.ts') && !/^(lives|preview|fees-paths|rulebook|drift)/.test(name),
  )
  .map((name) => name.replace('.test.ts', ''));

type Body = (...row: readonly unknown[]) => unknown;
type Question = () => unknown;

/** The questions of a test file, taken down instead of asked. */
function questionsOf(load: () => void): readonly Question[] {
  const found: Question[] = [];
  const rowsOf = (rows: readonly unknown[], see: (row: readonly unknown[]) => void): void => {
    for (const row of rows) see(Array.isArray(row) ? row : [row]);
  };
  const take = (_: string, body: Body): number => found.push(() => body());
  const takeEach = (rows: readonly unknown[]) => (_: string, body: Body) =>
    rowsOf(rows, (row) => found.push(() => body(...row)));
  const enter = (_: string, body: Body): unknown => body();
  const enterEach = (rows: readonly unknown[]) => (_: string, body: Body) =>
    rowsOf(rows, (row) => body(...row));
  const { test: asks, describe: groups } = globalThis;
  const mine = {
    test: Object.assign(take, { each: takeEach }),
    describe: Object.assign(enter, { each: enterEach }),
  };
  try {
    Object.assign(globalThis, mine);
    load();
  } finally {
    Object.assign(globalThis, { test: asks, describe: groups });
  }
  return found;
}

/** A file that tells of two tables is loaded once, or the second would find nothing. */
const LOADED = new Map<string, readonly Question[]>();

function questionsIn(name: string): readonly Question[] {
  const found = LOADED.get(name) ?? questionsOf(() => require(`../domain/${name}.test`));
  if (found.length === 0) throw new Error(`${name} asks nothing`);
  LOADED.set(name, found);
  return found;
}

const asked = (table: MutatedTable): readonly Question[] =>
  [...new Set([...TELLING[table], ...OTHERS])].flatMap(questionsIn);

const QUESTIONS: { readonly [T in MutatedTable]: readonly Question[] } = {
  agreement: asked('agreement'),
  milestone: asked('milestone'),
  negotiation: asked('negotiation'),
  bookkeeping: asked('bookkeeping'),
};

async function fails(table: MutatedTable): Promise<boolean> {
  try {
    for (const question of QUESTIONS[table]) await question();
    return false;
  } catch {
    return true;
  }
}

test('the first look at every mutant that is asked for', async () => {
  const { HOLDFAST_TEST_MUTANTS: wanted = '', HOLDFAST_TEST_VERDICTS: verdicts } = process.env;
  if (!verdicts) throw new Error('npm run mutate says where to');
  const names = new Set<unknown>(JSON.parse(readFileSync(wanted, 'utf8')));
  const mutants = mutantsOf().filter((mutant) => names.has(nameOf(mutant)));
  if (await fails('agreement')) throw new Error('the tests are red without any mutant');
  for (const mutant of mutants) {
    const undo = mutant.plant();
    const killed = await fails(mutant.table);
    undo();
    appendFileSync(verdicts, `${JSON.stringify({ name: nameOf(mutant), killed })}\n`);
  }
  expect(await fails('agreement')).toBe(false); // each has been undone
}, 3_600_000);
