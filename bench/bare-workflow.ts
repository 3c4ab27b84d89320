/**
 * Owns the measure of all things: a workflow that takes the same messages and does nothing.
 * Must not know Holdfast.
 */
import { condition, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';

const COMMANDS = ['accept', 'fund', 'mark_done', 'reject_delivery'] as const;

/** Ends when it is told to. */
export async function bare(): Promise<void> {
  let over = false;
  let taken = 0;
  for (const name of COMMANDS) {
    setHandler(defineUpdate<void, [unknown]>(name), () => {
      taken += 1;
    });
  }
  setHandler(defineSignal('end'), () => {
    over = true;
  });
  await condition(() => over || taken > 1_000_000);
}
