/**
 * Owns waiting and time inside a workflow: the workflow's clock with the offset of a test clock,
 * and the only durable timer.
 * Must not know what is waited for.
 */
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { days, type Instant, later, type Millis, toInstant, toMillis } from '../domain/calendar';

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

/** No timer is longer: the engine counts in nanoseconds. Whoever waits looks again and goes on. */
const TIMER_MAX = days(365);

type Running = {
  readonly at: Instant;
  readonly offset: Millis; // of the clock that it was set by
  readonly scope: CancellationScope;
  rang: boolean;
};

/**
 * The one timer of a run. A running one is kept while it rings no later than what is waited for:
 * deadlines mostly move on, and a timer that rings early costs one look instead of two events at
 * every step.
 */
export class Alarm {
  private running: Running | null = null;

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
    const { running } = this;
    const isOfUse = at !== null && running !== null && running.at <= at;
    if (running && (!isOfUse || running.offset !== clock.offset)) this.cancel();
    if (at && !this.running) this.running = start(clock, at, summary);
    await condition(() => isWoken() || this.running?.rang === true);
    if (this.running?.rang) this.running = null;
  }

  /** Stops the timer; nothing is left to wait for. */
  cancel(): void {
    this.running?.scope.cancel();
    this.running = null;
  }
}

function start(clock: Clock, at: Instant, summary: string): Running {
  const timer = { at, offset: clock.offset, rang: false, scope: new CancellationScope() };
  const ms = toMillis(at) - toMillis(timeOf(clock));
  timer.scope
    .run(() => sleep(Math.min(Math.max(1, ms), TIMER_MAX), { summary }))
    .then(
      () => {
        timer.rang = true;
      },
      (error: unknown) => {
        if (!isCancellation(error)) throw error;
      },
    );
  return timer;
}
