/**
 * Owns reading what the simulated bank says: its objects, lists and problems, and what they are in
 * the port's words. A field of the wrong type makes the whole answer unreadable, and so does a
 * state without what belongs to it. Must not know how an answer came.
 */
import { z } from 'zod';
import { readInstant } from '../domain/calendar';
import { toMinor, ZERO } from '../domain/money';
import { fingerprintOf } from './fingerprint';
import {
  type Answer,
  FAILURE_CODES,
  type Fact,
  type Found,
  type PayerAction,
  type Reference,
} from './provider';

export type Kind = 'payment' | 'payout' | 'refund';

const instant = z.string().transform((text, context) => {
  const read = readInstant(text);
  if (read !== null) return read;
  context.addIssue('not an instant');
  return z.NEVER;
});
const minor = z
  .int()
  .min(1)
  .transform((value) => toMinor(value));

const common = {
  id: z.string().min(1),
  reference: z.string().min(1),
  amount: minor,
  currency: z.string().min(1),
  livemode: z.boolean(),
  version: z.int().min(1),
  updated_at: instant,
};
const payment = {
  ...common,
  object: z.literal('payment'),
  checkout_url: z.url().nullable(),
  bank_details: z.record(z.string(), z.string()).nullable(),
};
const payout = {
  ...common,
  object: z.literal('payout'),
  destination: z.object({ reference: z.string().min(1) }),
};

const refund = { ...common, object: z.literal('refund'), payment: z.string().min(1) };

const unmoved = { settled_amount: z.null(), settled_at: z.null() };
const onItsWay = { ...unmoved, failure: z.null() };
const moved = { settled_amount: minor, settled_at: instant, failure: z.null() };
const refused = {
  ...unmoved,
  failure: z.object({
    code: z.enum(FAILURE_CODES),
    again: z.enum(['never', 'new_destination', 'later']),
  }),
};

const OBJECTS = {
  payment: z.union([
    z.object({ ...payment, ...onItsWay, state: z.literal('pending') }),
    z.object({ ...payment, ...moved, state: z.literal('settled') }),
    z.object({ ...payment, ...refused, state: z.enum(['declined', 'cancelled', 'expired']) }),
  ]),
  payout: z.union([
    z.object({ ...payout, ...onItsWay, state: z.enum(['pending', 'sent']) }),
    z.object({ ...payout, ...moved, state: z.literal('settled') }),
    z.object({ ...payout, ...moved, state: z.literal('returned'), returned_at: instant }),
    z.object({ ...payout, ...refused, state: z.literal('failed') }),
  ]),
  refund: z.union([
    z.object({ ...refund, ...onItsWay, state: z.enum(['pending', 'sent']) }),
    z.object({ ...refund, ...moved, state: z.literal('settled') }),
    z.object({ ...refund, ...moved, state: z.literal('returned'), returned_at: instant }),
    z.object({ ...refund, ...refused, state: z.literal('failed') }),
  ]),
};
export type SandboxObject = z.infer<(typeof OBJECTS)[Kind]>;

const list = { object: z.literal('list'), complete: z.literal(true) };
const LISTS = {
  payment: z.object({ ...list, data: z.array(OBJECTS.payment) }),
  payout: z.object({ ...list, data: z.array(OBJECTS.payout) }),
  refund: z.object({ ...list, data: z.array(OBJECTS.refund) }),
};
const CURRENT = {
  payment: z.object({ code: z.literal('too_late'), current: OBJECTS.payment }),
  payout: z.object({ code: z.literal('too_late'), current: OBJECTS.payout }),
  refund: z.object({ code: z.literal('too_late'), current: OBJECTS.refund }),
};
const problem = z.object({ code: z.string() });

/** One object, or null when it is not readable as one. */
export const readObject = (kind: Kind, body: string): SandboxObject | null =>
  readAs(OBJECTS[kind], body);

/** The complete list under a reference, or null. */
export const readList = (kind: Kind, body: string): readonly SandboxObject[] | null =>
  readAs(LISTS[kind], body)?.data ?? null;

/** The object as it stands, out of the problem `too_late`, or null. */
export const readCurrent = (kind: Kind, body: string): SandboxObject | null =>
  readAs(CURRENT[kind], body)?.current ?? null;

/** The code of a problem, or null when it is none. */
export const readProblem = (body: string): string | null => readAs(problem, body)?.code ?? null;

function readAs<S extends z.ZodType>(schema: S, body: string): z.output<S> | null {
  try {
    return schema.safeParse(JSON.parse(body)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // what is not JSON is unreadable, not a fault
    throw error;
  }
}

/** What an object means as the answer to an order or a cancel. */
export function answerOf(object: SandboxObject): Answer {
  switch (object.state) {
    case 'pending':
    case 'sent':
      return { state: 'sent', theirs: object.id, ...payerActionOf(object) };
    case 'settled':
    case 'returned': // it had settled: that is what was asked; the look-up tells the rest
      return { state: 'settled', fact: factOf(object) };
    case 'declined':
    case 'cancelled':
    case 'expired':
    case 'failed':
      return { state: 'failed', ...object.failure };
    default:
      return object satisfies never;
  }
}

/**
 * What a list means. A bank that forgot a key can hold two objects under one reference: then the
 * one that moved money counts, else the one that still may; reconciliation finds the other.
 */
export function foundIn(objects: readonly SandboxObject[], ref: Reference): Found {
  const found = objects
    .filter(({ reference }) => reference === ref.reference)
    .map(foundOf)
    .sort((a, b) => RANK[a.state] - RANK[b.state]); // stable: the oldest first
  return found[0] ?? { found: false, complete: true };
}

type Seen = Extract<Found, { found: true }>;
const RANK: Record<Seen['state'], number> = { settled: 0, returned: 0, sent: 1, failed: 2 };

function foundOf(object: SandboxObject): Seen {
  const fact = factOf(object);
  switch (object.state) {
    case 'pending':
    case 'sent':
      return { found: true, state: 'sent', fact, ...payerActionOf(object) };
    case 'settled':
    case 'returned':
      return { found: true, state: object.state, fact };
    case 'declined':
    case 'cancelled':
    case 'expired':
    case 'failed':
      return { found: true, state: 'failed', fact, ...object.failure };
    default:
      return object satisfies never;
  }
}

function payerActionOf(object: SandboxObject): { payer?: PayerAction } {
  if (object.object !== 'payment') return {};
  if (object.bank_details !== null) return { payer: { instructions: object.bank_details } };
  if (object.checkout_url !== null) return { payer: { checkout_url: object.checkout_url } };
  return {};
}

function factOf(object: SandboxObject): Fact {
  const amount = object.settled_amount ?? object.amount;
  return {
    reference: object.reference,
    theirs: object.id,
    amount,
    currency: object.currency,
    fee: ZERO, // this bank works for nothing
    at: object.updated_at,
    version: String(object.version),
    livemode: object.livemode,
    destination:
      object.object === 'payout' ? fingerprintOf('sandbox', object.destination.reference) : null,
    availableOn: object.object === 'payment' ? object.settled_at : null,
    pulledBack: object.state === 'returned' ? { amount, at: object.returned_at } : null,
  };
}
