/**
 * Owns the dates of proposals: until when one is open, what an extension moves and how far.
 * Must not know what time it is.
 */
import { days, type Instant, later, type Millis, millisBetween, type Period } from './calendar';
import { endOf } from './countdown';
import type { Escrow, Milestone } from './escrow';
import type { Due } from './events';
import { lasting } from './periods';

/** How often a milestone may be extended. */
export const EXTENSIONS_MAX = 5;
/** How far in all: a bound of the policy, as the terms have it. */
export const extensionTotalMax = ({ terms }: Escrow): Millis =>
  days(terms.policy.extension_days_max);
/** How long an accepted amendment waits for its money. */
export const AMENDMENT_FUNDING: Period = 'P7D';

/** Until when a proposal waits for acceptance, or an accepted amendment for its money. */
export const proposalDue = ({ terms }: Escrow, at: Instant, length: Period, what: string): Due =>
  lasting(terms, at, length, `${what} ${length}`);

/** What a later date is later than: the end of the wait, or the due date that has passed. */
export function endOfWait(here: Milestone): Instant {
  const end = 'due' in here ? endOf(here.due) : null;
  if (here.stage === 'rejected') return end ?? here.due_at;
  const isRunning = here.stage === 'in_progress' && !here.overdue && end !== null;
  return isRunning ? later(end, here.due_at) : here.due_at;
}

/** How far an extension moves what it extends. */
export const movedBy = (here: Milestone, to: Instant): Millis => millisBetween(endOfWait(here), to);
