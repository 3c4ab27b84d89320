/**
 * Owns how a whole `npm start` lives: ready, mended after a kill, taken over, stopped in order.
 * The API and the worker are stand-ins here, so that this shows the start and nothing else.
 * Must not know what the API or the worker do.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { given } from '../harness/environment';
import { ROOT, run, runs, start, until } from './program';

const STARTING_MS = 60_000;
const STAND_IN = `
  const { createServer } = require('node:http');
  const { appendFileSync } = require('node:fs');
  const { basename, dirname, join } = require('node:path');
  const name = basename(dirname(process.argv[1]));
  const sample = { id: 'x', terms_hash: 'h', status: 'in_progress', milestones: [{ id: 'm' }] };
  if (name === 'api') {
    createServer((request, response) => {
      response.writeHead(200).end(JSON.stringify(sample));
    }).listen(Number(process.env.PORT), '127.0.0.1');
  }
  setInterval(() => {}, 1000);
  process.on('SIGTERM', () => {
    appendFileSync(join(process.env.HOLDFAST_DATA, 'order'), name + ' ');
    process.exit(0);
  });`;

let clone: string;
let data: string;
beforeAll(() => {
  clone = mkdtempSync(join(given('folder'), 'clone-'));
  data = join(given('folder'), 'house-whole');
  for (const name of ['bin', 'domain', 'migrations', 'runtime', 'sandbox']) {
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  }
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json']) {
    cpSync(join(ROOT, name), join(clone, name));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  for (const name of ['api', 'worker']) {
    mkdirSync(join(clone, name));
    writeFileSync(join(clone, name, 'main.ts'), STAND_IN);
  }
});
afterAll(async () => {
  const end = `Promise.all(['postgres', 'temporal', 'services']
    .map((name) => import('./bin/' + name + '.mjs')))
    .then(async ([p, t, s]) => {
      const dataDir = ${JSON.stringify(data)};
      await s.endLeftServices(dataDir, () => {});
      await t.removeTemporal(dataDir);
      await p.removePostgres({ dataDir, log() {} });
    })`;
  await run(['-e', end]);
  for (const folder of [clone, data]) rmSync(folder, { recursive: true, force: true });
});

let sandbox: number | undefined;

const read = <T>(name: string): T => JSON.parse(readFileSync(join(data, name), 'utf8')) as T;
const ready = (): boolean => existsSync(join(data, 'ready.json'));
const pidOf = (name: string): number =>
  read<{ name: string; pid: number }[]>('processes.json').find((one) => one.name === name)?.pid ??
  0;
const postgresPid = (): number =>
  Number.parseInt(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8'), 10);

/** With a bank on a port of its own: others may have the usual one. */
async function begin(port: number, ...options: readonly string[]) {
  const script = join(clone, 'bin', 'start.mjs');
  sandbox ??= await freePort();
  const started = start([script, '--port', String(port), '--data', data, ...options], {
    SANDBOX_PORT: String(sandbox),
  });
  const early = started.ended.then(({ out, err }) => {
    if (!ready()) throw new Error(`ended before it was ready:\n${out}${err}`);
  });
  await Promise.race([until(ready, STARTING_MS), early]);
  return started;
}

const freePort = async (): Promise<number> => {
  const script = "import('./bin/ports.mjs').then(async (m) => console.log(await m.freePort()))";
  return Number((await run(['-e', script])).out);
};

test('it becomes ready, mends what is killed, is taken over, and stops in order', async () => {
  const port = await freePort();
  const first = await begin(port);
  const said = read<Record<string, string>>('ready.json');
  expect(said).toEqual({
    api: `http://127.0.0.1:${port}/v1`,
    docs: `http://127.0.0.1:${port}/docs`,
    temporal_ui: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    sandbox: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    key: expect.stringMatching(/^hf_test_/),
    platform: expect.stringMatching(/^plt_/),
  });
  await until(() => first.said().includes('First call'));
  expect(first.said()).toMatch('Holdfast is ready');
  expect(statSync(join(data, 'key')).mode & 0o777).toBe(0o600);

  const temporal = read<{ pid: number }>('temporal.json').pid;
  const worker = pidOf('worker');
  process.kill(worker, 'SIGKILL');
  process.kill(temporal, 'SIGKILL');
  await until(() => ![worker, 0].includes(pidOf('worker')) && runs(pidOf('worker')));
  await until(() => read<{ pid: number }>('temporal.json').pid !== temporal);
  await until(() => first.said().includes('Temporal runs again'));

  const postgres = postgresPid();
  const api = pidOf('api');
  first.child.kill('SIGKILL');
  await first.ended;
  expect([runs(api), runs(postgres)]).toEqual([true, true]);
  rmSync(join(data, 'ready.json'));
  const second = await begin(port);
  expect(second.said()).toMatch(/ending api \(process \d+\), left by a start that was killed/);
  expect(postgresPid()).toBe(postgres);
  expect(runs(api)).toBe(false);
  expect(read('ready.json')).toEqual(said);

  rmSync(join(data, 'order'), { force: true });
  second.child.kill('SIGINT');
  expect((await second.ended).code).toBe(0);
  expect(readFileSync(join(data, 'order'), 'utf8')).toBe('api worker ');
  expect(ready()).toBe(false);
  expect([postgres, read<{ pid: number }>('temporal.json').pid].map(runs)).toEqual([false, false]);
}, 120_000);

test('--reset begins anew: another platform, another key', async () => {
  const port = await freePort();
  const before = readFileSync(join(data, 'key'), 'utf8');
  const fresh = await begin(port, '--reset');
  expect(readFileSync(join(data, 'key'), 'utf8')).not.toBe(before);
  fresh.child.kill('SIGTERM');
  expect((await fresh.ended).code).toBe(0);
}, 120_000);
