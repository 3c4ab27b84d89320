/**
 * Owns the journal of every step of a payment and a payout, with numbers, keys and what each needs.
 * Must not know a provider. Templates: `ledger.md`, section 9, numbers 1 and 12.
 */
import { CASHBOOK, type CashStep, cashJournal, type Movement } from '../../domain/cashbook';
import { toMinor, ZERO } from '../../domain/money';
import { Books } from './books';
import { AT } from './sample';

const payout: Movement = {
  effect: 'dsb_1_100',
  connection: 'con_1',
  account: 'acc_seller',
  currency: 'EUR',
  amount: toMinor(9_900),
  fee: toMinor(25),
  at: AT,
  reservation: 1,
};
const payment: Movement = { ...payout, effect: 'pay_1', account: 'acc_buyer' };

const linesOf = (step: CashStep, movement: Movement): readonly string[] =>
  (cashJournal(step, movement)?.lines ?? []).map(
    ({ account, amount, ref }) => `${account} ${amount}${ref ? ` (${ref})` : ''}`,
  );

const AVAILABLE = 'asset:provider:con_1:available';
const COST = 'exp:provider_fee:con_1';
const IN_FLIGHT = 'liab:payout_in_flight:con_1';
const WALLET = 'liab:wallet:acc_seller';

/** step, key, lines; debit positive */
const ROWS: readonly (readonly [CashStep, Movement, string, readonly string[]])[] = [
  [
    'payment_settled',
    payment,
    'pay_1:settled',
    [`${AVAILABLE} 9875`, `${COST} 25`, 'liab:wallet:acc_buyer -9900'],
  ],
  [
    'payout_started',
    payout,
    'dsb_1_100:1:started',
    [`${WALLET} 9900`, `${IN_FLIGHT} -9900 (dsb_1_100:1)`],
  ],
  [
    'payout_settled',
    payout,
    'dsb_1_100:1:settled',
    [`${IN_FLIGHT} 9900 (dsb_1_100:1)`, `${COST} 25`, `${AVAILABLE} -9925`],
  ],
  [
    'payout_failed',
    payout,
    'dsb_1_100:1:failed',
    [`${IN_FLIGHT} 9900 (dsb_1_100:1)`, `${WALLET} -9900`],
  ],
  [
    'payout_returned',
    payout,
    'dsb_1_100:1:returned',
    [`${AVAILABLE} 9875`, `${COST} 25`, `${WALLET} -9900`],
  ],
];

test.each(ROWS)('%s', (step, movement, key, lines) => {
  expect(linesOf(step, movement)).toEqual(lines);
  expect(cashJournal(step, movement)).toMatchObject({
    key,
    type: step,
    at: AT,
    subject: movement.effect,
  });
});

test('every step has a row here', () => {
  expect(Object.keys(CASHBOOK)).toEqual(ROWS.map(([step]) => step));
});

test('a step without a cost has no line for it, one without money no journal', () => {
  const free = { ...payout, fee: ZERO };
  expect(linesOf('payout_settled', free)).toEqual([
    `${IN_FLIGHT} 9900 (dsb_1_100:1)`,
    `${AVAILABLE} -9900`,
  ]);
  expect(cashJournal('payment_settled', { ...payment, amount: ZERO, fee: ZERO })).toBeNull();
});

test('settled and failed need the start and exclude each other; returned needs settled', () => {
  const needs = (step: CashStep) => {
    const journal = cashJournal(step, payout);
    return [journal?.needs, journal?.terminal];
  };
  expect(needs('payout_started')).toEqual([undefined, undefined]);
  expect(needs('payout_settled')).toEqual([['dsb_1_100:1:started'], 'dsb_1_100:1']);
  expect(needs('payout_failed')).toEqual([['dsb_1_100:1:started'], 'dsb_1_100:1']);
  expect(needs('payout_returned')).toEqual([['dsb_1_100:1:settled'], undefined]);
});

test('whichever way a payout goes, nothing stays in flight', () => {
  for (const ways of [
    ['payout_started', 'payout_settled'],
    ['payout_started', 'payout_failed'],
    ['payout_started', 'payout_settled', 'payout_returned'],
  ] as const) {
    const books = new Books();
    books.post(cashJournal('payment_settled', { ...payment, account: 'acc_seller' }));
    for (const step of ways) books.post(cashJournal(step, payout));
    expect(books.of(IN_FLIGHT)).toBe(0);
    expect(books.of(WALLET)).toBe(ways.at(-1) === 'payout_settled' ? 0 : 9_900);
  }
});

test('a second reservation is another open item', () => {
  const again = { ...payout, reservation: 2 };
  expect(cashJournal('payout_started', again)?.key).toBe('dsb_1_100:2:started');
  expect(linesOf('payout_started', again)[1]).toBe(`${IN_FLIGHT} -9900 (dsb_1_100:2)`);
});

test('a wallet that is too low lets no payout start', () => {
  expect(() => new Books().post(cashJournal('payout_started', payout))).toThrow('to 9900');
});
