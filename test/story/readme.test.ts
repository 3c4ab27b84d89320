/**
 * Owns the proof of the README: every command of its five-minute path as it is printed, on a real
 * `npm start`; and its table of settings.
 * Must not help it along.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printEnvExample } from '../../runtime/env';
import { newData, type Product, removeData, startProduct } from './product';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

const blocks = (language: string): readonly string[] =>
  [...README.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1] ?? '',
  );
/** The blocks that a reader types, in order: the five minutes, then the command line. */
const [typed, commandLine] = [blocks('sh'), blocks('bash')];
const THEN = 'and then the command line';

let data: string;
let product: Product;
beforeAll(async () => {
  data = newData();
  product = await startProduct(data);
}, 260_000);
afterAll(async () => {
  await product.stop();
  expect(existsSync(join(data, 'ready.json'))).toBe(false);
  removeData(data);
}, 60_000);

test('the five-minute path ends paid out in both books; every command line is true', () => {
  expect(typed.length).toBeGreaterThanOrEqual(6);
  expect(commandLine).toHaveLength(1);
  const all = [...typed, `echo "${THEN}"; {`, ...commandLine, '} 2>&1'];
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '-euo', 'pipefail', '-c', all.join('\n')],
    {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 150_000,
      env: { ...process.env, HOLDFAST_DATA: data },
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [path = '', lines = ''] = stdout.split(THEN);
  const words = path.split('\n').filter(Boolean);
  expect(words.slice(0, 2)).toEqual(['accepted_not_funded', 'settled']);
  expect(words).toContain('delivered');
  expect(words.slice(-2)).toEqual(['true', 'settled']);
  expect(lines).toMatch(/Holdfast is ready[\s\S]*closed disbursement complete \(completed\)/);
  expect(lines).toMatch(/─ now\n[\s\S]*the books hold\n[\s\S]*\nbalanced/);
  expect(lines).toMatch(
    /✓ dispute: closed disputed[\s\S]*nothing of this has happened[\s\S]*nothing more is due/,
  );
}, 180_000);

test('the README lists every setting with its default', () => {
  const rows = [...printEnvExample().matchAll(/# (.*)\.\n# ([A-Z_]+)=(.*)\n/g)].map(
    ([, about, name, otherwise]) =>
      `| \`${name}\` | ${about} | ${otherwise ? `\`${otherwise}\`` : '–'} |`,
  );
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !README.includes(row))).toEqual([]);
});
