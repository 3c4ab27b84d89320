/**
 * Owns what a good refusal is, and the proof that nothing was written.
 * Must not know what was wrong with the request.
 */
import { PROBLEM_CODES, rowOfCode } from '../../api/problem';
import { type Answered, listAt, type Stack, textAt } from './stack';

/**
 * What is wrong with the answer to a request with one fault, at `pointer`; nothing when it is a
 * named error with that place, as the OpenAPI file has it. Null: a fault without a place.
 */
export function faultsOf(
  { status, body, headers }: Answered,
  pointer: string | null,
  responses: object,
): readonly string[] {
  const code = PROBLEM_CODES.find((known) => known === textAt(body, 'code'));
  const errors = listAt(body, 'errors').map((error) => ({
    at: textAt(error, 'pointer'),
    code: textAt(error, 'code'),
  }));
  const type = headers.get('content-type') ?? '';
  const shown = JSON.stringify(errors).slice(0, 300);
  const isPlaced = errors.every(({ at, code }) => code !== '' && isWithin(at, pointer ?? ''));
  const checks: readonly (readonly [string, boolean])[] = [
    [`status ${status}`, status >= 400 && status < 500],
    [`no status of the file: ${status}`, Object.hasOwn(responses, status)],
    [`no problem+json: ${type}`, /^application\/problem\+json/.test(type)],
    [`no code of the table: ${code}`, code !== undefined && rowOfCode(code).status === status],
    ['no errors', pointer === null || errors.length > 0],
    [`errors elsewhere: ${shown}`, isPlaced],
  ];
  return checks.flatMap(([what, isWell]) => (isWell ? [] : [what]));
}

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(`${outer}/`);

/** How many rows each table has, and a sum over all that stands in them. */
export async function everythingIn({ database }: Stack): Promise<unknown> {
  const owner = database.pool();
  const { rows: tables } = await owner.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('holdfast', 'ledger') order by 1`,
  );
  expect(tables.length).toBeGreaterThan(20);
  const counts = tables.map(
    ({ name }) =>
      `select '${name}' as name, count(*)::int as rows,
              coalesce(sum(hashtextextended(t::text, 0)), 0)::text as sum from ${name} t`,
  );
  return (await owner.query(counts.join(' union all '))).rows;
}

/** Does work for each, so many at a time. */
export async function inTurn<T>(
  list: readonly T[],
  most: number,
  work: (item: T, n: number) => Promise<void>,
): Promise<void> {
  const left = list.entries();
  const one = async () => {
    for (const [n, item] of left) await work(item, n);
  };
  await Promise.all(Array.from({ length: most }, one));
}
