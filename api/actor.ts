/**
 * Owns who is asking: an API key becomes a platform and a mode, `On-Behalf-Of` an account of it.
 * Must not know what he may do. Source: `security.md`, section 1.
 */
import type { By } from '../domain/commands';
import type { AccountId, PlatformId } from '../domain/ids';
import { DUMMY_HASH, parseKey, secretMatches } from '../runtime/keys';
import type { Actor } from '../workflows/messages';
import { type Problem, problem } from './problem';
import { type Queryable, rowOf, sql } from './sql';

export type Caller = {
  readonly platform: PlatformId;
  readonly livemode: boolean;
  readonly account: AccountId | null;
  readonly credential: string;
};

export type Authenticate = (headers: {
  readonly authorization: string | undefined;
  readonly onBehalfOf: string | undefined;
}) => Promise<Caller | Problem>;

type KeyRow = {
  readonly id: string;
  readonly platform_id: PlatformId;
  readonly livemode: boolean;
  readonly secret_hash: Buffer;
};

/** A revoked key stops working everywhere within this time. */
const KEY_KEPT_MS = 3_000;
const ACCOUNTS_KEPT_MAX = 10_000;

/** The check of credentials, with a short memory of keys and accounts that are known. */
export function createAuthenticate(db: Queryable): Authenticate {
  const keys = new Map<string, { readonly row: KeyRow; readonly until: number }>();
  const accounts = new Set<string>();

  async function keyOf(publicId: string): Promise<KeyRow | null> {
    const known = keys.get(publicId);
    if (known && known.until > Date.now()) return known.row;
    keys.delete(publicId);
    const row = await rowOf<KeyRow>(
      db,
      sql`select id, platform_id, livemode, secret_hash from holdfast.api_keys
           where id = ${publicId} and revoked_at is null`,
    );
    if (row) keys.set(publicId, { row, until: Date.now() + KEY_KEPT_MS });
    return row;
  }

  /** An account never changes its platform or mode, so what was found once stays true. */
  async function isAccount(id: string, { platform_id, livemode }: KeyRow): Promise<boolean> {
    const name = `${platform_id} ${livemode} ${id}`;
    if (accounts.has(name)) return true;
    const row = await rowOf(
      db,
      sql`select id from holdfast.accounts
           where id = ${id} and platform_id = ${platform_id} and livemode = ${livemode}`,
    );
    if (accounts.size >= ACCOUNTS_KEPT_MAX) accounts.clear();
    if (row) accounts.add(name);
    return row !== null;
  }

  return async ({ authorization, onBehalfOf }) => {
    const key = parseKey(/^Bearer ([!-~]+)$/i.exec(authorization ?? '')?.[1] ?? '');
    const row = key && (await keyOf(key.publicId));
    // Compared in every case, so that an unknown key takes as long as a wrong one.
    const matches = secretMatches(key?.secret ?? '', row?.secret_hash ?? DUMMY_HASH);
    if (!key || !row || !matches || row.livemode !== key.livemode) return unauthenticated;
    const caller = {
      platform: row.platform_id,
      livemode: row.livemode,
      credential: row.id,
    };
    if (onBehalfOf === undefined) return { ...caller, account: null };
    if (!isAccountId(onBehalfOf)) return problem('malformed_header', 'On-Behalf-Of: acc_…');
    if (!(await isAccount(onBehalfOf, row))) return problem('not_found', 'no such account');
    return { ...caller, account: onBehalfOf };
  };
}

const unauthenticated = problem('unauthenticated', undefined, {
  headers: { 'WWW-Authenticate': 'Bearer realm="holdfast"' },
});

const isAccountId = (text: string): text is AccountId => /^acc_[A-Za-z0-9_]{1,100}$/.test(text);

/** The caller as commands carry him. */
export const actorOf = ({ platform, account, credential }: Caller): Actor => ({
  platform,
  ...(account && { on_behalf_of: account }),
  credential,
  strength: 'key',
});

/** The caller in the words of the rules. */
export const byOfCaller = ({ account }: Caller): By =>
  account ? { kind: 'account', account } : { kind: 'platform' };

/** What an Idempotency-Key is scoped to: the actor and not the credential, so that a key that is
 * rotated in the middle of a retry makes no second command. */
export const actorKeyOf = ({ account }: Caller): string => account ?? 'platform';
