/**
 * Owns which currency is that of a country.
 * Must not know who deals in it (`policy.test.ts`).
 */
import { isCountry, localCurrency } from '../../domain/countries';
import { CURRENCIES } from '../../domain/currencies';

test.each([
  ['DE', 'EUR'],
  ['BG', 'EUR'],
  ['GB', 'GBP'],
  ['US', 'USD'],
  ['EC', 'USD'],
  ['CH', 'CHF'],
  ['LI', 'CHF'],
  ['PL', 'PLN'],
  ['NG', 'NGN'],
  ['SN', 'XOF'],
  ['BO', 'BOB'],
  ['CL', 'CLP'],
  ['MX', 'MXN'],
  ['UY', 'UYU'],
  ['VE', 'VES'],
  ['CW', 'XCG'],
  ['NP', 'NPR'],
  ['WS', 'WST'],
  ['JP', 'JPY'],
])('the currency of %s is %s', (country, currency) => {
  expect(localCurrency(country)).toBe(currency);
  expect(Object.keys(CURRENCIES)).toContain(currency);
});

test.each(['EU', 'XX', 'XA', 'ZZ', 'de', 'DEU', 'D', '', 'QQ'])('%s is no country', (text) =>
  expect(isCountry(text)).toBe(false),
);

test('every country has an active currency', () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  const all = letters.flatMap((a) => letters.map((b) => `${a}${b}`)).filter(isCountry);
  expect(all.length).toBeGreaterThan(240);
  for (const country of all) expect(CURRENCIES).toHaveProperty(localCurrency(country) ?? '');
});
