/**
 * Owns running one of our programs as a person would, and what it says.
 * Must not know which program it is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Settings of the machine, without those of ours that a developer may have set. */
const NEUTRAL: Readonly<Record<string, string>> = {
  PORT: '',
  DATABASE_URL: '',
  TEMPORAL_ADDRESS: '',
  TEMPORAL_NAMESPACE: '',
  SANDBOX_URL: '',
  HOLDFAST_API: '',
  HOLDFAST_DATA: '',
  HOLDFAST_KEY: '',
  HOLDFAST_USE_LOCAL_TEMPORAL: '',
};

/** Starts `node <args>` in the root of the repository; an empty value counts as not set. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...NEUTRAL, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({ code, out, err }));
  });
  return { child, ended, said: () => out + err };
}

/** Runs it to its end. */
export const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  start(args, env).ended;

/** Waits for a line of JSON, which is how our test programs say that they are ready. */
export async function firstJson<T>(child: ChildProcess, ended: Promise<Ended>): Promise<T> {
  const line = new Promise<string>((done) => {
    let text = '';
    child.stdout?.on('data', (part: string) => {
      text += part;
      const whole = text.split('\n').slice(0, -1);
      const found = whole.find((candidate) => candidate.startsWith('{'));
      if (found) done(found);
    });
  });
  const early = ended.then(({ out, err }) => {
    throw new Error(`ended before it was ready:\n${out}${err}`);
  });
  return JSON.parse(await Promise.race([line, early])) as T; // written by our own test program
}

/** True while the process runs; a zombie does not. */
export function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}

/** Waits until the condition holds; throws after the limit. */
export async function until(condition: () => boolean, limitMs = 10_000): Promise<void> {
  for (const end = Date.now() + limitMs; !condition(); ) {
    if (Date.now() > end) throw new Error(`not so after ${limitMs} ms: ${condition}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

export const bin = (name: string): string => join(ROOT, 'bin', name);
