/**
 * Owns what getting and starting a Temporal server promises (`temporal.md`, section 9).
 * Must not know any workflow.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { given } from '../harness/environment';
import { firstJson, run, runs, start, until } from './program';

const PROGRAM = join(__dirname, 'server-program.mjs');
const VERSION = '1.5.1';

type Server = { readonly address: string; readonly pid: number; readonly reused: boolean };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(given('folder'), 'house-'));
});
afterEach(async () => {
  await run([
    '-e',
    `import('./bin/temporal.mjs').then((m) => m.removeTemporal(${JSON.stringify(folder)}))`,
  ]);
  rmSync(folder, { recursive: true, force: true });
});

async function launch(cacheDir: string, env: Record<string, string> = {}) {
  const { child, ended } = start([PROGRAM, 'temporal', folder, cacheDir], env);
  const server = await firstJson<Server>(child, ended);
  return {
    ...server,
    stop: async () => {
      child.stdin.end();
      return (await ended).code;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function namespaces(address: string): Promise<(string | null | undefined)[]> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaces: all } = await connection.workflowService.listNamespaces({});
    return all.map(({ namespaceInfo }) => namespaceInfo?.name);
  } finally {
    await connection.close();
  }
}

/** The cache of this machine: the server of this run has come from there, or from PATH. */
async function realCache(): Promise<string> {
  const { out } = await run([
    '-e',
    "import('./bin/folders.mjs').then((m) => console.log(m.cacheFolder()))",
  ]);
  return out.trim();
}

test('it survives a killed parent, is taken over, and comes back after a kill', async () => {
  const cache = await realCache();
  const first = await launch(cache);
  expect(first.address).toMatch(/^127\.0\.0\.1:/);
  await first.kill();
  const second = await launch(cache);
  expect(second).toMatchObject({ pid: first.pid, address: first.address, reused: true });
  await second.kill();
  process.kill(first.pid, 'SIGKILL');
  await until(() => !runs(first.pid));
  const third = await launch(cache);
  expect(third).toMatchObject({ address: first.address, reused: false });
  expect(await namespaces(third.address)).toContain('holdfast-house');
  expect(await third.stop()).toBe(0);
  expect(runs(third.pid)).toBe(false);
});

/** A PATH with a `go` that does what the text says, and a network that leads nowhere. */
function machine(go: string | null): Record<string, string> {
  const path = join(folder, 'path');
  mkdirSync(path);
  if (go !== null) {
    writeFileSync(join(path, 'go'), `#!/bin/sh\n${go}\n`);
    chmodSync(join(path, 'go'), 0o755);
  }
  const nowhere = 'http://127.0.0.1:1';
  return { PATH: `${path}:/bin:/usr/bin`, HTTPS_PROXY: nowhere, https_proxy: nowhere };
}

const fetchBinary = (env: Record<string, string>) =>
  run(
    [
      '-e',
      `import('./bin/temporal-binary.mjs').then(async (m) => {
         const { tell } = await import('./bin/trouble.mjs');
         try {
           console.log(await m.temporalBinary({
             cacheDir: ${JSON.stringify(join(folder, 'cache'))},
             log: (line) => console.log(line),
           }));
         } catch (error) { console.error(tell(error)); process.exitCode = 1; }
       })`,
    ],
    env,
  );

const GO_VERSION = 'if [ "$1" = version ]; then echo "go version go1.25.0 linux/amd64"; exit; fi';
const cached = (): string => join(folder, 'cache', 'temporal', VERSION, 'temporal');

test('without any source it names the choices', async () => {
  const { code, err } = await fetchBinary(machine('echo "go version go1.21.0 linux/amd64"'));
  expect(code).toBe(1);
  expect(err).toMatch(/no Go ≥ 1\.25/);
  for (const choice of [/TEMPORAL_ADDRESS/, /on PATH/, /temporal\.download/, /Go 1\.25/]) {
    expect(err).toMatch(choice);
  }
  expect(existsSync(cached())).toBe(false);
});

test('Go builds it into the cache, once', async () => {
  const env = machine(`${GO_VERSION}
    echo "$@" >> ${folder}/calls
    echo 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"' > "$GOBIN/temporal"
    chmod 755 "$GOBIN/temporal"`);
  const first = await fetchBinary(env);
  expect(first.err).toBe('');
  expect(first.out).toMatch(/building the Temporal server 1\.5\.1 with Go/);
  expect(first.out.trimEnd().split('\n').at(-1)).toBe(cached());
  const second = await fetchBinary(env);
  expect(second.out.trim()).toBe(cached());
});

test('a failed build leaves nothing, and says what the compiler said', async () => {
  const env = machine(`${GO_VERSION}
    echo half > "$GOBIN/temporal"
    echo "no space left on device" >&2
    exit 1`);
  const { code, err } = await fetchBinary(env);
  expect(code).toBe(1);
  expect(err).toMatch(/no space left on device/);
  expect(readdirSync(join(folder, 'cache', 'temporal'))).toEqual([]);
});
