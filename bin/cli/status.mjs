/**
 * Owns saying what runs and how to reach it: the ready block again, or variables for a shell.
 * Must not know how it was started.
 */
import { readyBlock } from '../ready.mjs';
import { Trouble } from '../trouble.mjs';
import { connectionOf, dataFolder, notRunning, readyOf } from './connection.mjs';

const LIMIT_MS = 10_000;

/**
 * @param {import('./connection.mjs').Places & { env?: boolean }} options
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function statusCommand(options) {
  const { api, key } = connectionOf(options);
  const dataDir = dataFolder(options);
  const ready = readyOf(dataDir);
  const missing = await missingAt(`${new URL(api).origin}/readyz`);
  if (missing === null && ready?.api === api) throw staleOf(dataDir, api);
  if (missing) throw new Trouble(`${api} is not ready: ${missing}`, 'holdfast doctor');
  if (missing === null) throw new Trouble(`nothing answers at ${api}`, 'npm start, or --api');
  const isOurs = ready !== null && ready.api === api;
  const answer = isOurs ? ready : { api, key };
  return {
    answer,
    text: () =>
      options.env
        ? [`export HOLDFAST_API='${api}'`, `export HOLDFAST_KEY='${key}'`]
        : isOurs
          ? readyBlock(dataDir, ready).split('\n')
          : [`Holdfast is ready at ${api}`],
    next: options.env ? '' : 'holdfast demo --story happy',
  };
}

/** A killed start cannot take its file away. @param {string} dataDir @param {string} api */
const staleOf = (dataDir, api) =>
  new Trouble(`${dataDir} says ${api}, and nothing answers there`, notRunning(dataDir).cure);

/**
 * @param {string} url of /readyz
 * @returns {Promise<string | null>} '' ready, null nobody listens, else what is missing
 */
async function missingAt(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
    return response.ok ? '' : (await response.text()).slice(0, 300);
  } catch {
    return null; // nobody listens: the caller says so
  }
}
