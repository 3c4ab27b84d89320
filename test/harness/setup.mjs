/**
 * Owns what stands before the first real test: servers (those of bin/test.mjs, those that
 * `--keep` has left, or new ones), a migrated template database, one workflow bundle.
 * Must not know what is tested.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../bin/folders.mjs';
import { hasKeptServers, keptServers, ownServers } from '../../bin/test-servers.mjs';

/** @param {string} line */
const log = (line) => console.log(`[test] ${line}`);

export default async function setup() {
  if (!process.env.HOLDFAST_TEST_FOLDER) {
    const servers = await (hasKeptServers() ? keptServers(log) : ownServers(log));
    Object.assign(process.env, servers.environment);
    Object.assign(globalThis, { endHoldfastTestServers: servers.stop });
  }
  // In a process of its own, by tsx: this one belongs to jest and knows no TypeScript.
  const script = join(ROOT, 'test', 'harness', 'prepare.ts');
  const run = spawnSync(process.execPath, ['--import', 'tsx', script], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.status !== 0) throw new Error(`the test database could not be prepared\n${run.stdout}`);
  Object.assign(process.env, JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? '{}'));
}
