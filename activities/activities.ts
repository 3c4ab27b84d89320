/**
 * Owns the list of activities, put together from plain dependencies.
 * Must not know what any of them does.
 */
import { readEffectFacts } from './effects';
import { type MovementDependencies, readMovement, recordChange } from './movements';
import { noteStuck, type RecordDependencies, recordStep } from './record';

/** Local activities of the escrow workflow: each is one database call. */
export const createActivities = (dependencies: RecordDependencies) => ({
  record: (request: Parameters<typeof recordStep>[1]) => recordStep(dependencies, request),
  readEffect: (which: Parameters<typeof readEffectFacts>[1]) =>
    readEffectFacts(dependencies, which),
  noteStuck: (note: Parameters<typeof noteStuck>[1]) => noteStuck(dependencies, note),
});

/** Local activities of the payment and payout scripts: likewise. */
export const createMoneyActivities = (dependencies: MovementDependencies) => ({
  readMovement: (id: Parameters<typeof readMovement>[1]) => readMovement(dependencies, id),
  recordChange: (change: Parameters<typeof recordChange>[1]) => recordChange(dependencies, change),
});

export type Activities = ReturnType<typeof createActivities>;
export type MoneyActivities = ReturnType<typeof createMoneyActivities>;
