/**
 * Owns which guards the tables have and how each is taken out: who may, what a dispute and a hold
 * stop, what stands against a command, what is wrong with a body; and each journal of the books.
 * Read off the tables themselves, so that a new row has its mutants by itself.
 * Must not know which test notices (`plan.ts`).
 */
import { AGREEMENT } from '../../domain/agreement';
import { BOOKKEEPING } from '../../domain/bookkeeping';
import { MILESTONE } from '../../domain/milestone';
import { KINDS, PROPOSAL } from '../../domain/negotiation';
import { WHO } from '../../domain/parties';
import { GUARDS, PROBLEMS } from '../../domain/proposal-guards';

export type MutatedTable = 'agreement' | 'milestone' | 'negotiation' | 'bookkeeping';

export type Mutant = {
  readonly table: MutatedTable;
  readonly file: string;
  readonly row: string; // its stages and its command, as the table has them
  readonly guard: string;
  /** Changes the tables of this process; what it answers undoes it. */
  readonly plant: () => () => void;
};

/** One cell of a table: rows that stages share are the same object. */
type Cell = { readonly table: MutatedTable; readonly name: string; readonly row: object };

/** Every mutant, in the order of the tables; one that stages share is named by its first. */
export function mutantsOf(): readonly Mutant[] {
  const known = new Map<object, Set<string>>();
  const isNew = (holder: object, guard: string): boolean => {
    const guards = known.get(holder) ?? new Set();
    known.set(holder, guards);
    return !guards.has(guard) && guards.add(guard).has(guard);
  };
  return [
    ...cellsOf().flatMap((cell) => ofRow(cell, isNew)),
    ...Object.entries(BOOKKEEPING).flatMap(([event, journal]) =>
      journal === null ? [] : [mutant('bookkeeping', event, 'journal', BOOKKEEPING, event, null)],
    ),
  ];
}

/** All cells of the three tables that decide commands. */
export function cellsOf(): readonly Cell[] {
  const answers = (table: MutatedTable, stages: object): readonly Cell[] =>
    Object.entries(stages).flatMap(([stage, rows]) =>
      Object.entries<object>(rows).map(([command, row]) => ({
        table,
        name: `${stage} ${command}`,
        row,
      })),
    );
  const kinds = Object.entries(KINDS).map(([kind, row]) => ({
    table: 'negotiation' as const,
    name: `propose ${kind}`,
    row,
  }));
  return [
    ...answers('agreement', AGREEMENT),
    ...answers('milestone', MILESTONE),
    ...kinds,
    ...answers('negotiation', PROPOSAL),
  ];
}

/** A guard that stands against nothing. */
const NEVER = (): boolean => false;
const NOTHING = (): null => null;

type Fields = { readonly [field: string]: unknown };

function ofRow(
  { table, name, row }: Cell,
  isNew: (row: object, guard: string) => boolean,
): readonly Mutant[] {
  const fields: Fields = { ...row };
  const kind = name.replace(/^propose /, '');
  const isKind = 'by' in fields;
  const isDraft = name.startsWith('draft '); // nobody can put one on hold
  const guards = isKind ? { unless: entryOf(GUARDS, kind) } : fields;
  const once = (field: string, to: unknown): readonly Mutant[] =>
    isNew(row, field) ? [mutant(table, name, field, row, field, to)] : [];
  return [
    ...once(isKind ? 'by' : 'who', Object.keys(WHO)),
    ...(isStopped(fields) ? once('dispute', 'either') : []),
    ...('on_hold' in fields || isKind || isDraft ? [] : once('on_hold', 'passes')),
    ...(['unless', 'check'] as const).flatMap((part) => {
      const all = entryOf(guards, part);
      if (typeof all !== 'object' || all === null) return [];
      return Object.keys(all).flatMap((code) =>
        isNew(all, code) ? [mutant(table, name, `${part} ${code}`, all, code, NEVER)] : [],
      );
    }),
    ...(isKind ? [mutant(table, name, 'problem', PROBLEMS, kind, NOTHING)] : []),
    ...('problem' in fields ? once('problem', NOTHING) : []),
  ];
}

/** Of a proposal about several milestones no single dispute is asked: its content is looked at. */
const isStopped = ({ dispute, milestone }: Fields): boolean =>
  (dispute === 'no' || dispute === 'only') && milestone !== null;

const entryOf = (of: object, name: string): unknown =>
  Object.entries(of).find(([key]) => key === name)?.[1];

function mutant(
  table: MutatedTable,
  row: string,
  guard: string,
  holder: object,
  field: string,
  to: unknown,
): Mutant {
  const plant = (): (() => void) => {
    const before = Object.getOwnPropertyDescriptor(holder, field);
    if (!Reflect.set(holder, field, to)) throw new Error(`${row} ${guard} cannot be changed`);
    return () => {
      if (before) Object.defineProperty(holder, field, before);
      else Reflect.deleteProperty(holder, field);
    };
  };
  return { table, file: `domain/${table}.ts`, row, guard, plant };
}

/** What tells one from all others. */
export const nameOf = ({ table, row, guard }: Mutant): string => `${table}: ${row}: ${guard}`;
