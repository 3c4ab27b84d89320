/**
 * Owns that `npm run mutate` says what is noticed and what is not, and that an unharmed tree is
 * green for it.
 * Must not know how many mutants there are (`pure/mutants.test.ts`).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from './program';

jest.setTimeout(180_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-mutate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a planted mutant is killed, by tests that are green without it', async () => {
  const file = join(folder, 'mutants.json');
  const only = 'agreement: draft send: who$';
  const { code, out } = await run(['bin/mutate.mjs', '--only', only, '--json', file]);
  expect([code, out]).toEqual([0, 'killed   agreement: draft send: who\n1 of 1 killed\n']);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ total: 1, killed: 1, survivors: [] });
});

test('a test that runs on a mutant is red, and green without one', async () => {
  const jest = [
    join('node_modules', 'jest', 'bin', 'jest.js'),
    '/test/domain/agreement\\.test',
    '--config',
    join(ROOT, 'test', 'mutation', 'jest.config.mjs'),
    '--runInBand',
  ];
  const on = (name: string) => run(jest, { HOLDFAST_TEST_MUTANT: name });
  expect((await on('')).code).toBe(0);
  const red = await on('agreement: draft send: who');
  expect([red.code, /^Test Suites: 1 failed/m.test(red.err)]).toEqual([1, true]);
});

test('a pattern that fits no mutant is told', async () => {
  const { code, err } = await run(['bin/mutate.mjs', '--only', 'nothing of that name']);
  expect(code).toBe(1);
  expect(err).toMatch(/none of \d+ mutants is called/);
});
