/**
 * Owns the dates of proposals: until when one is open, what an extension moves and how far.
 * Must not know what time it is.
 */
import {
  addPeriod,
  days,
  type Instant,
  later,
  type Millis,
  millisBetween,
  type Period,
} from './calendar';
import { termsOf } from './delivery';
import { type Escrow, endOf, type Milestone } from './escrow';
import type { Due } from './events';

/** How often and how far in all a milestone may be extended; a bound of the policy. */
export const EXTENSIONS_MAX = 5;
export const EXTENSION_TOTAL_MAX: Millis = days(365);
/** How long an accepted amendment waits for its money. */
export const AMENDMENT_FUNDING: Period = 'P7D';

/** Until when a proposal waits for acceptance, or an accepted amendment for its money. */
export const proposalDue = ({ terms }: Escrow, at: Instant, length: Period, what: string): Due => ({
  ends: addPeriod(at, length, terms.time_zone),
  rule: `${what} ${length}`,
});

/** The due date of a milestone, as extensions have moved it. */
export const dueDateOf = (escrow: Escrow, here: Milestone): Instant =>
  here.extended_to ?? termsOf(escrow, here).due_at;

/** What a later date is later than: the end of the wait, or the due date that has passed. */
export function endOfWait(escrow: Escrow, here: Milestone): Instant {
  const end = 'due' in here ? endOf(here.due) : null;
  if (here.stage === 'rejected') return end ?? dueDateOf(escrow, here);
  const isRunning = here.stage === 'in_progress' && !here.overdue && end !== null;
  return isRunning ? later(end, dueDateOf(escrow, here)) : dueDateOf(escrow, here);
}

/** How far an extension moves what it extends. */
export const movedBy = (escrow: Escrow, here: Milestone, to: Instant): Millis =>
  millisBetween(endOfWait(escrow, here), to);
