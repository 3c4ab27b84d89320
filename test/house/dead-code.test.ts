/**
 * Owns the proof that the check for dead code turns red, with the settings that we use.
 * Must not know whether our own code is alive: `npm run check` asks that.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from './program';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-planted-'));
  for (const name of ['knip.json', 'tsconfig.json']) {
    copyFileSync(join(ROOT, name), join(folder, name));
  }
  const dependencies = { express: '5.3.0', pg: '8.23.1' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'planted', dependencies }));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'api'));
  write(
    'main.ts',
    "import express from 'express';\nimport { used } from './app';\nused(express);\n",
  );
  write('app.ts', 'export const used = console.log;\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, 'api', name), text);

const knip = () =>
  run([
    join(ROOT, 'node_modules/knip/bin/knip.js'),
    '--no-progress',
    '--no-config-hints',
    '--directory',
    folder,
  ]);

test('a file that nobody imports, and what nobody uses of another, are found', async () => {
  write('lonely.ts', 'export const x = 1;\n');
  write('app.ts', 'export const used = console.log;\nexport const unused = 1;\n');
  const { code, out } = await knip();
  expect(code).toBe(1);
  expect(out).toMatch(/Unused files[\s\S]*api\/lonely\.ts/);
  expect(out).toMatch(/Unused exports[\s\S]*unused +api\/app\.ts/);
  expect(out).toMatch(/Unused dependencies[\s\S]*pg/);
  expect(out).not.toMatch(/express/);
});
