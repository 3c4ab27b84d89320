/**
 * Owns reading disputes: the rows that the recording step keeps for the arbiter's queue.
 * Must not know how a dispute goes on.
 */
import type { Instant } from '../domain/calendar';
import type { EscrowId } from '../domain/ids';
import type { Caller } from './actor';
import { type Problem, problem } from './problem';
import { type Queryable, rowOf, type Sql, sql } from './sql';

export type DisputeRow = {
  readonly id: string;
  readonly livemode: boolean;
  readonly escrow_id: EscrowId;
  readonly milestone_id: string;
  readonly status: 'open' | 'negotiating' | 'with_handler' | 'withdrawn' | 'ruled';
  readonly handler: string | null;
  readonly due_at: Instant | null;
  readonly view: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
};

/** The columns of a dispute under the name `t`. */
export const DISPUTE_COLUMNS: Sql = sql`t.id, t.livemode, t.escrow_id, t.milestone_id, t.status,
  t.handler, t.due_at, t.view, t.version, t.created_at, t.updated_at`;

/** A dispute of the caller's platform and mode; anything else is not there. */
export async function readDisputed(
  db: Queryable,
  { platform, livemode }: Caller,
  id: string,
): Promise<DisputeRow | Problem> {
  const row = await rowOf<DisputeRow>(
    db,
    sql`select ${DISPUTE_COLUMNS} from holdfast.disputes t
         where t.id = ${id} and t.platform_id = ${platform} and t.livemode = ${livemode}`,
  );
  return row ?? problem('not_found');
}
