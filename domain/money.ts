/**
 * Owns amounts: the branded minor unit and every sum, product and split that is made of it.
 * Must not know what an amount is for.
 */
/** Looked up once: a workflow's sandbox makes each look-up of a global dear, and this is asked of
 * every amount. */
const { isSafeInteger } = Number;

declare const minorBrand: unique symbol;

/** A count of minor units (cents, fils, …): a safe integer, also negative. */
export type Minor = number & { readonly [minorBrand]: true };

/**
 * Makes a `Minor` of a number.
 * Throws RangeError for fractions and for anything beyond ±(2^53−1).
 */
export function toMinor(value: number): Minor {
  if (!isSafeInteger(value)) throw new RangeError(`not a count of minor units: ${value}`);
  return value as Minor; // the one cast of this file
}

export const ZERO: Minor = toMinor(0);

/** a + b; overflow is caught by the constructor. */
export const add = (a: Minor, b: Minor): Minor => toMinor(a + b);

/** a − b; overflow is caught by the constructor. */
export const subtract = (a: Minor, b: Minor): Minor => toMinor(a - b);

/** −a, and 0 for 0 (never the float −0, which JSON would lose). */
export const negate = (a: Minor): Minor => toMinor(0 - a);

export const min = (a: Minor, b: Minor): Minor => (a < b ? a : b);
export const max = (a: Minor, b: Minor): Minor => (a > b ? a : b);

/** Sum of any number of amounts; 0 for none. */
export const sum = (amounts: readonly Minor[]): Minor => amounts.reduce(add, ZERO);

/** ⌊a × numerator / denominator⌋ for amounts that are not negative; exact, through BigInt. */
export function floorShare(a: Minor, numerator: number, denominator: number): Minor {
  assertCounts([a, numerator]);
  if (!isSafeInteger(denominator) || denominator <= 0) {
    throw new RangeError(`not a divisor: ${denominator}`);
  }
  return toMinor(Number((BigInt(a) * BigInt(numerator)) / BigInt(denominator)));
}

/** a × numerator / denominator rounded half to even, for amounts that are not negative. */
export function halfEvenShare(a: Minor, numerator: number, denominator: number): Minor {
  const whole = floorShare(a, numerator, denominator);
  const rest2 =
    2n * (BigInt(a) * BigInt(numerator) - BigInt(whole) * BigInt(denominator)) -
    BigInt(denominator);
  if (rest2 < 0n || (rest2 === 0n && whole % 2 === 0)) return whole;
  return toMinor(whole + 1);
}

/**
 * Splits a total over weights by largest remainder, ties by position.
 * Law: parts sum to the total, none is negative, each lies within one unit of its share,
 * weight zero gets zero, the same input gives the same output (`ledger.md`, section 10).
 * Throws RangeError when there is something to split and no weight above zero.
 */
export function split(total: Minor, weights: readonly number[]): readonly Minor[] {
  assertCounts([total, ...weights]);
  const all = weights.reduce((a, b) => a + BigInt(b), 0n);
  if (all === 0n) {
    if (total !== 0) throw new RangeError('nobody to split among');
    return weights.map(() => ZERO);
  }
  const products = weights.map((weight) => BigInt(total) * BigInt(weight));
  const parts = products.map((product) => product / all);
  const left = Number(BigInt(total) - parts.reduce((a, b) => a + b, 0n));
  const lucky = products
    .map((product, at) => ({ at, remainder: product % all }))
    .sort((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder))
    .slice(0, left) // the sort is stable: ties stay in order of position
    .map(({ at }) => at);
  return parts.map((part, at) => toMinor(Number(part) + (lucky.includes(at) ? 1 : 0)));
}

function assertCounts(values: readonly number[]): void {
  for (const value of values) {
    if (!isSafeInteger(value) || value < 0) throw new RangeError(`not a count: ${value}`);
  }
}
