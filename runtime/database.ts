/**
 * Owns connections to PostgreSQL: the role they act as, their time limits, and how values of
 * the database become values of the language.
 * Must not know any table.
 */
import knex, { type Knex } from 'knex';
import pg from 'pg';

/** The database roles that migrations make (`contracts.md`, section 11). */
export const ROLES = [
  'holdfast_owner',
  'holdfast_app',
  'holdfast_keeper',
  'holdfast_auditor',
  'holdfast_sandbox',
] as const;
export type Role = (typeof ROLES)[number];

export type Connecting = {
  /** A login that is a member of the role. */
  readonly url: string;
  /** The role that every statement runs as; null: the login itself (migrations, tests). */
  readonly role: Role | null;
  /** Shown in `pg_stat_activity`: which process holds the connection. */
  readonly name: string;
  /** The most connections at a time. */
  readonly max: number;
  /** Told of a connection that broke while idle; the next query opens another. */
  readonly onError: (error: Error) => void;
};

/**
 * A pool of connections. The caller ends it.
 * Counts (`bigint`) come as numbers, checked; times as RFC 3339 text in UTC with milliseconds;
 * dates and decimals (`numeric`) as text.
 */
export function openPool(connecting: Connecting): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(connecting),
    max: connecting.max,
    idleTimeoutMillis: 30_000,
  });
  pool.on('error', connecting.onError);
  return pool;
}

/** A knex builder with a pool of its own over the same settings. The caller destroys it. */
export function openKnex(connecting: Connecting): Knex {
  return knex({
    client: 'pg',
    // knex hands it to pg as it is; its own type only knows fewer fields.
    connection: clientConfig(connecting) as Knex.PgConnectionConfig,
    pool: { min: 0, max: connecting.max },
    acquireConnectionTimeout: CONNECT_MS,
  });
}

/** One connection outside any pool, for LISTEN and for locks. The caller connects and ends it. */
export function openClient(connecting: Omit<Connecting, 'max'>): pg.Client {
  const client = new pg.Client(clientConfig(connecting));
  client.on('error', connecting.onError);
  return client;
}

const CONNECT_MS = 5_000;

/** Read by a request that waits at most 8 s in all (`temporal.md`, section 3). */
const SETTINGS = {
  statement_timeout: '5s',
  lock_timeout: '3s',
  idle_in_transaction_session_timeout: '10s',
  timezone: 'UTC',
  datestyle: 'ISO',
} as const;

function clientConfig(connecting: Pick<Connecting, 'url' | 'role' | 'name'>): pg.ClientConfig {
  const settings = Object.entries({
    ...SETTINGS,
    ...(connecting.role === null ? {} : { role: connecting.role }),
  });
  return {
    connectionString: connecting.url,
    application_name: connecting.name,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    options: settings.map(([name, value]) => `-c ${name}=${value}`).join(' '),
    types: { getTypeParser: parserOf },
  };
}

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const TIMESTAMPTZ_ARRAY = 1185;
const TEXT_ARRAY = 1009;

type Parser = (text: string) => unknown;
// The driver's types list only the single types by number, not their arrays.
const standardParser = pg.types.getTypeParser as (oid: number, format: string) => Parser;

const asText = (text: string): string => text;

/** Bigints are read here and nowhere else; a rounded amount of money must never come out. */
function parserOf(oid: number, format = 'text'): Parser {
  if (format !== 'text') return standardParser(oid, format);
  switch (oid) {
    case INT8:
      return toCount;
    case TIMESTAMPTZ:
      return toInstant;
    case DATE:
    case TIMESTAMP:
      return asText;
    case INT8_ARRAY:
      return (text) => textsOf(text).map((item) => (item === null ? null : toCount(item)));
    case TIMESTAMPTZ_ARRAY:
      return (text) => textsOf(text).map((item) => (item === null ? null : toInstant(item)));
    default:
      return standardParser(oid, format);
  }
}

const textsOf = (text: string) => standardParser(TEXT_ARRAY, 'text')(text) as (string | null)[];

/** A bigint as a number. Throws RangeError beyond ±(2^53 − 1). */
export function toCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${text}`);
  return value;
}

/**
 * A timestamptz of a session in UTC as RFC 3339 text, cut to milliseconds: the digits after
 * those are lost, so columns that are compared again have precision 3.
 * Throws RangeError for what RFC 3339 cannot say: infinity, years outside 0000–9999.
 */
export function toInstant(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (!match) throw new RangeError(`not an instant in UTC: ${text}`);
  const [, day, time, fraction = ''] = match;
  return `${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
}
