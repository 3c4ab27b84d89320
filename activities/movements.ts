/**
 * Owns how a payment or payout script reads its row, and writes what it does: one call of
 * `effect_record` for row, attempt, event and journal.
 * Must not call a provider (`provider-calls.ts`), nor know what a change means (`changes.ts`).
 */
import type { Pool } from 'pg';
import type { Instant } from '../domain/calendar';
import { type CashStep, cashJournal } from '../domain/cashbook';
import type { EffectId } from '../domain/ids';
import type { Minor } from '../domain/money';
import { type Change, rowChangeOf } from './changes';
import { failureOf } from './failures';
import type { Movement } from './movement';
import { booksOf } from './record';

export type ChangeAnswer = 'done' | 'stale' | 'parked' | 'refused';

export type MovementDependencies = {
  readonly pool: Pick<Pool, 'query'>;
  readonly failpoint: (name: 'effect.after_result_row') => Promise<void>;
};

/** The row as it stands now. Throws when there is none. */
export async function readMovement(
  { pool }: Pick<MovementDependencies, 'pool'>,
  id: EffectId,
): Promise<Movement> {
  const { rows } = await pool.query<Movement>({
    name: 'holdfast.read_movement',
    text: `select e.id, e.kind, e.platform_id as platform, e.livemode, e.escrow_id as escrow,
                  e.connection_id as connection, c.provider, e.account_id as account, e.currency,
                  e.amount, e.state, e.attempt, e.reservation, e.reason,
                  a.detail ->> 'again' as again, a.sent_at, a.answered_at is not null as answered,
                  e.returnable_until, e.test_clock_id as test_clock
             from holdfast.effects e
             left join holdfast.connections c on c.id = e.connection_id
             left join holdfast.attempts a on a.effect_id = e.id and a.number = e.attempt
            where e.id = $1`,
    values: [id],
  });
  const [row] = rows;
  if (!row) throw failureOf(new Error(`no effect ${id}`));
  return row;
}

/** Writes a change of a movement as it was read; `stale` when the row has moved on since. */
export async function recordChange(
  { pool, failpoint }: MovementDependencies,
  { movement, change, at }: { movement: Movement; change: Change; at: Instant },
): Promise<ChangeAnswer> {
  const { step, amount, fee, row } = rowChangeOf(movement, change, at);
  const journal = step && movement.connection ? journalOf(step, movement, amount, fee, at) : null;
  const { attempt, reservation, platform, livemode } = movement;
  try {
    const { rows } = await pool.query<{ answer: { kind: ChangeAnswer } }>({
      name: 'holdfast.effect_record',
      text: RECORD,
      values: [
        movement.id,
        JSON.stringify({ attempt, reservation, ...row }),
        ...booksOf({ platform, livemode }, journal ? [journal] : []),
      ],
    });
    await failpoint('effect.after_result_row');
    return rows[0]?.answer.kind ?? 'stale';
  } catch (error) {
    throw failureOf(error);
  }
}

const RECORD = `select holdfast.effect_record(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) as answer`;

/** The books count reservations: a new one with each start from the wallet. */
function journalOf(step: CashStep, movement: Movement, amount: Minor, fee: Minor, at: Instant) {
  const { id: effect, connection, account, currency, reservation } = movement;
  if (!connection) return null;
  return cashJournal(step, {
    effect,
    connection,
    account,
    currency,
    amount,
    fee,
    at,
    reservation: step === 'payout_started' ? reservation + 1 : reservation,
  });
}
