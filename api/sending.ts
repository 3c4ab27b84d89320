/**
 * Owns how an escrow is sent: its first command is written with the draft, and its workflow starts
 * with that command in its input. The rules are asked first, so that a refusal leaves nothing.
 * Must not know what sending means.
 */
import { decide } from '../domain/decide';
import { requestHash } from '../runtime/request-hash';
import type { EscrowInput, Message, TestClock } from '../workflows/messages';
import { actorKeyOf, byOfCaller } from './actor';
import { refusedBy } from './command-answer';
import type { CommandRow } from './command-row';
import { type DraftRequest, insertDraft, openFrom } from './drafts';
import type { AnyCall, Result } from './endpoint';
import { type Handed, startEscrow } from './engine';
import { ESCROW_COLUMNS, type EscrowRow, escrowOf, named, readEscrow } from './escrow-row';
import { earlierOf, repeated } from './idempotency';
import { newId } from './ids';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { inTransaction, type Queryable, rowOf, sql } from './sql';
import { answered, carryOut, handOver, messageIn, messageOf, submit } from './submit';

export const engagementTaken = fieldProblem(
  'already_exists',
  '/engagement_id',
  'another escrow has this engagement id',
);

/** A new escrow and its `send`, in one transaction; then its workflow. */
export async function createAndSend(call: AnyCall, asked: DraftRequest): Promise<Result> {
  const id = newId('esc');
  const message = messageOf(call, { type: 'send', body: {} });
  return sendOnce(call, message, async (db) => {
    // First of all: a second request under this key waits here, and finds the row.
    const place = { id, test_clock_id: asked.test_clock ?? null };
    if (!(await insertSend(db, call, place, message))) return null;
    const opened = await openFrom(db, call.caller, asked, id, null);
    if (isProblem(opened)) return opened;
    if (!(await insertDraft(db, call.caller, opened))) return engagementTaken;
    const row = await readShared(db, call, id);
    return isProblem(row) ? row : (refusedToSend(call, row, message) ?? row);
  });
}

/** Sends a draft. What has been sent already is for its workflow to refuse. */
export async function sendDraft(
  call: AnyCall,
  escrow: string,
  body: Message['body'],
): Promise<Result> {
  const { database } = call.api;
  const found = await readEscrow(database, call.caller, escrow);
  if (isProblem(found) || found.version > 0) return submit(call, { type: 'send', escrow, body });
  const message = messageOf(call, { type: 'send', body });
  return sendOnce(call, message, async (db) => {
    const row = await readShared(db, call, escrow);
    if (isProblem(row)) return row;
    const refused = refusedToSend(call, row, message);
    if (refused) return refused;
    return (await insertSend(db, call, row, message)) ? row : null;
  });
}

/** `prepare` writes the command and gives its escrow; null: the key is taken. */
async function sendOnce(
  call: AnyCall,
  message: Message,
  prepare: (db: Queryable) => Promise<EscrowRow | Problem | null>,
): Promise<Result> {
  const before = await earlierOf(call);
  if (before) return repeated(call, before, (row) => goOn(call, row));
  const row = await inTransaction(
    call.api.database,
    prepare,
    (result) => result !== null && !isProblem(result),
  );
  if (isProblem(row)) return row;
  if (row) return carryOut(call, message.id, 'start', () => start(call, row, message));
  const other = await earlierOf(call); // another request under this key was faster
  return other ? repeated(call, other, (first) => goOn(call, first)) : problem('in_flight');
}

/** The escrow, locked against being changed as a draft until this transaction ends. */
async function readShared(
  db: Queryable,
  { caller }: AnyCall,
  escrow: string,
): Promise<EscrowRow | Problem> {
  const row = await rowOf<EscrowRow>(
    db,
    sql`select ${ESCROW_COLUMNS} from holdfast.escrows t
         where ${named(escrow)} and t.platform_id = ${caller.platform}
           and t.livemode = ${caller.livemode} for share`,
  );
  return row ?? problem('not_found');
}

function refusedToSend(call: AnyCall, row: EscrowRow, message: Message): Problem | null {
  const by = byOfCaller(call.caller);
  const { id, body, expected_version } = message;
  const command = { id, type: 'send', body } as const;
  const decision = decide(escrowOf(row), command, by, row.now, expected_version ?? null);
  return decision.ok ? null : refusedBy(decision.refusal, row, by);
}

async function insertSend(
  db: Queryable,
  { caller, request }: AnyCall,
  { id: escrow, test_clock_id }: Pick<EscrowRow, 'id' | 'test_clock_id'>,
  { id, type, body, actor, expected_version }: Message,
): Promise<boolean> {
  const row = await rowOf(
    db,
    sql`insert into holdfast.commands (id, platform_id, livemode, escrow_id, type, body, actor,
          expected_version, request_hash, request_id, actor_key, route, idempotency_key, http_hash,
          accepted_at)
        values (${id}, ${caller.platform}, ${caller.livemode}, ${escrow}, ${type},
          ${JSON.stringify(body)}, ${JSON.stringify(actor)}, ${expected_version ?? null},
          ${requestHash({ type, escrow, body, actor })}, ${request.id}, ${actorKeyOf(caller)},
          ${request.route}, ${request.idempotencyKey}, ${request.hash},
          holdfast.escrow_now(${test_clock_id}))
        on conflict do nothing returning id`,
  );
  return row !== null;
}

/** Starts the workflow; when it runs already, or we cannot know, goes on as for any command. */
async function start(call: AnyCall, row: EscrowRow, first: Message): Promise<Handed> {
  const { api, caller } = call;
  const input: EscrowInput = {
    escrow: escrowOf(row),
    platform: caller.platform,
    livemode: caller.livemode,
    clock: await clockOf(api.database, row),
    first,
    known: [],
  };
  const started = await startEscrow(api, input);
  return started.kind === 'not_taken' ? handOver(call, row.id, first) : started;
}

const clockOf = (db: Queryable, { test_clock_id }: EscrowRow): Promise<TestClock | null> =>
  rowOf<TestClock>(
    db,
    sql`select id, offset_ms from holdfast.test_clocks where id = ${test_clock_id}`,
  );

/** Goes on with a `send` whose request was lost. */
async function goOn(call: AnyCall, row: CommandRow): Promise<Result> {
  if (row.answered_at !== null) return answered(call, row);
  const escrow = await readEscrow(call.api.database, call.caller, row.escrow_id ?? '');
  if (isProblem(escrow)) return escrow;
  return carryOut(call, row.id, 'start', () => start(call, escrow, messageIn(row)));
}
