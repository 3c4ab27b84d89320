/**
 * Owns the first look at every mutant: the tests that know most of its table are loaded once, and
 * asked again for each mutant in the same process, until one fails.
 * Must not have the last word: what a test works out while it is loaded has not seen the mutant
 * (`plant.ts`).
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { type MutatedTable, mutantsOf, nameOf, TABLES } from './mutants';

/** By table, the most telling first. */
const TELLING: { readonly [T in MutatedTable]: readonly string[] } = {
  agreement: ['agreement', 'acceptance', 'funding', 'hold', 'refunds', 'decide', 'milestone'],
  milestone: [
    'milestone',
    'disputes',
    'disbursement',
    'delivery',
    'hold',
    'override',
    'reserves',
    'parts',
  ],
  negotiation: ['negotiation', 'proposals', 'proposals-milestones', 'amendment', 'hold'],
  bookkeeping: ['bookkeeping', 'bookkeeping-early'],
};

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

const QUESTIONS: { readonly [T in MutatedTable]: readonly Question[] } = {
  agreement: TELLING.agreement.flatMap(questionsIn),
  milestone: TELLING.milestone.flatMap(questionsIn),
  negotiation: TELLING.negotiation.flatMap(questionsIn),
  bookkeeping: TELLING.bookkeeping.flatMap(questionsIn),
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
  const { HOLDFAST_TEST_MUTANTS: asked = '', HOLDFAST_TEST_VERDICTS: verdicts } = process.env;
  if (!verdicts) throw new Error('npm run mutate says where to');
  const names = new Set<unknown>(JSON.parse(readFileSync(asked, 'utf8')));
  const mutants = mutantsOf().filter((mutant) => names.has(nameOf(mutant)));
  for (const table of new Set(mutants.map((mutant) => mutant.table))) {
    if (await fails(table)) throw new Error(`the tests of ${table} are red without any mutant`);
  }
  for (const mutant of mutants) {
    const undo = mutant.plant();
    const killed = await fails(mutant.table);
    undo();
    appendFileSync(verdicts, `${JSON.stringify({ name: nameOf(mutant), killed })}\n`);
  }
  for (const table of TABLES) expect([table, await fails(table)]).toEqual([table, false]);
}, 3_600_000);
