/**
 * Owns how a story looks in a terminal: the live timeline, the T-accounts, what was proved.
 * Must not know how a story is played.
 */
import { proofLines, trialBalanceLines } from './ledger.mjs';
import {
  amountText,
  bold,
  cell,
  cyan,
  dim,
  green,
  namedCode,
  plainAmount,
  red,
  right,
  spoken,
  timeText,
  yellow,
} from './terminal.mjs';

/**
 * @typedef {import('./play.mjs').Told} Told
 * @typedef {import('./demo.mjs').End} End
 */

const MARGIN = ' '.repeat(4);

/**
 * One thing that a story tells, as lines.
 * @param {Told} told
 * @param {number} width
 * @returns {string[]}
 */
export function toldLines(told, width) {
  switch (told.type) {
    case 'step':
      return [`${bold(cell(told.by || '·', 10))} ${told.says}`];
    case 'event': {
      const { at, type, status } = told.event;
      const when = dim(timeText(at).slice('2027-'.length));
      const room = width - MARGIN.length - 14 - 1 - 9 - 24;
      return [
        `${MARGIN}${when} ${dim(cell(told.by, 8))} ${cyan(cell(spoken(type), 23))} ` +
          dim(cell(spoken(status), room).trimEnd()),
      ];
    }
    case 'killed':
      return [
        red(`${MARGIN}worker (process ${told.process}) was killed`),
        `${MARGIN}our books: ${told.booked.slice(-2).map(spoken).join(', ')}; nothing after it`,
        ...told.bank.map(
          ({ reference, state, amount, currency }) =>
            `${MARGIN}the bank's: ${amountText(amount, currency)} ${state}, ${dim(reference)}`,
        ),
      ];
    case 'restarted':
      return [
        yellow(`${MARGIN}worker runs again (process ${told.process}); it asks the bank first`),
      ];
    default:
      return told;
  }
}

/**
 * The end of a story: T-accounts, payouts, proof, trial balance.
 * @param {End} end
 * @param {number} width
 * @returns {string[]}
 */
export function endLines({ books, names, payouts, proof, verify, trial_balance, ...end }, width) {
  const settled = payouts.filter(({ state }) => state === 'settled').length;
  return [
    '',
    bold('T-accounts'),
    ...accountLines(books, names, width),
    '',
    bold('Payouts in the bank’s own book'),
    ...payouts.map(
      ({ to, amount, currency, state, reference }) =>
        `  ${cell(to, 10)} ${right(amountText(amount, currency), 16)}  ` +
        `${state === 'settled' ? green(cell(state, 9)) : yellow(cell(state, 9))} ${dim(reference)}`,
    ),
    `  ${settled} paid for good, ${end.as_told ? 'as it must be' : red('NOT as it must be')}`,
    '',
    bold('Proof of the escrow'),
    ...proofLines(proof, width),
    bold('All books'),
    ...(verify.ok
      ? [`${green('✓')} ${verify.checks.length} checks: the books hold`]
      : proofLines(verify, width)),
    ...trialBalanceLines(trial_balance, width),
    '',
    `${end.ok ? green('✓') : red('✗')} ${end.story}: ${bold(spoken(end.status))}`,
  ];
}

const COLUMN = 38;
const GAP = '  ';

/**
 * As many T-accounts beside each other as there is room for.
 * @param {End['books']} books
 * @param {End['names']} names
 * @param {number} width
 * @returns {string[]}
 */
function accountLines({ accounts, journals }, names, width) {
  const columns = Math.max(1, Math.floor((width + GAP.length) / (COLUMN + GAP.length)));
  const boxes = accounts.map(({ code, currency, balance }) => {
    const lines = journals.flatMap((journal) =>
      journal.lines
        .filter((line) => line.account === code && line.currency === currency)
        .map(({ amount }) => amount),
    );
    return accountBox(namedCode(code, new Map(Object.entries(names))), currency, lines, balance);
  });
  /** @type {string[]} */
  const rows = [];
  for (let n = 0; n < boxes.length; n += columns) {
    const beside = boxes.slice(n, n + columns);
    const height = Math.max(...beside.map((box) => box.length));
    for (let line = 0; line < height; line += 1) {
      rows.push(
        beside
          .map((box) => box[line] ?? ' '.repeat(COLUMN))
          .join(GAP)
          .trimEnd(),
      );
    }
  }
  return rows;
}

/** The two sides of a ledger account; every line is COLUMN wide.
 * @param {string} name @param {string} currency @param {readonly number[]} lines
 * @param {number} balance @returns {string[]} */
function accountBox(name, currency, lines, balance) {
  const half = (COLUMN - 1) / 2;
  /** @param {number | undefined} minor @param {number} width */
  const side = (minor, width) =>
    right(minor === undefined ? '' : plainAmount(Math.abs(minor), currency), width);
  const debits = lines.filter((amount) => amount > 0);
  const credits = lines.filter((amount) => amount < 0);
  const left = Math.floor(half);
  const height = Math.max(debits.length, credits.length);
  const rows = Array.from(
    { length: height },
    (_, n) => `${side(debits[n], left)} │${side(credits[n], COLUMN - left - 2)}`,
  );
  const closes = balance === 0 ? 'even' : `${balance > 0 ? 'debit' : 'credit'} `;
  const sum = balance === 0 ? '' : plainAmount(Math.abs(balance), currency);
  return [
    cell(name, COLUMN),
    dim(`${'─'.repeat(left + 1)}┬${'─'.repeat(COLUMN - left - 2)}`),
    ...rows,
    dim(right(`${closes}${sum}`, COLUMN)),
  ];
}
