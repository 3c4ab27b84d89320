/**
 * Owns how workflow tests give commands: by update or signal as the API does, or past it by a raw
 * signal; the outcome is read from the command row.
 * Must not know what a command does.
 */
import { randomUUID } from 'node:crypto';
import { ServiceError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import type { Pool } from 'pg';
import type { PeoplesCommandType } from '../../domain/commands';
import type { AccountId, EscrowId } from '../../domain/ids';
import { requestHash } from '../../runtime/request-hash';
import type { Message } from '../../workflows/messages';
import { eventually } from './seen';
import { PLATFORM, type World } from './world';

/** A message as the API sends it; nobody: the platform itself. */
export function messageOf(type: PeoplesCommandType, body: object, by: AccountId | null): Message {
  return {
    id: `cmd_${randomUUID().replaceAll('-', '')}`,
    type,
    actor: by
      ? { platform: PLATFORM, on_behalf_of: by, strength: 'key' }
      : { platform: PLATFORM, strength: 'key' },
    body: { ...body },
    signature: null,
    expected_version: null,
  };
}

/** Commits the command row, as the API does before it hands a command over; a hold writes its
 * row in the same transaction. */
export async function insertCommand(pool: Pool, escrow: EscrowId, message: Message): Promise<void> {
  const { id, type, body, actor, expected_version } = message;
  await pool.query(
    `with command as (
       insert into holdfast.commands (id, platform_id, livemode, escrow_id, type, body, actor,
         expected_version, request_hash, route, accepted_at)
       select $1, e.platform_id, false, e.id, $3, $4, $5, $6, $7, 'test',
              holdfast.escrow_now(e.test_clock_id)
         from (select * from holdfast.escrows where id = $2 for share) e
       returning *)
     insert into holdfast.holds (escrow_id, command_id, reason)
     select escrow_id, id, body ->> 'reason' from command where type = 'hold'
     on conflict do nothing`,
    [id, escrow, type, body, actor, expected_version, requestHash({ type, escrow, body, actor })],
  );
}

export type Outcome = { readonly outcome: 'done' | 'refused'; readonly code: string | null };
export type Road = 'update' | 'signal' | 'raw signal';

/** Gives a command by one of the roads and waits for what is recorded of it. */
export async function give(
  world: World,
  escrow: EscrowId,
  message: Message,
  road: Road = 'update',
): Promise<Outcome> {
  if (road !== 'raw signal') await insertCommand(world.pool, escrow, message);
  if (road === 'update') {
    const refused = await update(world, escrow, message);
    if (refused) return refused;
  } else {
    await signal(world, escrow, message.type, message);
  }
  return outcomeOf(world, message.id);
}

/** Null when it was taken; what the validator says when it refuses. */
export async function update(
  { engine }: World,
  escrow: EscrowId,
  message: Message,
): Promise<Outcome | null> {
  const handle = engine.client.workflow.getHandle(escrow);
  try {
    // Without a limit the client waits for ever.
    await engine.client.withDeadline(Date.now() + 20_000, () =>
      handle.executeUpdate(message.type, { args: [message], updateId: message.id }),
    );
    return null;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null;
    if (cause instanceof Error && 'type' in cause && typeof cause.type === 'string') {
      return { outcome: 'refused', code: cause.type };
    }
    if (error instanceof WorkflowNotFoundError) return ENDED;
    if (!(error instanceof ServiceError)) throw error;
    return signalInstead(handle, message);
  }
}

const ENDED: Outcome = { outcome: 'refused', code: 'escrow_closed' };

/** Nobody knows whether the update arrived, so the other road is taken too, as the API does. */
async function signalInstead(handle: WorkflowHandle, message: Message): Promise<Outcome | null> {
  try {
    await handle.signal(message.type, message);
    return null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return ENDED;
    throw error;
  }
}

/** Anything under any name, as somebody who reaches the engine past the API would send it. */
export const signal = (
  { engine }: World,
  workflow: string,
  name: string,
  message: unknown,
): Promise<void> => engine.client.workflow.getHandle(workflow).signal(name, message);

/** `give` in one line: who asks what. */
export const ask = (
  world: World,
  { id }: { readonly id: EscrowId },
  type: PeoplesCommandType,
  body: object,
  by: AccountId | null,
  road: Road = 'update',
): Promise<Outcome> => give(world, id, messageOf(type, body, by), road);

/** What is recorded of a command, as soon as it is. */
export async function outcomeOf(
  { pool }: World,
  command: string,
  withinMs?: number,
): Promise<Outcome> {
  return eventually(
    `the answer to ${command}`,
    async () => {
      const { rows } = await pool.query<Outcome>(
        `select outcome, refusal ->> 'code' as code from holdfast.commands
          where id = $1 and outcome is not null`,
        [command],
      );
      return rows[0] ?? null;
    },
    withinMs,
  );
}
