/**
 * Owns load: so many clients, each taking the next piece of work, every act timed.
 * Must not know what the acts are.
 */

export type Measured = {
  readonly perSecond: number;
  /** Median of one act, in milliseconds. */
  readonly p50: number;
};

/** A piece of work: acts that follow each other. */
export type Work = readonly (() => Promise<void>)[];

/** Runs all work with `clients` at a time and times each act. */
export async function measure(work: readonly Work[], clients: number): Promise<Measured> {
  const waiting = [...work];
  const times: number[] = [];
  const began = performance.now();
  const client = async (): Promise<void> => {
    for (let acts = waiting.shift(); acts; acts = waiting.shift()) {
      for (const act of acts) {
        const start = performance.now();
        await act();
        times.push(performance.now() - start);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - began) / 1000;
  return { perSecond: times.length / seconds, p50: median(times) };
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
