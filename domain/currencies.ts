/**
 * Owns which currencies exist and how many decimals each has: the active codes of ISO 4217
 * "List One", with a date. Codes without a minor unit (gold, XDR, XXX …) are no money here.
 * Must not know how an amount is shown: Intl formats, always with these digits.
 *
 * Frozen: an exponent is never changed, since stored amounts mean what it says. The migration
 * `0004_currencies.sql` has the same rows; `test/ledger/currencies.test.ts` holds both against
 * the stored list (`ledger.md`, section 2).
 */
import { type Minor, toMinor } from './money';

/** One currency: the number that ISO gave it, and the decimals of its minor unit. */
export type Currency = { readonly numeric: string; readonly exponent: number };

/** The day on which the list below was published. */
export const LIST_DATE = '2026-09-17';

const row = (numeric: string, exponent: number): Currency => Object.freeze({ numeric, exponent });

/** Every active code, by code. */
export const CURRENCIES = Object.freeze({
  AED: row('784', 2),
  AFN: row('971', 2),
  ALL: row('008', 2),
  AMD: row('051', 2),
  AOA: row('973', 2),
  ARS: row('032', 2),
  AUD: row('036', 2),
  AWG: row('533', 2),
  AZN: row('944', 2),
  BAM: row('977', 2),
  BBD: row('052', 2),
  BDT: row('050', 2),
  BHD: row('048', 3),
  BIF: row('108', 0),
  BMD: row('060', 2),
  BND: row('096', 2),
  BOB: row('068', 2),
  BOV: row('984', 2),
  BRL: row('986', 2),
  BSD: row('044', 2),
  BTN: row('064', 2),
  BWP: row('072', 2),
  BYN: row('933', 2),
  BZD: row('084', 2),
  CAD: row('124', 2),
  CDF: row('976', 2),
  CHE: row('947', 2),
  CHF: row('756', 2),
  CHW: row('948', 2),
  CLF: row('990', 4),
  CLP: row('152', 0),
  CNY: row('156', 2),
  COP: row('170', 2),
  COU: row('970', 2),
  CRC: row('188', 2),
  CUP: row('192', 2),
  CVE: row('132', 2),
  CZK: row('203', 2),
  DJF: row('262', 0),
  DKK: row('208', 2),
  DOP: row('214', 2),
  DZD: row('012', 2),
  EGP: row('818', 2),
  ERN: row('232', 2),
  ETB: row('230', 2),
  EUR: row('978', 2),
  FJD: row('242', 2),
  FKP: row('238', 2),
  GBP: row('826', 2),
  GEL: row('981', 2),
  GHS: row('936', 2),
  GIP: row('292', 2),
  GMD: row('270', 2),
  GNF: row('324', 0),
  GTQ: row('320', 2),
  GYD: row('328', 2),
  HKD: row('344', 2),
  HNL: row('340', 2),
  HTG: row('332', 2),
  HUF: row('348', 2),
  IDR: row('360', 2),
  ILS: row('376', 2),
  INR: row('356', 2),
  IQD: row('368', 3),
  IRR: row('364', 2),
  ISK: row('352', 0),
  JMD: row('388', 2),
  JOD: row('400', 3),
  JPY: row('392', 0),
  KES: row('404', 2),
  KGS: row('417', 2),
  KHR: row('116', 2),
  KMF: row('174', 0),
  KPW: row('408', 2),
  KRW: row('410', 0),
  KWD: row('414', 3),
  KYD: row('136', 2),
  KZT: row('398', 2),
  LAK: row('418', 2),
  LBP: row('422', 2),
  LKR: row('144', 2),
  LRD: row('430', 2),
  LSL: row('426', 2),
  LYD: row('434', 3),
  MAD: row('504', 2),
  MDL: row('498', 2),
  MGA: row('969', 2),
  MKD: row('807', 2),
  MMK: row('104', 2),
  MNT: row('496', 2),
  MOP: row('446', 2),
  MRU: row('929', 2),
  MUR: row('480', 2),
  MVR: row('462', 2),
  MWK: row('454', 2),
  MXN: row('484', 2),
  MXV: row('979', 2),
  MYR: row('458', 2),
  MZN: row('943', 2),
  NAD: row('516', 2),
  NGN: row('566', 2),
  NIO: row('558', 2),
  NOK: row('578', 2),
  NPR: row('524', 2),
  NZD: row('554', 2),
  OMR: row('512', 3),
  PAB: row('590', 2),
  PEN: row('604', 2),
  PGK: row('598', 2),
  PHP: row('608', 2),
  PKR: row('586', 2),
  PLN: row('985', 2),
  PYG: row('600', 0),
  QAR: row('634', 2),
  RON: row('946', 2),
  RSD: row('941', 2),
  RUB: row('643', 2),
  RWF: row('646', 0),
  SAR: row('682', 2),
  SBD: row('090', 2),
  SCR: row('690', 2),
  SDG: row('938', 2),
  SEK: row('752', 2),
  SGD: row('702', 2),
  SHP: row('654', 2),
  SLE: row('925', 2),
  SOS: row('706', 2),
  SRD: row('968', 2),
  SSP: row('728', 2),
  STN: row('930', 2),
  SVC: row('222', 2),
  SYP: row('760', 2),
  SZL: row('748', 2),
  THB: row('764', 2),
  TJS: row('972', 2),
  TMT: row('934', 2),
  TND: row('788', 3),
  TOP: row('776', 2),
  TRY: row('949', 2),
  TTD: row('780', 2),
  TWD: row('901', 2),
  TZS: row('834', 2),
  UAH: row('980', 2),
  UGX: row('800', 0),
  USD: row('840', 2),
  USN: row('997', 2),
  UYI: row('940', 0),
  UYU: row('858', 2),
  UYW: row('927', 4),
  UZS: row('860', 2),
  VED: row('926', 2),
  VES: row('928', 2),
  VND: row('704', 0),
  VUV: row('548', 0),
  WST: row('882', 2),
  XAD: row('396', 2),
  XAF: row('950', 0),
  XCD: row('951', 2),
  XCG: row('532', 2),
  XOF: row('952', 0),
  XPF: row('953', 0),
  YER: row('886', 2),
  ZAR: row('710', 2),
  ZMW: row('967', 2),
  ZWG: row('924', 2),
});

export type CurrencyCode = keyof typeof CURRENCIES;

/** Is this the code of a currency that money can be in? */
export const isCurrency = (code: string): code is CurrencyCode => Object.hasOwn(CURRENCIES, code);

/** The decimals of a currency's minor unit; null for a code that is none. */
export const exponentOf = (code: string): number | null =>
  isCurrency(code) ? CURRENCIES[code].exponent : null;

/** Minor units as decimal text, `-12.34`: plain digits for logs and files, not for people. */
export function formatMinor(amount: Minor, exponent: number): string {
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const sign = amount < 0 ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** The minor units of decimal text; null when it is no whole number of them, or too large. */
export function parseMinor(text: string, exponent: number): Minor | null {
  const match = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[3] ?? '';
  if (match === null || fraction.length > exponent) return null;
  const value = Number(`${match[1]}${match[2]}${fraction.padEnd(exponent, '0')}`);
  return Number.isSafeInteger(value) ? toMinor(value === 0 ? 0 : value) : null;
}
