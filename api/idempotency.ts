/**
 * Owns what a repeat gets: the command row is found again by actor, route and Idempotency-Key, and
 * the first answer is kept on it. Same key with another body: a mismatch.
 * Must not know what a command does. Source: `reliability.md`, section 3.
 */
import type { CommandId } from '../domain/ids';
import { requestHash } from '../runtime/request-hash';
import { actorKeyOf, actorOf } from './actor';
import { COMMAND_COLUMNS, type CommandRow } from './command-row';
import type { Answer, AnyCall, Result } from './endpoint';
import { newId } from './ids';
import { isProblem, type Problem, problem, problemAnswer } from './problem';
import { inTransaction, type Queryable, rowOf, sql } from './sql';
import { commandView } from './views/command';

/** The command that an earlier request under this key has made, or null. */
export async function earlierOf({ api, caller, request }: AnyCall): Promise<CommandRow | null> {
  return rowOf<CommandRow>(
    api.database,
    sql`select ${COMMAND_COLUMNS} from holdfast.commands c
         where c.platform_id = ${caller.platform} and c.livemode = ${caller.livemode}
           and c.actor_key = ${actorKeyOf(caller)} and c.route = ${request.route}
           and c.idempotency_key = ${request.idempotencyKey}`,
    'api.earlier',
  );
}

/** Status of a request that was closed before its command was answered: not kept for ever. */
const ACCEPTED = 202;
/** A request cannot still be open after this time, even when its process has died. */
const OPEN_MAX_MS = 12_000;

/**
 * The answer to a repeat. `goOn` makes the first answer, where the first request has not come that
 * far: the row may be answered by now, or wait to be handed over.
 */
export async function repeated(
  call: AnyCall,
  row: CommandRow,
  goOn: (row: CommandRow) => Promise<Result>,
): Promise<Result> {
  if (!row.http_hash?.equals(call.request.hash)) return problem('idempotency_mismatch');
  if (row.status !== null && row.status !== ACCEPTED) return replayOf(row.status, row.answer);
  if (row.status === null && row.age_ms < OPEN_MAX_MS) {
    return problem('in_flight', undefined, { headers: { 'Retry-After': '1' } });
  }
  return row.answered_at === null && row.handed_over_at !== null ? pending(row) : goOn(row);
}

/** 202: where the command can be looked up, and how it stands. */
export const pending = (row: CommandRow): Answer => ({
  status: ACCEPTED,
  body: commandView(row),
  headers: { Location: `/v1/commands/${row.id}` },
});

const replayOf = (status: number, body: unknown): Answer => ({
  status,
  body,
  headers: { 'Idempotency-Replayed': 'true' },
});

/**
 * Keeps the first answer on its row, unless another request has; returns the one that is kept.
 * It need not survive a crash of the database: a repeat would make it again.
 */
export async function keep(
  { api, request }: AnyCall,
  id: CommandId,
  result: Result,
): Promise<Answer> {
  const answer = isProblem(result) ? problemAnswer(result, request) : result;
  if (answer.status >= 500) return answer;
  const kept = await rowOf(
    api.database,
    sql`update holdfast.commands
           set status = ${answer.status}, answer = ${JSON.stringify(answer.body ?? null)}
         where id = ${id} and (status is null or status = ${ACCEPTED})
           and set_config('synchronous_commit', 'off', true) = 'off'
        returning id`,
    'api.keep',
  );
  if (kept) return answer;
  const first = await rowOf<{ status: number; answer: unknown }>(
    api.database,
    sql`select status, answer from holdfast.commands where id = ${id}`,
  );
  return first ? replayOf(first.status, first.answer) : answer;
}

/** What was written in a transaction: the answer, and what it was about, for the audit. */
export type Written = {
  readonly answer: Answer;
  /** What a repeat gets in place of the body, when that has something that is shown once. */
  readonly kept?: unknown;
  readonly stream: string;
  readonly object: string;
  readonly version: number | null;
};

