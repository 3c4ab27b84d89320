/**
 * Owns what `npm start` says when it cannot start: one clear message, what to do, exit code 1.
 * Must not know how a start that succeeds goes on.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { given } from '../harness/environment';
import { bin, run, start, until } from './program';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(given('folder'), 'house-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Port 9 (discard) is one that nobody listens on. */
const NOBODY = '127.0.0.1:9';

async function refusal(args: readonly string[], env: Record<string, string> = {}) {
  const { code, err } = await run([bin('start.mjs'), '--data', folder, ...args], env);
  expect(code).toBe(1);
  expect(err).not.toMatch(/unexpected|\n\s+at /); // a message for people, not a stack
  return err;
}

async function taken(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server };
}

test('a used port is named, with the next one to try', async () => {
  const { port, server } = await taken();
  const told = await refusal(['--port', String(port)]);
  expect(told).toMatch(`port ${port} on 127.0.0.1 is in use`);
  expect(told).toMatch(`npm start -- --port ${port + 1}`);
  await new Promise((done) => server.close(done));
});

test.each([
  ['it is none', 'mysql://localhost/x', /not like postgres:\/\//],
  ['nobody answers', `postgres://u:geheim@${NOBODY}/x`, /127\.0\.0\.1:9 says: .*ECONNREFUSED/],
])('a wrong DATABASE_URL is told, without its password: %s', async (_, url, reason) => {
  const told = await refusal([], { DATABASE_URL: url });
  expect(told).toMatch(reason);
  expect(told).toMatch(/correct DATABASE_URL, or unset it/);
  expect(told).not.toMatch(/geheim/);
});

test('a wrong password in DATABASE_URL is told as what it is', async () => {
  const url = given('databaseUrl').replace(/:[^:@/]+@/, ':geheim@');
  const told = await refusal([], { DATABASE_URL: url });
  expect(told).toMatch(/password authentication failed/);
  expect(told).not.toMatch(/geheim/);
});

test.each([
  ['nobody answers', NOBODY, /no Temporal server answers at 127\.0\.0\.1:9/],
  ['it is none', 'temporal', /not host:port: temporal/],
])('a wrong TEMPORAL_ADDRESS is told: %s', async (_, address, reason) => {
  const env = { TEMPORAL_ADDRESS: address, DATABASE_URL: given('databaseUrl') };
  const told = await refusal([], env);
  expect(told).toMatch(reason);
  expect(told).toMatch(/correct TEMPORAL_ADDRESS, or unset it/);
});

test.each([
  ['an unknown option', ['--prot', '1'], /Unknown option '--prot'/],
  ['no port', ['--port', 'x'], /not a port: x/],
])('%s is refused', async (_, args, reason) => {
  expect(await refusal(args)).toMatch(reason);
});

test('a data folder that cannot be made is told', async () => {
  writeFileSync(join(folder, 'file'), '');
  const told = await refusal(['--data', join(folder, 'file', 'data')]);
  expect(told).toMatch(/cannot be written/);
  expect(told).toMatch(/--data or HOLDFAST_DATA/);
});

test('--reset does not touch servers that were given', async () => {
  const told = await refusal(['--reset'], { DATABASE_URL: given('databaseUrl') });
  expect(told).toMatch(/but DATABASE_URL is set/);
});

test('a second start on the same data says which process has it', async () => {
  const lock = JSON.stringify(join(folder, 'start.lock'));
  const script = `import('./bin/lock.mjs').then((m) => {
    m.tryLock(${lock}); console.log('locked'); process.stdin.resume(); })`;
  const holder = start(['-e', script]);
  await until(() => holder.said().includes('locked'));
  const told = await refusal([]);
  expect(told).toMatch(`process ${holder.child.pid} runs Holdfast on ${folder} already`);
  holder.child.stdin.end();
  await holder.ended;
});

test('a Node that is too old is told before anything else', async () => {
  const script = `import('./bin/node-version.mjs').then((m) => m.checkNode('18.20.1'))`;
  const { err } = await run(['-e', script]);
  expect(err).toMatch(/Node 18\.20\.1 is too old/);
});
