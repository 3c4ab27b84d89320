/**
 * Owns playing a story against a running Holdfast, step by step, over HTTP like anybody else.
 * Must not know any story (`stories.mjs`), nor how it is shown (`show.mjs`).
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../processes.mjs';
import { Trouble } from '../trouble.mjs';
import { act, timeOf } from './acting.mjs';
import { advance, NEXT } from './clock.mjs';
import { get, insist, post } from './http.mjs';
import { workerOf } from './own-product.mjs';

const PATIENCE_MS = 180_000;
const LOOK_MS = 300;
const SILENCES_MAX = 40;
const DAY_MS = 86_400_000;

/**
 * @typedef {import('./story.mjs').Story} Story
 * @typedef {import('./story.mjs').Step} Step
 * @typedef {import('./answers.js').Escrow} Escrow
 * @typedef {import('./answers.js').EscrowEvent} EscrowEvent
 * @typedef {import('./answers.js').BankPayout} BankPayout
 * @typedef {{ type: 'step', by: string, says: string }
 *   | { type: 'event', event: EscrowEvent, by: string }
 *   | { type: 'killed', process: number, booked: string[], bank: BankPayout[] }
 *   | { type: 'restarted', process: number }} Told
 * @typedef {(told: Told) => void} Tell
 * @typedef {{ connection: import('./http.mjs').Connection, story: Story, tell: Tell,
 *   accounts: Record<string, string>, escrow: Escrow, clock: string | null, seen: EscrowEvent[],
 *   dataDir: string, worker: number }} Play `accounts`: ids by person; `worker`: its process
 */

/**
 * Plays a story to its end.
 * @param {{ connection: Play['connection'], story: Story, dataDir: string, tell: Tell }} options
 * @returns {Promise<Play>}
 */
export async function play({ connection, story, dataDir, tell }) {
  const worker = workerOf(dataDir);
  const accounts = await makePeople(connection, story);
  const clock = story.clock ? await post(connection, '/test_clocks', { body: {} }) : null;
  const now = clock ? Date.parse(clock.body.now) : Date.now();
  const creator = story.people[story.by];
  tell({ type: 'step', by: creator?.name ?? '', says: 'proposes the deal' });
  const escrow = await insist(connection, '/escrows', {
    as: accounts[story.by] ?? '',
    body: { ...termsOf(story, accounts, now), ...(clock && { test_clock: clock.body.id }) },
  });
  const id = clock ? String(clock.body.id) : null;
  /** @type {Play} */
  const play = { connection, story, tell, accounts, escrow, clock: id, seen: [], dataDir, worker };
  await hear(play);
  for (const step of story.steps) {
    tell({ type: 'step', by: nameOf(play, 'by' in step ? step.by : ''), says: step.says });
    await carryOut(play, step);
    await hear(play);
  }
  await untilStatus(play, story.ends.status); // the escrow hears of its payouts a moment later
  await hear(play);
  return play;
}

/** @param {Play} play @param {string} who */
export const nameOf = ({ story }, who) => story.people[who]?.name ?? who;

/** @param {Play['connection']} connection @param {Story} story */
async function makePeople(connection, { people }) {
  const run = randomBytes(4).toString('hex'); // addresses are unique, and a story is played often
  /** @type {Record<string, string>} */
  const accounts = {};
  for (const [who, { name, role, destination = name }] of Object.entries(people)) {
    const account = await insist(connection, '/accounts', {
      body: {
        kind: 'person',
        name,
        email: `${name.toLowerCase()}-${run}@example.com`,
        ...(role === 'seller' && {
          payout_destinations: [{ ...placeOf(destination), default: true }],
        }),
      },
    });
    accounts[who] = account.id;
  }
  return accounts;
}

/** @param {string} name that the bank knows */
const placeOf = (name) => ({
  provider: 'sandbox',
  reference: `DEMO-${randomBytes(4).toString('hex')}`,
  name,
  currency: 'USD',
});

/**
 * @param {Story} story
 * @param {Record<string, string>} accounts
 * @param {number} now
 */
const termsOf = ({ type, people, parts, fees, about }, accounts, now) => ({
  title: parts.length === 1 ? parts[0]?.title : about.split(',')[0],
  type,
  currency: 'USD',
  parties: Object.entries(people).map(([who, { role }]) => ({ account_id: accounts[who], role })),
  milestones: parts.map(({ title, amount, days, inspection = 3, recipients }) => ({
    title,
    amount,
    due_at: new Date(now + days * DAY_MS).toISOString(),
    inspection_period: inspection,
    ...(recipients && {
      recipients: recipients.map(({ who, share_bps }) => ({
        account_id: accounts[who],
        share_bps,
      })),
    }),
  })),
  ...(fees && { fees }),
});

/** @param {Play} play @param {Step} step */
function carryOut(play, step) {
  if ('by' in step) return act(play, step);
  if ('wait' in step)
    return step.wait === 'status' ? untilStatus(play, step.for) : untilPayouts(play, step.for);
  if ('until' in step) return untilEvent(play, step.until);
  if ('silence' in step) return staySilent(play, step.silence);
  if ('later' in step) return goOn(play, step.later);
  if ('redirect' in step) return redirect(play, step.of, step.redirect);
  return watchRestart(play);
}

