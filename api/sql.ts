/**
 * Owns how statements are put together: text with places, and the values for them, apart.
 * Must not know any table.
 */
import type { Pool, PoolClient, QueryResultRow } from 'pg';

/** Anything that runs a statement: a pool, or a client inside a transaction. */
export type Queryable = Pick<Pool | PoolClient, 'query'>;

/** A piece of a statement; values never become part of its text. */
export class Sql {
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
  constructor(texts: readonly string[], values: readonly unknown[]) {
    this.texts = texts;
    this.values = values;
  }
}

/** A statement or a piece of one: values become places, pieces become part of it. */
export function sql(texts: TemplateStringsArray, ...given: readonly unknown[]): Sql {
  const parts: string[] = [texts[0] ?? ''];
  const values: unknown[] = [];
  for (const [at, value] of given.entries()) {
    const after = texts[at + 1] ?? '';
    if (!(value instanceof Sql)) {
      values.push(value);
      parts.push(after);
      continue;
    }
    const [first = '', ...rest] = value.texts;
    parts.push(`${parts.pop() ?? ''}${first}`, ...rest);
    parts.push(`${parts.pop() ?? ''}${after}`);
    values.push(...value.values);
  }
  return new Sql(parts, values);
}

/** Conditions that all hold. */
export const every = (conditions: readonly Sql[]): Sql =>
  conditions.reduce((all, one) => sql`${all} and ${one}`, sql`true`);

/**
 * Runs a statement; the caller says what its rows look like. With a name it is planned once a
 * connection: for those on the road of every command, whose text never varies.
 */
export async function rowsOf<Row extends QueryResultRow>(
  db: Queryable,
  { texts, values }: Sql,
  name?: string,
): Promise<readonly Row[]> {
  const text = texts.reduce((before, after, at) => `${before}$${at}${after}`);
  const { rows } = await db.query<Row>({ text, values: [...values], ...(name && { name }) });
  return rows;
}

/** The first row of a statement, or null. */
export async function rowOf<Row extends QueryResultRow>(
  db: Queryable,
  statement: Sql,
  name?: string,
): Promise<Row | null> {
  const [row] = await rowsOf<Row>(db, statement, name);
  return row ?? null;
}

/**
 * Runs work in one transaction. What it throws, or a `keep` that says no, undoes everything.
 */
export async function inTransaction<T>(
  pool: Pick<Pool, 'connect'>,
  work: (db: Queryable) => Promise<T>,
  keep: (result: T) => boolean = () => true,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query(keep(result) ? 'commit' : 'rollback');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure; // the connection is not given back to others
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The SQLSTATE, or the code of the connection, and the constraint; null for anything else. */
export function databaseErrorOf(
  error: unknown,
): { readonly state: string; readonly constraint: string | null } | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  if (typeof error.code !== 'string') return null;
  const constraint = 'constraint' in error ? error.constraint : null;
  return { state: error.code, constraint: typeof constraint === 'string' ? constraint : null };
}

const UNIQUE_VIOLATION = '23505';

/** Waits for a statement; true when it was refused because another row has that name. */
export async function violatesUnique(statement: Promise<unknown>): Promise<boolean> {
  try {
    await statement;
    return false;
  } catch (error) {
    if (databaseErrorOf(error)?.state === UNIQUE_VIOLATION) return true;
    throw error;
  }
}
