/**
 * Owns `holdfast demo`: finds or starts a Holdfast, plays a story on it, proves the end, and
 * cleans up what it has started.
 * Must not know any story, nor how a step is carried out.
 */

import { join, resolve } from 'node:path';
import { holderOf } from '../lock.mjs';
import { Trouble } from '../trouble.mjs';
import { connectionOf, dataFolder, readyOf } from './connection.mjs';
import { get, insist } from './http.mjs';
import { isBalanced } from './ledger.mjs';
import { launch, OWN_SERVERS, removeFolder, temporaryFolder } from './own-product.mjs';
import { bankPayouts, disbursementsOf, nameOf, play } from './play.mjs';
import { endLines, toldLines } from './show.mjs';
import { STORIES } from './stories.mjs';
import { bold, dim, terminalWidth } from './terminal.mjs';

/**
 * @typedef {import('./print.mjs').Mode} Mode
 * @typedef {import('./print.mjs').Result} Result
 * @typedef {import('./connection.mjs').Places & { story: string, keep?: boolean }} Options
 * @typedef {import('./play.mjs').Play} Play
 * @typedef {import('./stories.mjs').Story} Story
 * @typedef {{ to: string, amount: number, currency: string, state: string,
 *   reference: string }} Payout
 * @typedef {{ type: 'end', story: string, ok: boolean, escrow: string, status: string,
 *   as_told: boolean, payouts: Payout[], proof: import('./answers.js').Proof,
 *   verify: import('./answers.js').Proof, trial_balance: import('./answers.js').TrialBalance[],
 *   balanced: boolean, books: import('./answers.js').Books, names: Record<string, string> }} End
 * @typedef {'forget' | 'keep' | 'failed'} How what becomes of a Holdfast of ours; after a failure
 *   its logs stay
 * @typedef {{ api: string, key: string, dataDir: string, isOurs: boolean,
 *   end: (how: How) => Promise<number> }} Stage where a story is played; `isOurs`: we have
 *   started it; `end` answers the process that stays up, or 0
 */

/**
 * @param {Options} options
 * @param {Mode} mode
 * @returns {Promise<Result>}
 */
export async function demoCommand(options, mode) {
  const { story: name, keep = false } = options;
  const story = Object.hasOwn(STORIES, name) ? STORIES[name] : undefined;
  if (!story) {
    throw new Trouble(`there is no story "${name}"`, `one of ${Object.keys(STORIES).join(', ')}`);
  }
  const stage = await stageFor(options, story, mode);
  const width = terminalWidth();
  if (mode === 'human') console.log(`\n${bold(name)}  ${story.about}\n${dim('times in UTC')}`);
  /** @type {End} */
  let end;
  try {
    const played = await play({
      connection: stage,
      story,
      dataDir: stage.dataDir,
      tell: (told) => {
        if (mode === 'human') for (const line of toldLines(told, width)) console.log(line);
        if (mode === 'headless') console.log(JSON.stringify(told));
      },
    });
    end = await endOf(name, played);
  } catch (error) {
    await stage.end('failed');
    throw error;
  }
  const stays = await stage.end(keep ? 'keep' : 'forget');
  return {
    answer: end,
    ok: end.ok,
    text: (columns) => endLines(end, columns),
    next: nextOf(end, stage, stays),
  };
}

/** @param {End} end @param {Stage} stage @param {number} stays @returns {string} */
function nextOf({ escrow }, { isOurs, dataDir }, stays) {
  if (!isOurs) return `holdfast timeline ${escrow}`;
  if (!stays) return 'npm start; demo then plays on it, and you can look around';
  return `holdfast timeline ${escrow} --data ${dataDir} (it stays up; end it: kill ${stays})`;
}

/**
 * The Holdfast that runs already, or one of our own. A story that kills plays on its own alone.
 * @param {Options} options
 * @param {Story} story
 * @param {Mode} mode
 * @returns {Promise<Stage>}
 */
async function stageFor(options, story, mode) {
  const dataDir = dataFolder(options);
  const isNamed = Boolean(options.api || (process.env.HOLDFAST_API && !options.data));
  const runs =
    isNamed || (readyOf(dataDir) !== null && holderOf(join(dataDir, 'start.lock')) !== 0);
  if (story.failpoints && options.data && runs) {
    const cure = 'leave --data out, or name a folder that nobody uses';
    throw new Trouble('this story kills a process: it plays on a Holdfast of its own', cure);
  }
  if (runs && !story.failpoints) {
    return { ...connectionOf(options), dataDir, isOurs: false, end: async () => 0 };
  }
  return ownStage(options, story, mode);
}

