/**
 * Owns what a first start shows: two accounts and three escrows in different statuses, made over
 * HTTP like anybody else would (`contracts.md`, sections 1 and 11).
 * Must not know the database or the engine.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson, writeJson } from './folders.mjs';
import { Trouble } from './trouble.mjs';

const FORTNIGHT_MS = 14 * 24 * 3_600_000;

/** @param {string} dataDir */
const memoryFile = (dataDir) => join(dataDir, 'seeded.json');

/**
 * Notes that the samples have to be made: the platform is new. The date belongs to the note, so
 * that a start which goes on after a kill sends the same bodies under the same keys.
 * @param {string} dataDir
 */
export function askForSamples(dataDir) {
  const dueAt = new Date(Date.now() + FORTNIGHT_MS).toISOString();
  writeJson(memoryFile(dataDir), { done: false, dueAt });
}

/**
 * Makes the samples when they were asked for and are not there yet.
 * @param {{ api: string, key: string, dataDir: string, log: (line: string) => void }} options
 */
export async function seedSamples({ api, key, dataDir, log }) {
  const file = memoryFile(dataDir);
  const memory = readJson(file, { done: true, dueAt: '' });
  if (memory.done) return;
  log('making two accounts and three sample escrows');
  const call = caller(api, key);
  const buyer = await makeAccount(call, 'Buyer');
  const seller = await makeAccount(call, 'Seller');
  const deal = { buyer, seller, dueAt: memory.dueAt };
  await sentEscrow(call, deal, 'Logo design');
  await fundedEscrow(call, deal, 'Garden shed');
  await deliveredEscrow(call, deal, 'Used camera');
  writeJson(file, { ...memory, done: true });
}

/**
 * @typedef {{ id: string, terms_hash: string, milestones: { id: string }[] }} Escrow
 * @typedef {{ buyer: string, seller: string, dueAt: string }} Deal ids of accounts, an instant
 * @typedef {(name: string, path: string, body: unknown, onBehalfOf?: string)
 *   => Promise<Escrow>} Call
 */

/**
 * @param {Call} call
 * @param {string} name
 * @returns {Promise<string>} its id
 */
async function makeAccount(call, name) {
  const account = await call(`account-${name}`, '/accounts', {
    kind: 'person',
    name,
    email: `${name.toLowerCase()}@example.com`,
    payout_destinations: [
      { provider: 'sandbox', reference: `sandbox-${name}`, name, currency: 'USD', default: true },
    ],
  });
  return account.id;
}

/**
 * Waits for the seller's acceptance.
 * @param {Call} call
 * @param {Deal} deal
 * @param {string} title
 */
async function sentEscrow(call, { buyer, seller, dueAt }, title) {
  const body = {
    title,
    type: 'one_off',
    currency: 'USD',
    parties: [
      { account_id: buyer, role: 'buyer' },
      { account_id: seller, role: 'seller' },
    ],
    milestones: [{ title, amount: 125_000, due_at: dueAt, inspection_period: 3 }],
  };
  return call(`create-${title}`, '/escrows', body, buyer);
}

/**
 * Accepted and paid; the seller is at work.
 * @param {Call} call
 * @param {Deal} deal
 * @param {string} title
 */
async function fundedEscrow(call, deal, title) {
  const { id, terms_hash } = await sentEscrow(call, deal, title);
  const path = `/escrows/${id}`;
  await call(`accept-${title}`, `${path}/accept`, { terms_hash }, deal.seller);
  await call(`pay-${title}`, `${path}/payments`, { provider: 'sandbox' }, deal.buyer);
  return untilInProgress(call, title, path);
}

/**
 * The seller says that it is done; the buyer looks at it.
 * @param {Call} call
 * @param {Deal} deal
 * @param {string} title
 */
async function deliveredEscrow(call, deal, title) {
  const escrow = await fundedEscrow(call, deal, title);
  const [milestone] = escrow.milestones;
  const path = `/escrows/${escrow.id}/milestones/${milestone?.id}/mark_done`;
  return call(`done-${title}`, path, {}, deal.seller);
}

/**
 * The payment is settled by the sandbox at once, but over its own network.
 * @param {Call} call
 * @param {string} title
 * @param {string} path
 */
async function untilInProgress(call, title, path) {
  for (let tries = 0; tries < 150; tries += 1) {
    const escrow = /** @type {Escrow & { status: string }} */ (await call('', path, undefined));
    if (escrow.status === 'in_progress') return escrow;
    await sleep(200);
  }
  throw new Trouble(`the sample escrow "${title}" is not funded after 30 s`, 'see worker.log');
}

/** @param {string} name */
const keyOf = (name) => `first-start-${name.toLowerCase().replaceAll(' ', '-')}`;

/**
 * @param {string} api
 * @param {string} key
 * @returns {Call} a POST with a fixed idempotency key, or a GET when there is no body
 */
function caller(api, key) {
  return async (name, path, body, onBehalfOf) => {
    const response = await fetch(api + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'idempotency-key': keyOf(name) }),
        ...(onBehalfOf ? { 'on-behalf-of': onBehalfOf } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    throw new Trouble(`${path} answers ${response.status}: ${text}`, 'see api.log, start again');
  };
}
