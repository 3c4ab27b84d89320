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
  plainAmount,
  red,
  right,
  shortCode,
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
    text: (width) => previewLines(preview, rolesOf(escrow), width),
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

/** @param {unknown} escrow @returns {ReadonlyMap<string, string>} roles by account, as written */
function rolesOf(escrow) {
  const { parties } = Object(escrow);
  /** @type {{ account_id?: string, role?: string }[]} */
  const known = Array.isArray(parties) ? parties : [];
  return new Map(known.map(({ account_id = '', role = '' }) => [account_id, role]));
}

/**
 * @param {Preview} preview
 * @param {ReadonlyMap<string, string>} roles
 * @param {number} width
 */
function previewLines({ moments, status, money, currency }, roles, width) {
  const last = moments.at(-1);
  const sums = Object.entries(money).filter(([, sum]) => sum !== 0);
  return [
    dim('times in UTC; nothing of this has happened'),
    ...moments.flatMap((moment) => momentLines({ moment, roles, currency, width })),
    '',
    bold('balances at the end'),
    ...postedLines(last?.balances ?? [], currency, width),
    `${bold(spoken(status))}  ${sums
      .map(([name, sum]) => `${spoken(name)} ${plainAmount(sum, currency)}`)
      .join(' · ')}`,
  ];
}

/**
 * @param {{ moment: Moment, roles: ReadonlyMap<string, string>, currency: string,
 *   width: number }} shown
 */
function momentLines({ moment, roles, currency, width }) {
  const { at, by, command, refusal, events, journals, deadlines } = moment;
  const [next] = deadlines;
  const why = refusal ? `refused: ${refusal.detail ?? ''} (${refusal.code})` : '';
  return [
    `${cyan(timeText(at))}  ${bold(cell(roles.get(by) ?? by, 9))} ${spoken(command)}`,
    ...(why ? wrapped(why, width - MARGIN.length).map((line) => MARGIN + red(line)) : []),
    ...events.map(
      ({ type, status }) => `${MARGIN}${cell(spoken(type), 24)} ${dim(spoken(status))}`,
    ),
    ...journals.flatMap(({ type, lines }) => [
      dim(`${MARGIN}journal ${spoken(type)}`),
      ...postedLines(lines, currency, width),
    ]),
    ...(next
      ? [dim(`${MARGIN}until ${timeText(next.at)}, otherwise ${spoken(next.otherwise)}`)]
      : []),
  ];
}

/**
 * Debit on the left, credit on the right.
 * @param {Preview['moments'][number]['balances']} lines
 * @param {string} currency
 * @param {number} width
 */
function postedLines(lines, currency, width) {
  const amount = 14;
  const account = width - MARGIN.length - 2 * amount;
  return lines.map((line) =>
    (
      MARGIN +
      cell(shortCode(line.account, account), account) +
      right(line.amount > 0 ? plainAmount(line.amount, currency) : '', amount) +
      right(line.amount < 0 ? plainAmount(-line.amount, currency) : '', amount)
    ).trimEnd(),
  );
}
