/**
 * Owns that every guard of the tables has a mutant, counted from the tables themselves, and that
 * taking one out can be undone.
 * Must not know which test notices which (`npm run mutate`).
 */
import { AGREEMENT } from '../../../domain/agreement';
import { BOOKKEEPING } from '../../../domain/bookkeeping';
import { MILESTONE } from '../../../domain/milestone';
import { KINDS, PROPOSAL } from '../../../domain/negotiation';
import { GUARDS, PROBLEMS } from '../../../domain/proposal-guards';
import { mutantsOf, nameOf } from '../../mutation/mutants';

type AnyRow = {
  readonly who: readonly string[];
  readonly dispute?: string;
  readonly on_hold?: string;
  readonly unless?: object;
  readonly check?: object;
};

const MUTANTS = mutantsOf();
const rowsOf = (stages: object): readonly AnyRow[] =>
  Object.values<object>({ ...stages }).flatMap((rows) => Object.values<AnyRow>({ ...rows }));
/** Rows that stages share count once. */
const ROWS = [...new Set([AGREEMENT, MILESTONE, PROPOSAL].flatMap(rowsOf))];
const DRAFT = rowsOf({ draft: AGREEMENT.draft });

const guardsIn = (holders: readonly (object | undefined)[]): number =>
  [...new Set(holders)].flatMap((guards) => Object.keys(guards ?? {})).length;
const named = (pattern: RegExp): number =>
  MUTANTS.filter(({ guard }) => pattern.test(guard)).length;

test.each<[string, RegExp, number]>([
  ['who may', /^(who|by)$/, ROWS.length + Object.keys(KINDS).length],
  [
    'what a dispute stops, where it is about one milestone',
    /^dispute$/,
    ROWS.filter(({ dispute }) => dispute === 'no' || dispute === 'only').length +
      Object.values(KINDS).filter(({ milestone }) => milestone !== null).length,
  ],
  [
    'what a hold stops, but in a draft, which cannot be held',
    /^on_hold$/,
    ROWS.filter((row) => row.on_hold === undefined && !DRAFT.includes(row)).length,
  ],
  [
    'what stands against a command',
    /^unless /,
    guardsIn([...ROWS.map(({ unless }) => unless), ...Object.values(GUARDS)]),
  ],
  ['what is wrong with a body', /^check /, guardsIn(ROWS.map(({ check }) => check))],
  [
    'what is wrong with a proposal, or with who takes a place',
    /^problem$/,
    Object.keys(PROBLEMS).length + ROWS.filter((row) => 'problem' in row).length,
  ],
  ['each journal', /^journal$/, Object.values(BOOKKEEPING).filter((row) => row !== null).length],
])('every row has its mutants: %s', (_, pattern, count) => {
  expect(count).toBeGreaterThan(0);
  expect(named(pattern)).toBe(count);
});

test('each mutant has a name of its own, and there are forty at least', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(MUTANTS.map(nameOf)).size).toBe(MUTANTS.length);
});

test('each mutant changes its table, and undoing it leaves the table as it was', () => {
  const before = told();
  const wrong = MUTANTS.filter((mutant) => {
    const undo = mutant.plant();
    const isChanged = told() !== before;
    undo();
    return !isChanged || told() !== before;
  });
  expect(wrong.map(nameOf)).toEqual([]);
});

/** Everything in the tables, functions by their text. */
function told(): string {
  const parts = [AGREEMENT, MILESTONE, PROPOSAL, KINDS, GUARDS, PROBLEMS, BOOKKEEPING];
  return JSON.stringify(parts, (_, value: unknown) =>
    typeof value === 'function' ? `${value.name} ${value.toString()}` : value,
  );
}
