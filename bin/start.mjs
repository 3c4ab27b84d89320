/**
 * Owns the entry of `npm start`: the check of Node comes before anything that a newer one needs.
 * Must not know the steps: `startup.mjs` does.
 */
import { checkNode } from './node-version.mjs';
import { tell } from './trouble.mjs';

try {
  checkNode();
  const { run } = await import('./startup.mjs');
  // A timer or socket of a step that was broken off must not keep us.
  process.exit(await run(process.argv.slice(2)));
} catch (error) {
  console.error(tell(error));
  process.exitCode = 1;
}
