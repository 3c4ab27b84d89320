/**
 * Owns the proof that the check of who imports whom turns red: one planted crossing a row, and
 * a run that can read nothing.
 * Must not know whether our own files keep the rules: `npm run check` asks that.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** file that crosses, what it imports, the rule that must name it (null: allowed) */
const PLANTED: readonly (readonly [string, string, string | null])[] = [
  ['domain/money.ts', "import { post } from '../ledger/post';", 'domain-folders'],
  ['domain/escrow.ts', "import type { Pool } from 'pg';", 'domain-packages'],
  ['domain/clock.ts', "import { hrtime } from 'node:process';", 'domain-node'],
  ['ledger/post.ts', "import { Escrow } from '../domain/escrow';", 'ledger-folders'],
  ['ledger/balances.ts', "import { Minor } from '../domain/money';", null],
  ['ledger/proof.ts', "import { z } from 'zod';", 'ledger-packages'],
  ['providers/sandbox.ts', "import { post } from '../ledger/post';", 'providers-folders'],
  ['activities/record.ts', "import { x } from '../runtime/env';", 'activities-folders'],
  ['workflows/escrow.ts', "import { x } from '../activities/record';", 'workflows-types-only'],
  ['workflows/inbox.ts', "import type { x } from '../activities/record';", null],
  ['workflows/until.ts', "import { z } from 'zod';", 'workflows-packages'],
  ['workflows/payment.ts', "import { readFile } from 'node:fs';", 'workflows-node'],
  ['workflows/payout.ts', "import { env } from '../runtime/env';", 'workflows-folders'],
  ['worker/main.ts', "import { x } from '../workflows/escrow';", 'worker-folders'],
  ['worker/relay.ts', "import { x } from '../workflows/messages';", null],
  ['api/app.ts', "import { x } from '../activities/record';", 'api-folders'],
  ['api/main.ts', "import { app } from './app';", null],
  ['runtime/env.ts', "import { Minor } from '../domain/money';", 'runtime-folders'],
  ['migrations/main.ts', "import { env } from '../runtime/env';", 'migrations-folders'],
  ['sandbox/main.ts', "import { post } from '../ledger/post';", 'sandbox-folders'],
  ['bench/main.ts', "import { app } from '../api/app';", 'bench-folders'],
  ['bin/seed.ts', "import { app } from '../api/app';", 'bin-folders'],
  ['api/a.ts', "import './b';", 'no-cycles'],
  ['api/b.ts', "import './a';", null], // a cycle is told once
  ['api/lonely.ts', '', 'no-orphans'],
  ['api/lost.ts', "import './nowhere';", 'resolvable'],
  ['api/tool.ts', "import { test } from 'jest';", 'no-tools-in-the-product'],
  ['workflows/messages.ts', "import { Minor } from '../domain/money';", null],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-planted-'));
  for (const [path, text] of PLANTED) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${text}\nexport const x = 1;\n`);
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function check(...options: readonly string[]): { code: number | null; lines: readonly string[] } {
  const script = join(ROOT, 'bin', 'boundaries.mjs');
  const run = spawnSync(process.execPath, [...options, script, folder], { encoding: 'utf8' });
  if (run.stderr !== '') throw new Error(run.stderr);
  return { code: run.status, lines: run.stdout.split('\n') };
}

test('every planted crossing is found, and nothing that is allowed', () => {
  const { code, lines } = check();
  expect(code).toBe(1);
  const found = PLANTED.map(([path]) => {
    const rules = lines.filter((line) => line.startsWith(`${path} → `));
    return [path, rules.map((line) => line.split(': ').at(-1)).sort()];
  });
  const wanted = PLANTED.map(([path, , rule]) => [path, rule === null ? [] : [rule]]);
  expect(found).toEqual(wanted);
});

test('a run without a parser for TypeScript is red, although it finds no crossing', () => {
  const blind = join(folder, 'blind.cjs');
  writeFileSync(
    blind,
    `const Module = require('node:module');
     const load = Module._load;
     Module._load = function (request, ...rest) {
       if (/^(typescript|@swc.core)\\//.test(request)) throw new Error('not installed');
       return Reflect.apply(load, this, [request, ...rest]);
     };`,
  );
  const { code, lines } = check('--require', blind);
  expect(lines).toContain('domain/money.ts: not looked at');
  expect(lines.at(-3)).toBe('no file was looked at');
  expect(code).toBe(1);
});
