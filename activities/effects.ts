/**
 * Owns reading the row of a payment, disbursement or withdrawal.
 * Must not change it (`movements.ts`).
 */
import type { Pool } from 'pg';
import type { EffectFacts } from '../domain/reports';

/** What a script's row says, for the escrow; null when there is none or it is no escrow's. */
export async function readEffectFacts(
  { pool }: { readonly pool: Pick<Pool, 'query'> },
  id: string,
): Promise<EffectFacts | null> {
  const { rows } = await pool.query<EffectFacts>({
    name: 'holdfast.read_effect',
    text: `select id, kind, state, attempt, coalesce(settled_amount, amount) as amount,
                  account_id as account, reason, returnable_until
             from holdfast.effects where id = $1 and kind in ('payment', 'disbursement')`,
    values: [id],
  });
  return rows[0] ?? null;
}
