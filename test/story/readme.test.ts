/**
 * Owns the proof of the README: every command of its five-minute path as it is printed, on a real
 * `npm start`; and its table of settings.
 * Must not help it along.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printEnvExample } from '../../runtime/env';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The blocks that a reader types, in order. */
const typed = [...README.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

let data: string;
let product: ChildProcess;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
  product = spawn(process.execPath, ['bin/start.mjs', '--data', join(data, 'd'), '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOLDFAST_DATA: join(data, 'd') },
  });
  const lines: string[] = [];
  product.stdout?.on('data', (text: Buffer) => lines.push(text.toString()));
  product.stderr?.on('data', (text: Buffer) => lines.push(text.toString()));
  for (const until = Date.now() + 240_000; !existsSync(join(data, 'd/ready.json')); ) {
    if (product.exitCode !== null || Date.now() > until) throw new Error(lines.join(''));
    await sleep(200);
  }
}, 260_000);

afterAll(async () => {
  const ended = new Promise((done) => product.once('exit', done));
  product.kill('SIGINT');
  await ended;
  expect(existsSync(join(data, 'd/ready.json'))).toBe(false);
  rmSync(data, { recursive: true, force: true });
}, 60_000);

test('the five-minute path ends paid out, in our books and in the bank’s own', () => {
  expect(typed.length).toBeGreaterThanOrEqual(6);
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-euo', 'pipefail', '-c', typed.join('\n')],
    {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, HOLDFAST_DATA: join(data, 'd') },
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
