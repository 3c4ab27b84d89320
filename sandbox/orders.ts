/**
 * Owns taking an order: its form, its script, the new object and what becomes of it at once.
 * Must not know keys or HTTP.
 */
import type { PoolClient } from 'pg';
import { typeid } from 'typeid-js';
import { z } from 'zod';
import type { Instant } from '../domain/calendar';
import { toMinor } from '../domain/money';
import { applyDue } from './acts';
import type { Bank } from './bank';
import { beyondPayment, lockBook, move, obstacleTo } from './book';
import { type BankObject, firstStep, openingMovement } from './course';
import type { Calls } from './faults';
import { insertObject, viewOf } from './objects';
import { type Reply, refuse } from './replies';
import { chooseScript, type Script } from './scripts';

const text = (max: number) => z.string().min(1).max(max);
const link = z.url({ protocol: /^https?$/ }).max(2000);
const order = {
  reference: text(200).refine((v) => !v.startsWith('reference:'), 'not with reference: in front'),
  amount: z.int().min(1),
  currency: z.string().regex(/^[A-Z0-9]{2,12}(@[a-z0-9-]{1,30})?$/, 'a currency such as USD'),
  livemode: z.literal(false).optional(),
  description: z.string().max(500).optional(),
  clock: z
    .string()
    .regex(/^clk_[a-zA-Z0-9_]{1,60}$/)
    .optional(),
};

/** Body of `POST /payments`. */
export const paymentSchema = z.strictObject({
  ...order,
  payer: z.strictObject({ name: text(1000), email: text(300).optional() }),
  return_url: link.optional(),
});
/** Body of `POST /payouts`. */
export const payoutSchema = z.strictObject({
  ...order,
  destination: z.strictObject({ reference: text(200), name: text(1000) }),
});
/** Body of `POST /refunds`: `payment` is the reference of the payment that it came from. */
export const refundSchema = z.strictObject({ ...order, payment: text(200) });
export type Order =
  | ({ readonly kind: 'payment' } & z.infer<typeof paymentSchema>)
  | ({ readonly kind: 'payout' } & z.infer<typeof payoutSchema>)
  | ({ readonly kind: 'refund' } & z.infer<typeof refundSchema>);

type Taken = { readonly reply: Reply; readonly ending: 'answer' | 'cut' | 'hang' };

/** Makes the object and applies what is due at once: 201 with the object, or a refusal. */
export async function takeOrder(
  client: PoolClient,
  bank: Bank,
  connection: string,
  order: Order,
  now: Instant,
): Promise<Taken> {
  const chosen = await chooseScript(client, {
    connection,
    calls: callsOf(order),
    reference: order.reference,
    amount: order.amount,
    names: namesIn(order),
  });
  if (!chosen.ok) {
    return { reply: refuse(422, 'fault_unknown', { detail: chosen.why }), ending: 'answer' };
  }
  const opened = newObject(connection, order, chosen.script, now);
  await lockBook(client, connection, order.currency);
  const wrong = opened.kind === 'refund' ? await beyondPayment(client, opened) : null;
  if (wrong !== null) return { reply: refuse(422, wrong), ending: 'answer' };
  const reserve = openingMovement(opened);
  const obstacle = reserve === null ? null : await obstacleTo(client, opened, reserve);
  if (obstacle !== null) return { reply: refuse(422, obstacle), ending: 'answer' };
  await insertObject(client, opened);
  if (reserve !== null) await move(client, opened, reserve, now);
  const object = await applyDue(client, bank, opened, now);
  return {
    reply: { status: 201, body: viewOf(object, bank.url) },
    ending: chosen.script.commit_then ?? 'answer',
  };
}

const callsOf = ({ kind }: Order): Calls => `${kind}s`;

/** A refund is scripted by its reference, its turn or its amount: no name comes with it. */
function namesIn(order: Order): readonly string[] {
  if (order.kind === 'refund') return [];
  if (order.kind === 'payment') return [order.payer.name];
  return [order.destination.name, order.destination.reference];
}

function newObject(connection: string, order: Order, script: Script, now: Instant): BankObject {
  const common = {
    connection,
    reference: order.reference,
    amount: toMinor(order.amount),
    currency: order.currency,
    version: 1,
    description: order.description ?? '',
    script,
    clock: order.clock ?? null,
    settledAmount: null,
    failure: null,
    next: firstStep(order.kind, script, now),
    createdAt: now,
    updatedAt: now,
    settledAt: null,
    returnedAt: null,
    state: 'pending',
  } as const;
  if (order.kind === 'refund') {
    const { kind, payment } = order;
    return { ...common, id: typeid('sbr').toString(), kind, payment };
  }
  if (order.kind === 'payout') {
    const { kind, destination } = order;
    return { ...common, id: typeid('sbo').toString(), kind, destination };
  }
  const payer = { name: order.payer.name, email: order.payer.email ?? null };
  const returnUrl = order.return_url ?? null;
  return { ...common, id: typeid('sbp').toString(), kind: order.kind, payer, returnUrl };
}
