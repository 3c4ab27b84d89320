/**
 * Owns what becomes of a default that is refused: a step of its own that moves the deadline on.
 * No default may leave money parked for ever. Source: `escrow.md`, section 6.
 * Must not know why it was refused (`decide.ts`, or what `record` found in the books).
 */
import type { Instant } from './calendar';
import { CLOCK, type Command } from './commands';
import type { Deadline } from './deadlines';
import type { Escrow } from './escrow';
import type { Event } from './events';
import { pendingPaymentUntil, refusedDue } from './periods';
import type { RefusalCode } from './refusals';
import { happened } from './row';

/** The event of a refused default: what was asked, why not, and when it is asked again. */
export const defaultRefused = (
  deadline: Deadline,
  command: Command,
  code: RefusalCode,
  at: Instant,
): Event =>
  happened({ at, by: CLOCK }, 'default_refused', {
    ...deadline.subject,
    deadline: deadline.name,
    command: command.type,
    code,
    due: refusedDue(deadline.rule, deadline.refused, at),
  });

/** Does a payment on its way still put off this default? Only where money is waited for. */
export const waitsForPayments = (escrow: Escrow, deadline: Deadline, at: Instant): boolean =>
  (deadline.name === 'funding' || deadline.name === 'milestone_funding') &&
  at < pendingPaymentUntil(escrow, deadline.first_at);
