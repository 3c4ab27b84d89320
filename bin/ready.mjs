/**
 * Owns what a running Holdfast says about itself: the ready block, and `ready.json`.
 * Must not know how it came up.
 */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeJson } from './folders.mjs';
import { Trouble } from './trouble.mjs';

/**
 * @typedef {{ api: string, docs: string, temporal_ui: string | null, sandbox: string,
 *   key: string, platform: string }} Ready
 */

/** @param {string} dataDir */
const readyFile = (dataDir) => join(dataDir, 'ready.json');

/**
 * @param {string} dataDir
 * @param {Ready} ready
 */
export const writeReady = (dataDir, ready) => writeJson(readyFile(dataDir), ready);

/** @param {string} dataDir */
export const removeReady = (dataDir) => rmSync(readyFile(dataDir), { force: true });

/**
 * The block that `npm start` ends with.
 * @param {string} dataDir
 * @param {Ready} ready
 * @returns {string}
 */
export function readyBlock(dataDir, ready) {
  const folder = relative(process.cwd(), dataDir);
  const shown = folder && !folder.startsWith('..') ? folder : dataDir;
  /** @param {string} text @param {number} width */
  const pad = (text, width) => text.padEnd(width);
  return [
    '',
    `${pad('Holdfast is ready', 54)}test mode, data in ${shown}`,
    `  API         ${pad(ready.api, 38)}  Temporal UI  ${ready.temporal_ui ?? '(your server)'}`,
    `  Reference   ${pad(ready.docs, 38)}  Sandbox      ${ready.sandbox}`,
    `  Key         ${ready.key}`,
    `  First call  curl -H 'Authorization: Bearer ${ready.key}' ${ready.api}/escrows`,
    `Stop: Ctrl-C            Logs: ${shown}/*.log            Again from nothing: ` +
      'npm start -- --reset',
    '',
  ].join('\n');
}

/**
 * Waits until the API says that all it needs is there.
 * @param {{ url: string, limitMs: number, check: () => void, log: (line: string) => void }} options
 *   `check` throws when waiting is of no use any more
 */
export async function waitForReady({ url, limitMs, check, log }) {
  const startedAt = Date.now();
  for (let toldAt = startedAt; ; await sleep(200)) {
    check();
    const missing = await missingAt(url);
    if (missing === null) return;
    if (Date.now() - startedAt > limitMs) {
      const what = `not ready after ${limitMs / 1000} s: ${missing}`;
      throw new Trouble(what, 'see the logs in the data folder');
    }
    if (Date.now() - toldAt < 10_000) continue;
    toldAt = Date.now();
    log(`waiting: ${missing}`);
  }
}

/**
 * @param {string} url of /readyz
 * @returns {Promise<string | null>} null when all is there, else what is missing
 */
async function missingAt(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    return response.ok ? null : text.slice(0, 500);
  } catch {
    return 'the API does not answer yet';
  }
}
