/**
 * Owns the course of a payment and of a payout: which act leads from which state to which, what it
 * moves in the book, what is announced, and what is due next. Pure.
 * Must not know how anything is stored, sent or asked for.
 */
import type { Instant } from '../domain/calendar';
import { type Minor, toMinor } from '../domain/money';
import { after } from './durations';
import { type Again, FAILURES, type FailureCode } from './faults';
import type { Script } from './scripts';

export type Payer = { readonly name: string; readonly email: string | null };
export type Destination = { readonly reference: string; readonly name: string };
export type Failure = { readonly code: FailureCode; readonly again: Again };
export type Step = 'send' | 'finish' | 'expire' | 'return';
export type Planned = { readonly step: Step; readonly at: Instant };

type Common = {
  readonly id: string;
  readonly connection: string;
  readonly reference: string;
  readonly amount: Minor;
  readonly currency: string;
  readonly version: number;
  readonly description: string;
  readonly script: Script;
  readonly clock: string | null;
  readonly settledAmount: Minor | null;
  readonly failure: Failure | null;
  readonly next: Planned | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly settledAt: Instant | null;
  readonly returnedAt: Instant | null;
};
export type Payment = Common & {
  readonly kind: 'payment';
  readonly state: 'pending' | 'settled' | 'declined' | 'cancelled' | 'expired';
  readonly payer: Payer;
  readonly returnUrl: string | null;
};
export type Payout = Common & {
  readonly kind: 'payout';
  readonly state: 'pending' | 'sent' | 'settled' | 'failed' | 'returned';
  readonly destination: Destination;
};
/** Money that goes back to a payer: like a payout, but to where a payment came from. */
export type Refund = Omit<Payout, 'kind' | 'destination'> & {
  readonly kind: 'refund';
  readonly payment: string; // its reference
};
type Outgoing = Payout | Refund;
export type BankObject = Payment | Outgoing;

export type Act =
  | { readonly type: Step | 'cancel' | 'turn_down' }
  | { readonly type: 'pay'; readonly amount: Minor | null }; // null: what the order says

export type AccountCode = 'outside' | 'balance' | 'in_transit' | `destination:${string}`;
export type Movement = {
  readonly step: 'reserve' | 'settle' | 'release' | 'return';
  readonly from: AccountCode;
  readonly to: AccountCode;
  readonly amount: Minor;
};
export type Change<O extends BankObject = BankObject> = {
  readonly object: O;
  readonly movement: Movement | null;
  readonly announces: boolean; // a webhook `<kind>.<state>` goes out
};

/** What is due first for a new order; the payer's page waits until it expires. */
export function firstStep(kind: BankObject['kind'], script: Script, at: Instant): Planned {
  if (kind !== 'payment') return { step: 'send', at: after(at, script.send_after ?? 'PT0S') };
  if (script.checkout || script.bank) {
    return { step: 'expire', at: after(at, script.expires_after ?? 'PT24H') };
  }
  return { step: 'finish', at: after(at, script.settle_after ?? 'PT0S') };
}

/** A payout's money is set aside when the order is taken, so that two cannot spend it. */
export function openingMovement(object: BankObject): Movement | null {
  if (object.kind === 'payment') return null;
  return { step: 'reserve', from: 'balance', to: 'in_transit', amount: object.amount };
}

/** Does the order wait for its payer, on the page or for a transfer? */
export const waitsForPayer = (object: BankObject): boolean =>
  object.kind === 'payment' && object.state === 'pending' && object.next?.step === 'expire';

/** One act at an instant. Null when the object is past it: it is too late for this act. */
export function change(object: BankObject, act: Act, at: Instant): Change | null {
  return object.kind === 'payment' ? changePayment(object, act, at) : changePayout(object, act, at);
}

