/**
 * Owns finding out what would keep Holdfast from starting here: each thing with its cure. It
 * changes nothing.
 * Must not know how anything is started.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, isOpenToOthers } from '../folders.mjs';
import { holderOf } from '../lock.mjs';
import { checkNode } from '../node-version.mjs';
import { answers, isFree } from '../ports.mjs';
import { packagedBinaries, serverAccount } from '../postgres-files.mjs';
import { checkDatabase, checkPort, checkRoom } from '../preflight.mjs';
import { temporalSource } from '../temporal-binary.mjs';
import { messageOf, Trouble } from '../trouble.mjs';
import { dataFolder, readyOf } from './connection.mjs';
import { cell, dim, green, red, yellow } from './terminal.mjs';

/**
 * @typedef {{ dataDir: string, port: number, holder: number }} Place `holder`: the process of a
 *   running `npm start`, or 0
 * @typedef {(place: Place) => string | Promise<string>} Look what is there, in one sentence; a
 *   Trouble when it stands in the way
 * @typedef {{ name: string, state: 'ok' | 'note' | 'broken', says: string, cure: string }} Finding
 */

/** In the order of a start. @type {Readonly<Record<string, Look>>} */
const CHECKS = {
  Node: node,
  'data folder': folder,
  'running now': running,
  'port of the API': port,
  'other ports': otherPorts,
  account,
  PostgreSQL: postgres,
  Temporal: temporal,
  settings,
};

/** What is worth knowing, and stands in nobody's way. */
class Note extends Error {}

/**
 * @param {import('./connection.mjs').Places & { port?: string }} options
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function doctorCommand(options) {
  const dataDir = dataFolder(options);
  const holder = holderOf(join(dataDir, 'start.lock'));
  const place = { dataDir, port: Number(options.port || process.env.PORT || 8080), holder };
  /** @type {Finding[]} */
  const findings = [];
  for (const [name, look] of Object.entries(CHECKS))
    findings.push(await examine(name, look, place));
  const ok = findings.every(({ state }) => state !== 'broken');
  return {
    answer: { ok, checks: findings },
    ok,
    text: () => findings.flatMap(findingLines),
    next: !ok
      ? 'mend what is marked, then holdfast doctor'
      : holder
        ? 'holdfast status'
        : 'npm start',
  };
}

/** @param {string} name @param {Look} look @param {Place} place @returns {Promise<Finding>} */
async function examine(name, look, place) {
  try {
    return { name, state: 'ok', says: await look(place), cure: '' };
  } catch (error) {
    if (error instanceof Note) return { name, state: 'note', says: error.message, cure: '' };
    if (!(error instanceof Trouble)) throw error;
    return { name, state: 'broken', says: messageOf(error), cure: error.cure };
  }
}

/** @param {Finding} finding @returns {string[]} */
function findingLines({ name, state, says, cure }) {
  const mark = { ok: green('✓'), note: yellow('·'), broken: red('✗') }[state];
  const [first = '', ...more] = cure.split('\n');
  return [
    `${mark} ${cell(name, 16)} ${says}`,
    ...(cure
      ? [`  ${' '.repeat(16)} → ${first}`, ...more.map((l) => dim(' '.repeat(18) + l))]
      : []),
  ];
}

function node() {
  checkNode();
  return process.versions.node;
}

/** A folder that is not there yet is made where its nearest parent lies. @type {Look} */
function folder({ dataDir }) {
  let there = dataDir;
  while (!existsSync(there)) there = join(there, '..');
  if (!statSync(there).isDirectory()) {
    throw new Trouble(`${there} is a file`, 'name another folder with --data or HOLDFAST_DATA');
  }
  checkRoom(there);
  return there === dataDir ? dataDir : `${dataDir} (will be made)`;
}

/** @type {Look} */
async function running({ dataDir, holder }) {
  const ready = readyOf(dataDir);
  if (!holder && ready) {
    throw new Note(`a start that was killed has left ${dataDir}; the next one goes on from there`);
  }
  if (!holder) return 'nothing on this folder';
  if (!ready) throw new Note(`process ${holder} is starting, or stops`);
  const response = await fetch(`${new URL(ready.api).origin}/readyz`, {
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  if (response?.ok) return `process ${holder}: ${ready.api}`;
  const why = response ? (await response.text()).slice(0, 200) : 'its API does not answer';
  throw new Trouble(`process ${holder} runs, and is not ready: ${why}`, `see ${dataDir}/*.log`);
}

/** @type {Look} */
async function port({ dataDir, port: wanted, holder }) {
  const ready = readyOf(dataDir);
  if (holder && ready) return `${new URL(ready.api).port}: ours`;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 65_535) {
    throw new Trouble('PORT is no port', 'give PORT or --port a number from 1 to 65535');
  }
  await checkPort(wanted);
  return `${wanted} is free`;
}

/** @type {Look} */
async function otherPorts({ holder }) {
  if (holder) return 'in use by what runs';
  const wished = /** @type {const} */ ([
    [8085, 'the sandbox'],
    [8233, "Temporal's UI"],
  ]);
  for (const [number, whose] of wished) {
    if (!(await isFree(number))) throw new Note(`${number} is in use: ${whose} takes another`);
  }
  return '8085 and 8233 are free';
}

/** PostgreSQL does not run as root; root lends it to `nobody`, who must get there. @type {Look} */
function account({ dataDir }) {
  if (serverAccount() === null) return 'not root';
  if (process.env.DATABASE_URL) return 'root; PostgreSQL is a server of yours';
  if (isOpenToOthers(dataDir)) return 'root: PostgreSQL runs as nobody';
  throw new Note(`root: PostgreSQL runs as nobody, its data lies outside of ${dataDir}`);
}

async function postgres() {
  const given = process.env.DATABASE_URL;
  if (!given) return `comes along, ${packagedBinaries().version}`;
  await checkDatabase(given);
  return 'DATABASE_URL answers';
}

async function temporal() {
  const given = process.env.TEMPORAL_ADDRESS;
  if (!given) return temporalSource(cacheFolder());
  const [host = '', number = ''] = given.split(':');
  const cure = 'correct TEMPORAL_ADDRESS, or unset it: npm start then runs a server of its own';
  if (!/^\d+$/.test(number)) throw new Trouble(`not host:port: ${given}`, cure);
  if (await answers(host, Number(number), 5_000)) return `${given} answers`;
  throw new Trouble(`no Temporal server answers at ${given}`, cure);
}

/** @type {Look} */
function settings() {
  const faults = process.env.HOLDFAST_FAILPOINTS;
  if (faults) throw new Note(`HOLDFAST_FAILPOINTS injects faults: ${faults}`);
  return process.env.HOLDFAST_ENV || 'development';
}
