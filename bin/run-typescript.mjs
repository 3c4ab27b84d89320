/**
 * Owns running one of our TypeScript programs to its end.
 * Must not know what the program does.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './folders.mjs';
import { Trouble } from './trouble.mjs';

/**
 * Runs a program with tsx and answers what it has printed.
 * Throws a Trouble with its last lines when it fails.
 * @param {string} script from the root of the repository
 * @param {{ environment: Record<string, string>, cure: string }} options
 * @returns {Promise<string>}
 */
export async function runTypescript(script, { environment, cure }) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, script)], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', all: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.out += text;
    output.all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.all += text;
  });
  const code = await new Promise((done) => child.once('close', done).once('error', done));
  if (code === 0) return output.out;
  const tail = output.all.trimEnd().split('\n').slice(-12).join('\n');
  throw new Trouble(`${script} failed:\n${tail}`, cure, code);
}
