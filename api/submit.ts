/**
 * Owns the road of a command: row first, then update, then signal, all under one id; the answer is
 * read from the row. Nothing here decides: a refusal comes from the rules.
 * Must not know how the loop works. Source: `temporal.md`, section 3; `reliability.md`, section 3.
 */
import type { Instant } from '../domain/calendar';
import type { PeoplesCommandType } from '../domain/commands';
import type { CommandId, EscrowId } from '../domain/ids';
import { isKnownTo } from '../domain/parties';
import { type Refusal, refusal } from '../domain/refusals';
import { failpoint } from '../runtime/failpoints';
import { requestHash } from '../runtime/request-hash';
import type { Message } from '../workflows/messages';
import { actorKeyOf, actorOf, type Caller } from './actor';
import { commandAnswerOf, refusalNow } from './command-answer';
import { COMMAND_COLUMNS, type CommandRow } from './command-row';
import type { Answer, AnyCall, Result } from './endpoint';
import { type Handed, signal, update } from './engine';
import { type EscrowRow, escrowOf, readEscrow } from './escrow-row';
import { earlierOf, keep, pending, repeated } from './idempotency';
import { newId } from './ids';
import { isProblem, type Problem, problem } from './problem';
import { rowOf, sql } from './sql';

export type Command = {
  readonly type: PeoplesCommandType;
  readonly escrow: string; // an id, or engagement:…
  readonly body: Readonly<Record<string, unknown>>;
};

/** Gives a command to the workflow of an escrow that has been sent; answers what became of it. */
export async function submit(call: AnyCall, command: Command): Promise<Result> {
  const [before, found] = await Promise.all([
    earlierOf(call),
    readEscrow(call.api.database, call.caller, command.escrow),
  ]);
  if (before) return repeated(call, before, (row) => goOn(call, row));
  if (isProblem(found)) return found;
  const refused = cannotAsk(found, call.caller);
  if (refused) return refused;
  const message = messageOf(call, command);
  const isAccepted = await accept(call, found.id, message);
  if (!isAccepted) return faster(call);
  return carryOut(call, message.id, 'update', () => handOver(call, found.id, message));
}

/** A command as it travels. */
export function messageOf(
  { caller, request }: AnyCall,
  { type, body }: Pick<Command, 'type' | 'body'>,
): Message {
  return {
    id: newId('cmd'),
    type,
    actor: actorOf(caller),
    body,
    expected_version: request.expectedVersion,
    signature: null,
  };
}

/**
 * Hands a committed command over and answers as soon as its row is answered, without waiting for
 * the call that carried it; 202 when it is not answered in time.
 */
export async function carryOut(
  call: AnyCall,
  id: CommandId,
  by: 'update' | 'start',
  handOver: () => Promise<Handed>,
): Promise<Result> {
  const deadline = Date.now() + call.api.limits.answerMs;
  const over = new AbortController();
  const limits = { deadline, signal: over.signal };
  try {
    await failpoint('command.row_committed');
    const row = call.api.answers.until(id, () => readAnswered(call, id), limits);
    const handed = handOver();
    for (const late of [row, handed]) late.catch(() => undefined); // told below, if it came first
    const first = await Promise.race([row, handed]);
    if (first === null || 'id' in first) return first ? answered(call, first) : later(call, id);
    if (first.kind === 'refused' && (await refuse(call, id, first.refusal))) {
      const refused = await readAnswered(call, id);
      return refused ? answered(call, refused) : later(call, id);
    }
    if (first.kind === 'not_taken' || first.kind === 'gone') return later(call, id);
    const outcome = await row;
    if (outcome) return answered(call, outcome);
    await markHanded(call, id, by);
    return later(call, id);
  } finally {
    over.abort();
  }
}

/** The row of an answered command, or null. */
const readAnswered = ({ api }: AnyCall, id: CommandId): Promise<CommandRow | null> =>
  rowOf<CommandRow>(
    api.database,
    sql`select ${COMMAND_COLUMNS} from holdfast.commands c
         where c.id = ${id} and c.answered_at is not null`,
    'api.answered',
  );

/** What the caller is told of an answered command; kept for repeats. */
export async function answered(call: AnyCall, row: CommandRow): Promise<Answer> {
  const { metrics } = call.api;
  metrics.commands.observe(
    { command: row.type, outcome: row.outcome ?? 'done' },
    Math.max(0, row.age_ms) / 1000,
  );
  if (row.refusal) metrics.refusals.inc({ command: row.type, code: row.refusal.code });
  return keep(call, row.id, await commandAnswerOf(call, row));
}

/** Another request under the same key was faster. */
async function faster(call: AnyCall): Promise<Result> {
  const row = await earlierOf(call);
  return row ? repeated(call, row, (first) => goOn(call, first)) : problem('in_flight');
}

/** Answers a command whose request was lost; hands it over, where that did not come about. */
async function goOn(call: AnyCall, row: CommandRow): Promise<Result> {
  const { escrow_id } = row;
  if (row.answered_at !== null || escrow_id === null) return answered(call, row);
  return carryOut(call, row.id, 'update', () => handOver(call, escrow_id, messageIn(row)));
}

/** The message of a command row; the type is one of ours, since we wrote it. */
export const messageIn = (row: CommandRow): Message => ({
  id: row.id,
  type: row.type as Message['type'],
  actor: row.actor,
  body: row.body,
  expected_version: row.expected_version,
  signature: row.signature,
});

