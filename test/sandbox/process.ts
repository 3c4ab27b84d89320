/**
 * Owns the bank as a process of its own, for tests that need a real one.
 * Must not know what is tested.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type SandboxProcess = {
  readonly url: string;
  readonly child: ChildProcess;
  kill(): Promise<void>; // SIGKILL, unless it has ended before
};

/** Starts `sandbox/main.ts` on a database and answers when it listens. */
export async function startSandboxProcess(databaseUrl: string): Promise<SandboxProcess> {
  const root = join(__dirname, '../..');
  const child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/main.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, SANDBOX_PORT: '0' },
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const found = /"url":"([^"]+)"/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', (code) => reject(new Error(`the sandbox ended (${code}): ${said}`)));
  });
  return {
    url,
    child,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
