/**
 * Owns repeating small jobs beside the workers: relay and sweeps, each on its own beat.
 * Must not let one that fails stop the others, nor overlap with itself.
 */
import type { Log } from '../runtime/log';

export type Round = {
  readonly name: string;
  readonly everyMs: number;
  /** Returns how much it found; more than nothing is worth an early next look. */
  readonly work: () => Promise<number>;
};

/** Runs the rounds until they are stopped; `stop` waits for those under way. */
export function startRounds(rounds: readonly Round[], log: Log): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const all = rounds.map((round) => repeat(round, log, stopping.signal));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(all);
    },
  };
}

/** A round that failed waits this much longer, so that an outage is not hammered at. */
const PATIENCE = 10;

async function repeat({ name, everyMs, work }: Round, log: Log, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      const found = await work();
      if (found === 0) await pause(everyMs, stop);
    } catch (error) {
      log.warn({ name, err: error }, 'a round failed; it is repeated');
      await pause(everyMs * PATIENCE, stop);
    }
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      stop.removeEventListener('abort', finish);
      done();
    }
    stop.addEventListener('abort', finish);
    if (stop.aborted) finish();
  });
}
