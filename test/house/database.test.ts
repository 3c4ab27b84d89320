/**
 * Owns the proof that a test file gets a database of its own, and how values come out of it.
 * Must not know any table.
 */
import { type TestDatabase, testDatabase } from '../harness/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('a test file has a database of its own', async () => {
  const { rows } = await database.pool().query('select current_database() as name');
  expect(rows[0].name).toMatch(/^holdfast_test_/);
});

test('a bigint comes as a number and is refused beyond 2^53 - 1', async () => {
  const pool = database.pool();
  const { rows } = await pool.query(
    "select 9007199254740991::int8 as a, array[1, null]::int8[] as list, '12.50'::numeric as n",
  );
  expect(rows[0]).toEqual({ a: Number.MAX_SAFE_INTEGER, list: [1, null], n: '12.50' });
  await expect(pool.query('select 9007199254740992::int8')).rejects.toThrow(RangeError);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
