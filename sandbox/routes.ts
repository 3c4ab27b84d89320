/**
 * Owns the calls of a connection: orders, reading, cancelling, balances (`providers.md`,
 * section 5). Must not know how a state changes or how money moves.
 */
import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { act, advanceDue, bringUpToDate } from './acts';
import type { Bank } from './bank';
import { balances } from './book';
import { setClock } from './clocks';
import type { BankObject } from './course';
import { bodyOf, type Caller, closed } from './http';
import { onceUnderKey } from './keys';
import { idsNamed, readObjects, viewOf } from './objects';
import { type Order, paymentSchema, payoutSchema, refundSchema, takeOrder } from './orders';
import { type Parsed, parse, type Reply, refuse } from './replies';

type Kind = BankObject['kind'];

/** `/payments`, `/payouts`, `/refunds`, `/balance`. */
export function orderRoutes(bank: Bank): Router {
  const router = Router();
  for (const kind of ['payment', 'payout', 'refund'] as const) {
    router.post(
      `/${kind}s`,
      closed(bank, (request, caller, response) => order(bank, kind, request, caller, response)),
    );
    router.get(
      `/${kind}s`,
      closed(bank, (request, caller) => list(bank, kind, request, caller)),
    );
    router.get(
      `/${kind}s/:name`,
      closed(bank, (request, caller) => read(bank, kind, request, caller)),
    );
    router.post(
      `/${kind}s/:name/cancel`,
      closed(bank, (request, caller) => cancel(bank, kind, request, caller)),
    );
  }
  router.get(
    '/balance',
    closed(bank, async (_request, { connection }) => {
      const data = await balances(bank.pool, connection);
      return { status: 200, body: { object: 'balance', livemode: false, data } };
    }),
  );
  return router;
}

async function order(
  bank: Bank,
  kind: Kind,
  request: Request,
  caller: Caller,
  response: Response,
): Promise<Reply | null> {
  const key = request.get('idempotency-key') ?? '';
  if (key.length < 1 || key.length > 255) return refuse(400, 'key_missing');
  const body = bodyOf(request);
  if (body === undefined) return refuse(415, 'not_json');
  const parsed = readOrder(kind, body);
  if (!parsed.ok) return parsed.reply;
  const clock = parsed.value.clock ?? null;
  await followClock(bank, caller, clock);
  const { connection } = caller;
  const { reply, ending } = await onceUnderKey(
    bank,
    { connection, key, order: parsed.value, clock },
    (client, now) => takeOrder(client, bank, connection, parsed.value, now),
  );
  if (ending === 'answer') return reply;
  if (ending === 'cut') response.socket?.destroy();
  return null; // hanging: the caller's own time limit ends it, or our end
}

function readOrder(kind: Kind, body: unknown): Parsed<Order> {
  if (kind === 'payment') {
    const payment = parse(paymentSchema, body, 422);
    return payment.ok ? { ok: true, value: { kind, ...payment.value } } : payment;
  }
  if (kind === 'refund') {
    const refund = parse(refundSchema, body, 422);
    return refund.ok ? { ok: true, value: { kind, ...refund.value } } : refund;
  }
  const payout = parse(payoutSchema, body, 422);
  return payout.ok ? { ok: true, value: { kind, ...payout.value } } : payout;
}

const listQuery = z.strictObject({ reference: z.string().min(1).max(200) });

/** All objects under a reference, oldest first. The list is complete: what is not in it is not. */
async function list(bank: Bank, kind: Kind, request: Request, caller: Caller): Promise<Reply> {
  const query = parse(listQuery, request.query, 400);
  if (!query.ok) return query.reply;
  const found = await current(bank, kind, `reference:${query.value.reference}`, caller);
  const data = found.map((object) => viewOf(object, bank.url));
  return { status: 200, body: { object: 'list', complete: true, data } };
}

const nameParams = z.object({ name: z.string().min(1).max(250) });

async function read(bank: Bank, kind: Kind, request: Request, caller: Caller): Promise<Reply> {
  const params = parse(nameParams, request.params, 400);
  if (!params.ok) return params.reply;
  const [object] = await current(bank, kind, params.value.name, caller);
  if (object === undefined) return refuse(404, 'not_found');
  return { status: 200, body: viewOf(object, bank.url) };
}

/** 200 with the final state, also when it was cancelled before; else 409 with the object. */
async function cancel(bank: Bank, kind: Kind, request: Request, caller: Caller): Promise<Reply> {
  const params = parse(nameParams, request.params, 400);
  if (!params.ok) return params.reply;
  const [object] = await current(bank, kind, params.value.name, caller);
  if (object === undefined) return refuse(404, 'not_found');
  const acted = await act(bank, object.id, { type: 'cancel' });
  const view = viewOf(acted.object, bank.url);
  if (acted.done || acted.object.failure?.code === 'cancelled') return { status: 200, body: view };
  return refuse(409, 'too_late', { current: view });
}

/** Objects that a name means, after all that is due by now. */
async function current(
  bank: Bank,
  kind: Kind,
  name: string,
  caller: Caller,
): Promise<readonly BankObject[]> {
  const ids = await idsNamed(bank.pool, { connection: caller.connection, kind, name });
  const before = await readObjects(bank.pool, ids);
  for (const object of before) await followClock(bank, caller, object.clock);
  const waiting = before.filter((object) => object.next !== null);
  if (waiting.length === 0) return before;
  for (const { id } of waiting) await bringUpToDate(bank, id);
  return readObjects(bank.pool, ids);
}

/** Lets a clock jump to the time that its caller sees, and applies what is then due. */
async function followClock(
  bank: Bank,
  { connection, sees }: Caller,
  clock: string | null,
): Promise<void> {
  if (clock === null || sees === null) return;
  await setClock(bank.pool, bank, connection, clock, sees);
  await advanceDue(bank, { connection, clock });
}
