/**
 * Owns the tidiness of the whole repository, and the proof that each of its checks can turn red.
 * Must not know how a rule is checked: `test/house/tidiness.ts`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isExempt, RULES, type SourceFile } from './house/tidiness';

const ROOT = resolve(__dirname, '..');
const FOLDERS = [
  'domain',
  'ledger',
  'migrations',
  'providers',
  'runtime',
  'sandbox',
  'bin',
  'test',
];

function listed(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((path) => /\.(ts|mjs|sql)$/.test(path) && !isExempt(path))
    .filter((path) => existsSync(join(ROOT, path)));
}

const files: readonly SourceFile[] = listed().map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));

test('the check has seen the repository', () => {
  for (const folder of FOLDERS) {
    expect([folder, files.some(({ path }) => path.startsWith(`${folder}/`))]).toEqual([
      folder,
      true,
    ]);
  }
  expect(files.length).toBeGreaterThan(100);
});

test.each(Object.keys(RULES) as (keyof typeof RULES)[])('every file keeps the rule: %s', (rule) => {
  expect(files.flatMap((file) => RULES[rule](file))).toEqual([]);
});

const lines = (count: number): string => 'const x = 1;\n'.repeat(count);
const head = '/**\n * Owns x.\n * Must not know y.\n */\n';

/** rule, path, a text that breaks it, a text that does not */
const PROOFS: readonly (readonly [keyof typeof RULES, string, string, string])[] = [
  ['fileLength', 'api/app.ts', lines(301), lines(300)],
  [
    'functionLength',
    'api/app.ts',
    `function f() {\n${lines(69)}}`,
    `function f() {\n${lines(68)}}`,
  ],
  [
    'functionLength',
    'api/app.ts',
    `const f = () => {\n${lines(69)}};`,
    `describe('x', () => {\n${lines(90)}});`,
  ],
  [
    'functionLength',
    'bin/x.mjs',
    `class A {\n m() {\n${lines(69)}}\n}`,
    `class A {\n${lines(90)}}`,
  ],
  ['lineLength', 'migrations/1.sql', 'x'.repeat(101), 'ä'.repeat(100)],
  ['openingComment', 'api/app.ts', `import x;\n${head}`, head],
  ['openingComment', 'api/app.ts', '/** Owns x. */', `#!/usr/bin/env node\n${head}`],
  ['reminders', 'api/app.ts', `// ${'TO'}${'DO'}: later`, '// todos are not kept here'],
  ['reminders', 'migrations/1.sql', `-- ${'FIX'}${'ME'}`, '-- fixed'],
  ['environment', 'api/app.ts', 'process.env.PORT', 'settings.PORT'],
  ['environment', 'domain/x.ts', "process['env']", ''],
  ['switchedOff', 'api/app.ts', `// @ts-${'ignore'}`, '// ignored'],
];

test.each(PROOFS)('the check can turn red: %s in %s', (rule, path, wrong, right) => {
  expect(RULES[rule]({ path, text: wrong }).length).toBeGreaterThan(0);
  expect(RULES[rule]({ path, text: right })).toEqual([]);
});

test.each(['api/utils.ts', 'api/shared/x.ts', 'domain/moneyHelper.ts', 'x/common-utilities.ts'])(
  'a name that says nothing is found: %s',
  (path) => expect(RULES.fileName({ path, text: '' }).length).toBeGreaterThan(0),
);

test('every rule has a proof that it can turn red', () => {
  const proved = new Set<string>([...PROOFS.map(([rule]) => rule), 'fileName']);
  expect(Object.keys(RULES).filter((rule) => !proved.has(rule))).toEqual([]);
});
