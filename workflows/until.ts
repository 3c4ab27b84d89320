/**
 * Owns waiting and time inside a workflow: the workflow's clock with the offset of a test clock,
 * and the only durable timer.
 * Must not know what is waited for.
 */
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { type Instant, later, type Millis, toInstant, toMillis } from '../domain/calendar';

/** Simulated time stands `offset` ahead of the workflow's; `target` is where it is going. */
export type Clock = { offset: Millis; target: Instant | null };

/** The escrow's time. Date is the workflow's clock here: the same in every replay. */
export const timeOf = (clock: Clock): Instant => toInstant(Date.now() + clock.offset);

/** Sets where simulated time is to go; it never goes back. */
export function aim(clock: Clock, to: Instant): void {
  if (to <= timeOf(clock)) return;
  clock.target = clock.target ? later(clock.target, to) : to;
}

/** Moves simulated time on towards its target, at most to `next`. */
export function stepClock(clock: Clock, next: Instant | null): void {
  const { target } = clock;
  if (!target) return;
  const stop = next && next < target ? next : target;
  clock.offset = Math.max(clock.offset, toMillis(stop) - Date.now());
  if (stop === target) clock.target = null;
}

/** A timer that is kept while the instant that it waits for stays the same. */
export class Alarm {
  private running: { at: Instant; rang: boolean; scope: CancellationScope } | null = null;

  /**
   * Waits for `isWoken`, or for the instant; for `isWoken` alone when there is none.
   * The caller looks at the state again: it is not told which of them came.
   */
  async until(
    clock: Clock,
    at: Instant | null,
    summary: string,
    isWoken: () => boolean,
  ): Promise<void> {
    if (this.running && this.running.at !== at) this.cancel();
    if (at && !this.running) this.start(clock, at, summary);
    await condition(() => isWoken() || this.running?.rang === true);
    if (this.running?.rang) this.running = null;
  }

  private start(clock: Clock, at: Instant, summary: string): void {
    const timer = { at, rang: false, scope: new CancellationScope() };
    const ms = Math.max(1, toMillis(at) - toMillis(timeOf(clock)));
    timer.scope
      .run(() => sleep(ms, { summary }))
      .then(
        () => {
          timer.rang = true;
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
    this.running = timer;
  }

  /** Stops the timer; nothing is left to wait for. */
  cancel(): void {
    this.running?.scope.cancel();
    this.running = null;
  }
}

/** Waits a moment of real time: the database is a little behind the workflow's clock. */
export const waitFor = (ms: Millis): Promise<void> => sleep(Math.max(1, ms));
