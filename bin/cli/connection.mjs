/**
 * Owns which Holdfast the command line speaks to: options, then the environment, then what
 * `npm start` has written into its data folder.
 * Must not know what is asked there.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readJson } from '../folders.mjs';
import { Trouble } from '../trouble.mjs';

/**
 * @typedef {{ api?: string, key?: string, data?: string }} Places options of the command line
 * @typedef {{ api: string, key: string }} Connection `api` ends in `/v1`
 */

/**
 * The data folder: of the options, else HOLDFAST_DATA, else `.holdfast`.
 * @param {Places} places
 * @returns {string} absolute
 */
export const dataFolder = ({ data }) => resolve(data || process.env.HOLDFAST_DATA || '.holdfast');

/**
 * What a running `npm start` has written about itself, or null.
 * @param {string} dataDir
 * @returns {import('../ready.mjs').Ready | null}
 */
export function readyOf(dataDir) {
  /** @type {Partial<import('../ready.mjs').Ready>} */
  const nothing = {};
  const { temporal_ui = null, ...ready } = readJson(join(dataDir, 'ready.json'), nothing);
  const { api, docs, sandbox, key, platform } = ready;
  if (!api || !docs || !sandbox || !key || !platform) return null;
  return { api, docs, temporal_ui, sandbox, key, platform };
}

/**
 * Where to call, and with which key. What was named last and most explicitly wins: --api and
 * --key, --data, HOLDFAST_API and HOLDFAST_KEY, HOLDFAST_DATA.
 * Throws a Trouble when nothing says it.
 * @param {Places} places
 * @returns {Connection}
 */
export function connectionOf(places) {
  const ready = readyOf(dataFolder(places));
  const fromFolder = { api: ready?.api, key: ready?.key };
  const { HOLDFAST_API, HOLDFAST_KEY } = process.env;
  const named = places.data ? {} : { api: HOLDFAST_API, key: HOLDFAST_KEY };
  const asked = places.api || named.api || fromFolder.api;
  if (!asked) throw notRunning(dataFolder(places));
  const api = addressOf(asked);
  // The key of one installation is never shown to another.
  const isOther = api !== fromFolder.api;
  const key = places.key || named.key || (isOther ? undefined : fromFolder.key);
  if (!key) throw new Trouble(`there is no key for ${api}`, 'give it by HOLDFAST_KEY or --key');
  return { api, key };
}

/** @param {string} dataDir */
export function notRunning(dataDir) {
  const file = join(dataDir, 'ready.json');
  return new Trouble(
    existsSync(file) ? `${file} cannot be read` : `no Holdfast runs on ${dataDir}`,
    'npm start, or name another one: --data FOLDER, or HOLDFAST_API and HOLDFAST_KEY',
  );
}

/** @param {string} text @returns {string} */
function addressOf(text) {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new Trouble(`not the address of an API: ${text}`, 'like http://127.0.0.1:8080/v1');
  }
  const bare = text.replace(/\/+$/, '');
  return bare.endsWith('/v1') ? bare : `${bare}/v1`;
}
