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

/** The blocks that a reader types, in order. */
const typed = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

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

test('the five-minute path ends paid out, in our books and in the bank’s own', () => {
  expect(typed.length).toBeGreaterThanOrEqual(6);
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '-euo', 'pipefail', '-c', typed.join('\n')],
    {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, HOLDFAST_DATA: data },
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const words = stdout.split('\n').filter(Boolean);
  expect(words.slice(0, 2)).toEqual(['accepted_not_funded', 'settled']);
  expect(words).toContain('delivered');
  expect(words.slice(-2)).toEqual(['true', 'settled']);
}, 90_000);

test('the README lists every setting with its default', () => {
  const rows = [...printEnvExample().matchAll(/# (.*)\.\n# ([A-Z_]+)=(.*)\n/g)].map(
    ([, about, name, otherwise]) =>
      `| \`${name}\` | ${about} | ${otherwise ? `\`${otherwise}\`` : '–'} |`,
  );
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !README.includes(row))).toEqual([]);
});
