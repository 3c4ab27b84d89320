/**
 * Owns that the program, the database and the list of ISO 4217 know the same currencies, and that
 * amounts survive being written and read (`ledger.md`, section 13, invariant 20).
 * Must not test how an amount is shown to people.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  CURRENCIES,
  exponentOf,
  formatMinor,
  isCurrency,
  LIST_DATE,
  parseMinor,
} from '../../domain/currencies';
import { journalOf } from '../../domain/journal';
import { toMinor } from '../../domain/money';
import { type TestDatabase, testDatabase } from '../harness/database';
import { AT, failureOf, line } from './bookkeeper';

const [head, ...stored] = readFileSync(join(__dirname, 'iso-4217.csv'), 'utf8').trim().split('\n');
const listed = stored.map((text) => {
  const [code = '', numeric = '', unit = ''] = text.split(',');
  return { code, numeric, exponent: unit === 'N.A.' ? null : Number(unit) };
});

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});

test('every active code of the list that has a minor unit is here, and nothing else', () => {
  const expected = listed
    .filter(({ exponent }) => exponent !== null)
    .map(({ code, numeric, exponent }) => [code, { numeric, exponent }]);
  expect(Object.entries(CURRENCIES)).toEqual(expected);
  expect(listed.length).toBeGreaterThan(170);
});

test('the list is dated, and not older than 400 days', () => {
  expect(head).toContain(`published ${LIST_DATE}:`);
  const days = (Date.now() - Date.parse(`${LIST_DATE}T00:00:00Z`)) / 86_400_000;
  expect(days).toBeLessThan(400); // red: take the newest list, and add its codes by a migration
});

test('the database has the same rows', async () => {
  const { rows } = await database.pool('holdfast_app').query(
    `select code, numeric_code as numeric, exponent, part, list_date from ledger.currency_view
        order by code`,
  );
  const here = Object.entries(CURRENCIES).map(([code, row]) => ({
    code,
    ...row,
    part: 'iso',
    list_date: LIST_DATE,
  }));
  expect(rows).toEqual(here);
});

test('a code without a minor unit is no currency', () => {
  for (const code of ['XAU', 'XXX', 'XDR', 'eur', 'EURO', '', 'toString']) {
    expect([isCurrency(code), exponentOf(code)]).toEqual([false, null]);
  }
  expect([exponentOf('JPY'), exponentOf('EUR'), exponentOf('KWD'), exponentOf('UYW')]).toEqual([
    0, 2, 3, 4,
  ]);
});

const minor = fc.maxSafeInteger().map(toMinor);
const exponent = fc.integer({ min: 0, max: 9 });

test('an amount that is written and read is the same amount', () => {
  fc.assert(
    fc.property(minor, exponent, (amount, digits) => {
      expect(parseMinor(formatMinor(amount, digits), digits)).toBe(amount);
    }),
  );
});

test.each([
  ['12.34', 2, 1_234],
  ['-0.05', 2, -5],
  ['-0.00', 2, 0],
  ['12', 2, 1_200],
  ['12.345', 2, null],
  ['12.', 2, null],
  ['.5', 2, null],
  ['1e3', 2, null],
  ['012', 2, null],
  ['+1', 0, null],
  ['1,000', 0, null],
  ['9007199254740991', 0, Number.MAX_SAFE_INTEGER],
  ['9007199254740992', 0, null],
  ['90071992547409.92', 2, null],
])('"%s" with %d decimals is read as %s', (text, digits, expected) => {
  expect(parseMinor(text, digits)).toBe(expected);
});

test('two currencies do not add up to a journal', () => {
  const head = { key: 'k', type: 't', at: AT, subject: 's' };
  const lines = [line('asset:bank:main', 5), line('liab:wallet:acc_1', -5, { currency: 'USD' })];
  expect(() => journalOf(head, lines)).toThrow('does not balance');
});

test('an exponent is never updated, and a code never removed', async () => {
  const owner = database.pool('holdfast_owner');
  expect(await failureOf(owner.query(`update ledger.currencies set exponent = 9`))).toBe('LJ010');
  expect(await failureOf(owner.query(`delete from ledger.currencies`))).toBe('LJ010');
});
