/**
 * Owns how what a person does in a story becomes a call of the API.
 * Must not know any story (`stories.mjs`), nor what comes of it (`play.mjs`).
 */
import { get, insist } from './http.mjs';

const DAY_MS = 86_400_000;

/**
 * @typedef {import('./story.mjs').Deed} Deed
 * @typedef {import('./play.mjs').Play} Play
 * @typedef {import('./answers.js').Escrow} Escrow
 */

/** @param {Play} play @param {Deed} deed */
export async function act(play, deed) {
  const { connection, accounts, escrow } = play;
  const [path, body] = await callOf(play, deed);
  const address = path.startsWith('/') ? path : `/escrows/${escrow.id}/${path}`;
  await insist(connection, address, { as: accounts[deed.by] ?? '', body });
}

/** An instant so many days after now; by the clock of the story, when it has one.
 * @param {Play} play @param {number} days */
export async function timeOf({ connection, clock }, days) {
  const now = clock ? (await get(connection, `/test_clocks/${clock}`)).now : Date.now();
  return new Date(new Date(now).getTime() + days * DAY_MS).toISOString();
}

/** Where it goes, and with what. @param {Play} play @param {Deed} deed
 * @returns {Promise<[string, object]>} */
async function callOf(play, deed) {
  if ('propose' in deed) return ['proposals', await proposalOf(play, deed)];
  if ('accepts' in deed) return [`proposals/${await openProposal(play)}/accept`, {}];
  return commandOf(play, deed);
}

const OF_DISPUTE = ['answer', 'evidence', 'escalate', 'withdraw', 'resolve'];

/** @param {Play} play @param {import('./story.mjs').Act} act
 * @returns {Promise<[string, object]>} */
async function commandOf(play, { do: command, milestone, body = {} }) {
  const { escrow } = play;
  if (command === 'pay') return ['payments', { provider: 'sandbox' }];
  if (command === 'accept') return ['accept', { terms_hash: escrow.terms_hash }];
  if (OF_DISPUTE.includes(command)) {
    const disputed = (await look(play)).milestones.find((one) => one.dispute);
    return [`/disputes/${disputed?.dispute?.id}/${command}`, body];
  }
  const part = milestone === undefined ? '' : `milestones/${escrow.milestones[milestone]?.id}/`;
  return [part + command, body];
}

/** @param {Play} play
 * @param {import('./story.mjs').Propose | import('./story.mjs').Extend} deed */
async function proposalOf(play, deed) {
  const { propose: kind, milestone: number, says: reason } = deed;
  const here = (await look(play)).milestones[number];
  const milestone = here?.id;
  if (kind === 'extension') {
    return { kind, reason, content: { milestone, due_at: await timeOf(play, deed.days) } };
  }
  return kind === 'settlement'
    ? { kind, reason, content: { dispute: here?.dispute?.id, ...deed.content } }
    : { kind, reason, content: { milestones: [{ milestone, ...deed.content }] } };
}

/** @param {Play} play */
async function openProposal(play) {
  return (await look(play)).proposals.findLast(({ status }) => status === 'open')?.id;
}

/** @param {Play} play @returns {Promise<Escrow>} */
const look = ({ connection, escrow }) => get(connection, `/escrows/${escrow.id}`);
