/**
 * Owns that `business_days` skips weekends and the calendar's holidays in every day period of
 * `escrow.md`, section 6, and in nothing else.
 * Must not know how business days are counted (`calendar.test.ts`).
 */
import { type BusinessDays, days, hours, type Instant, plus } from '../../domain/calendar';
import { deadlinesOf } from '../../domain/deadlines';
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import { policyOf } from '../../domain/policy';
import { ACTIVE, AGREED, AT, act, draftOf, escrowOf, part, play, SENT, waitFor } from './sample';

/** AT is a Monday; the Wednesday after it is a holiday. */
const OFFICE: BusinessDays = { weekend: ['saturday', 'sunday'], holidays: ['2026-03-04'] };

function officeOf(changes: Partial<Draft> = {}): Escrow {
  const made = policyOf({ business_days: { office: OFFICE } }, 1);
  if (!made.ok) throw new Error('no policy');
  return escrowOf({ ...changes, business_days: 'office' }, made.policy);
}

const endOf = (escrow: Escrow, name: string): Instant | undefined =>
  deadlinesOf(escrow).find((deadline) => deadline.name === name)?.at;
const inDays = (count: number): Instant => plus(AT, days(count));
const DELIVERED = [...ACTIVE, 'seller mark_done'];
const REFUNDED = [...DELIVERED, 'buyer approve', 'provider fail_disbursement'];
const manual = { release: { mode: 'manual' } } as const;
const inJune = { milestones: [part(1, { due_at: inDays(90) }), part(2, { due_at: inDays(90) })] };

/** name, terms, acts that begin the wait, its business days, the calendar days that these are */
const LENGTHS: readonly (readonly [string, Partial<Draft>, readonly string[], number, number])[] = [
  ['acceptance', {}, SENT, 7, 10],
  ['funding', { ...inJune, funding: { order: 'fund_first' } }, SENT, 7, 10],
  ['inspection', {}, DELIVERED, 3, 4],
  ['rework', {}, [...DELIVERED, 'buyer reject_delivery'], 7, 10],
  ['release', manual, [...DELIVERED, 'buyer approve'], 3, 4],
  ['response', {}, [...DELIVERED, 'buyer dispute'], 5, 8],
  ['negotiation', {}, [...DELIVERED, 'buyer dispute', 'seller answer_dispute'], 14, 21],
  ['ruling', {}, [...DELIVERED, 'platform dispute'], 30, 43],
  ['payout', {}, REFUNDED, 30, 43],
  ['hold_review', {}, [...ACTIVE, 'platform hold'], 14, 21],
];

test.each(LENGTHS)('%s, terms %j, counts business days', (name, terms, acts, _, calendarDays) => {
  const escrow = play(officeOf(terms), ...acts);
  expect(endOf(escrow, name)).toBe(inDays(calendarDays));
  const rule = deadlinesOf(escrow).find((deadline) => deadline.name === name)?.rule;
  expect(rule).toMatch(/, business days of office$/);
});

test.each(LENGTHS)('%s, terms %j, counts every day without a calendar', (name, terms, acts, n) => {
  expect(endOf(play(escrowOf(terms), ...acts), name)).toBe(inDays(n));
});

test('overdue counts business days from the due date', () => {
  const { escrow, at } = waitFor(play(officeOf(), ...ACTIVE), 'delivery');
  expect(at).toBe(inDays(30)); // Wednesday, 1 April
  expect(endOf(escrow, 'overdue')).toBe(inDays(50));
});

test('a day to deliver is a business day', () => {
  const late = play(officeOf({ milestones: [part(1, { due_at: inDays(5) })] }), ...AGREED);
  const friday = act(late, 'buyer', 'fund', {}, plus(AT, days(4) + hours(1)));
  expect(endOf(friday, 'delivery')).toBe(plus(AT, days(7) + hours(1)));
});

test('a due date is a date, whatever day it is', () => {
  const sunday = inDays(6);
  const escrow = play(officeOf({ milestones: [part(1, { due_at: sunday })] }), ...ACTIVE);
  expect(endOf(escrow, 'delivery')).toBe(sunday);
});

test('hours are hours', () => {
  const escrow = officeOf({ deadlines: { rework: 'PT120H' } });
  const rejected = play(escrow, ...DELIVERED, 'buyer reject_delivery');
  expect(endOf(rejected, 'rework')).toBe(inDays(5));
  const [{ rule } = { rule: '' }] = deadlinesOf(rejected).filter(({ name }) => name === 'rework');
  expect(rule).toBe('deadlines.rework PT120H');
});

test('an inspection of no days accepts at once, on a day off too', () => {
  const draft = draftOf({ milestones: [part(1, { inspection_period: 0 })] });
  const active = play(officeOf(draft), ...ACTIVE);
  const done = act(active, 'seller', 'mark_done', {}, inDays(5));
  expect(done.milestones[0]?.stage).not.toBe('delivered');
});
