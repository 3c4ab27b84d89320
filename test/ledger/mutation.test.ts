/**
 * Owns the proof that the guards of the books are what the tests of the books notice: each is
 * taken out in a database of its own, and its question turns red (`ledger.md`, section 13,
 * invariant 21).
 * Must not know the guards: `guards.ts` lists them.
 */
import { testDatabase } from '../harness/database';
import { fill, SCOPE } from './bookkeeper';
import { GUARDS, type Guard } from './guards';

/** Asks a guard's question in a fresh database, with or without the guard. */
async function asked({ holds, remove }: Guard, without: boolean): Promise<boolean> {
  const database = await testDatabase();
  try {
    const wallets = ['liab:wallet:acc_alice', 'liab:wallet:acc_bob'];
    await fill(database.pool('holdfast_app'), wallets, 1_000, SCOPE);
    if (without) {
      const statement =
        typeof remove === 'string' ? remove : await changed(database.pool(), remove);
      await database.pool().query(statement);
    }
    return await holds(database);
  } finally {
    await database.close();
  }
}

/** The definition of a function with another text in one place, which must be there. */
async function changed(
  pool: ReturnType<Awaited<ReturnType<typeof testDatabase>>['pool']>,
  { of, text, by }: Exclude<Guard['remove'], string>,
): Promise<string> {
  const { rows } = await pool.query<{ definition: string }>(
    'select pg_get_functiondef($1::regproc) as definition',
    [of],
  );
  const definition = rows[0]?.definition ?? '';
  if (!definition.includes(text)) throw new Error(`${of} does not say: ${text}`);
  return definition.replace(text, by);
}

test.each(Object.entries(GUARDS))('%s is noticed when it is gone', async (_, guard) => {
  expect({ with: await asked(guard, false), without: await asked(guard, true) }).toEqual({
    with: true,
    without: false,
  });
});
