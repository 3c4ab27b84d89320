/**
 * Owns when each wait ends: the lengths of `escrow.md`, section 6, as one function per wait.
 * Must not know what happens then (`deadlines.ts`).
 */
import {
  addPeriod,
  earlier,
  hours,
  type Instant,
  later,
  type Millis,
  millisBetween,
  type Period,
  periodMillis,
  plus,
} from './calendar';
import type { Escrow } from './escrow';
import type { Due } from './events';
import { earliestDue, type PeriodName, type Terms, type TermsMilestone } from './terms';

/** A milestone has at least this long to deliver once it has started. */
export const DELIVERY_MIN: Period = 'P1D';
/** How long after sending a `fund_first` escrow waits for money when the terms are silent. */
export const FUND_FIRST: Period = 'P7D';
/** A wait whose end has passed before it could begin (after a hold, say) gets this long. */
const LEAST = hours(24);
/** A milestone that is funded alone is funded this long before its due date … */
export const FUNDED_BEFORE: Period = 'P7D';
/** … but its payers have at least this long from agreement. */
export const FUNDING_MIN: Period = 'P3D';
export const HOLD_REVIEW: Period = 'P14D';
/** How long a pending payment can put off the default of the funding deadline. */
export const PENDING_PAYMENT: Period = 'P5D';
/** How far a refused default moves its deadline: the first time, the second, then always. */
const REFUSED = [hours(1), hours(6), hours(24)] as const;

/** The wait of a period that the terms name. */
export const periodDue = (terms: Terms, name: PeriodName, at: Instant): Due =>
  lasting(terms, at, terms.deadlines[name], `deadlines.${name} ${terms.deadlines[name]}`);

/** Until all who must accept have: at the latest with the funding deadline. Under `fund_first` it
 * begins with full funding and ends at the latest with the earliest due date. */
export function acceptanceDue(terms: Terms, at: Instant): Due {
  const own = periodDue(terms, 'acceptance', at);
  const latest =
    terms.funding.order === 'fund_first'
      ? { ends: earliestDue(terms), rule: 'earliest due date' }
      : fundingDue(terms, at);
  return atLeast(at, sooner(own, latest));
}

/** Until the due amount is complete. */
export function fundingDue(terms: Terms, at: Instant): Due {
  const { due_at, order } = terms.funding;
  if (due_at) return atLeast(at, { ends: due_at, rule: 'funding.due_at' });
  const earliest = { ends: earliestDue(terms), rule: 'earliest due date' };
  if (order !== 'fund_first') return atLeast(at, earliest);
  const own = lasting(terms, at, FUND_FIRST, `${FUND_FIRST} from sending`);
  return atLeast(at, sooner(own, earliest));
}

/** Until a milestone that is funded alone has its money: a week before its due date, but not before
 * three days after agreement. */
export function milestoneFundingDue(terms: Terms, milestone: TermsMilestone, at: Instant): Due {
  const zone = { time_zone: terms.time_zone }; // a week is a week, whichever days count
  const guess = plus(milestone.due_at, -periodMillis(FUNDED_BEFORE));
  // The clocks may be changed in that week: as far as the guess is off, so far it is moved.
  const off = millisBetween(addPeriod(guess, FUNDED_BEFORE, zone), milestone.due_at);
  const own = { ends: plus(guess, off), rule: `${FUNDED_BEFORE} before its due date` };
  const least = addPeriod(at, FUNDING_MIN, terms);
  return own.ends >= least ? own : { ends: least, rule: `${FUNDING_MIN} from agreement` };
}

/** The due date, later by the delay of what it waited for, with at least a day to deliver. */
export function deliveryDue(
  terms: Terms,
  { due_at }: TermsMilestone,
  at: Instant,
  delay: Millis = 0,
): Due {
  const nearer = `${DELIVERY_MIN} from start, the due date being nearer`;
  const least = lasting(terms, at, DELIVERY_MIN, nearer);
  const ends = plus(due_at, delay);
  const rule = delay > 0 ? 'due date, moved by the delay before it' : 'due date';
  return ends >= least.ends ? { ends, rule } : least;
}

export function inspectionDue(terms: Terms, milestone: TermsMilestone, at: Instant): Due {
  const period: Period = `P${milestone.inspection_period}D`;
  return lasting(terms, at, period, `inspection_period ${period}`);
}

export const holdReviewDue = (terms: Terms, at: Instant): Due =>
  lasting(terms, at, HOLD_REVIEW, `hold review ${HOLD_REVIEW}`);

/** Where a deadline goes whose default was refused for the n-th time (from 0). */
export const refusedDue = (rule: string, refused: number, at: Instant): Due => ({
  ends: later(plus(at, REFUSED[Math.min(refused, REFUSED.length - 1)] ?? LEAST), at),
  rule,
});

/** Until when a payment on its way puts off the default of the funding deadline. */
export const pendingPaymentUntil = (escrow: Escrow, deadline: Instant): Instant =>
  addPeriod(deadline, PENDING_PAYMENT, escrow.terms);

/** Every period of section 6 that is in days counts the days of the terms: their zone, and only
 * business days where they name a calendar. Due dates are dates, and hours are hours. */
export function lasting(terms: Terms, at: Instant, period: Period, rule: string): Due {
  const { business_days: calendar } = terms;
  const counted = calendar && !period.startsWith('PT') ? `, business days of ${calendar.name}` : '';
  return { ends: addPeriod(at, period, terms), rule: `${rule}${counted}` };
}

const sooner = (a: Due, b: Due): Due => (earlier(a.ends, b.ends) === a.ends ? a : b);

const atLeast = (at: Instant, due: Due): Due =>
  due.ends > at ? due : { ends: plus(at, LEAST), rule: `${due.rule}, passed: 24 hours` };
