/**
 * Owns the rules of `style.md` that a program can see in one file: size, names, opening comment,
 * leftover reminders, who reads the environment.
 * Must not know which files there are.
 */
import ts from 'typescript';

export type SourceFile = { readonly path: string; readonly text: string };
export type Rule = (file: SourceFile) => readonly string[];

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;

/** Each rule answers what is wrong with a file, one sentence each, and nothing when all is well. */
export const RULES = {
  fileLength,
  functionLength,
  lineLength,
  fileName,
  openingComment,
  reminders,
  environment,
  switchedOff,
} as const satisfies Record<string, Rule>;

/** What no rule looks at: printed by a program, or the list of a standard. */
export const isExempt = (path: string): boolean =>
  /\.generated\.ts$|^docs\/|^migrations\/schema\.sql$|^package-lock\.json$|\.csv$/.test(path);

function fileLength({ path, text }: SourceFile): string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > FILE_LINES_MAX ? [`${path}: ${lines} lines (${FILE_LINES_MAX} at most)`] : [];
}

function lineLength({ path, text }: SourceFile): string[] {
  return text
    .split('\n')
    .map((line, at) => ({ at: at + 1, columns: columnsOf(line) }))
    .filter(({ columns }) => columns > COLUMNS_MAX)
    .map(({ at, columns }) => `${path}:${at}: ${columns} columns (${COLUMNS_MAX} at most)`);
}

/** Characters are counted only where there could be too many: none is less than one unit. */
const columnsOf = (line: string): number =>
  line.length > COLUMNS_MAX ? Array.from(line).length : line.length;

function functionLength(file: SourceFile): string[] {
  if (!isCode(file.path) || file.text.split('\n').length <= FUNCTION_LINES_MAX) return [];
  const source = parse(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const lines = isFunction(node) ? linesOf(source, node) : 0;
    if (lines > FUNCTION_LINES_MAX && !isGroupOfTests(node)) {
      const at = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      found.push(
        `${file.path}:${at}: a function of ${lines} lines (${FUNCTION_LINES_MAX} at most)`,
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isFunction = (node: ts.Node): boolean =>
  ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;

/** `describe` holds tests as a file does. */
const isGroupOfTests = (node: ts.Node): boolean =>
  ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());

const linesOf = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.getEnd()).line -
  source.getLineAndCharacterOfPosition(node.getStart(source)).line +
  1;

const BANNED = new Set(['helper', 'util', 'utility', 'common', 'shared', 'manager', 'misc']);

function fileName({ path }: SourceFile): string[] {
  const words = path
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .map((word) => word.replace(/ies$/, 'y').replace(/s$/, ''));
  const banned = words.filter((word) => BANNED.has(word));
  return banned.map((word) => `${path}: "${word}" says nothing; name it for what it owns`);
}

function openingComment({ path, text }: SourceFile): string[] {
  if (!isCode(path)) return [];
  const [, comment = ''] = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
  const missing = ['Owns ', 'Must not '].filter((words) => !comment.includes(words));
  return missing.map((words) => `${path}: its first comment does not say "${words}…"`);
}

// Spelt apart, or this file would be the first to break the rule. Not three X: a currency code.
const REMINDERS = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b`);

function reminders({ path, text }: SourceFile): string[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      REMINDERS.test(line) ? [`${path}:${at + 1}: a leftover reminder`] : [],
    );
}

/** The parts of the product that get their settings as arguments. */
const PRODUCT = /^(domain|ledger|providers|activities|workflows|worker|api|sandbox|runtime)\//;

function environment({ path, text }: SourceFile): string[] {
  if (!PRODUCT.test(path) || path === 'runtime/env.ts') return [];
  return /\bprocess\s*(\.|\[['"])env\b/.test(text)
    ? [`${path}: only runtime/env.ts reads the environment`]
    : [];
}

/** A check that is switched off in one place is a rule that has to be changed, or kept. */
function switchedOff({ path, text }: SourceFile): string[] {
  const pattern = new RegExp(
    `@ts-${'ignore'}|@ts-${'nocheck'}|biome-${'ignore'}|oxlint-${'disable'}`,
  );
  return isCode(path) && pattern.test(text) ? [`${path}: it switches a check off`] : [];
}

const isCode = (path: string): boolean => /\.(ts|mjs)$/.test(path);

const parse = ({ path, text }: SourceFile): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
