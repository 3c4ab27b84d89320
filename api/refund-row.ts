/**
 * Owns finding a refund by its id: by the row of its way back through a provider, or, as it was
 * decided, in the event that gave the money back to the wallets of its payers.
 * Must not know how a refund goes.
 */
import type { z } from 'zod';
import type { Instant } from '../domain/calendar';
import type { EventOf } from '../domain/events';
import { sum } from '../domain/money';
import type { Caller } from './actor';
import { readEffect } from './effect-row';
import type { EscrowRow } from './escrow-row';
import { originsOf } from './origin';
import { isProblem, type Problem, problem } from './problem';
import type { refundAnswer } from './schemas/effects';
import { type Queryable, rowOf, sql } from './sql';
import { refundView } from './views/effect';

type Shown = z.input<typeof refundAnswer>;

/** A refund of the caller's platform and mode; of an account only those that it got. */
export async function readRefund(
  db: Queryable,
  caller: Caller,
  id: string,
): Promise<Shown | Problem> {
  const row = await readEffect(db, caller, 'refund', id);
  if (!isProblem(row)) return refundView(row);
  for (const origin of await originsOf(db, caller, id)) {
    const shown = await decidedIn(db, origin, id);
    const isHis = shown?.payers.some(({ account }) => account === caller.account);
    if (shown && (caller.account === null || isHis)) return shown;
  }
  return problem('not_found');
}

type Decided = { readonly data: EventOf<'refunded'>; readonly recorded_at: Instant };

/** What a milestone held, in the wallets of those who had paid it. */
async function decidedIn(db: Queryable, escrow: EscrowRow, id: string): Promise<Shown | null> {
  const row = await rowOf<Decided>(
    db,
    sql`select data, recorded_at from holdfast.events
         where escrow_id = ${escrow.id} and type = 'refunded' and data ->> 'refund' = ${id}`,
  );
  if (!row) return null;
  const { milestone, payers } = row.data;
  const [first, ...others] = payers;
  return {
    id,
    object: 'refund',
    livemode: escrow.livemode,
    created_at: row.recorded_at,
    updated_at: row.recorded_at,
    version: 1,
    metadata: {},
    escrow: escrow.id,
    milestone,
    payment: null,
    payer: first && others.length === 0 ? first.account : null,
    payers: [...payers],
    currency: escrow.terms.currency,
    amount: sum(payers.map(({ amount }) => amount)),
    status: 'settled',
    reason: row.data.reason,
    attempts: [],
  };
}
