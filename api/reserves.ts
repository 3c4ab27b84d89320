/**
 * Owns looking at a reserve: what of a recipient's money is kept back against chargebacks, or was.
 * Must not know how much that is, nor when it is freed. Source: `escrow.md`, section 6.
 */
import { z } from 'zod';
import { endOf } from '../domain/countdown';
import type { EventOf } from '../domain/events';
import { type Endpoint, endpoint } from './endpoint';
import { type Origin, originsOf } from './origin';
import { problem } from './problem';
import { amount, commonFields, idOf, time } from './schemas/fields';
import { type Queryable, rowOf, sql } from './sql';

const reserveAnswer = z
  .object({
    ...commonFields('reserve', 'rsv'),
    escrow: z.string(),
    milestone: z.string(),
    account: z.string().meta({ description: 'The recipient.' }),
    currency: z.string(),
    amount,
    status: z.enum(['kept', 'freed']),
    until: time.nullable().meta({ description: 'Null while a hold stops it.' }),
  })
  .meta({ id: 'Reserve' });
type Shown = z.input<typeof reserveAnswer>;

const get = endpoint({
  method: 'get',
  path: '/v1/reserves/{id}',
  operationId: 'getReserve',
  tag: 'Money',
  summary: 'Get a reserve',
  description: 'On behalf of an account: its own.',
  right: 'party',
  params: z.object({ id: idOf('rsv') }),
  answers: { 200: { about: 'The reserve as it stands.', schema: reserveAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    for (const row of await originsOf(api.database, caller, params.id)) {
      const shown = keptIn(row, params.id) ?? (await freedFrom(api.database, row, params.id));
      const isHis = caller.account === null || shown?.account === caller.account;
      if (shown && isHis) return { status: 200, body: shown };
    }
    return problem('not_found');
  },
});

function keptIn(row: Origin, id: string): Shown | null {
  for (const milestone of row.state.milestones) {
    const kept = milestone.reserves.find((reserve) => reserve.id === id);
    if (!kept) continue;
    const { account, due } = kept;
    const facts = { milestone: milestone.id, account, amount: kept.amount };
    return reserveView(row, id, { ...facts, status: 'kept', until: endOf(due) });
  }
  return null;
}

async function freedFrom(db: Queryable, row: Origin, id: string): Promise<Shown | null> {
  const event = await rowOf<{ data: EventOf<'reserve_freed'> }>(
    db,
    sql`select data from holdfast.events
         where escrow_id = ${row.id} and type = 'reserve_freed' and data ->> 'reserve' = ${id}`,
  );
  if (!event) return null;
  const { milestone, account, amount: freed, at } = event.data;
  return reserveView(row, id, { milestone, account, amount: freed, status: 'freed', until: at });
}

type Facts = Pick<Shown, 'milestone' | 'account' | 'amount' | 'status' | 'until'>;

const reserveView = (row: Origin, id: string, facts: Facts): Shown => ({
  id,
  object: 'reserve',
  livemode: row.livemode,
  created_at: row.born_at,
  updated_at: row.updated_at,
  version: facts.status === 'kept' ? 1 : 2,
  metadata: {},
  escrow: row.id,
  currency: row.terms.currency,
  ...facts,
});

export const reserveRoutes: readonly Endpoint[] = [get];