/**
 * Looks until it is so, and tells what happens meanwhile.
 * @template T
 * @param {Play} play
 * @param {string} what
 * @param {() => Promise<T | null>} look null: not yet
 * @returns {Promise<T>}
 */
async function until(play, what, look) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(LOOK_MS)) {
    const found = await look();
    if (found !== null) return found;
    await hear(play);
  }
  const cure = `holdfast timeline ${play.escrow.id}, and worker.log in the data folder`;
  throw new Trouble(`${what}: not so after ${PATIENCE_MS / 1000} s`, cure);
}

/** @param {Play} play @param {string} status */
const untilStatus = (play, status) =>
  until(play, `the escrow is ${status}`, async () => {
    /** @type {Escrow} */
    const escrow = await get(play.connection, `/escrows/${play.escrow.id}`);
    return escrow.status === status ? true : null;
  });

/** @param {Play} play @param {string} event */
const untilEvent = (play, event) =>
  until(play, `${event} has happened`, async () =>
    play.seen.some(({ type }) => type === event) ? true : null,
  );

/**
 * The escrow hears of a payout a moment after its row says so; the next step builds on both.
 * @param {Play} play
 * @param {string} state
 */
const untilPayouts = (play, state) =>
  until(play, `the payouts are ${state}`, async () => {
    const all = await disbursementsOf(play);
    /** @type {Escrow} */
    const { disbursement } = await get(play.connection, `/escrows/${play.escrow.id}`);
    const { pending, failed } = disbursement;
    const isHeard = state === 'settled' ? pending + failed === 0 : failed > 0;
    if (all.length === 0 || !isHeard) return null;
    return all.every(({ status }) => status === state) ? true : null;
  });

/**
 * @param {Play} play
 * @returns {Promise<readonly import('./answers.js').Disbursement[]>}
 */
export async function disbursementsOf({ connection, escrow }) {
  const { data } = await get(connection, `/disbursements?escrow=${escrow.id}&limit=100`);
  return data;
}

/** What the bank's own book says of an escrow's payouts. @param {Play} play */
export async function bankPayouts(play) {
  /** @type {BankPayout[]} */
  const found = [];
  for (const { attempts } of await disbursementsOf(play)) {
    for (const { reference } of attempts) {
      const path = `/test_helpers/sandbox/payouts?reference=${reference}`;
      found.push(...(await get(play.connection, path)).data);
    }
  }
  return found;
}

/** @param {Play} play @param {string} event */
async function staySilent(play, event) {
  const before = play.seen.length;
  for (let n = 0; n < SILENCES_MAX; n += 1) {
    if (play.seen.slice(before).some(({ type }) => type === event)) return;
    await advance(play.connection, clockOf(play), NEXT);
    await hear(play);
  }
  throw new Trouble(`silence does not lead to ${event}`, `holdfast timeline ${play.escrow.id}`);
}

/** @param {Play} play @param {number} days */
async function goOn(play, days) {
  await advance(play.connection, clockOf(play), { to: await timeOf(play, days) });
}

/** @param {Play} play */
function clockOf({ clock }) {
  if (!clock) throw new Error('a story without a clock cannot let time pass');
  return clock;
}

/** @param {Play} play @param {string} who @param {string} name */
async function redirect(play, who, name) {
  const { connection, accounts } = play;
  const path = `/accounts/${accounts[who]}/payout_destinations`;
  const place = await insist(connection, path, { body: placeOf(name) });
  for (const { id, recipient } of await disbursementsOf(play)) {
    if (recipient !== accounts[who]) continue;
    await insist(connection, `/disbursements/${id}/redirect`, { body: { destination: place.id } });
  }
}

/** Waits for the worker's death, looks at the books in that moment, waits for the next worker.
 * @param {Play} play */
async function watchRestart(play) {
  const { dataDir, worker, tell, connection, escrow } = play;
  await until(play, 'the worker is dead', async () => (isAlive(worker) ? null : true));
  /** @type {import('./answers.js').Books} */
  const books = await get(connection, `/escrows/${escrow.id}/ledger`);
  const booked = books.journals.map(({ type }) => type);
  tell({ type: 'killed', process: worker, booked, bank: await bankPayouts(play) });
  const next = await until(play, 'the worker is started again', async () => {
    const now = workerOf(dataDir);
    return now !== worker && now !== 0 && isAlive(now) ? now : null;
  });
  tell({ type: 'restarted', process: next });
}

/** Tells the events that have come since. @param {Play} play */
async function hear(play) {
  const last = play.seen.at(-1)?.id;
  const after = last ? `&starting_after=${last}` : '';
  /** @type {import('./answers.js').List<EscrowEvent>} */
  const { data } = await get(
    play.connection,
    `/escrows/${play.escrow.id}/events?order=asc&limit=100${after}`,
  );
  const people = Object.entries(play.accounts);
  for (const event of data) {
    const who = people.find(([, account]) => account === event.actor.account)?.[0];
    play.seen.push(event);
    play.tell({ type: 'event', event, by: who ? nameOf(play, who) : event.actor.kind });
  }
}
