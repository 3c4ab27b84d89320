/**
 * Owns how a payment or payout script writes what it does: one call of `effect_record` for row,
 * attempt, event and journal.
 * Must not call a provider (`provider-calls.ts`). Source: `providers.md`, section 2.
 */
import type { Pool } from 'pg';
import { addPeriod, type Instant } from '../domain/calendar';
import { type CashStep, cashJournal } from '../domain/cashbook';
import type { AccountId, ConnectionId, EffectId, EscrowId } from '../domain/ids';
import { type Minor, toMinor, ZERO } from '../domain/money';
import type { EffectFacts } from '../domain/reports';
import type { Again, Fact, PayerAction } from '../providers/provider';
import { failureOf } from './failures';
import { booksOf } from './record';

/** The row of a payment, disbursement or withdrawal, with its newest attempt. */
export type Movement = {
  readonly id: EffectId;
  readonly kind: 'payment' | 'disbursement' | 'withdrawal';
  readonly platform: string;
  readonly livemode: boolean;
  readonly escrow: EscrowId | null;
  readonly connection: ConnectionId | null;
  readonly provider: string | null;
  readonly account: AccountId;
  readonly currency: string;
  readonly amount: Minor;
  readonly state: EffectFacts['state'];
  readonly attempt: number;
  readonly reservation: number;
  readonly reason: string | null;
  readonly again: Again | null; // after a failure
  readonly sent_at: Instant | null; // in real time, of the newest attempt
  readonly returnable_until: Instant | null;
  readonly test_clock: string | null;
};

/** What a script has learned or is about to do; each is one row change, some a journal. */
export type Change =
  | { readonly type: 'start' }
  | { readonly type: 'sent'; readonly theirs?: string; readonly payer?: PayerAction }
  | { readonly type: 'settled'; readonly fact: Fact; readonly returnsWithinDays: number }
  | { readonly type: 'failed'; readonly code: string; readonly again: Again }
  | { readonly type: 'returned'; readonly fact: Fact }
  | { readonly type: 'unknown'; readonly cause: string }
  | { readonly type: 'again' } // a new attempt after a failure that time may mend
  | { readonly type: 'used' }; // the account has spent what was to be paid out

export type ChangeAnswer = 'done' | 'stale' | 'parked' | 'refused';

type Dependencies = { readonly pool: Pick<Pool, 'query'> };

/** The row as it stands now. Throws when there is none. */
export async function readMovement({ pool }: Dependencies, id: EffectId): Promise<Movement> {
  const { rows } = await pool.query<Movement>({
    name: 'holdfast.read_movement',
    text: `select e.id, e.kind, e.platform_id as platform, e.livemode, e.escrow_id as escrow,
                  e.connection_id as connection, c.provider, e.account_id as account, e.currency,
                  e.amount, e.state, e.attempt, e.reservation, e.reason,
                  a.detail ->> 'again' as again, a.sent_at, e.returnable_until,
                  e.test_clock_id as test_clock
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
  { pool }: Dependencies,
  { movement, change, at }: { movement: Movement; change: Change; at: Instant },
): Promise<ChangeAnswer> {
  const { step, amount, fee, row } = rowOf(movement, change, at);
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
    return rows[0]?.answer.kind ?? 'stale';
  } catch (error) {
    throw failureOf(error);
  }
}

const RECORD = `select holdfast.effect_record(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) as answer`;

/** What the provider sees of us, and looks up by. */
export const referenceOf = ({ id, attempt }: Pick<Movement, 'id' | 'attempt'>): string =>
  `${id}-${attempt}`;

type RowChange = {
  readonly row: object;
  readonly step: CashStep | null;
  readonly amount: Minor;
  readonly fee: Minor;
};

const LIVE = ['sent', 'unknown'];

function rowOf(movement: Movement, change: Change, at: Instant): RowChange {
  const { kind, amount } = movement;
  const isPayment = kind === 'payment';
  const plain = { step: null, amount, fee: ZERO };
  switch (change.type) {
    case 'start':
      if (isPayment) {
        const row = { from: ['planned'], to: 'sent', reference: referenceOf(movement) };
        return { ...plain, row: { ...row, event: 'payment.created' } };
      }
      return {
        ...plain,
        step: 'payout_started',
        row: {
          from: ['planned', 'parked'],
          gate: true,
          reserve: 1,
          to: 'sent',
          reference: referenceOf(movement),
          event: `${kind}.sent`,
        },
      };
    case 'sent':
      return {
        ...plain,
        row: {
          from: LIVE,
          to: 'sent',
          attempt_state: 'sent',
          theirs: change.theirs,
          payer_action: change.payer,
          event: `${kind}.pending`,
        },
      };
    case 'settled':
      return settledRow(movement, change, at);
    case 'failed':
      return {
        ...plain,
        step: isPayment ? null : 'payout_failed',
        row: {
          from: LIVE,
          to: 'failed',
          attempt_state: 'failed',
          reason: change.code,
          detail: { again: change.again, code: change.code },
          event: `${kind}.failed`,
        },
      };
    case 'returned':
      return {
        amount,
        step: 'payout_returned',
        fee: ZERO,
        row: {
          from: ['settled'],
          to: 'returned',
          attempt_state: 'returned',
          reason: 'returned',
          detail: { theirs: change.fact.theirs, version: change.fact.version },
          event: `${kind}.returned`,
        },
      };
    case 'unknown':
      return {
        ...plain,
        row: {
          from: LIVE,
          to: 'unknown',
          attempt_state: 'unknown',
          reason: change.cause,
          event: `${kind}.unknown`,
        },
      };
    case 'again':
      return {
        ...plain,
        row: { from: ['failed'], to: 'planned', next_attempt: 1, event: `${kind}.again` },
      };
    case 'used': {
      const to = kind === 'disbursement' ? 'cancelled' : 'failed';
      return {
        ...plain,
        row: {
          from: ['planned', 'parked'],
          to,
          reason: 'insufficient_funds',
          event: `${kind}.${to}`,
        },
      };
    }
    default:
      return change satisfies never;
  }
}

/** A bank transfer may bring less or more than asked: the amount that was read is posted. */
function settledRow(
  { kind, amount, ...movement }: Movement,
  { fact, returnsWithinDays }: Extract<Change, { type: 'settled' }>,
  at: Instant,
): RowChange {
  const isPayment = kind === 'payment';
  const fee = fact.fee ?? ZERO;
  return {
    step: isPayment ? 'payment_settled' : 'payout_settled',
    amount: isPayment ? toMinor(fact.amount) : amount,
    fee,
    row: {
      from: LIVE,
      to: 'settled',
      attempt_state: 'settled',
      theirs: fact.theirs,
      settled_amount: fact.amount,
      fee,
      detail: { version: fact.version },
      event: `${kind}.settled`,
      ...(!isPayment && {
        returnable_until: addPeriod(at, `P${returnsWithinDays}D`, 'UTC'),
      }),
      ...(movement.reason && { reason: null }),
    },
  };
}

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
