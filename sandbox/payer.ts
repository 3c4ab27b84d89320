/**
 * Owns what a payer can do about his payment: pay it, or decline. By page or by control call.
 * Must not know how either looks.
 */
import { toMinor } from '../domain/money';
import { act } from './acts';
import type { Bank } from './bank';
import { readObjects, viewOf } from './objects';
import { type Reply, refuse } from './replies';

export type PayerAct = 'pay' | 'decline';

/**
 * 200 with the payment; 409 `too_late` when nobody waits for the payer any more. The amount in
 * minor units is free for a bank transfer only; without one the order's amount is paid.
 */
export async function payerActs(
  bank: Bank,
  id: string,
  wanted: PayerAct,
  amount: number | null,
): Promise<Reply> {
  const [payment] = await readObjects(bank.pool, [id]);
  if (payment?.kind !== 'payment') return refuse(404, 'not_found');
  if (amount !== null && (wanted === 'decline' || payment.script.bank !== true)) {
    return refuse(422, 'malformed', { detail: 'only a bank transfer has an amount of its own' });
  }
  const { done, object } = await act(
    bank,
    id,
    wanted === 'decline'
      ? { type: 'turn_down' }
      : { type: 'pay', amount: amount === null ? null : toMinor(amount) },
  );
  const view = viewOf(object, bank.url);
  return done ? { status: 200, body: view } : refuse(409, 'too_late', { current: view });
}
