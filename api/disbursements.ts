/**
 * Owns looking at disbursements: released money on its way to its recipients, live.
 * Must not know how a payout goes.
 */
import { z } from 'zod';
import { readDisbursement } from './disbursement-row';
import { EFFECT_COLUMNS, type EffectRow } from './effect-row';
import { type Endpoint, endpoint } from './endpoint';
import { page } from './lists';
import { isProblem } from './problem';
import { disbursementAnswer } from './schemas/effects';
import { idOf, listOf, pageFields } from './schemas/fields';
import { sql } from './sql';
import { disbursementView } from './views/effect';

const tag = 'Money';

const get = endpoint({
  method: 'get',
  path: '/v1/disbursements/{id}',
  operationId: 'getDisbursement',
  tag,
  summary: 'Get a disbursement',
  right: 'party',
  params: z.object({ id: idOf('dsb') }),
  answers: { 200: { about: 'The disbursement as it stands.', schema: disbursementAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const found = await readDisbursement(api.database, caller, params.id);
    return isProblem(found) ? found : { status: 200, body: found.shown };
  },
});

const STATES = {
  pending: ['planned'],
  sent: ['sent', 'unknown'],
  settled: ['settled', 'cancelled'],
  failed: ['failed'],
  returned: ['returned'],
  parked: ['parked'],
} as const;

const list = endpoint({
  method: 'get',
  path: '/v1/disbursements',
  operationId: 'listDisbursements',
  tag,
  summary: 'List disbursements',
  description:
    'Those that leave for a destination; what stays in a wallet is shown by its escrow. ' +
    'On behalf of an account: its own.',
  right: 'party',
  query: z.strictObject({
    ...pageFields,
    escrow: idOf('esc').optional(),
    recipient: idOf('acc').optional(),
    status: z.enum(['pending', 'sent', 'settled', 'failed', 'returned', 'parked']).optional(),
  }),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(disbursementAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const { escrow, recipient, status } = query;
    const found = await page<EffectRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: EFFECT_COLUMNS,
        from: sql`holdfast.effects t`,
        where: [
          sql`t.kind = 'disbursement'`,
          ...(caller.account === null ? [] : [sql`t.account_id = ${caller.account}`]),
          ...(escrow === undefined ? [] : [sql`t.escrow_id = ${escrow}`]),
          ...(recipient === undefined ? [] : [sql`t.account_id = ${recipient}`]),
          ...(status === undefined ? [] : [sql`t.state = any (${STATES[status]})`]),
        ],
      },
      disbursementView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

export const disbursementRoutes: readonly Endpoint[] = [get, list];
