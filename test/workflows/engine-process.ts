/**
 * Owns a Temporal server of a test file's own, which it may kill and start again on its data.
 * Must not know what runs on it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { given } from '../harness/environment';
import { firstJson, ROOT, run, runs, start, until } from '../house/program';

type Server = { readonly address: string; readonly pid: number };
export type EngineProcess = {
  readonly address: string;
  /** kill -9, then a new process at the same address on the same data. */
  restart(): Promise<void>;
  /** kill -9, and stays dead until `restart`. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

const PROGRAM = join(ROOT, 'test', 'house', 'server-program.mjs');

export async function startEngineProcess(): Promise<EngineProcess> {
  const folder = mkdtempSync(join(given('folder'), 'engine-'));
  let server = await launch(folder);
  const { address } = server;
  const kill = async (): Promise<void> => {
    if (runs(server.pid)) process.kill(server.pid, 'SIGKILL');
    await until(() => !runs(server.pid));
  };
  return {
    address,
    kill,
    async restart() {
      await kill();
      server = await launch(folder);
      if (server.address !== address) throw new Error('the server came back elsewhere');
    },
    async close() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The parent ends at once; the server lives in a session of its own. */
async function launch(folder: string): Promise<Server> {
  const { child, ended } = start([PROGRAM, 'temporal', folder, await cacheFolder()]);
  const server = await firstJson<Server>(child, ended);
  child.kill('SIGKILL');
  await ended;
  return server;
}

async function cacheFolder(): Promise<string> {
  const { out } = await run([
    '-e',
    "import('./bin/folders.mjs').then((m) => console.log(m.cacheFolder()))",
  ]);
  return out.trim() || join(homedir(), '.cache', 'holdfast');
}
