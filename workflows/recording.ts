/**
 * Owns the calls of the database that the loop makes: record a step, read a script's row, note
 * that nothing goes on. Each is a local activity, one database call.
 * Must not know what was decided, nor what becomes of the answer (`take.ts`).
 */
import {
  ApplicationFailure,
  isCancellation,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import type { RecordAnswer, RecordRequest } from '../activities/record';
import { minutes, seconds } from '../domain/calendar';
import type { Decision } from '../domain/decide';
import type { CommandItem } from './inbox';
import type { Run } from './run';

const database = proxyLocalActivities<Pick<Activities, 'record' | 'readEffect' | 'noteStuck'>>({
  startToCloseTimeout: seconds(5), // one database call; a longer one hangs
  localRetryThreshold: minutes(1), // an outage of the database: wait here, without timers
  retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: seconds(10) }, // no end
});

export const { readEffect, noteStuck } = database;

type Stuck = { readonly kind: 'stuck'; readonly reason: string };

/** Writes a step and answers what is stored; `stuck` when only people can mend it. */
export const record = (
  { escrow, platform, livemode }: Run,
  command: RecordRequest['command'],
  decision: Decision,
  by_default: RecordRequest['by_default'],
): Promise<RecordAnswer | Stuck> =>
  database.record({ escrow, platform, livemode, command, decision, by_default }).catch(stuckOn);

/** A command as it is written down. */
export function recordedAs(item: CommandItem): RecordRequest['command'] {
  if (item.kind === 'unreadable') {
    const { id, type, is_stored } = item;
    const actor = { strength: 'none' } as const;
    return { id, type, body: {}, actor, signature: null, expected_version: null, is_stored };
  }
  const { command, actor, signature, expected_version, is_stored } = item;
  const { id, type, body } = command;
  return { id, type, body, actor, signature, expected_version, is_stored };
}

/** A local activity that fails for good throws its failure bare; a bug fails the task. */
function stuckOn(error: unknown): Stuck {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
  const cause = error instanceof ApplicationFailure ? error : error.cause;
  const type = cause instanceof ApplicationFailure ? cause.type : null;
  return { kind: 'stuck', reason: type ?? 'record_failed' };
}
