/**
 * Owns the arithmetic of amounts, and the law of the split: `ledger.md`, section 10 and
 * section 13, number 15.
 * Must not know what amounts are for.
 */
import fc from 'fast-check';
import {
  add,
  floorShare,
  halfEvenShare,
  type Minor,
  max,
  min,
  negate,
  split,
  subtract,
  sum,
  toMinor,
  ZERO,
} from '../../domain/money';

const minor = (value: number): Minor => toMinor(value);
const MOST = Number.MAX_SAFE_INTEGER;
const amounts = fc.integer({ min: 0, max: MOST }).map(minor);
const weights = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 });

test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, MOST + 1, -MOST - 1])(
  '%p is no count of minor units',
  (value) => expect(() => toMinor(value)).toThrow(RangeError),
);

test('sums and differences that cannot be counted are refused', () => {
  expect(() => add(minor(MOST), minor(1))).toThrow(RangeError);
  expect(() => subtract(minor(-MOST), minor(1))).toThrow(RangeError);
  expect(() => sum([minor(MOST), minor(1), minor(-1)])).toThrow(RangeError);
  expect([add(minor(2), minor(3)), subtract(minor(2), minor(3)), sum([])]).toEqual([5, -1, 0]);
});

test('the negative of nothing is nothing, and never the float -0', () => {
  expect(Object.is(negate(ZERO), 0)).toBe(true);
  expect(negate(minor(5))).toBe(-5);
});

test('the smaller and the larger of two', () => {
  expect([min(minor(1), minor(2)), max(minor(1), minor(2))]).toEqual([1, 2]);
});

test.each([
  [100001, 290, 10000, 2900], // 2900.029
  [25, 5000, 10000, 12], // 12.5 to even
  [35, 5000, 10000, 18], // 17.5 to even
  [5, 5000, 10000, 2], // 2.5 to even
  [1, 5000, 10000, 0], // 0.5 to even
  [3, 5000, 10000, 2], // 1.5 to even
  [166, 500, 10500, 8],
  [MOST, 10000, 10000, MOST],
])('%d × %d / %d is %d, half to even', (a, numerator, denominator, expected) => {
  expect(halfEvenShare(minor(a), numerator, denominator)).toBe(expected);
});

test('the floor of a share is exact where floats are not', () => {
  expect(floorShare(minor(MOST), 9_999, 10_000)).toBe(9_006_298_534_815_516);
  expect(() => floorShare(minor(-1), 1, 2)).toThrow(RangeError);
  expect(() => floorShare(minor(1), 1, 0)).toThrow(RangeError);
});

test('half to even lies within half a unit of the share', () => {
  fc.assert(
    fc.property(amounts, fc.integer({ min: 0, max: 10_000 }), (amount, bps) => {
      const rounded = BigInt(halfEvenShare(amount, bps, 10_000)) * 10_000n;
      const off = rounded - BigInt(amount) * BigInt(bps);
      expect(off <= 5_000n && off >= -5_000n).toBe(true);
    }),
  );
});

test.each<[number, number[], number[]]>([
  [10, [6, 6, 2], [4, 4, 2]],
  [11, [6, 6, 2], [5, 5, 1]],
  [100, [1, 1, 1], [34, 33, 33]],
  [2, [1, 1, 1], [1, 1, 0]],
  [1, [0, 1, 1], [0, 1, 0]],
  [5, [0, 0, 7], [0, 0, 5]],
  [500, [3334, 3333, 3333], [167, 167, 166]],
  [0, [0, 0], [0, 0]],
  [0, [], []],
])('%d by %j is %j', (total, by, parts) => expect(split(minor(total), by)).toEqual(parts));

test('there is nothing to split among nobody', () => {
  expect(() => split(minor(1), [])).toThrow(RangeError);
  expect(() => split(minor(1), [0, 0])).toThrow(RangeError);
  expect(() => split(minor(-1), [1])).toThrow(RangeError);
  expect(() => split(minor(1), [-1, 2])).toThrow(RangeError);
});

test('the law of the split', () => {
  fc.assert(
    fc.property(amounts, weights, (total, by) => {
      const all = by.reduce((a, b) => a + b, 0);
      fc.pre(all > 0);
      const parts = split(total, by);
      expect(parts.reduce((a, b) => a + BigInt(b), 0n)).toBe(BigInt(total));
      for (const [at, part] of parts.entries()) {
        const weight = BigInt(by[at] ?? 0);
        const off = BigInt(part) * BigInt(all) - BigInt(total) * weight;
        expect(part).toBeGreaterThanOrEqual(0);
        expect(off < BigInt(all) && off > -BigInt(all)).toBe(true); // within one unit of the share
        if (weight === 0n) expect(part).toBe(0);
      }
      expect(split(total, by)).toEqual(parts);
    }),
  );
});

test('of equal weights the first gets the unit that is left over', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 9 }), (total, n) => {
      const parts = split(
        minor(total),
        Array.from({ length: n }, () => 1),
      );
      expect([...parts].sort((a, b) => b - a)).toEqual(parts);
    }),
  );
});
