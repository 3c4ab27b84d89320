/**
 * Owns looking at refunds: money on its way back to who paid it, live.
 * Must not know how a refund goes.
 */
import { z } from 'zod';
import { EFFECT_COLUMNS, type EffectRow } from './effect-row';
import { type Endpoint, endpoint } from './endpoint';
import { page } from './lists';
import { isProblem } from './problem';
import { readRefund } from './refund-row';
import { refundAnswer } from './schemas/effects';
import { idOf, listOf, pageFields } from './schemas/fields';
import { sql } from './sql';
import { REFUND_STATUS, refundView } from './views/effect';

const tag = 'Money';

const get = endpoint({
  method: 'get',
  path: '/v1/refunds/{id}',
  operationId: 'getRefund',
  tag,
  summary: 'Get a refund',
  description: 'On its way back through a provider; or, as it was decided, in the wallets.',
  right: 'party',
  params: z.object({ id: idOf('ref') }),
  answers: { 200: { about: 'The refund as it stands.', schema: refundAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const found = await readRefund(api.database, caller, params.id);
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

const statesOf = (status: string): readonly string[] =>
  Object.entries(REFUND_STATUS).flatMap(([state, shown]) => (shown === status ? [state] : []));

const list = endpoint({
  method: 'get',
  path: '/v1/refunds',
  operationId: 'listRefunds',
  tag,
  summary: 'List refunds',
  description:
    'Those that go back through a provider (`refund_to: source`); what stays in a wallet is ' +
    'shown by its escrow and its id. On behalf of an account: its own.',
  right: 'party',
  query: z.strictObject({
    ...pageFields,
    escrow: idOf('esc').optional(),
    payer: idOf('acc').optional(),
    payment: idOf('pay').optional(),
    status: z.enum(['pending', 'settled', 'failed']).optional(),
  }),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(refundAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const { escrow, payer, payment, status } = query;
    const found = await page<EffectRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: EFFECT_COLUMNS,
        from: sql`holdfast.effects t`,
        where: [
          sql`t.kind = 'refund'`,
          ...(caller.account === null ? [] : [sql`t.account_id = ${caller.account}`]),
          ...(escrow === undefined ? [] : [sql`t.escrow_id = ${escrow}`]),
          ...(payer === undefined ? [] : [sql`t.account_id = ${payer}`]),
          ...(payment === undefined ? [] : [sql`t.payment_id = ${payment}`]),
          ...(status === undefined ? [] : [sql`t.state = any (${statesOf(status)})`]),
        ],
      },
      refundView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

export const refundRoutes: readonly Endpoint[] = [get, list];
