/**
 * Owns reading a block of aligned rows into cases, and asking every cell of it: the first row
 * that fits a cell decides what is expected, a cell without a row is a fault, so is a row that
 * no cell needs (`style.md`, rule 34).
 * Must not know what stages and commands there are: the test says.
 */

export type Cell = {
  readonly stage: string;
  readonly dispute: string;
  readonly by: string;
  readonly command: string;
};
export type TableRow = Cell & { readonly out: string; readonly line: number };

/** Everything that a table must have an answer for. */
export type Axes = {
  readonly situations: readonly (readonly [stage: string, dispute: string])[];
  readonly actors: readonly string[];
  readonly commands: readonly string[];
  /** Short words of the table for several values: `started` for five stages. */
  readonly words: { readonly [word: string]: readonly string[] };
};

/** One row a line: stage, dispute, by, command, what comes out. `a|b` is a or b, `*` is any. */
export function readTable(block: string): readonly TableRow[] {
  return block
    .split('\n')
    .map((text, at) => ({ text: text.trim(), line: at + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'))
    .map(({ text, line }) => {
      const fields = text.match(/^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.+)$/);
      if (!fields) throw new Error(`no row: ${text}`);
      const [, stage = '', dispute = '', by = '', command = '', out = ''] = fields;
      return { stage, dispute, by, command, out, line };
    });
}

/** One test a row, asking all the cells that it decides; and one that no cell lacks a row. */
export function testTable(block: string, axes: Axes, answer: (cell: Cell) => string): void {
  const rows = readTable(block);
  const decided = new Map<TableRow, Cell[]>(rows.map((row) => [row, []]));
  const missing: Cell[] = [];
  for (const cell of cellsOf(axes)) {
    const row = rows.find((each) => fitsRow(each, cell, axes.words));
    const cells = row && decided.get(row);
    if (cells) cells.push(cell);
    else missing.push(cell);
  }
  test('every cell has a row', () => expect(missing).toEqual([]));
  test.each(rows.map((row) => [nameOf(row), row] as const))('%s', (_, row) => {
    const cells = decided.get(row) ?? [];
    expect(cells).not.toEqual([]);
    const wrong = cells
      .map((cell) => ({ cell, out: answer(cell) }))
      .filter(({ out }) => out !== row.out)
      .map(({ cell, out }) => `${nameOf({ ...cell, out })}`);
    expect(wrong).toEqual([]);
  });
}

function cellsOf({ situations, actors, commands }: Axes): readonly Cell[] {
  return situations.flatMap(([stage, dispute]) =>
    commands.flatMap((command) => actors.map((by) => ({ stage, dispute, by, command }))),
  );
}

function fitsRow(row: TableRow, cell: Cell, words: Axes['words']): boolean {
  return (['stage', 'dispute', 'by', 'command'] as const).every((column) =>
    row[column]
      .split('|')
      .flatMap((word) => words[word] ?? [word])
      .some((word) => word === '*' || word === cell[column]),
  );
}

const nameOf = ({ stage, dispute, by, command, out }: Omit<TableRow, 'line'>): string =>
  `${stage}, ${dispute === '-' ? 'undisputed' : dispute}: ${by} ${command} → ${out}`;
