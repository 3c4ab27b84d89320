/**
 * Owns reading the row of a payment, disbursement or withdrawal.
 * Must not change it (`movements.ts`).
 */
import type { Pool } from 'pg';
import type { EffectId, EscrowId } from '../domain/ids';
import type { EffectFacts } from '../domain/reports';

/** What a script's row says, for its escrow; null when there is none, or it is another's. */
export async function readEffectFacts(
  { pool }: { readonly pool: Pick<Pool, 'query'> },
  { escrow, effect }: { readonly escrow: EscrowId; readonly effect: EffectId },
): Promise<EffectFacts | null> {
  const { rows } = await pool.query<EffectFacts>({
    name: 'holdfast.read_effect',
    text: `select id, kind, state, attempt, coalesce(settled_amount, amount) as amount,
                  account_id as account, milestone_id as milestone, reason,
                  returnable_until
             from holdfast.effects
            where id = $1 and escrow_id = $2 and kind in ('payment', 'disbursement', 'refund')`,
    values: [effect, escrow],
  });
  return rows[0] ?? null;
}
