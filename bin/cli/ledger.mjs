/**
 * Owns the books on the command line: the proof and the trial balance, and the exit code that
 * says whether they hold.
 * Must not know how they are checked.
 */
import { get, insist } from './http.mjs';
import {
  bold,
  cell,
  dim,
  green,
  plainAmount,
  red,
  right,
  shortCode,
  spoken,
  wrapped,
} from './terminal.mjs';

/**
 * @typedef {import('./answers.js').Proof} Proof
 * @typedef {import('./answers.js').TrialBalance} TrialBalance
 */

/**
 * @param {import('./http.mjs').Connection} connection
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function verifyCommand(connection) {
  /** @type {Proof} */
  const proof = await insist(connection, '/ledger/verify', { body: {} });
  return {
    answer: proof,
    ok: proof.ok,
    text: (width) => proofLines(proof, width),
    next: proof.ok ? 'holdfast ledger trial-balance' : 'see docs/runbook.md, before anything else',
  };
}

const NAME = 30;

/** @param {Proof} proof @param {number} width @returns {string[]} */
export function proofLines({ checks, ok }, width) {
  const broken = checks.filter((check) => !check.ok).length;
  return [
    ...checks.flatMap(({ name, ok: holds, detail }) => {
      const [first = '', ...more] = wrapped(detail, width - NAME - 3);
      return [
        `${holds ? green('✓') : red('✗')} ${cell(spoken(name), NAME)} ${dim(first)}`,
        ...more.map((line) => `${' '.repeat(NAME + 3)}${dim(line)}`),
      ];
    }),
    ok ? green('the books hold') : red(`the books do not hold: ${broken} broken`),
  ];
}

/**
 * @param {import('./http.mjs').Connection} connection
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function trialBalanceCommand(connection) {
  /** @type {{ data: TrialBalance[] }} */
  const { data } = await get(connection, '/ledger/trial_balance');
  const ok = data.every(isBalanced);
  return {
    answer: { balanced: ok, data },
    ok,
    text: (width) => trialBalanceLines(data, width),
    next: ok ? 'holdfast ledger verify' : 'see docs/runbook.md, before anything else',
  };
}

/** @param {TrialBalance} balance */
export const isBalanced = ({ accounts, debit, credit }) =>
  debit === credit &&
  accounts.reduce((sum, account) => sum + account.debit - account.credit, 0) === 0;

/**
 * @param {readonly TrialBalance[]} data
 * @param {number} width
 * @returns {string[]}
 */
export function trialBalanceLines(data, width) {
  if (data.length === 0) return [dim('no ledger account has a balance: all that came in has left')];
  const amount = 18;
  const code = width - 2 * amount - 2;
  return data.flatMap((balance) => {
    const { currency, accounts, debit, credit } = balance;
    /** @param {number} minor */
    const shown = (minor) => right(minor === 0 ? '' : plainAmount(minor, currency), amount);
    return [
      bold(cell(`trial balance, ${currency}`, code)) +
        dim(right('debit', amount) + right('credit', amount)),
      ...accounts.map((row) =>
        (cell(shortCode(row.code, code), code) + shown(row.debit) + shown(row.credit)).trimEnd(),
      ),
      dim('─'.repeat(code + 2 * amount)),
      cell(isBalanced(balance) ? 'balanced' : 'NOT BALANCED', code) +
        right(plainAmount(debit, currency), amount) +
        right(plainAmount(credit, currency), amount),
    ];
  });
}
