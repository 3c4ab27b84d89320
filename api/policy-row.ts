/**
 * Owns reading and adding versions of a platform's policy.
 * Must not know what a policy may say (`domain/policy.ts`) nor how it is shown.
 */
import type { Instant } from '../domain/calendar';
import {
  type AskedPolicy,
  DEFAULT_POLICY,
  type Policy,
  policyOf,
  usualCurrencies,
} from '../domain/policy';
import type { Caller } from './actor';
import { type Queryable, rowOf, sql } from './sql';

export type KeptPolicy = { readonly policy: Policy; readonly created_at: Instant | null };

type Row = {
  readonly version: number;
  readonly policy: AskedPolicy;
  readonly created_at: Instant;
};

/** The newest policy of the caller's platform and mode; the defaults when none is stored. */
export async function readPolicy(db: Queryable, caller: Caller): Promise<KeptPolicy> {
  const { platform, livemode } = caller;
  const row = await rowOf<Row>(
    db,
    sql`select version, policy, created_at from holdfast.policies
         where platform_id = ${platform} and livemode = ${livemode}
         order by version desc limit 1`,
    'api.policy',
  );
  return row ? keptOf(row, livemode) : unstored(caller);
}

/** One version of it; null when there is none of that number. */
export async function readPolicyVersion(
  db: Queryable,
  caller: Caller,
  version: number,
): Promise<KeptPolicy | null> {
  if (version === 0) return unstored(caller);
  const { platform, livemode } = caller;
  const row = await rowOf<Row>(
    db,
    sql`select version, policy, created_at from holdfast.policies
         where platform_id = ${platform} and livemode = ${livemode} and version = ${version}`,
  );
  return row && keptOf(row, livemode);
}

/** Adds the next version. Null: another request has just added one of that number. */
export async function insertPolicy(
  db: Queryable,
  { platform, livemode }: Caller,
  { version, ...policy }: Policy,
): Promise<KeptPolicy | null> {
  const row = await rowOf<Row>(
    db,
    sql`insert into holdfast.policies (platform_id, livemode, version, policy)
        values (${platform}, ${livemode}, ${version}, ${JSON.stringify(policy)})
        on conflict do nothing returning version, policy, created_at`,
  );
  return row && keptOf(row, livemode);
}

const unstored = ({ livemode }: Caller): KeptPolicy => ({
  policy: { ...DEFAULT_POLICY, currencies: usualCurrencies(livemode) },
  created_at: null,
});

/** What is stored is whole; a period that came later has its default. */
function keptOf({ version, policy, created_at }: Row, livemode: boolean): KeptPolicy {
  const made = policyOf(policy, version, usualCurrencies(livemode));
  if (!made.ok) throw new Error('a stored policy is none', { cause: made.problems });
  return { policy: made.policy, created_at };
}