/** Facts of the read model; nothing is written, and it may be different next time. */
function cannotAsk(row: EscrowRow, { account }: Caller): Problem | null {
  const escrow = escrowOf(row);
  if (account && !isKnownTo(escrow, account)) return problem('not_a_party');
  // A draft has no workflow that could refuse.
  return row.version === 0 ? problem('wrong_status', NOT_SENT, refusalNow(row, account)) : null;
}

const NOT_SENT = 'The escrow has not been sent yet.';

/**
 * Commits the command row, in one round trip: the escrow is locked, its time is read, and a hold
 * stands before the workflow hears of it. False: the Idempotency-Key is taken.
 */
async function accept(
  { api, caller, request }: AnyCall,
  escrow: EscrowId,
  { id, type, body, actor, expected_version }: Message,
): Promise<boolean> {
  const hash = requestHash({ type, escrow, body, actor });
  const row = await rowOf<{ accepted_at: Instant }>(
    api.database,
    sql`with e as (
          select id, test_clock_id from holdfast.escrows
           where id = ${escrow} and platform_id = ${caller.platform}
             and livemode = ${caller.livemode} for share
        ), accepted as (
          insert into holdfast.commands (id, platform_id, livemode, escrow_id, type, body, actor,
            expected_version, request_hash, request_id, actor_key, route, idempotency_key,
            http_hash, accepted_at)
          select ${id}, ${caller.platform}, ${caller.livemode}, e.id, ${type},
                 ${JSON.stringify(body)}::jsonb, ${JSON.stringify(actor)}::jsonb,
                 ${expected_version ?? null}::int, ${hash}, ${request.id}, ${actorKeyOf(caller)},
                 ${request.route}, ${request.idempotencyKey}, ${request.hash},
                 holdfast.escrow_now(e.test_clock_id)
            from e
          on conflict do nothing returning id, escrow_id, accepted_at
        ), held as (
          insert into holdfast.holds (escrow_id, command_id, reason)
          select escrow_id, id, ${body.reason ?? null}::text from accepted where ${type} = 'hold'
          on conflict do nothing
        )
        select accepted_at from accepted`,
    'api.accept',
  );
  return row !== null;
}

/** Update, else the signal of the same name with the same command. */
export async function handOver(call: AnyCall, escrow: EscrowId, message: Message): Promise<Handed> {
  await failpoint('handover.before_update');
  const updated = await update(call.api, escrow, message);
  if (updated.kind === 'taken') await failpoint('handover.after_accept');
  if (updated.kind === 'gone') return ended(call, escrow);
  if (updated.kind !== 'not_taken') return updated;
  await failpoint('handover.before_signal');
  const signalled = await signal(call.api, escrow, message);
  if (signalled.kind === 'gone') return ended(call, escrow);
  if (signalled.kind === 'taken') await markHanded(call, message.id, 'signal');
  return signalled;
}

/** The workflow has ended: with its escrow, or it was lost and the sweeper brings it back. */
async function ended({ api }: AnyCall, escrow: EscrowId): Promise<Handed> {
  const row = await rowOf(
    api.database,
    sql`select id from holdfast.escrows
         where id = ${escrow} and state -> 'agreement' ->> 'stage' = 'closed'`,
  );
  return row ? { kind: 'refused', refusal: refusal('escrow_closed') } : { kind: 'gone' };
}

/** Writes a refusal on a row that nobody else can answer any more. False: somebody can. */
async function refuse(call: AnyCall, id: CommandId, why: Refusal): Promise<boolean> {
  const { api, caller, request } = call;
  const row = await rowOf(
    api.database,
    sql`with refused as (
          update holdfast.commands
             set answered_at = clock_timestamp(), outcome = 'refused',
                 refusal = ${JSON.stringify(why)}
           where id = ${id} and answered_at is null and handed_over_at is null
          returning id, escrow_id, type
        ), lifted as (
          delete from holdfast.holds h using refused r
           where h.escrow_id = r.escrow_id and h.command_id = r.id
        )
        insert into holdfast.audit (platform_id, livemode, stream, action, object, actor,
          command_id, request_id, decision)
        select ${caller.platform}, ${caller.livemode}, escrow_id, type, escrow_id,
               ${JSON.stringify(actorOf(caller))}::jsonb, id, ${request.id}, ${why.code}
          from refused
        returning id`,
  );
  return row !== null;
}

async function markHanded(
  { api }: Pick<AnyCall, 'api'>,
  id: CommandId,
  by: 'signal' | 'update' | 'start',
): Promise<void> {
  await rowOf(
    api.database,
    sql`update holdfast.commands set handed_over_at = clock_timestamp(), handed_over_by = ${by}
         where id = ${id} and handed_over_at is null and answered_at is null`,
  );
}

/** 202: not answered in time. The row says that no request waits for it any more. */
async function later(call: AnyCall, id: CommandId): Promise<Result> {
  const row = await rowOf<CommandRow>(
    call.api.database,
    sql`update holdfast.commands c set status = coalesce(c.status, 202) where c.id = ${id}
        returning ${COMMAND_COLUMNS}`,
  );
  if (!row) return problem('not_found');
  return row.answered_at ? answered(call, row) : pending(row);
}
