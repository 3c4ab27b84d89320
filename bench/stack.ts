/**
 * Owns the stack that is measured: servers of its own, and Holdfast as `npm start` runs it.
 * Must not know what is measured.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Stack = {
  readonly api: string;
  readonly key: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Process ids by name, for what a process costs. */
  readonly pids: Readonly<Record<string, number>>;
  close(): Promise<void>;
};

const ROOT = resolve(__dirname, '..');
const LIMIT_MS = 120_000;

/** Servers in a temporary folder, Holdfast on them, ready. The caller closes it. */
export async function openStack(log: (line: string) => void): Promise<Stack> {
  const { ownServers } = (await import(join(ROOT, 'bin/test-servers.mjs'))) as {
    ownServers: (log: (line: string) => void) => Promise<{
      environment: Record<string, string>;
      stop: () => Promise<void>;
    }>;
  };
  const servers = await ownServers(log);
  const folder = join(servers.environment.HOLDFAST_TEST_FOLDER ?? '', 'start');
  const databaseUrl = servers.environment.HOLDFAST_TEST_DATABASE_URL ?? '';
  const temporalAddress = servers.environment.HOLDFAST_TEST_TEMPORAL_ADDRESS ?? '';
  const namespace = servers.environment.HOLDFAST_TEST_TEMPORAL_NAMESPACE ?? '';
  const product = spawn(
    process.execPath,
    ['bin/start.mjs', '--data', folder, '--port', String(await freePort())],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        TEMPORAL_ADDRESS: temporalAddress,
        TEMPORAL_NAMESPACE: namespace,
        HOLDFAST_RATE_LIMIT: '1000000',
        HOLDFAST_LOG_LEVEL: 'warn',
      },
    },
  );
  const ready = await untilReady(product, join(folder, 'ready.json'));
  log(`measuring ${ready.api}`);
  return {
    api: ready.api,
    key: ready.key,
    databaseUrl,
    temporalAddress,
    namespace,
    pids: pidsIn(folder),
    close: async () => {
      await ended(product);
      await servers.stop();
    },
  };
}

type Ready = { readonly api: string; readonly key: string };

async function untilReady(product: ChildProcess, file: string): Promise<Ready> {
  for (const until = Date.now() + LIMIT_MS; Date.now() < until; await sleep(200)) {
    if (product.exitCode !== null) throw new Error('npm start has ended; see the lines above');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Ready;
  }
  throw new Error(`npm start is not ready after ${LIMIT_MS / 1000} s`);
}

/** What `npm start` writes down about the processes that it has started. */
function pidsIn(folder: string): Record<string, number> {
  const text = readFileSync(join(folder, 'processes.json'), 'utf8');
  const known = JSON.parse(text) as readonly { readonly name: string; readonly pid: number }[];
  return Object.fromEntries(known.map(({ name, pid }) => [name, pid]));
}

async function ended(product: ChildProcess): Promise<void> {
  if (product.exitCode !== null) return;
  const exit = new Promise((done) => product.once('exit', done));
  product.kill('SIGINT');
  await exit;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}