function changePayment(payment: Payment, act: Act, at: Instant): Change<Payment> | null {
  if (payment.state !== 'pending') return null;
  switch (act.type) {
    case 'pay': {
      if (!waitsForPayer(payment)) return null;
      const script = act.amount === null ? payment.script : { ...payment.script, pay: act.amount };
      const next = { step: 'finish', at: after(at, script.settle_after ?? 'PT0S') } as const;
      return still({ ...payment, script, next }, at);
    }
    case 'turn_down':
      return waitsForPayer(payment) ? ended(payment, 'declined', 'declined', at) : null;
    case 'expire':
      return waitsForPayer(payment) ? ended(payment, 'expired', 'expired', at) : null;
    case 'cancel':
      return ended(payment, 'cancelled', 'cancelled', at);
    case 'finish': {
      const { decline, pay } = payment.script;
      if (decline !== undefined) return ended(payment, 'declined', decline, at);
      const amount = pay === undefined ? payment.amount : toMinor(pay);
      return {
        object: {
          ...stepped(payment, at),
          state: 'settled',
          settledAmount: amount,
          settledAt: at,
          next: null,
        },
        movement: { step: 'settle', from: 'outside', to: 'balance', amount },
        announces: true,
      };
    }
    case 'send':
    case 'return':
      return null;
    default:
      return act satisfies never;
  }
}

function ended(
  payment: Payment,
  state: 'declined' | 'cancelled' | 'expired',
  code: FailureCode,
  at: Instant,
): Change<Payment> {
  const failure = failureOf(code, payment.script);
  const object = { ...stepped(payment, at), state, failure, next: null };
  return { object, movement: null, announces: true };
}

function changePayout(payout: Outgoing, act: Act, at: Instant): Change<Outgoing> | null {
  switch (act.type) {
    case 'send': {
      if (payout.state !== 'pending') return null;
      const next = { step: 'finish', at: after(at, payout.script.settle_after ?? 'PT0S') } as const;
      return still({ ...payout, state: 'sent', next }, at);
    }
    case 'cancel':
      return payout.state === 'pending' ? failed(payout, 'cancelled', at) : null;
    case 'finish': {
      if (payout.state !== 'sent') return null;
      const { decline } = payout.script;
      return decline === undefined ? settled(payout, at) : failed(payout, decline, at);
    }
    case 'return':
      return payout.state === 'settled' ? returned(payout, at) : null;
    case 'pay':
    case 'turn_down':
    case 'expire':
      return null;
    default:
      return act satisfies never;
  }
}

function settled(payout: Outgoing, at: Instant): Change<Outgoing> {
  const { return_after } = payout.script;
  const next =
    return_after === undefined ? null : ({ step: 'return', at: after(at, return_after) } as const);
  const { amount } = payout;
  return {
    object: {
      ...stepped(payout, at),
      state: 'settled',
      settledAmount: amount,
      settledAt: at,
      next,
    },
    movement: { step: 'settle', from: 'in_transit', to: accountOf(payout), amount },
    announces: true,
  };
}

function failed(payout: Outgoing, code: FailureCode, at: Instant): Change<Outgoing> {
  const failure = failureOf(code, payout.script);
  return {
    object: { ...stepped(payout, at), state: 'failed', failure, next: null },
    movement: { step: 'release', from: 'in_transit', to: 'balance', amount: payout.amount },
    announces: true,
  };
}

function returned(payout: Outgoing, at: Instant): Change<Outgoing> {
  return {
    object: { ...stepped(payout, at), state: 'returned', returnedAt: at, next: null },
    movement: { step: 'return', from: accountOf(payout), to: 'balance', amount: payout.amount },
    announces: true,
  };
}

/** A change on the way that nobody needs to be told of: to the port it is still "sent". */
function still<O extends BankObject>(object: O, at: Instant): Change<O> {
  return { object: stepped(object, at), movement: null, announces: false };
}

const stepped = <O extends BankObject>(object: O, at: Instant): O => ({
  ...object,
  version: object.version + 1,
  updatedAt: at,
});

/** `again` of a script speaks of its own failure, not of one that a cancel or the clock makes. */
function failureOf(code: FailureCode, script: Script): Failure {
  const scripted = code === script.decline ? script.again : undefined;
  return { code, again: scripted ?? FAILURES[code] };
}

const accountOf = (out: Outgoing): AccountCode =>
  out.kind === 'refund' ? 'outside' : `destination:${out.destination.reference}`;
