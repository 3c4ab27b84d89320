/**
 * Owns the data folder of `npm start`: who has it, and forgetting everything in it.
 * Must not know what the files mean to those who write them.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from './folders.mjs';
import { tryLock, unlock } from './lock.mjs';
import { removePostgres } from './postgres.mjs';
import { removeTemporal } from './temporal.mjs';
import { Trouble } from './trouble.mjs';

const OURS = ['key', 'ready.json', 'seeded.json', 'ports.json', 'processes.json'];
const LOGS = ['api', 'worker', 'sandbox'].flatMap((name) => [`${name}.log`, `${name}.log.old`]);

/**
 * Takes the folder for this process. Throws a Trouble that names the process which has it.
 * @param {string} dataDir
 * @returns {() => void} gives it back
 */
export function claim(dataDir) {
  const lock = join(dataDir, 'start.lock');
  const holder = tryLock(lock);
  if (holder === 0) return () => unlock(lock);
  const { api } = readJson(join(dataDir, 'ready.json'), { api: '' });
  throw new Trouble(
    `process ${holder} runs Holdfast on ${dataDir} already${api ? `: ${api}` : ''}`,
    `use that one, end it (kill ${holder}), or take another folder with --data and --port`,
  );
}

/**
 * Forgets everything that our own servers have stored. Files of others are left alone.
 * @param {string} dataDir
 * @param {(line: string) => void} log
 */
export async function reset(dataDir, log) {
  const given = ['DATABASE_URL', 'TEMPORAL_ADDRESS'].filter((name) => process.env[name]);
  if (given.length > 0) {
    const what = `--reset forgets our own servers' data, but ${given.join(' and ')} is set`;
    throw new Trouble(what, 'empty those servers yourself, or unset it');
  }
  if (existsSync(join(dataDir, 'postgres.json'))) log(`forgetting the data in ${dataDir}`);
  await removeTemporal(dataDir);
  await removePostgres({ dataDir, log });
  for (const name of [...OURS, ...LOGS]) rmSync(join(dataDir, name), { force: true });
}
