/**
 * Owns what each change of a movement means for its row, its attempt and the books: one function
 * per change (`providers.md`, section 2).
 * Must not know how it is written (`movements.ts`).
 */
import { addPeriod, type Instant, UTC } from '../domain/calendar';
import type { CashStep } from '../domain/cashbook';
import { type Minor, toMinor, ZERO } from '../domain/money';
import type { Again, Fact, PayerAction } from '../providers/provider';
import { type Movement, referenceOf } from './movement';

/** What a script has learned or is about to do; each is one row change, some a journal. */
export type Change =
  | { readonly type: 'start' }
  | { readonly type: 'resend' } // nothing is known of the last send: the same key again
  | { readonly type: 'sent'; readonly theirs?: string; readonly payer?: PayerAction }
  | { readonly type: 'settled'; readonly fact: Fact; readonly returnsWithinDays: number }
  | { readonly type: 'failed'; readonly code: string; readonly again: Again }
  | { readonly type: 'returned'; readonly fact: Fact }
  | { readonly type: 'unknown'; readonly cause: string }
  | { readonly type: 'again' } // a new attempt after a failure that time may mend
  | { readonly type: 'used' }; // the account has spent what was to be paid out

/** The argument of `effect_record`, and what is posted with it. */
export type RowChange = {
  readonly row: object;
  readonly step: CashStep | null;
  readonly amount: Minor;
  readonly fee: Minor;
};

export const rowChangeOf = (movement: Movement, change: Change, at: Instant): RowChange => {
  const { row, step = null, amount = movement.amount, fee = ZERO } = make(movement, change, at);
  return { row, step, amount, fee };
};

type Made = Partial<RowChange> & Pick<RowChange, 'row'>;
type Of<T extends Change['type']> = Extract<Change, { type: T }>;
type Changes = {
  readonly [T in Change['type']]: (movement: Movement, change: Of<T>, at: Instant) => Made;
};

/** Asked, and no final answer read yet. */
const LIVE = ['sent', 'unknown'];
const isPayment = ({ kind }: Movement): boolean => kind === 'payment';

const CHANGES: Changes = {
  start: (movement) => {
    const { kind } = movement;
    const send = referenceOf(movement);
    if (isPayment(movement)) {
      return { row: { from: ['planned'], to: 'sent', send, event: 'payment.created' } };
    }
    const from = ['planned', 'parked'];
    const row = { from, to: 'sent', send, gate: true, reserve: 1, event: `${kind}.sent` };
    return { row, step: 'payout_started' };
  },

  resend: (movement) => ({
    row: {
      from: LIVE,
      to: 'sent',
      send: referenceOf(movement),
      gate: !isPayment(movement),
      event: `${movement.kind}.resent`,
    },
  }),

  sent: ({ kind }, { theirs, payer }) => ({
    row: {
      from: LIVE,
      to: 'sent',
      attempt_state: 'sent',
      theirs,
      payer_action: payer,
      event: `${kind}.pending`,
    },
  }),

  settled: (movement, { fact, returnsWithinDays }, at) => {
    const fee = fact.fee ?? ZERO;
    const row = {
      from: LIVE,
      to: 'settled',
      attempt_state: 'settled',
      theirs: fact.theirs,
      settled_amount: fact.amount,
      fee,
      detail: { version: fact.version },
      event: `${movement.kind}.settled`,
    };
    // A bank transfer may bring less or more than asked: the amount that was read is posted.
    if (isPayment(movement)) {
      return { row, step: 'payment_settled', amount: toMinor(fact.amount), fee };
    }
    // What was given back is the payer's own business afterwards.
    const days = movement.kind === 'refund' ? 0 : returnsWithinDays;
    const returnable_until = addPeriod(at, `P${days}D`, UTC);
    return { row: { ...row, returnable_until }, step: 'payout_settled', fee };
  },

  failed: (movement, { code, again }) => ({
    row: {
      from: LIVE,
      to: 'failed',
      attempt_state: 'failed',
      reason: code,
      detail: { again, code },
      event: `${movement.kind}.failed`,
    },
    step: isPayment(movement) ? null : 'payout_failed',
  }),

  returned: ({ kind }, { fact }) => ({
    row: {
      from: ['settled'],
      to: 'returned',
      attempt_state: 'returned',
      reason: 'returned',
      detail: { theirs: fact.theirs, version: fact.version },
      event: `${kind}.returned`,
    },
    step: 'payout_returned',
  }),

  unknown: ({ kind }, { cause }) => ({
    row: {
      from: LIVE,
      to: 'unknown',
      attempt_state: 'unknown',
      reason: cause,
      event: `${kind}.unknown`,
    },
  }),

  again: ({ kind }) => ({
    row: { from: ['failed'], to: 'planned', next_attempt: 1, event: `${kind}.again` },
  }),

  used: ({ kind }) => {
    const to = kind === 'disbursement' ? 'cancelled' : 'failed';
    const from = ['planned', 'parked'];
    return { row: { from, to, reason: 'insufficient_funds', event: `${kind}.${to}` } };
  },
};

/** The compiler does not see that type and function belong together. */
const make = <T extends Change['type']>(movement: Movement, change: Of<T>, at: Instant): Made =>
  (CHANGES[change.type] as Changes[T])(movement, change, at);