/** @param {Options} options @param {Story} story @param {Mode} mode @returns {Promise<Stage>} */
async function ownStage({ data }, story, mode) {
  const dataDir = data ? resolve(data) : temporaryFolder('holdfast-demo-');
  const servers = data ? {} : OWN_SERVERS;
  /** @param {string} line */
  const log = (line) => {
    if (mode === 'human') console.log(dim(`· ${line}`));
  };
  const forget = async () => {
    if (!data) await removeFolder(dataDir);
  };
  const environment = { ...servers, HOLDFAST_FAILPOINTS: story.failpoints ?? '' };
  const product = await launch({ dataDir, environment, log });
  /** @type {Promise<void> | null} */
  let stopping = null;
  const stop = () => {
    stopping ??= product.stop();
    return stopping;
  };
  onSignal(() => stop().then(forget));
  /** @param {How} how */
  const end = async (how) => {
    if (how === 'keep') return story.failpoints ? withoutFault(product, servers, log) : product.pid;
    log('ending what this demo has started');
    await stop();
    if (how === 'forget') await forget();
    else if (mode === 'human') console.error(`· its logs stay in ${dataDir}`);
    return 0;
  };
  try {
    const { api, key } = await product.untilReady();
    return { api, key, dataDir, isOurs: true, end };
  } catch (error) {
    await end('failed');
    throw error;
  }
}

/**
 * What stays up must not be killed again and again.
 * @param {import('./own-product.mjs').Product} product
 * @param {Record<string, string>} servers
 * @param {(line: string) => void} log
 * @returns {Promise<number>} the process
 */
async function withoutFault({ dataDir, stop }, servers, log) {
  log('starting it again without the fault');
  await stop();
  const environment = { ...servers, HOLDFAST_FAILPOINTS: '' };
  const again = await launch({ dataDir, environment, log });
  await again.untilReady();
  return again.pid;
}

/** A Ctrl-C ends what we have started, and then us. @param {() => Promise<void>} work */
function onSignal(work) {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => {
      console.error('· ending what this demo has started');
      void work().finally(() => process.exit(130));
    });
  }
}

/**
 * What can be proved at the end of a story.
 * @param {string} story
 * @param {Play} played
 * @returns {Promise<End>}
 */
async function endOf(story, played) {
  const { connection, escrow, accounts } = played;
  const path = `/escrows/${escrow.id}`;
  const { status } = await get(connection, path);
  const names = Object.fromEntries(
    Object.entries(accounts).map(([who, id]) => [id, nameOf(played, who)]),
  );
  const payouts = await payoutsOf(played, names);
  const proof = await get(connection, `${path}/proof`);
  const verify = await insist(connection, '/ledger/verify', { body: {} });
  const { data: trial_balance } = await get(connection, '/ledger/trial_balance');
  const balanced = trial_balance.every(isBalanced);
  const as_told = status === played.story.ends.status && arePaid(played, payouts);
  return {
    type: 'end',
    story,
    ok: as_told && proof.ok && verify.ok && balanced,
    escrow: escrow.id,
    status,
    as_told,
    payouts,
    proof,
    verify,
    trial_balance,
    balanced,
    books: await get(connection, `${path}/ledger`),
    names,
  };
}

/** @param {Play} played @param {Record<string, string>} names @returns {Promise<Payout[]>} */
async function payoutsOf(played, names) {
  const disbursements = await disbursementsOf(played);
  return (await bankPayouts(played)).map(({ reference, amount, currency, state }) => {
    const owner = disbursements.find(({ attempts }) =>
      attempts.some((attempt) => attempt.reference === reference),
    );
    return { to: names[owner?.recipient ?? ''] ?? '?', amount, currency, state, reference };
  });
}

/**
 * Has everybody got what the story says, and once?
 * @param {Play} played
 * @param {readonly Payout[]} payouts
 */
function arePaid(played, payouts) {
  return Object.keys(played.accounts).every((who) => {
    const paid = payouts
      .filter(({ to, state }) => to === nameOf(played, who) && state === 'settled')
      .map(({ amount }) => amount);
    const told = played.story.ends.payouts[who] ?? [];
    return String(paid.toSorted((a, b) => a - b)) === String(told.toSorted((a, b) => a - b));
  });
}
