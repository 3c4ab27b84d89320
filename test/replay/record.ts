/**
 * Owns making the histories of this folder: `npx tsx test/replay/record.ts [name…]` lives the
 * lives on the kept test servers and writes what the engine has of them. A file that stands stays,
 * unless it is named: it is what a release or a bug has left in the world.
 * Must not know the lives (`lives.ts`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { temporal } from '@temporalio/proto';
import { closeWorld } from '../workflows/proof';
import { eventually, historyOf, typeOf } from '../workflows/seen';
import { openWorld, type World } from '../workflows/world';
import { LIVES, type Lived } from './lives';

async function main(wanted: readonly string[]): Promise<void> {
  await useKeptServers();
  const world = await openWorld();
  try {
    await world.engine.work();
    for (const live of LIVES) await keep(world, await live(world), wanted);
  } finally {
    await closeWorld(world);
  }
}

async function keep(world: World, lived: Lived, wanted: readonly string[]): Promise<void> {
  for (const [name, id] of Object.entries(lived)) {
    const path = join(__dirname, `${name}.json`);
    if (existsSync(path) && !wanted.includes(name)) continue;
    writeFileSync(path, await historyAsText(world, id));
    console.log(`wrote ${name}.json`);
  }
}

/** What the global setup of the tests does, for a program. */
async function useKeptServers(): Promise<void> {
  const servers = await import('../../bin/test-servers.mjs');
  const { environment } = await servers.keptServers(() => undefined);
  Object.assign(process.env, environment);
  const prepare = join(__dirname, '..', 'harness', 'prepare.ts');
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', prepare], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  Object.assign(process.env, JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}'));
}

/** Who ran it is left out: names of machines are nobody's business. */
async function historyAsText(world: World, id: string): Promise<string> {
  const events = await eventually(`${id} to rest`, async () => {
    const all = await historyOf(world, id);
    const last = all.at(-1);
    return last && !/TASK_(SCHEDULED|STARTED)$/.test(typeOf(last)) ? [...all] : null;
  });
  const text = historyToJSON(temporal.api.history.v1.History.create({ events }));
  return `${text.replaceAll(/("identity": ?)"[^"]*"/gi, '$1"worker"')}\n`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
