/**
 * Owns which escrow an id belongs to that was born in `decide`, and when that was: it holds the id
 * of its command (`contracts.md`, section 3), given by people or by the clock.
 * Must not know what was born.
 */
import type { Instant } from '../domain/calendar';
import { suffixOf } from '../domain/ids';
import type { Caller } from './actor';
import { ESCROW_COLUMNS, type EscrowRow } from './escrow-row';
import { type Queryable, rowsOf, sql } from './sql';

export type Origin = EscrowRow & { readonly born_at: Instant };

/** The escrows of the caller's platform and mode that may have it: one, if there is such an id. */
export function originsOf(
  db: Queryable,
  { platform, livemode }: Caller,
  id: string,
): Promise<readonly Origin[]> {
  const command = `cmd_${suffixOf(id).replace(/_\d+$/, '')}`;
  const escrow = `esc_${suffixOf(id).split('_')[0]}`;
  return rowsOf<Origin>(
    db,
    sql`select ${ESCROW_COLUMNS}, coalesce((
             select min(v.recorded_at) from holdfast.events v
              where v.escrow_id = t.id and v.command_id = ${command}), t.created_at) as born_at
          from holdfast.escrows t
         where t.platform_id = ${platform} and t.livemode = ${livemode}
           and (t.id = ${escrow} or t.id = (
             select c.escrow_id from holdfast.commands c where c.id = ${command}))`,
  );
}
