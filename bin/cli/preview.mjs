/**
 * Owns terms played through before anybody signs: the files, the call, and how the moments look.
 * Must not know the rules: the API plays them through, on the engine's own code.
 */
import { readFileSync } from 'node:fs';
import { messageOf, Trouble } from '../trouble.mjs';
import { post } from './http.mjs';
import {
  bold,
  cell,
  cyan,
  dim,
  namedCode,
  plainAmount,
  red,
  right,
  shortId,
  spoken,
  timeText,
  wrapped,
} from './terminal.mjs';

const MARGIN = ' '.repeat(4);
const FROM = ['sent', 'agreed', 'funded'];

/**
 * @typedef {import('./answers.js').Preview} Preview
 * @typedef {Preview['moments'][number]} Moment
 */

/**
 * @param {import('./http.mjs').Connection} connection
 * @param {string} termsFile
 * @param {string | undefined} storyFile
 * @param {{ from?: string }} options
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function previewCommand(connection, termsFile, storyFile, { from }) {
  const escrow = readJsonFile(termsFile);
  const story = storyFile === undefined ? undefined : readJsonFile(storyFile);
  if (story !== undefined && !Array.isArray(story)) {
    throw new Trouble(
      `${storyFile} is not a list`,
      '[{"at": …, "by": …, "command": …, "body": …}]',
    );
  }
  if (from !== undefined && !FROM.includes(from)) {
    throw new Trouble(`--from ${from}`, `it is one of ${FROM.join(', ')}`);
  }
  const body = { escrow, ...(from && { from }), ...(story && { story }) };
  /** @type {{ body: Preview }} */
  const { body: preview } = await post(connection, '/escrows/preview', { body });
  return {
    answer: preview,
    text: (width) => previewLines(preview, rolesOf(preview, escrow, story), width),
    next: storyFile
      ? 'change the story and look again, or create the escrow: POST /v1/escrows'
      : `holdfast preview ${termsFile} story.json, with acts: [{"at", "by", "command", "body"}]`,
  };
}

/** @param {string} path @returns {unknown} */
function readJsonFile(path) {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Trouble(`${path} cannot be read: ${messageOf(error)}`, 'name a file', error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Trouble(`${path} is not JSON: ${messageOf(error)}`, 'mend the file', error);
  }
}

/**
 * Roles by account. Terms may name a party by its address alone; its account is then known from
 * the acts of the story, which name it by its place.
 * @param {Preview} preview
 * @param {unknown} escrow as written
 * @param {readonly { at?: string, by?: string | number, command?: string }[]} [story] as written
 * @returns {ReadonlyMap<string, string>}
 */
function rolesOf({ moments }, escrow, story = []) {
  const { parties } = Object(escrow);
  /** @type {readonly { account_id?: string, role?: string }[]} */
  const known = Array.isArray(parties) ? parties : [];
  /** @param {typeof story[number]} act @returns {[string, string][]} */
  const ofAct = ({ at, by, command }) => {
    const role = known[Number(by)]?.role;
    const moment = moments.find(
      (one) => one.command === command && Date.parse(one.at) === Date.parse(at ?? ''),
    );
    return role && moment ? [[moment.by, role]] : [];
  };
  return new Map([
    ...known.map(({ account_id = '', role = '' }) => /** @type {const} */ ([account_id, role])),
    ...story.flatMap(ofAct),
  ]);
}

/**
 * @param {Preview} preview
 * @param {ReadonlyMap<string, string>} roles
 * @param {number} width
 */
function previewLines({ moments, status, money, currency }, roles, width) {
  const balances = new Map(
    moments.flatMap((moment) =>
      moment.balances.map((line) => /** @type {const} */ ([line.account, line])),
    ),
  );
  const open = [...balances.values()].filter(({ amount }) => amount !== 0);
  const sums = Object.entries(money).filter(([, sum]) => sum !== 0);
  return [
    dim('times in UTC; nothing of this has happened'),
    ...moments.flatMap((moment) => momentLines({ moment, roles, currency, width })),
    '',
    bold('balances at the end'),
    ...(open.length > 0
      ? postedLines(open, { roles, currency, width })
      : [dim(`${MARGIN}  none: no money has moved`)]),
    [
      bold(spoken(status)),
      sums.map(([name, sum]) => `${spoken(name)} ${plainAmount(sum, currency)}`).join(' · '),
    ]
      .filter(Boolean)
      .join('  '),
  ];
}

/**
 * @param {{ moment: Moment, roles: ReadonlyMap<string, string>, currency: string,
 *   width: number }} shown
 */
function momentLines({ moment, roles, currency, width }) {
  const { at, by, command, refusal, events, journals, deadlines } = moment;
  if (command === 'remind') return [dim(`${timeText(at)}  ${cell(by, 11)} reminds`)];
  const [next] = deadlines;
  const why = refusal ? `refused: ${refusal.detail ?? ''} (${refusal.code})` : '';
  return [
    `${cyan(timeText(at))}  ${bold(cell(roles.get(by) ?? shortId(by), 11))} ${spoken(command)}`,
    ...(why ? wrapped(why, width - MARGIN.length).map((line) => MARGIN + red(line)) : []),
    ...events.map(
      ({ type, status }) => `${MARGIN}${cell(spoken(type), 24)} ${dim(spoken(status))}`,
    ),
    ...journals.flatMap(({ type, lines }) => [
      dim(`${MARGIN}journal ${spoken(type)}`),
      ...postedLines(lines, { roles, currency, width }),
    ]),
    ...(next
      ? [dim(`${MARGIN}until ${timeText(next.at)}, otherwise ${spoken(next.otherwise)}`)]
      : []),
  ];
}

/**
 * Debit on the left, credit on the right.
 * @param {Preview['moments'][number]['balances']} lines
 * @param {{ roles: ReadonlyMap<string, string>, currency: string, width: number }} shown
 */
function postedLines(lines, { roles, currency, width }) {
  const column = 14;
  const room = width - MARGIN.length - 2 - 2 * column;
  return lines.map(({ account, amount }) =>
    (
      `${MARGIN}  ` +
      cell(namedCode(account, roles), room) +
      right(amount > 0 ? plainAmount(amount, currency) : '', column) +
      right(amount < 0 ? plainAmount(-amount, currency) : '', column)
    ).trimEnd(),
  );
}
