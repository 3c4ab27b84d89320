/**
 * Owns terms played through before anybody signs: the files, the call, and how the moments look.
 * Must not know the rules: the API plays them through, on the engine's own code.
 */
import { readFileSync } from 'node:fs';
import { messageOf, Trouble } from '../trouble.mjs';
import { post } from './http.mjs';
import { bold, cell, cyan, dim, plainAmount, red, right, spoken, timeText } from './terminal.mjs';

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
  const currency = currencyOf(escrow);
  return {
    answer: preview,
    text: (width) => previewLines(preview, currency, width),
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

/** @param {unknown} escrow */
const currencyOf = (escrow) => {
  const { currency } = Object(escrow);
  return typeof currency === 'string' ? currency : '';
};

/**
 * @param {Preview} preview
 * @param {string} currency
 * @param {number} width
 */
function previewLines({ moments, status, money }, currency, width) {
  const last = moments.at(-1);
  const sums = Object.entries(money).filter(([, sum]) => sum !== 0);
  return [
    dim('times in UTC; nothing of this has happened'),
    ...moments.flatMap((moment) => momentLines(moment, currency, width)),
    '',
    bold('balances at the end'),
    ...postedLines(last?.balances ?? [], currency, width),
    `${bold(spoken(status))}  ${sums
      .map(([name, sum]) => `${spoken(name)} ${plainAmount(sum, currency)}`)
      .join(' · ')}`,
  ];
}

/** @param {Moment} moment @param {string} currency @param {number} width */
function momentLines({ at, by, command, refusal, events, journals, deadlines }, currency, width) {
  const [next] = deadlines;
  return [
    `${cyan(timeText(at))}  ${bold(cell(by, 9))} ${spoken(command)}`,
    ...(refusal ? [red(`${' '.repeat(21)}refused: ${refusal.detail} (${refusal.code})`)] : []),
    ...events.map(
      ({ type, status }) => `${' '.repeat(21)}${cell(type, 24)} ${dim(spoken(status))}`,
    ),
    ...journals.flatMap(({ type, lines }) => [
      dim(`${' '.repeat(21)}journal ${type}`),
      ...postedLines(lines, currency, width),
    ]),
    ...(next
      ? [dim(`${' '.repeat(21)}until ${timeText(next.at)}, otherwise ${spoken(next.otherwise)}`)]
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
  const account = width - 21 - 2 * amount;
  return lines.map(
    (line) =>
      `${' '.repeat(21)}${cell(line.account, account)}` +
      right(line.amount > 0 ? plainAmount(line.amount, currency) : '', amount) +
      right(line.amount < 0 ? plainAmount(-line.amount, currency) : '', amount),
  );
}
