/**
 * Owns the proof that a production build runs: `npm run build`, then migrations, worker and API as
 * processes of their own against given servers.
 * Must not use anything but `dist/` and settings.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '../harness/database';
import { testTemporal, uniqueName } from '../harness/temporal';
import { ROOT, run, start } from '../house/program';
import { freePort } from './product';

let database: TestDatabase;
let settings: Record<string, string>;
beforeAll(async () => {
  database = await testDatabase();
  const built = await run(['bin/build.mjs']);
  if (built.code !== 0) throw new Error(built.out + built.err);
  settings = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: (await testTemporal()).address,
    TEMPORAL_NAMESPACE: uniqueName('built'),
    SANDBOX_URL: 'http://127.0.0.1:1',
    PORT: String(await freePort()),
  };
}, 120_000);
afterAll(() => database.close());

test('the build carries workflows and migrations', async () => {
  expect(existsSync(join(ROOT, 'dist/worker/workflow-bundle.js'))).toBe(true);
  const migrated = await run(['dist/migrations/main.js'], settings);
  expect({ code: migrated.code, err: migrated.err }).toEqual({ code: 0, err: '' });
});

test('worker and API of the build come up apart, and end when told to', async () => {
  const worker = start(['dist/worker/main.js'], settings);
  const api = start(['dist/api/main.js'], settings);
  let ready = 0;
  for (const until = Date.now() + 60_000; ready !== 200 && Date.now() < until; await sleep(200)) {
    ready = await fetch(`http://127.0.0.1:${settings.PORT}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );
  }
  for (const { child } of [api, worker]) child.kill('SIGTERM');
  const codes = [(await api.ended).code, (await worker.ended).code];
  expect({ ready, codes }).toEqual({ ready: 200, codes: [0, 0] });
}, 120_000);

test('a process that lacks a setting says which, and ends with an error', async () => {
  const { code, err } = await run(['dist/api/main.js'], { DATABASE_URL: '' });
  expect(code).not.toBe(0);
  expect(err).toContain('DATABASE_URL is not set');
});
