/**
 * Owns asking one question of every life; a failure tells the whole story of that life.
 * Must not know any question.
 */
import type { Escrow } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { evolve } from '../../domain/evolve';
import { type Life, livesOf, storyOf } from './life';

/** The same lives in every run: what they show today they show tomorrow. */
export const LIVES = livesOf(220, 20_261_125);

/** `holds` answers with what is wrong, or nothing. */
export function every(name: string, holds: (life: Life) => unknown): void {
  test(name, () => {
    for (const life of LIVES) {
      const fault = holds(life);
      if (fault) throw new Error(`${JSON.stringify(fault)}\n${storyOf(life)}`);
    }
  });
}

type See = (event: Event, n: number, after: Escrow, before: Escrow) => unknown;

/** Each event with its number, and the state after and before it. */
export function fold(life: Life, see: See): unknown {
  let now = life.draft;
  for (const [at, event] of life.events.entries()) {
    const after = evolve(now, event);
    const fault = see(event, at + 1, after, now);
    if (fault) return { fault, event: event.type, version: at + 1 };
    now = after;
  }
  return null;
}
