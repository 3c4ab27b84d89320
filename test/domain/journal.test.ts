/**
 * Owns what a journal is: balanced per currency, no line of zero, one line an account.
 * Must not know what is posted.
 */
import { milestoneHeld, wallet } from '../../domain/chart';
import {
  BrokenInvariant,
  balances,
  credit,
  debit,
  journalOf,
  type Line,
  reversalOf,
} from '../../domain/journal';
import { toMinor } from '../../domain/money';
import { AT } from './sample';

const head = { key: 'esc_1:1', type: 'released', at: AT, subject: 'esc_1' };
const [from, to, other] = [milestoneHeld('esc_1', 1), wallet('acc_1'), wallet('acc_2')];
const d = (amount: number, currency = 'EUR'): Line => debit(from, currency, toMinor(amount));
const c = (amount: number, currency = 'EUR'): Line => credit(to, currency, toMinor(amount));

test('debits are positive, credits negative, and each says its kind', () => {
  expect([d(5), c(5)]).toEqual([
    { account: 'liab:escrow:esc_1:ms:1', kind: 'escrow_milestone', currency: 'EUR', amount: 5 },
    { account: 'liab:wallet:acc_1', kind: 'wallet', currency: 'EUR', amount: -5 },
  ]);
  expect(debit(from, 'EUR', toMinor(5), 'ref')).toMatchObject({ ref: 'ref' });
});

test('lines that do not sum to zero in every currency make no journal', () => {
  expect(journalOf(head, [d(5), c(5)])?.lines).toHaveLength(2);
  expect(() => journalOf(head, [d(5), c(4)])).toThrow(BrokenInvariant);
  expect(() => journalOf(head, [d(5)])).toThrow(BrokenInvariant);
  expect(() => journalOf(head, [d(5, 'EUR'), c(5, 'USD')])).toThrow(BrokenInvariant);
  const two = [d(5, 'EUR'), c(5, 'EUR'), d(7, 'USD'), c(7, 'USD')];
  expect(journalOf(head, two)?.lines).toHaveLength(4);
  expect([balances(two), balances(two.slice(1)), balances([])]).toEqual([true, false, true]);
});

test('lines of zero are left out, and without lines there is no journal', () => {
  expect(journalOf(head, [d(5), c(5), credit(other, 'EUR', toMinor(0))])?.lines).toHaveLength(2);
  expect(journalOf(head, [d(0), c(0)])).toBeNull();
  expect(journalOf(head, [])).toBeNull();
});

test('several lines on one account become one, unless they name other open items', () => {
  const merged = journalOf(head, [d(5), d(6), c(11)]);
  expect(merged?.lines.map(({ amount }) => amount)).toEqual([11, -11]);
  const items = ['a', 'b'].map((ref) => debit(from, 'EUR', toMinor(5), ref));
  expect(journalOf(head, [...items, c(10)])?.lines).toHaveLength(3);
});

test('a reversal is the exact opposite and names what it reverses', () => {
  const journal = journalOf(head, [d(5), c(5)]);
  if (!journal) throw new Error('no journal');
  const back = reversalOf(journal, AT);
  expect(back.lines.map(({ amount }) => amount)).toEqual([-5, 5]);
  expect(back).toMatchObject({ key: 'rev:esc_1:1', reverses: 'esc_1:1' });
  expect(balances(back.lines)).toBe(true);
});