/**
 * An unsafe request that is answered in one transaction: command row, what `work` writes, audit
 * entry and answer stand together or not at all. A problem undoes everything, so that it may be
 * another one next time.
 */
export async function atOnce(
  call: AnyCall,
  type: string,
  work: (db: Queryable, id: CommandId) => Promise<Written | Problem>,
): Promise<Result> {
  const before = await earlierOf(call);
  if (before) return repeated(call, before, async () => problem('in_flight'));
  const id = newId('cmd');
  const result = await inTransaction(
    call.api.database,
    async (db): Promise<Written | Problem | null> => {
      if (!(await insertAnswered(db, call, { id, type }))) return null;
      const written = await work(db, id);
      if (isProblem(written)) return written;
      await audit(db, call, { ...written, action: type, command: id });
      const { status } = written.answer;
      const body = written.kept ?? written.answer.body;
      await db.query(
        'update holdfast.commands set status = $2, answer = $3, body = $4 where id = $1',
        [id, status, JSON.stringify(body ?? null), JSON.stringify({ object: written.object })],
      );
      return written;
    },
    (written) => written !== null && !isProblem(written),
  );
  if (isProblem(result)) return result;
  if (result) return result.answer;
  const other = await earlierOf(call); // another request was faster
  return other ? repeated(call, other, async () => problem('in_flight')) : problem('in_flight');
}

/**
 * An unsafe request that changes nothing of ours: done first, then written down. Should we fail in
 * between, a repeat does it again.
 */
export async function doneThenWritten(
  call: AnyCall,
  type: string,
  object: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = await earlierOf(call);
  if (before) return repeated(call, before, work);
  const result = await work();
  if (isProblem(result) || result.status >= 400) return result;
  const command = newId('cmd');
  await inTransaction(call.api.database, async (db) => {
    await insertAnswered(db, call, { id: command, type });
    await audit(db, call, { stream: object, action: type, object, version: null, command });
  });
  return keep(call, command, result);
}

/** The row of a request that no workflow hears of. False: the key is taken. */
export async function insertAnswered(
  db: Queryable,
  { caller, request }: AnyCall,
  {
    id,
    type,
    body = {},
  }: { readonly id: CommandId; readonly type: string; readonly body?: object },
): Promise<boolean> {
  const actor = actorOf(caller);
  const row = await rowOf(
    db,
    sql`insert into holdfast.commands (id, platform_id, livemode, type, body, actor, request_hash,
          request_id, actor_key, route, idempotency_key, http_hash, accepted_at, answered_at,
          outcome)
        values (${id}, ${caller.platform}, ${caller.livemode}, ${type}, ${JSON.stringify(body)},
          ${JSON.stringify(actor)}, ${requestHash({ type, escrow: null, body, actor })},
          ${request.id}, ${actorKeyOf(caller)}, ${request.route}, ${request.idempotencyKey},
          ${request.hash}, clock_timestamp(), clock_timestamp(), 'done')
        on conflict do nothing returning id`,
  );
  return row !== null;
}

export type AuditEntry = {
  readonly stream: string;
  readonly action: string;
  readonly object: string;
  readonly version: number | null;
  readonly command: CommandId;
  readonly decision?: string;
};

/** One audit entry for what the recording step does not write itself. */
export async function audit(
  db: Queryable,
  { caller, request }: AnyCall,
  { stream, action, object, version, command, decision = 'done' }: AuditEntry,
): Promise<void> {
  await rowOf(
    db,
    sql`insert into holdfast.audit (platform_id, livemode, stream, action, object, version, actor,
          command_id, request_id, decision)
        values (${caller.platform}, ${caller.livemode}, ${stream}, ${action}, ${object}, ${version},
          ${JSON.stringify(actorOf(caller))}, ${command}, ${request.id}, ${decision})`,
  );
}
