/**
 * Owns schemathesis on this machine: a Python to run it with, and its pinned packages in a folder
 * of our cache.
 * Must not know what it is run against.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ROOT } from '../folders.mjs';
import { withLock } from '../lock.mjs';
import { Trouble } from '../trouble.mjs';

const REQUIREMENTS = join(ROOT, 'bin', 'fuzz', 'requirements.txt');
const isWindows = process.platform === 'win32';
const NEWER = 'import sys; print(sys.version_info >= (3, 10))';

/**
 * The program, installed once for each list of packages and Python.
 * @param {(line: string) => void} log
 * @returns {Promise<string>} its path
 */
export async function schemathesis(log) {
  const python = findPython();
  const name = createHash('sha256')
    .update(readFileSync(REQUIREMENTS))
    .update(said(python, ['--version']))
    .digest('hex');
  const folder = join(cacheFolder(), `fuzz-${name.slice(0, 12)}`);
  const program = join(folder, isWindows ? 'Scripts/schemathesis.exe' : 'bin/schemathesis');
  const marker = join(folder, 'complete');
  mkdirSync(cacheFolder(), { recursive: true });
  await withLock(`${folder}.lock`, log, 'another process installs schemathesis', async () => {
    if (existsSync(marker)) return;
    log('installing schemathesis into the cache');
    rmSync(folder, { recursive: true, force: true });
    insist(python, ['-m', 'venv', folder], 'on Debian: apt install python3-venv');
    const inside = join(folder, isWindows ? 'Scripts/python.exe' : 'bin/python');
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const cure = 'check the network and the index of pip (`pip config list`), run again';
    insist(inside, [...args, '--no-deps', '-r', REQUIREMENTS], cure);
    writeFileSync(marker, '');
  });
  return program;
}

/** @returns {string} */
function findPython() {
  const names = isWindows ? ['python', 'py'] : ['python3', 'python'];
  const found = names.find((name) => said(name, ['-c', NEWER]) === 'True');
  if (found) return found;
  const what = 'npm run fuzz needs Python 3.10 or newer, and there is none on the PATH';
  throw new Trouble(what, 'install Python (https://www.python.org), or leave the fuzzing to CI');
}

/** What it prints; '' when it does not run. @param {string} program @param {string[]} args */
function said(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

/** @param {string} program @param {string[]} args @param {string} cure */
function insist(program, args, cure) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return;
  const tail = `${stdout}${stderr}`.trimEnd().split('\n').slice(-12).join('\n');
  throw new Trouble(`${program} ${args.join(' ')} failed:\n${tail}`, cure);
}
