/**
 * Owns reading the rows of payments, disbursements and withdrawals, with their attempts.
 * Must not know how they are shown, nor who writes them.
 */
import type { Instant } from '../domain/calendar';
import type { AccountId, EffectId, EscrowId } from '../domain/ids';
import type { Minor } from '../domain/money';
import type { Caller } from './actor';
import { type Problem, problem } from './problem';
import { type Queryable, rowOf, type Sql, sql } from './sql';

export type EffectKind = 'payment' | 'disbursement' | 'withdrawal' | 'refund';
export type EffectState =
  | 'planned'
  | 'sent'
  | 'settled'
  | 'failed'
  | 'unknown'
  | 'parked'
  | 'returned'
  | 'cancelled';

export type EffectRow = {
  readonly id: EffectId;
  readonly kind: EffectKind;
  readonly livemode: boolean;
  readonly escrow_id: EscrowId | null;
  readonly milestone_id: string | null;
  readonly account_id: AccountId;
  readonly currency: string;
  readonly amount: Minor;
  readonly destination_id: string | null;
  readonly payment_id: string | null;
  readonly provider: string | null;
  readonly state: EffectState;
  readonly reason: string | null;
  readonly payer_action: Readonly<Record<string, unknown>> | null;
  readonly settled_amount: Minor | null;
  readonly applied: Minor | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  readonly attempts: readonly {
    readonly number: number;
    readonly reference: string;
    readonly state: string;
    readonly sent_at: Instant;
  }[];
};

/** The columns of an effect under the name `t`; times inside are RFC 3339 as everywhere. */
export const EFFECT_COLUMNS: Sql = sql`t.id, t.kind, t.livemode, t.escrow_id, t.milestone_id,
  t.account_id, t.currency, t.amount, t.destination_id, t.payment_id, t.state, t.reason,
  t.payer_action,
  t.settled_amount, t.applied, t.metadata, t.version, t.created_at, t.updated_at,
  coalesce(
    (select d.provider from holdfast.payout_destinations d where d.id = t.destination_id),
    (select c.provider from holdfast.connections c where c.id = t.connection_id)) as provider,
  (select coalesce(json_agg(json_build_object('number', a.number, 'reference', a.reference,
            'state', a.state, 'sent_at',
            to_char(a.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
            order by a.number), '[]')
     from holdfast.attempts a where a.effect_id = t.id) as attempts`;

/** An effect of the caller's platform and mode, of one kind; anything else is not there. */
export async function readEffect(
  db: Queryable,
  { platform, livemode, account }: Caller,
  kind: EffectKind,
  id: string,
): Promise<EffectRow | Problem> {
  const row = await rowOf<EffectRow>(
    db,
    sql`select ${EFFECT_COLUMNS} from holdfast.effects t
         where t.id = ${id} and t.kind = ${kind} and t.platform_id = ${platform}
           and t.livemode = ${livemode}
           and (${account}::text is null or t.account_id = ${account})`,
  );
  return row ?? problem('not_found');
}
