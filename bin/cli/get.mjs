/**
 * Owns finding an object by any id: which address its prefix stands for, and how it is shown.
 * Must not know what may be done with it.
 */
import { Trouble } from '../trouble.mjs';
import { get } from './http.mjs';
import { amountText, bold, dim, fieldLines, spoken, timeText, yellow } from './terminal.mjs';

/**
 * @typedef {import('./answers.js').Escrow} Escrow
 * @typedef {import('./http.mjs').Connection} Connection
 * @typedef {(connection: Connection, id: string) => Promise<any>} Find
 */

/** @param {string} path @returns {Find} */
const at = (path) => (connection, id) => get(connection, `${path}/${encodeURIComponent(id)}`);

/** What the prefix of an id says about where it is. @type {Readonly<Record<string, Find>>} */
const KINDS = {
  esc: at('/escrows'),
  acc: at('/accounts'),
  pay: at('/payments'),
  dsb: at('/disbursements'),
  ref: at('/refunds'),
  rsv: at('/reserves'),
  wdr: at('/withdrawals'),
  dst: at('/payout_destinations'),
  dis: at('/disputes'),
  prp: at('/proposals'),
  cmd: at('/commands'),
  evt: at('/events'),
  clk: at('/test_clocks'),
  con: at('/connections'),
  plt: at('/platforms'),
  mil: (connection, id) => partOf(connection, 'milestones', id),
  pty: (connection, id) => partOf(connection, 'parties', id),
  jrn: (connection, id) => get(connection, `/ledger/journals/${id.slice('jrn_'.length)}`),
};

/**
 * @param {Connection} connection
 * @param {string} id with its prefix; or `engagement:` and the platform's own reference
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function getCommand(connection, id) {
  const object = await found(connection, id);
  const { escrow = null, object: kind } = object;
  const next =
    kind === 'escrow'
      ? `holdfast timeline ${object.id}`
      : typeof escrow === 'string'
        ? `holdfast get ${escrow}`
        : 'holdfast ledger trial-balance';
  return {
    answer: object,
    text: () => (kind === 'escrow' ? escrowLines(object) : fieldLines(object)),
    next,
  };
}

/** @param {Connection} connection @param {string} id */
function found(connection, id) {
  if (id.startsWith('engagement:')) return at('/escrows')(connection, id);
  const [prefix = ''] = id.split('_');
  const find = Object.hasOwn(KINDS, prefix) && id.includes('_') ? KINDS[prefix] : undefined;
  if (find) return find(connection, id);
  if (prefix === 'req') {
    throw new Trouble(`${id} is a request`, 'look for it in api.log of the data folder');
  }
  const known = Object.keys(KINDS).map((name) => `${name}_…`);
  throw new Trouble(`${id} is not an id`, `ids begin with ${known.join(', ')} or engagement:…`);
}

/**
 * A part of an escrow has no address of its own: it is shown with the id of its escrow.
 * @param {Connection} connection
 * @param {'milestones' | 'parties'} parts
 * @param {string} id
 */
async function partOf(connection, parts, id) {
  /** @type {import('./answers.js').List<Escrow>} */
  const list = await get(connection, `/escrows?limit=1&query=${encodeURIComponent(id)}`);
  const [escrow] = list.data;
  const part = escrow?.[parts].find((one) => one.id === id);
  if (!escrow || !part) {
    throw new Trouble(
      `there is no ${id} here`,
      'look at the id: it may belong to another platform',
    );
  }
  return { object: parts === 'milestones' ? 'milestone' : 'party', escrow: escrow.id, ...part };
}

/** @param {Escrow} escrow @returns {string[]} */
function escrowLines(escrow) {
  const { currency, status, title, milestones, money, deadlines, next_actions } = escrow;
  const marks = [escrow.disputed ? 'disputed' : '', escrow.on_hold ? 'on hold' : ''];
  const reason = escrow.close_reason ? ` (${escrow.close_reason})` : '';
  const sums = Object.entries(money).filter(([, amount]) => amount !== 0);
  return [
    `${bold(title)}  ${amountText(escrow.amount, currency)}`,
    `${dim(escrow.id)}  ${bold(spoken(status))}${reason}  ${yellow(marks.join(' '))}`.trimEnd(),
    ...escrow.parties.map(({ role, account_id, status: word }) =>
      `  ${role.padEnd(9)} ${account_id}  ${word === 'accepted' ? '' : word}`.trimEnd(),
    ),
    ...milestones.map(
      (one) =>
        `  ${dim(one.id)}  ${one.title}: ${amountText(one.amount, currency)}, ` +
        `${spoken(one.status)}${one.overdue ? ', overdue' : ''}`,
    ),
    sums.length > 0
      ? `  ${sums.map(([name, sum]) => `${spoken(name)} ${amountText(sum, currency)}`).join(' · ')}`
      : '  no money yet',
    ...next_actions.map(({ action, milestone, roles, until }) => {
      const part = milestones.find(({ id }) => id === milestone);
      const what = part ? `${spoken(action)} (${part.title})` : spoken(action);
      const end = until ? ` until ${timeText(until)} UTC` : '';
      return `  ${roles.join(' or ')} may ${what}${end}`;
    }),
    ...deadlines.map((deadline) => `  ${deadlineText(deadline)}`),
  ];
}

/**
 * @param {import('./answers.js').Deadline} deadline
 * @returns {string} when, what runs out, and what the clock does then
 */
export function deadlineText({ name, at: instant, otherwise, moves }) {
  const sum = moves.amount > 0 ? ` (${amountText(moves.amount, moves.currency)})` : '';
  return `${timeText(instant)} ${spoken(name)} ends: otherwise ${spoken(otherwise)}${sum}`;
}
