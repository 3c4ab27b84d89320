/**
 * Owns carrying out acts on stored objects: one lock, one change, its movement, its webhook, in one
 * transaction; and applying what is due. Must not know HTTP, or which act leads where.
 */
import type { PoolClient } from 'pg';
import type { Instant } from '../domain/calendar';
import { type Bank, inTransaction } from './bank';
import { lockBook, move, obstacleTo } from './book';
import { timeOf } from './clocks';
import { type Act, type BankObject, type Change, change } from './course';
import { lockObject, saveObject } from './objects';
import { queueWebhook } from './webhooks';

export type Acted = { readonly done: boolean; readonly object: BankObject };

/** Applies what is due for an object, then the act. Not done: it came too late. */
export async function act(bank: Bank, id: string, wanted: Act): Promise<Acted> {
  return inTransaction(bank.pool, async (client) => {
    const locked = await lockObject(client, id);
    const now = await timeOfObject(client, bank, locked);
    const object = await applyDue(client, bank, locked, now);
    const changed = await carryOut(client, bank, object, wanted, now);
    if (changed === null) return { done: false, object };
    return { done: true, object: await applyDue(client, bank, changed, now) };
  });
}

/** Applies what is due for an object by its own clock. */
export async function bringUpToDate(bank: Bank, id: string): Promise<void> {
  await inTransaction(bank.pool, async (client) => {
    const object = await lockObject(client, id);
    await applyDue(client, bank, object, await timeOfObject(client, bank, object));
  });
}

/**
 * Applies what is due for all objects, or for those of one clock, the earliest first. One object
 * that cannot be brought up to date is reported and stops no other.
 */
export async function advanceDue(
  bank: Bank,
  only: { readonly connection: string; readonly clock: string } | null,
): Promise<void> {
  const { rows } = await bank.pool.query<{ id: string }>(
    `select o.id from sandbox.objects o
       left join sandbox.clocks c on (c.connection_id, c.id) = (o.connection_id, o.clock)
     where o.next_at <= $1::timestamptz + coalesce(c.lead_ms, 0) * interval '1 millisecond'
       and ($2::text is null or (o.connection_id = $2 and o.clock = $3))
     order by o.next_at, o.id`,
    [bank.now(), only?.connection ?? null, only?.clock ?? null],
  );
  for (const { id } of rows) await bringUpToDate(bank, id).catch(bank.report);
}

/** Steps that are due, each at its own instant and not at the one when somebody looked. */
export async function applyDue(
  client: PoolClient,
  bank: Bank,
  object: BankObject,
  now: Instant,
): Promise<BankObject> {
  let current = object;
  while (current.next !== null && current.next.at <= now) {
    const { step, at } = current.next;
    const stepped = await carryOut(client, bank, current, { type: step }, at);
    if (stepped === null) throw new Error(`${current.id} cannot ${step} while ${current.state}`);
    current = stepped;
  }
  return current;
}

async function carryOut(
  client: PoolClient,
  bank: Bank,
  object: BankObject,
  wanted: Act,
  at: Instant,
): Promise<BankObject | null> {
  await lockBook(client, object.connection, object.currency);
  const changed = await possible(client, object, wanted, at);
  if (changed === null) return null;
  await saveObject(client, changed.object);
  if (changed.movement !== null) await move(client, object, changed.movement, at);
  if (changed.announces) await queueWebhook(client, bank, changed.object, at);
  return changed.object;
}

/** The change; where the book has no room for the amount, the order is declined instead. */
async function possible(
  client: PoolClient,
  object: BankObject,
  wanted: Act,
  at: Instant,
): Promise<Change | null> {
  const changed = change(object, wanted, at);
  if (wanted.type !== 'finish' || changed?.movement == null) return changed;
  const obstacle = await obstacleTo(client, object, changed.movement);
  if (obstacle === null) return changed;
  return change({ ...object, script: { ...object.script, decline: obstacle } }, wanted, at);
}

async function timeOfObject(
  client: PoolClient,
  bank: Bank,
  { id, connection, clock }: BankObject,
): Promise<Instant> {
  const now = await timeOf(client, bank, connection, clock);
  if (now === null) throw new Error(`object ${id} has a clock that was never set`);
  return now;
}
