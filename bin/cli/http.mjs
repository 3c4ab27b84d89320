/**
 * Owns one call of the API: what is sent, and how a problem or a silence is told to a person.
 * Must not know what the call is for.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, Trouble } from '../trouble.mjs';

const LIMIT_MS = 60_000;
const PATIENCE_MS = 120_000;
const LOOK_MS = 250;

/**
 * @typedef {import('./connection.mjs').Connection} Connection
 * @typedef {{ body?: unknown, as?: string }} Asked `as`: the account that acts
 * @typedef {{ status: number, body: any }} Answer of the API, as JSON
 */

/** An answer that says no. */
export class Refused extends Trouble {
  /**
   * @param {import('./answers.js').Problem} problem
   * @param {string} cure
   */
  constructor(problem, cure) {
    super(sentenceOf(problem), cure);
    this.problem = problem;
  }
}

/**
 * Reads an object. Throws Refused, or a Trouble when nobody answers.
 * @param {Connection} connection
 * @param {string} path below /v1
 */
export const get = async (connection, path) =>
  (await send(connection, 'GET', path, {}, randomUUID())).body;

/**
 * Changes something, once.
 * @param {Connection} connection
 * @param {string} path
 * @param {Asked} asked
 * @returns {Promise<Answer>}
 */
export const post = (connection, path, asked = {}) =>
  send(connection, 'POST', path, asked, randomUUID());

/**
 * Changes something by the same request under the same key, until it is answered: a part of the
 * product may be away, and come back.
 * @param {Connection} connection
 * @param {string} path
 * @param {Asked} asked
 */
export async function insist(connection, path, asked = {}) {
  const key = randomUUID();
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
    try {
      const { status, body } = await send(connection, 'POST', path, asked, key);
      if (status !== 202) return body;
      if (Date.now() > until) throw new Trouble(`${path} is not done yet`, 'see worker.log');
    } catch (error) {
      if (!isPassing(error) || Date.now() > until) throw error;
    }
  }
}

/** @param {unknown} error @returns {boolean} true when the same request may succeed later */
const isPassing = (error) =>
  error instanceof Refused
    ? error.problem.status >= 500 || error.problem.code === 'in_flight'
    : error instanceof Silence;

class Silence extends Trouble {}

/**
 * @param {Connection} connection
 * @param {'GET' | 'POST'} method
 * @param {string} path
 * @param {Asked} asked
 * @param {string} idempotencyKey
 * @returns {Promise<Answer>}
 */
async function send({ api, key }, method, path, { body, as }, idempotencyKey) {
  const changes = method === 'POST';
  const response = await patiently(api + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(as ? { 'on-behalf-of': as } : {}),
      ...(changes ? { 'idempotency-key': idempotencyKey } : {}),
      ...(changes && body !== undefined ? { 'content-type': 'application/json' } : {}),
    },
    ...(changes && body !== undefined ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const answer = parsed(text);
  if (response.ok) return { status: response.status, body: answer };
  const problem = /** @type {import('./answers.js').Problem} */ ({
    title: text.slice(0, 200) || response.statusText,
    detail: '',
    code: String(response.status),
    ...answer,
    status: response.status,
  });
  throw new Refused(problem, cureOf(problem));
}

/**
 * Too many requests in a minute: the same one again, when the API says that it may come.
 * @param {string} url
 * @param {RequestInit} init
 */
async function patiently(url, init) {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const response = await reach(url, init);
    const waitMs = 1_000 * Number(response.headers.get('retry-after') ?? 1);
    if (response.status !== 429 || Date.now() + waitMs > until) return response;
    await response.text();
    await sleep(waitMs);
  }
}

/** @param {string} url @param {RequestInit} init */
async function reach(url, init) {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(LIMIT_MS) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const { origin } = new URL(url);
    const what = `nothing answers at ${origin}: ${messageOf(cause) || 'no connection'}`;
    throw new Silence(what, 'npm start, or name another one with --api or --data', error);
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not one of ours: the caller tells what it says
  }
}

/** @param {import('./answers.js').Problem} problem */
function sentenceOf({ title, detail, code, instance, errors = [], current_status }) {
  const fields = errors
    .map(({ pointer, detail: what }) => `${pointer}: ${what}`)
    .filter((line) => line !== detail)
    .map((line) => `\n  ${line}`)
    .join('');
  const status = current_status ? `; the status is ${current_status}` : '';
  const said = (detail || title).replace(/\.$/, '');
  const where = code === 'not_found' && instance ? `: ${instance}` : '';
  return `${said}${where} (${code}${status})${fields}`;
}

/** @param {import('./answers.js').Problem} problem */
function cureOf({ status, code, allowed_actions = [] }) {
  if (status === 401) return 'the key is not one of this installation: see --key and HOLDFAST_KEY';
  if (status === 404) return 'look at the id: it may belong to another platform or mode';
  if (status === 429) return 'wait a moment, or raise HOLDFAST_RATE_LIMIT';
  if (allowed_actions.length > 0) return `allowed now: ${allowed_actions.join(', ')}`;
  if (status >= 500) return 'look into api.log in the data folder, then ask again';
  return `what it means: docs/errors.md#${code}`;
}
