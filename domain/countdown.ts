/**
 * Owns one countdown: begun, stopped, going on.
 * Must not know what waits (`countdowns.ts`) nor for how long (`periods.ts`).
 */
import { type Instant, type Millis, millisBetween, plus } from './calendar';

/** A wait with its end, or stopped with what was left of it. */
export type Countdown = {
  readonly rule: string;
  readonly length: Millis;
  readonly first_ends: Instant; // before any default was refused
  readonly reminded: number; // of the two reminders
  readonly refused: number; // defaults that were refused
  readonly floored: boolean; // had its 24 hours after a withdrawn dispute
} & ({ readonly ends: Instant } | { readonly left: Millis });

/** A countdown that begins now; it begins stopped while the escrow is on hold. */
export function startCountdown(
  at: Instant,
  due: { readonly ends: Instant; readonly rule: string },
  held: boolean,
): Countdown {
  const length = Math.max(0, millisBetween(at, due.ends));
  const facts = {
    rule: due.rule,
    length,
    first_ends: due.ends,
    reminded: 0,
    refused: 0,
    floored: false,
  };
  return held ? { ...facts, left: length } : { ...facts, ends: due.ends };
}

/** The countdown with its clock stopped; unchanged when it stands already. */
export function stopCountdown(due: Countdown, at: Instant): Countdown {
  if ('left' in due) return due;
  const { ends, ...facts } = due;
  return { ...facts, left: Math.max(0, millisBetween(at, ends)) };
}

/** The countdown going on with what was left, at least `floor`. */
export function resumeCountdown(due: Countdown, at: Instant, floor: Millis): Countdown {
  if ('ends' in due) return due;
  const { left, ...facts } = due;
  const ends = plus(at, Math.max(left, floor));
  return { ...facts, first_ends: ends, ends };
}

/** The end of a running countdown, null while it is stopped. */
export const endOf = (due: Countdown | null): Instant | null =>
  due && 'ends' in due ? due.ends : null;
