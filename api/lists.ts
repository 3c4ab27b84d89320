/**
 * Owns pages: newest first, by a cursor that stays good while data grows.
 * Must not know what is listed.
 */
import type { QueryResultRow } from 'pg';
import { readInstant } from '../domain/calendar';
import type { Caller } from './actor';
import { fieldProblem, isProblem, type Problem } from './problem';
import { every, type Queryable, rowOf, rowsOf, type Sql, sql } from './sql';

export type PageQuery = { readonly limit: number; readonly starting_after?: string };

export type Page<T> = {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
};

type Listed = QueryResultRow & { readonly id: string; readonly created_at: string };

export type Listing = {
  /** Columns, with `id` and `created_at` among them. */
  readonly select: Sql;
  /** The table, under the name `t`; it has platform_id and livemode. */
  readonly from: Sql;
  readonly where: readonly Sql[];
};

/** One page of rows of the caller's platform and mode, newest first. */
export async function page<Row extends Listed, T>(
  db: Queryable,
  caller: Caller,
  { limit, starting_after }: PageQuery,
  { select, from, where }: Listing,
  view: (row: Row) => T,
): Promise<Page<T> | Problem> {
  const mine = sql`t.platform_id = ${caller.platform} and t.livemode = ${caller.livemode}`;
  const cursor = starting_after === undefined ? null : readCursor(starting_after);
  const place = cursor ?? (starting_after ? await placeOf(db, from, mine, starting_after) : null);
  if (isProblem(place)) return place;
  const after = place
    ? [sql`(t.created_at, t.id) < (${place.created_at}::timestamptz, ${place.id})`]
    : [];
  const rows = await rowsOf<Row>(
    db,
    sql`select ${select} from ${from} where ${every([mine, ...where, ...after])}
         order by t.created_at desc, t.id desc limit ${limit + 1}`,
  );
  return pageOf(rows, limit, view, ({ created_at, id }) =>
    Buffer.from(`${created_at} ${id}`).toString('base64url'),
  );
}

/** The page of rows, of which one more was read than is shown. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => T,
  cursorOf: (last: Row) => string,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const has_more = rows.length > limit;
  return {
    object: 'list',
    data: shown.map(view),
    has_more,
    next_cursor: has_more && last ? cursorOf(last) : null,
  };
}

/** A list that has only one page. */
export const wholeList = <T>(data: readonly T[]): Page<T> => ({
  object: 'list',
  data,
  has_more: false,
  next_cursor: null,
});

export const unknownCursor = (): Problem =>
  fieldProblem('malformed_parameter', '/starting_after', 'no cursor of this list', 'unknown_value');

type Place = { readonly created_at: string; readonly id: string };

function readCursor(text: string): Place | null {
  const plain = Buffer.from(text, 'base64url').toString('utf8');
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([\w-]+)$/.exec(plain);
  const [, created_at, id] = match ?? [];
  return created_at && id && readInstant(created_at) !== null ? { created_at, id } : null;
}

async function placeOf(db: Queryable, from: Sql, mine: Sql, id: string): Promise<Place | Problem> {
  const row = await rowOf<Place>(
    db,
    sql`select t.id, t.created_at from ${from} where ${mine} and t.id = ${id}`,
  );
  return row ?? unknownCursor();
}

type Bounds = { readonly [B in 'gt' | 'gte' | 'lt' | 'lte']?: unknown };

/** `created_at[gte]=…` and its like, as conditions on one column. */
export function bounded(column: Sql, { gt, gte, lt, lte }: Bounds): readonly Sql[] {
  return [
    ...(gt === undefined ? [] : [sql`${column} > ${gt}`]),
    ...(gte === undefined ? [] : [sql`${column} >= ${gte}`]),
    ...(lt === undefined ? [] : [sql`${column} < ${lt}`]),
    ...(lte === undefined ? [] : [sql`${column} <= ${lte}`]),
  ];
}
