/**
 * Owns reading accounts and destinations.
 * Must not know how they are shown.
 */
import type { Instant } from '../domain/calendar';
import type { AccountId, DestinationId } from '../domain/ids';
import type { Caller } from './actor';
import { type Problem, problem } from './problem';
import { type Queryable, rowOf, rowsOf, type Sql, sql } from './sql';

export type DestinationRow = {
  readonly id: DestinationId;
  readonly livemode: boolean;
  readonly account_id: AccountId;
  readonly provider: string;
  readonly reference: string;
  readonly name: string;
  readonly currency: string;
  readonly is_default: boolean;
  readonly created_at: Instant;
};

export type AccountRow = {
  readonly id: AccountId;
  readonly livemode: boolean;
  readonly kind: 'person' | 'company';
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly country: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  readonly destinations: readonly DestinationRow[];
};

/** The columns of a destination under the name `t`. */
export const DESTINATION_COLUMNS: Sql = sql`t.id, t.livemode, t.account_id, t.provider,
  t.reference, t.name, t.currency, t.is_default, t.created_at`;

/** The columns of an account under the name `t`, with its destinations, oldest first. */
export const ACCOUNT_COLUMNS: Sql = sql`t.id, t.livemode, t.kind, t.name, t.email, t.phone,
  t.country, t.metadata, t.version, t.created_at, t.updated_at,
  (select coalesce(json_agg(json_build_object('id', d.id, 'livemode', d.livemode,
            'account_id', d.account_id, 'provider', d.provider, 'reference', d.reference,
            'name', d.name, 'currency', d.currency, 'is_default', d.is_default, 'created_at',
            to_char(d.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
            order by d.created_at, d.id), '[]')
     from holdfast.payout_destinations d
    where d.account_id = t.id and d.deleted_at is null) as destinations`;

/** An account of the caller's platform and mode; anything else is not there. */
export async function readAccount(
  db: Queryable,
  { platform, livemode }: Caller,
  id: string,
): Promise<AccountRow | Problem> {
  const row = await rowOf<AccountRow>(
    db,
    sql`select ${ACCOUNT_COLUMNS} from holdfast.accounts t
         where t.id = ${id} and t.platform_id = ${platform} and t.livemode = ${livemode}`,
  );
  return row ?? problem('not_found');
}

/** A destination in use, of an account of the caller's platform and mode. */
export async function readDestination(
  db: Queryable,
  { platform, livemode }: Caller,
  account: string,
  id: string,
): Promise<DestinationRow | Problem> {
  const row = await rowOf<DestinationRow>(
    db,
    sql`select ${DESTINATION_COLUMNS} from holdfast.payout_destinations t
         where t.id = ${id} and t.account_id = ${account} and t.deleted_at is null
           and t.platform_id = ${platform} and t.livemode = ${livemode}`,
  );
  return row ?? problem('not_found');
}

/** Countries of accounts that are known to have one, by account. */
export async function countriesOf(
  db: Queryable,
  ids: readonly AccountId[],
): Promise<{ readonly [account: AccountId]: string }> {
  const rows = await rowsOf<{ id: AccountId; country: string }>(
    db,
    sql`select id, country from holdfast.accounts where id = any (${ids}) and country is not null`,
  );
  return Object.fromEntries(rows.map(({ id, country }) => [id, country]));
}
