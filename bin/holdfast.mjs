#!/usr/bin/env node
/**
 * Owns the entry of the command line: what must be there before any command can be read.
 * Must not know the commands: `cli/program.mjs` does.
 */
import { installDependencies } from './install.mjs';
import { checkNode } from './node-version.mjs';
import { tell } from './trouble.mjs';

try {
  checkNode();
  await installDependencies('run', (line) => console.error(`· ${line}`));
  const { run } = await import('./cli/program.mjs');
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(tell(error));
  process.exitCode = 1;
}
