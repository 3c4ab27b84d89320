/**
 * Owns `npm run build`: `dist/` as production runs it. Compiled files, migrations, the prebuilt
 * workflow bundle, failpoints taken out, the check that nothing is missing.
 * Must not know what the files do.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './folders.mjs';
import { installDependencies } from './install.mjs';
import { checkNode } from './node-version.mjs';
import { Trouble, tell } from './trouble.mjs';

const DIST = join(ROOT, 'dist');

/** @param {string} line */
const log = (line) => console.log(`[build] ${line}`);

try {
  checkNode();
  await installDependencies('develop', log);
  rmSync(DIST, { recursive: true, force: true });
  log('compiling');
  run(['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.build.json']);
  copySql();
  removeFailpoints();
  log('bundling the workflows');
  run(['bin/bundle.mjs']);
  log('done: node dist/migrations/main.js, node dist/worker/main.js, node dist/api/main.js');
} catch (error) {
  console.error(tell(error));
  process.exitCode = 1;
}

/** @param {readonly string[]} args a script from the root of the repository, and its arguments */
function run([script = '', ...args]) {
  const { status } = spawnSync(process.execPath, [join(ROOT, script), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Trouble(`${script} failed`, 'npm run check tells more');
}

/** The compiler leaves SQL behind; the names of migrations must be those of a clone. */
function copySql() {
  const names = readdirSync(join(ROOT, 'migrations')).filter((name) => name.endsWith('.sql'));
  for (const name of names) cpSync(join(ROOT, 'migrations', name), join(DIST, 'migrations', name));
}

/** A production build can neither be paused nor killed from its environment. */
function removeFailpoints() {
  const place = join(DIST, 'runtime', 'failpoints.js');
  const empty = join(DIST, 'runtime', 'failpoints.production.js');
  if (!existsSync(place))
    throw new Trouble(`${place} is missing`, 'was runtime/failpoints.ts moved?');
  renameSync(empty, place);
  for (const path of [`${place}.map`, `${empty}.map`]) rmSync(path, { force: true });
  if (readFileSync(place, 'utf8').includes('SIGKILL')) {
    throw new Trouble('the build still has failpoints', 'see bin/build.mjs');
  }
}
