/**
 * Owns the tester's side of the bank: connections, scripts, clocks, webhooks, and paying
 * without a page. Must not know how any of them works.
 */
import { type Request, Router } from 'express';
import { z } from 'zod';
import { readInstant } from '../domain/calendar';
import { advanceDue } from './acts';
import { type Bank, inTransaction } from './bank';
import { setClock } from './clocks';
import { connectionSchema, saveConnection } from './connections';
import { bodyOf, closed, open } from './http';
import { idsNamed } from './objects';
import { payerActs } from './payer';
import { parse, type Reply, refuse } from './replies';
import { attachSchema, attachScript } from './scripts';
import { requeue, webhooksOf } from './webhooks';

const clockSchema = z.strictObject({
  clock: z.string().regex(/^clk_[a-zA-Z0-9_]{1,60}$/),
  now: z.string().transform((text, context) => {
    const instant = readInstant(text);
    if (instant !== null) return instant;
    context.addIssue('RFC 3339 with an offset');
    return z.NEVER;
  }),
});
const reference = z.string().min(1).max(200);
const releaseSchema = z.strictObject({ reference: reference.optional() });
const replaySchema = z.strictObject({ reference });
const paySchema = z.strictObject({ amount: z.int().min(1).optional() });

/** `/control/…` */
export function controlRoutes(bank: Bank): Router {
  const router = Router();
  router.post(
    '/connections',
    open(async (request) => {
      const body = parse(connectionSchema, bodyOf(request), 422);
      if (!body.ok) return body.reply;
      if (!(await saveConnection(bank, body.value))) return refuse(409, 'token_taken');
      const { id, webhook_url } = body.value;
      return { status: 200, body: { id, object: 'connection', livemode: false, webhook_url } };
    }),
  );
  router.post(
    '/scripts',
    closed(bank, async (request, { connection }) => {
      const body = parse(attachSchema, bodyOf(request), 422);
      if (!body.ok) return body.reply;
      const id = await inTransaction(bank.pool, (c) => attachScript(c, connection, body.value));
      return { status: 201, body: { id, object: 'script', ...body.value } };
    }),
  );
  router.post(
    '/clock',
    closed(bank, async (request, { connection }) => {
      const body = parse(clockSchema, bodyOf(request), 422);
      if (!body.ok) return body.reply;
      const { clock } = body.value;
      const now = await setClock(bank.pool, bank, connection, clock, body.value.now);
      await advanceDue(bank, { connection, clock });
      return { status: 200, body: { object: 'clock', clock, now } };
    }),
  );
  router.post(
    '/payments/:name/:act',
    closed(bank, (request, { connection }) => payHere(bank, request, connection)),
  );
  webhookRoutes(bank, router);
  return router;
}

function webhookRoutes(bank: Bank, router: Router): void {
  router.get(
    '/webhooks',
    closed(bank, async (request, { connection }) => {
      const query = parse(replaySchema, request.query, 400);
      if (!query.ok) return query.reply;
      const data = await webhooksOf(bank, connection, query.value.reference);
      return { status: 200, body: { object: 'list', complete: true, data } };
    }),
  );
  router.post(
    '/webhooks/release',
    closed(bank, async (request, { connection }) => {
      const body = parse(releaseSchema, bodyOf(request), 422);
      if (!body.ok) return body.reply;
      const chosen = body.value.reference ?? null;
      return { status: 200, body: { queued: await requeue(bank, connection, 'release', chosen) } };
    }),
  );
  router.post(
    '/webhooks/replay',
    closed(bank, async (request, { connection }) => {
      const body = parse(replaySchema, bodyOf(request), 422);
      if (!body.ok) return body.reply;
      const queued = await requeue(bank, connection, 'replay', body.value.reference);
      return { status: 200, body: { queued } };
    }),
  );
}

const payParams = z.object({ name: z.string().max(250), act: z.enum(['pay', 'decline']) });

/** What the payer does on the page, or by a transfer, without the page. */
async function payHere(bank: Bank, request: Request, connection: string): Promise<Reply> {
  const params = parse(payParams, request.params, 400);
  if (!params.ok) return params.reply;
  const body = parse(paySchema, bodyOf(request) ?? {}, 422);
  if (!body.ok) return body.reply;
  const { name } = params.value;
  const [id] = await idsNamed(bank.pool, { connection, kind: 'payment', name });
  if (id === undefined) return refuse(404, 'not_found');
  return payerActs(bank, id, params.value.act, body.value.amount ?? null);
}
