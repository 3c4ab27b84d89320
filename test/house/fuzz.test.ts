/**
 * Owns what `npm run fuzz` promises before anything is started: what it is told, and what it says
 * when it cannot begin.
 * Must not run it: that takes minutes, and Python.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './program';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('help says each option, and what is no option is refused with it', async () => {
  const help = await run(['bin/fuzz.mjs', '--help']);
  expect(help.code).toBe(0);
  for (const option of ['--quick', '--minutes', '--examples', '--seed', '--only']) {
    expect(help.out).toContain(option);
  }
  for (const args of [['--soon'], ['--minutes', '0'], ['--examples', 'many'], ['--seed', '-1']]) {
    const refused = await run(['bin/fuzz.mjs', ...args]);
    expect({ args, code: refused.code }).toEqual({ args, code: 2 });
    expect(refused.err).toMatch(/→ npm run fuzz --/);
  }
});

test('without Python it says so, and starts nothing', async () => {
  const { code, out, err } = await run(['bin/fuzz.mjs', '--quick'], { PATH: '/nonexistent' });
  expect(code).toBe(2);
  expect(err).toMatch(/needs Python 3\.10 or newer.*\n {2}→ install Python/);
  expect(out).not.toContain('starting');
});

test('every package that it installs has one exact version', () => {
  const lines = read('bin/fuzz/requirements.txt').split('\n').filter(Boolean);
  expect(lines.filter((line) => !/^[A-Za-z0-9_-]+==[0-9][\w.]*$/.test(line))).toEqual([]);
  expect(lines).toContain('schemathesis==4.32.5');
});

test('its settings hold no key, and check everything but what no schema can say', () => {
  const settings = read('bin/fuzz/schemathesis.toml');
  expect(settings).toMatch(/^Authorization = "Bearer \$\{HOLDFAST_FUZZ_KEY\}"$/m);
  expect(settings).not.toMatch(/hf_(test|live)_/);
  expect(settings.match(/enabled = false/g)).toHaveLength(1);
  expect(settings).toContain('positive_data_acceptance.enabled = false');
});
