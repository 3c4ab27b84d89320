/**
 * Owns finding an object by any id: which address its prefix stands for, and how it is shown.
 * Must not know what may be done with it.
 */
import { Trouble } from '../trouble.mjs';
import { objectLines } from './fields.mjs';
import { get } from './http.mjs';
import { amountText, bold, dim, spoken, timeText, yellow } from './terminal.mjs';

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
  whe: at('/webhook_endpoints'),
  con: at('/connections'),
  plt: at('/platforms'),
  mil: (connection, id) => partOf(connection, 'milestones', id),
  pty: (connection, id) => partOf(connection, 'parties', id),
  jrn: (connection, id) => get(connection, `/ledger/journals/${id.slice('jrn_'.length)}`),
};

/** What ids begin with. */
export const PREFIXES = Object.keys(KINDS).map((kind) => `${kind}_`);

/**
 * @param {Connection} connection
 * @param {string} id with its prefix; or `engagement:` and the platform's own reference
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function getCommand(connection, id) {
  const object = await found(connection, id);
  const lines =
    object.object === 'escrow'
      ? escrowLines(object)
      : objectLines(object, await currencyOf(connection, object));
  const wallet = object.object === 'account' ? await walletLines(connection, object.id) : [];
  return { answer: object, text: () => [...lines, ...wallet], next: nextOf(object) };
}

/** @param {{ object?: string, id: string, escrow?: unknown }} found */
function nextOf({ object, id, escrow }) {
  if (object === 'escrow') return `holdfast timeline ${id}`;
  if (object === 'test_clock') return `holdfast clock advance ${id} --next`;
  return typeof escrow === 'string' ? `holdfast get ${escrow}` : 'holdfast ledger trial-balance';
}

/** Its own, or that of its escrow. @param {Connection} connection
 * @param {{ currency?: string, escrow?: unknown }} found @returns {Promise<string>} */
async function currencyOf(connection, { currency, escrow }) {
  if (currency || typeof escrow !== 'string') return currency ?? '';
  return (await get(connection, `/escrows/${escrow}`)).currency;
}

/** @param {Connection} connection @param {string} account @returns {Promise<string[]>} */
async function walletLines(connection, account) {
  /** @type {{ data: { currency: string, available: number, in_flight: number }[] }} */
  const { data } = await get(connection, `/accounts/${account}/balances`);
  return data.map(({ currency, available, in_flight }) => {
    const leaving = in_flight > 0 ? `, ${amountText(in_flight, currency)} on its way` : '';
    return `  wallet: ${amountText(available, currency)}${leaving}`;
  });
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
  const cure = `ids begin with ${PREFIXES.map((each) => `${each}…`).join(', ')} or engagement:…`;
  throw new Trouble(`${id} is not an id`, cure);
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
  const { currency, status, title, milestones, money, deadlines, proposals } = escrow;
  const marks = [escrow.disputed ? 'disputed' : '', escrow.on_hold ? 'on hold' : ''];
  const reason = escrow.close_reason ? ` (${spoken(escrow.close_reason)})` : '';
  const marked = marks.filter(Boolean).map((mark) => `  ${yellow(mark)}`);
  const sums = Object.entries(money).filter(([, amount]) => amount !== 0);
  const roles = new Map(escrow.parties.map(({ id, role }) => [id, role]));
  return [
    `${bold(title)}  ${amountText(escrow.amount, currency)}`,
    `${dim(escrow.id)}  ${bold(spoken(status))}${reason}${marked.join('')}`,
    ...escrow.parties.map(({ role, account_id, status: word }) =>
      `  ${role.padEnd(9)} ${account_id}  ${word === 'accepted' ? '' : word}`.trimEnd(),
    ),
    ...milestones.flatMap((one) => [
      `  ${one.title}: ${amountText(one.amount, currency)}, ` +
        `${spoken(one.status)}${one.overdue ? ', overdue' : ''}`,
      `    ${dim(one.id)}`,
    ]),
    sums.length > 0
      ? `  ${sums.map(([name, sum]) => `${spoken(name)} ${amountText(sum, currency)}`).join(' · ')}`
      : '  no money yet',
    ...proposals
      .filter(({ status: word }) => word === 'open' || word === 'waiting')
      .flatMap(({ id, kind, by, status: word }) => [
        `  ${kind} by ${roles.get(by) ?? by}, ${word === 'open' ? 'open' : 'waits for money'}`,
        `    ${dim(id)}`,
      ]),
    ...new Set(actionLines(escrow)),
    ...deadlines.map((deadline) => `  ${deadlineText(deadline)}`),
  ];
}

/** Who may do what; where there is only one milestone it is not named.
 * @param {Escrow} escrow */
function actionLines({ next_actions, milestones }) {
  return next_actions.map(({ action, kind, milestone, roles, until }) => {
    const part = milestones.length > 1 ? milestones.find(({ id }) => id === milestone) : null;
    const what = [spoken(action), kind ?? '', part ? `(${part.title})` : ''].filter(Boolean);
    const end = until ? ` until ${timeText(until)} UTC` : '';
    return `  ${roles.join(' or ')} may ${what.join(' ')}${end}`;
  });
}

/**
 * @param {import('./answers.js').Deadline} deadline
 * @returns {string} when, what runs out, and what the clock does then
 */
export function deadlineText({ name, at: instant, otherwise, moves }) {
  const sum = moves.amount > 0 ? ` (${amountText(moves.amount, moves.currency)})` : '';
  return `${timeText(instant)} ${spoken(name)} ends: otherwise ${spoken(otherwise)}${sum}`;
}
