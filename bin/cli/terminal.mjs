/**
 * Owns how things look in a terminal: colours, columns, money, dates, names in place of ids.
 * Must not know what is shown.
 */
import picocolors from 'picocolors';

const WIDTH_MIN = 60;
const WIDTH_MAX = 120;

/**
 * Whether to write colours: for a person at a terminal, or where they are asked for. A pipe gets
 * plain text also in CI, which picocolors alone would colour. NO_COLOR wins (no-color.org).
 * @param {NodeJS.ProcessEnv} env
 * @param {boolean} terminal
 */
export const wantsColours = ({ NO_COLOR, FORCE_COLOR, TERM }, terminal) => {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return terminal && TERM !== 'dumb';
};

export const { bold, cyan, dim, green, red, yellow } = picocolors.createColors(
  wantsColours(process.env, process.stdout.isTTY === true),
);

/** @returns {number} columns to write in */
export const terminalWidth = () =>
  Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, process.stdout.columns || 80));

/** Decimals of minor units that are not two: ISO 4217; a test holds them against the domain. */
const DECIMALS = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

/** @param {string} currency @returns {number} */
export function decimalsOf(currency) {
  const found = Object.entries(DECIMALS).find(([, codes]) => codes.split(' ').includes(currency));
  return found ? Number(found[0]) : 2;
}

/**
 * Minor units as people write them: 125000 USD is 1,250.00.
 * @param {number} minor
 * @param {string} currency
 * @returns {string} without the currency
 */
export function plainAmount(minor, currency) {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const rest = decimals > 0 ? `.${digits.slice(-decimals)}` : '';
  return `${minor < 0 ? '-' : ''}${whole}${rest}`;
}

/** @param {number} minor @param {string} currency @returns {string} `1,250.00 USD` */
export const amountText = (minor, currency) => `${plainAmount(minor, currency)} ${currency}`;

/** @param {string} at an instant @returns {string} in UTC, to the second */
export const timeText = (at) => at.replace('T', ' ').slice(0, 19);

/** @param {string} word as in `in_progress` @returns {string} */
export const spoken = (word) => word.replaceAll('_', ' ');

/**
 * Text in a column; longer text is cut with an ellipsis.
 * @param {string} text without colours
 * @param {number} width
 */
export const cell = (text, width) =>
  (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);

/**
 * A code of a ledger account; ids in it are shortened where it does not fit.
 * @param {string} code
 * @param {number} width
 * @returns {string}
 */
export const shortCode = (code, width) => (code.length <= width ? code : shortId(code));

/** @param {string} text @returns {string} its ids by their kind and their end */
export const shortId = (text) => text.replaceAll(/\b([a-z]{3}_)\w{8,}(\w{6})\b/g, '$1…$2');

/**
 * A code of a ledger account in words: people by name, without its class and what it is part of.
 * @param {string} code
 * @param {ReadonlyMap<string, string>} names by account
 * @returns {string}
 */
export function namedCode(code, names) {
  const words = code
    .split(':')
    .filter((word) => !/^(liab|asset|rev|exp|con_.*|esc_.*)$/.test(word));
  return words.map((word) => names.get(word) ?? spoken(shortId(word))).join(' ');
}

/** @param {string} text @param {number} width */
export const right = (text, width) => text.padStart(width);

/**
 * Breaks a text at its spaces; lines after the first begin with the indent.
 * @param {string} text without colours
 * @param {number} width
 * @param {string} [indent]
 * @returns {string[]}
 */
export function wrapped(text, width, indent = '') {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(lines.length === 0 ? word : indent + word);
  }
  return lines;
}
