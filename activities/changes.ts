/**
 * Owns what each thing that a script learns or does changes on its row: from which states, to
 * which, with which event and journal. One row per change.
 * Must not write it (`movements.ts`). Source: `providers.md`, section 2.
 */
import { addPeriod, type Instant } from '../domain/calendar';
import type { CashStep } from '../domain/cashbook';
import type { AccountId, ConnectionId, EffectId, EscrowId } from '../domain/ids';
import { type Minor, ZERO } from '../domain/money';
import type { EffectFacts } from '../domain/reports';
import type { Again, Fact, PayerAction } from '../providers/provider';

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

/** The change of the row as `effect_record` takes it, and the journal that goes with it. */
export type RowChange = {
  readonly row: object;
  readonly step: CashStep | null;
  readonly amount: Minor;
  readonly fee: Minor;
};

/** Sent and not yet certain. */
const LIVE = ['sent', 'unknown'] as const;
/** Nothing has been sent, or nothing is on its way any more. */
const BEFORE = ['planned', 'parked'] as const;

type Rows = {
  readonly [T in Change['type']]: (
    movement: Movement,
    change: Extract<Change, { type: T }>,
    at: Instant,
  ) => RowChange;
};

const ROWS: Rows = {
  start: (movement) =>
    isPayment(movement)
      ? plain(movement, {
          from: ['planned'],
          to: 'sent',
          reference: referenceOf(movement),
          event: 'payment.created',
        })
      : {
          ...plain(movement, {
            from: BEFORE,
            gate: true,
            reserve: 1,
            to: 'sent',
            reference: referenceOf(movement),
            event: `${movement.kind}.sent`,
          }),
          step: 'payout_started',
        },

  sent: (movement, { theirs, payer }) =>
    plain(movement, {
      from: LIVE,
      to: 'sent',
      attempt_state: 'sent',
      theirs,
      payer_action: payer,
      event: `${movement.kind}.pending`,
    }),

  settled: settledRow,

  failed: (movement, { code, again }) => ({
    ...plain(movement, {
      from: LIVE,
      to: 'failed',
      attempt_state: 'failed',
      reason: code,
      detail: { again, code },
      event: `${movement.kind}.failed`,
    }),
    step: isPayment(movement) ? null : 'payout_failed',
  }),

  returned: (movement, { fact: { theirs, version } }) => ({
    ...plain(movement, {
      from: ['settled'],
      to: 'returned',
      attempt_state: 'returned',
      reason: 'returned',
      detail: { theirs, version },
      event: `${movement.kind}.returned`,
    }),
    step: 'payout_returned',
  }),

  unknown: (movement, { cause }) =>
    plain(movement, {
      from: LIVE,
      to: 'unknown',
      attempt_state: 'unknown',
      reason: cause,
      event: `${movement.kind}.unknown`,
    }),

  again: (movement) =>
    plain(movement, {
      from: ['failed'],
      to: 'planned',
      next_attempt: 1,
      event: `${movement.kind}.again`,
    }),

  used: (movement) => {
    const to = movement.kind === 'disbursement' ? 'cancelled' : 'failed';
    const event = `${movement.kind}.${to}`;
    return plain(movement, { from: BEFORE, to, reason: 'insufficient_funds', event });
  },
};

/** What a change means for the row of a movement at an instant of its time. */
export function rowChangeOf(movement: Movement, change: Change, at: Instant): RowChange {
  // The table has a row for each type with exactly its change; the compiler cannot follow the pair.
  const row = ROWS[change.type] as (movement: Movement, change: Change, at: Instant) => RowChange;
  return row(movement, change, at);
}

/** What the provider sees of us, and looks up by. */
export const referenceOf = ({ id, attempt }: Pick<Movement, 'id' | 'attempt'>): string =>
  `${id}-${attempt}`;

/** A bank transfer may bring less or more than asked: the amount that was read is posted. */
function settledRow(
  movement: Movement,
  { fact, returnsWithinDays }: Extract<Change, { type: 'settled' }>,
  at: Instant,
): RowChange {
  const fee = fact.fee ?? ZERO;
  const returnable_until = addPeriod(at, `P${returnsWithinDays}D`, 'UTC');
  return {
    step: isPayment(movement) ? 'payment_settled' : 'payout_settled',
    amount: isPayment(movement) ? fact.amount : movement.amount,
    fee,
    row: {
      from: LIVE,
      to: 'settled',
      attempt_state: 'settled',
      theirs: fact.theirs,
      settled_amount: fact.amount,
      fee,
      detail: { version: fact.version },
      event: `${movement.kind}.settled`,
      ...(!isPayment(movement) && { returnable_until }),
    },
  };
}

const isPayment = ({ kind }: Movement): boolean => kind === 'payment';

const plain = ({ amount }: Movement, row: object): RowChange => ({
  row,
  step: null,
  amount,
  fee: ZERO,
});
