/**
 * Owns the recording of a step: what the loop decided becomes one call of `escrow_record`.
 * Must not know who may do what; it writes what was decided and returns what is stored.
 * Source: `reliability.md`, section 4.
 */
import type { Pool } from 'pg';
import { journalFor } from '../domain/bookkeeping';
import type { Instant, Millis } from '../domain/calendar';
import type { CommandType } from '../domain/commands';
import { deadlinesOf, nextAlarm } from '../domain/deadlines';
import type { Decision } from '../domain/decide';
import { effectsOf } from '../domain/effects';
import { disputeOf, type Escrow } from '../domain/escrow';
import type { Event } from '../domain/events';
import { evolve } from '../domain/evolve';
import type { CommandId, EscrowId, PlatformId } from '../domain/ids';
import type { Journal } from '../domain/journal';
import type { RefusalCode } from '../domain/refusals';
import { statusOf } from '../domain/status';
import { ESCROW_TOPICS } from '../domain/topics';
import { postingArguments, type Scope } from '../ledger/post';
import type { Actor, Message } from '../workflows/messages';
import { agreedRowsOf } from './agreed';
import { disputeRowsOf } from './disputes';
import { failureOf } from './failures';

/** A step to record: a command, the state that it was decided on, and what was decided. */
export type RecordRequest = {
  readonly escrow: Escrow;
  readonly platform: PlatformId;
  readonly livemode: boolean;
  readonly command: {
    readonly id: CommandId;
    readonly type: CommandType | 'default_refused';
    readonly body: object;
    readonly actor: Actor | { readonly kind: 'clock' | 'provider' };
    readonly signature: string | null;
    readonly expected_version: number | null;
    readonly is_stored: boolean; // read from its row: what that says is not compared again
  };
  readonly decision: Decision;
  /** When the clock gave the command: not before `due`, not while a payment is on its way. */
  readonly by_default: { readonly due: Instant; readonly no_payment: boolean } | null;
};

/** What is stored. The loop folds `events`, whoever's they are. */
export type RecordAnswer =
  | { readonly kind: 'step'; readonly command: CommandId; readonly events: readonly Event[] }
  | { readonly kind: 'answered' }
  | { readonly kind: 'conflict' | 'first'; readonly commands: readonly Message[] }
  | { readonly kind: 'early'; readonly wait_ms: Millis }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

export type RecordDependencies = {
  readonly pool: Pick<Pool, 'query'>;
  readonly requestHash: (request: {
    readonly type: string;
    readonly escrow: string;
    readonly body: object;
    readonly actor: object;
  }) => Buffer;
  readonly failpoint: (name: 'record.before_commit' | 'record.after_commit') => Promise<void>;
};

/**
 * Writes one step, or finds that it has been written, in one round trip.
 * Throws a final ApplicationFailure when only people can mend it; repeats are safe.
 */
export async function recordStep(
  { pool, requestHash, failpoint }: RecordDependencies,
  request: RecordRequest,
): Promise<RecordAnswer> {
  const { escrow, command, decision, by_default } = request;
  const people = !('kind' in command.actor);
  const { type, body, actor, is_stored } = command;
  const hash = requestHash({ type, escrow: escrow.id, body, actor }).toString('hex');
  const step = decision.ok ? stepOf(request, decision.events) : null;
  const refused = decision.ok ? null : { refusal: decision.refusal };
  await failpoint('record.before_commit');
  try {
    const { rows } = await pool.query<{ answer: RecordAnswer & { replayed?: boolean } }>({
      name: 'holdfast.escrow_record',
      text: RECORD,
      values: [
        escrow.id,
        escrow.version + 1,
        JSON.stringify({ ...command, people, hash: is_stored ? null : hash }),
        JSON.stringify(step?.row ?? refused),
        by_default && JSON.stringify(by_default),
        ...booksOf(
          { platform: request.platform, livemode: request.livemode },
          step?.journals ?? [],
        ),
      ],
    });
    await failpoint('record.after_commit');
    const answer = rows[0]?.answer;
    if (!answer) throw new Error(`escrow_record returned nothing for ${escrow.id}`);
    if (answer.kind !== 'step' || answer.replayed) return answer;
    return { kind: 'step', command: command.id, events: decision.ok ? decision.events : [] };
  } catch (error) {
    throw failureOf(error);
  }
}

const RECORD = `select holdfast.escrow_record(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
  $22) as answer`;

/** The arguments of `post_journal` without its scope; nulls when nothing is posted. */
export function booksOf(scope: Scope, journals: readonly Journal[]): readonly unknown[] {
  const books = postingArguments(scope, journals).slice(2);
  return journals.length === 0 ? books.map(() => null) : books;
}

/** The rows of a step: events with the status after each, read model, effects, and journals. */
function stepOf(request: RecordRequest, events: readonly Event[]) {
  const { escrow, command } = request;
  let now = escrow;
  const journals: Journal[] = [];
  const effects: ReturnType<typeof effectsOf>[number][] = [];
  const rows = events.map((event) => {
    now = evolve(now, event);
    const journal = journalFor(now, now.version, event);
    if (journal) journals.push(journal);
    effects.push(...effectsOf(now, event).filter(({ how }) => how !== 'wake'));
    const topic = ESCROW_TOPICS[event.type];
    return { type: event.type, topic, at: event.at, event, ...statusOf(now) };
  });
  const { terms: _, ...state } = now; // terms stand in a column of their own
  const [deadline] = deadlinesOf(now).filter(({ name }) => name !== 'return_window');
  const alarm = nextAlarm(now);
  const funded = events.find((event) => event.type === 'funded');
  const row = {
    events: rows,
    state,
    ...statusOf(now),
    disputed: now.milestones.some((milestone) => disputeOf(milestone) !== null),
    on_hold: now.hold !== null,
    deadline_at: deadline?.at ?? null,
    wake_at: alarm && alarm.deadline.name !== 'return_window' ? alarm.at : null,
    ...(command.type === 'fund' && { applied: funded?.amount ?? 0 }),
    ...(effects.length > 0 && { effects }),
    ...disputeRowsOf(now, events),
    ...agreedRowsOf(now, events),
  };
  return { row, journals };
}

export type StuckNote = { readonly escrow: EscrowId; readonly reason: string };

/** Says on the escrow's row that only people can mend it. */
export async function noteStuck(
  { pool }: Pick<RecordDependencies, 'pool'>,
  { escrow, reason }: StuckNote,
): Promise<void> {
  await pool.query('select holdfast.escrow_stuck($1, $2)', [escrow, reason]);
}
