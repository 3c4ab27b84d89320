/**
 * Owns chance that can be repeated: the same seed gives the same numbers.
 * Must not know what is left to chance.
 */

/** A source of whole numbers from 0 up to, and without, `below`. */
export type Chance = (below: number) => number;

/** mulberry32: small, and good enough to mix up a test. */
export function chanceFrom(seed: number): Chance {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Some of a list, each at most once, in any order. */
export function someOf<T>(chance: Chance, list: readonly T[], count: number): readonly T[] {
  const left = [...list];
  return Array.from({ length: Math.min(count, list.length) }, () =>
    left.splice(chance(left.length), 1),
  ).flat();
}
