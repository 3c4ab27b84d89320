/**
 * Owns `npm run check`: every check that CI does, one line each, the findings of those that are
 * red, and what to do next.
 * Must not know what a check looks for.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './folders.mjs';
import { installDependencies } from './install.mjs';
import { checkNode } from './node-version.mjs';
import { tell } from './trouble.mjs';

/** @param {string} path in node_modules */
const tool = (path) => join(ROOT, 'node_modules', path);

/**
 * @typedef {{ name: string, program: string, args: readonly string[], cure: string,
 *   needs?: string }} Step `needs`: a file without which there is nothing to check yet
 */

/** @type {readonly Step[]} */
const STEPS = [
  {
    name: 'format and lint (Biome)',
    program: tool('@biomejs/biome/bin/biome'),
    args: ['ci', '--colors=off', '--max-diagnostics=50', '.'],
    cure: 'npx biome check --write, then read what is left',
  },
  {
    name: 'lint with types (oxlint)',
    program: tool('oxlint/bin/oxlint'),
    args: ['--type-aware', '--deny-warnings', '--format=unix'],
    cure: 'each line names a file and a rule',
  },
  {
    name: 'types (TypeScript 7)',
    program: tool('@typescript/native/bin/tsc'),
    args: ['-p', '.', '--pretty', 'false'],
    cure: 'npx tsc -p .',
  },
  {
    name: 'boundaries (dependency-cruiser)',
    program: join(ROOT, 'bin', 'boundaries.mjs'),
    args: [],
    cure: 'the table is in architecture.md, section 3, and in .dependency-cruiser.mjs',
  },
  {
    name: 'dead code (knip)',
    program: tool('knip/bin/knip.js'),
    args: ['--no-progress', '--no-config-hints'],
    cure: 'remove what nobody uses',
  },
  {
    name: 'tidiness, tables and drift (jest, pure)',
    program: tool('jest/bin/jest.js'),
    args: ['--selectProjects', 'pure', '--ci'],
    cure: 'npx jest --selectProjects pure; printed documents: npm run docs',
  },
  {
    name: 'contract (Redocly)',
    program: tool('@redocly/cli/bin/cli.js'),
    args: ['lint', 'docs/openapi.json'],
    cure: 'npx redocly lint docs/openapi.json',
    needs: 'docs/openapi.json',
  },
];

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(tell(error));
    process.exitCode = 1;
  },
);

/** @returns {Promise<number>} exit code */
async function main() {
  checkNode();
  await installDependencies('develop', (line) => console.log(`[check] ${line}`));
  /** @type {Step[]} */
  const red = [];
  const steps = STEPS.filter(({ needs }) => !needs || existsSync(join(ROOT, needs)));
  for (const step of steps) {
    const startedAt = Date.now();
    const { code, output } = await runStep(step);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok ' : 'RED'}  ${step.name}  (${seconds} s)`);
    if (code === 0) continue;
    red.push(step);
    console.log(output.trimEnd().replaceAll(/^/gm, '     '));
  }
  for (const { name, cure } of red) console.log(`next: ${name}: ${cure}`);
  if (red.length === 0) console.log('next: npm test, then commit');
  console.log(`${steps.length - red.length} checks passed, ${red.length} failed`);
  return red.length === 0 ? 0 : 1;
}

/**
 * @param {Step} step
 * @returns {Promise<{ code: number, output: string }>}
 */
async function runStep({ program, args }) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: ROOT,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((done) => {
    child.once('close', (status) => done(status ?? 1)).once('error', () => done(1));
  });
  return { code, output };
}
