/**
 * Owns the rows that a first start needs before anybody can call the API: a test platform, its
 * key, its connection to the simulated bank (`contracts.md`, sections 10 and 11).
 * Must not know the API, or how the bank is told.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Pool } from 'pg';
import { typeid } from 'typeid-js';
import { openPool } from '../runtime/database';
import { makeKey, parseKey, secretMatches } from '../runtime/keys';

export type Made = {
  readonly platform: string;
  /** True when the platform was made just now: the database is a fresh one. */
  readonly isNew: boolean;
  readonly key: string;
  readonly connection: {
    readonly id: string;
    readonly token: string;
    readonly webhook_secret: string;
  };
};

/**
 * The test platform with a key that works, made where it is missing. The key itself is kept in
 * the file (0600), the database has its hash alone; a lost file gets a new key.
 */
export async function ensurePlatform(places: {
  databaseUrl: string;
  keyFile: string;
}): Promise<Made> {
  const pool = openPool({
    url: places.databaseUrl,
    role: 'holdfast_app',
    name: 'holdfast start',
    max: 1,
    onError: (error) => console.error(error.message),
  });
  try {
    const known = await oldestPlatform(pool);
    const platform = known ?? (await makePlatform(pool));
    const key = (await knownKey(pool, platform, places.keyFile)) ?? makeKey({ livemode: false });
    if (typeof key !== 'string') await keepKey(pool, platform, places.keyFile, key);
    return {
      platform,
      isNew: known === null,
      key: typeof key === 'string' ? key : key.key,
      connection: await ensureConnection(pool, platform),
    };
  } finally {
    await pool.end();
  }
}

async function oldestPlatform(pool: Pool): Promise<string | null> {
  const { rows } = await pool.query<{ id: string }>(
    'select id from holdfast.platforms order by created_at, id limit 1',
  );
  return rows[0]?.id ?? null;
}

async function makePlatform(pool: Pool): Promise<string> {
  const id = typeid('plt').toString();
  await pool.query('insert into holdfast.platforms (id, name) values ($1, $2)', [
    id,
    'Test platform',
  ]);
  return id;
}

/** The key of the file, when the database still accepts it for this platform. */
async function knownKey(pool: Pool, platform: string, keyFile: string): Promise<string | null> {
  if (!existsSync(keyFile)) return null;
  const key = readFileSync(keyFile, 'utf8').trim();
  const parsed = parseKey(key);
  if (!parsed) return null;
  const { rows } = await pool.query<{ secret_hash: Buffer }>(
    `select secret_hash from holdfast.api_keys
      where id = $1 and platform_id = $2 and not livemode and revoked_at is null`,
    [parsed.publicId, platform],
  );
  const hash = rows[0]?.secret_hash;
  return hash && secretMatches(parsed.secret, hash) ? key : null;
}

/** File first: a key that only the database knows would be of no use to anybody. */
async function keepKey(
  pool: Pool,
  platform: string,
  keyFile: string,
  made: ReturnType<typeof makeKey>,
): Promise<void> {
  writeFileSync(keyFile, `${made.key}\n`, { mode: 0o600 });
  await pool.query(
    `insert into holdfast.api_keys (id, platform_id, livemode, secret_hash)
     values ($1, $2, false, $3)`,
    [made.publicId, platform, made.secretHash],
  );
}

async function ensureConnection(pool: Pool, platform: string): Promise<Made['connection']> {
  await pool.query(
    `insert into holdfast.connections (id, platform_id, livemode, provider, token, webhook_secret)
     values ($1, $2, false, 'sandbox', $3, $4)
     on conflict (platform_id, livemode, provider) do nothing`,
    [typeid('con').toString(), platform, secret(), `whsec_${secret()}`],
  );
  const { rows } = await pool.query<Made['connection']>(
    `select id, token, webhook_secret from holdfast.connections
      where platform_id = $1 and not livemode and provider = 'sandbox'`,
    [platform],
  );
  if (!rows[0]) throw new Error(`platform ${platform} has no connection to the sandbox`);
  return rows[0];
}

const secret = (): string => randomBytes(32).toString('base64url');
