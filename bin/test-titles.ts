/**
 * Owns reading which tests a file has, by their titles as a report names them, without running it:
 * groups and tests, rows of `test.each`, and rows of the aligned tables of `test/domain/table.ts`.
 * Must not know what a test is about.
 */
import ts from 'typescript';

/** Is there a test of this title in the file? A group comes first: `group › title`. */
export type HasTest = (title: string) => boolean;

/** A title with places (`%s is refused`), and whether its first column stands for a whole table. */
type Found = { readonly exact: Set<string>; readonly patterns: string[]; literals: Set<string> };

const GROUPS = ['describe'];
/** `every` asks one question of every life (`test/domain/every.ts`). */
const TESTS = ['test', 'it', 'every'];

/** The tests of a file; `text` is its source. */
export function testsIn(text: string): HasTest {
  const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest);
  const found: Found = { exact: new Set(), patterns: [], literals: new Set() };
  visit(source, source, [], found);
  return (title) =>
    found.exact.has(title) || found.patterns.some((each) => fits(each, title, found.literals));
}

function visit(node: ts.Node, source: ts.SourceFile, groups: readonly string[], found: Found) {
  if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) found.literals.add(node.text);
  const inner = ts.isCallExpression(node) ? note(node, source, groups, found) : groups;
  ts.forEachChild(node, (child) => visit(child, source, inner, found));
}

/** Notes the test that a call makes; answers with the groups that its arguments are in. */
function note(
  call: ts.CallExpression,
  source: ts.SourceFile,
  groups: readonly string[],
  { exact, patterns }: Found,
): readonly string[] {
  const name = nameOf(call.expression);
  const [first] = call.arguments;
  const add = (title: string): void => {
    const whole = [...groups, title].join(' › ');
    if (/%[a-z]/.test(whole)) patterns.push(whole);
    exact.add(whole);
  };
  if (name === 'testTable' && first) {
    for (const row of [...rowsOf(first, source), 'every cell has a row']) add(row);
    return groups;
  }
  const title = first && titleOf(first);
  if (title === undefined) return groups;
  if (GROUPS.includes(name)) return [...groups, title];
  if (TESTS.includes(name)) add(title);
  return groups;
}

/** `test` of `test(…)`, of `test.each(…)(…)` and of `test.each<…>(…)(…)`. */
function nameOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) {
    return nameOf(callee.expression);
  }
  return '';
}

/** A title with `${…}` in it has a place there. */
function titleOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `%s${literal.text}`).join('');
}

/** The rows of an aligned table, named as `test/domain/table.ts` names them. */
function rowsOf(table: ts.Expression, source: ts.SourceFile): readonly string[] {
  const text = ts.isStringLiteralLike(table)
    ? table.text
    : textOfConstant(table.getText(source), source);
  return text.split('\n').flatMap((line) => {
    const row = /^\s*([^#\s]\S*)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*\S)\s*$/.exec(line);
    if (!row) return [];
    const [, stage, dispute, by, command, out] = row;
    return [`${stage}, ${dispute === '-' ? 'undisputed' : dispute}: ${by} ${command} → ${out}`];
  });
}

/** The text that a constant of the file has; empty when it is none. */
function textOfConstant(name: string, source: ts.SourceFile): string {
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: own, initializer } of statement.declarationList.declarations) {
      if (own.getText(source) !== name || !initializer) continue;
      if (ts.isStringLiteralLike(initializer)) return initializer.text;
    }
  }
  return '';
}

/** A row of a table fits when what stands for each `%s` is written in the file. */
function fits(pattern: string, title: string, literals: ReadonlySet<string>): boolean {
  const places = pattern.match(/%[a-z]/g) ?? [];
  const parts = pattern.split(/%[a-z]/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const values = new RegExp(`^${parts.join('(.+)')}$`, 's').exec(title)?.slice(1);
  return values?.every((value, at) => places[at] !== '%s' || literals.has(value)) ?? false;
}
