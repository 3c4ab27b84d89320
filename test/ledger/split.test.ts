/**
 * Owns the law of splitting an amount: largest remainder, nothing lost, nobody unfairly treated
 * (`ledger.md`, section 13, invariant 15).
 * Must not test what is split, and for whom.
 */
import fc from 'fast-check';
import { split, sum, toMinor } from '../../domain/money';

const total = fc.nat({ max: Number.MAX_SAFE_INTEGER }).map(toMinor);
const weights = fc
  .array(fc.oneof(fc.nat({ max: 10_000 }), fc.nat({ max: Number.MAX_SAFE_INTEGER })), {
    minLength: 1,
    maxLength: 12,
  })
  .filter((list) => list.some((weight) => weight > 0));

test('the parts sum to the total and none is negative', () => {
  fc.assert(
    fc.property(total, weights, (amount, shares) => {
      const parts = split(amount, shares);
      expect(sum(parts)).toBe(amount);
      expect(parts.every((part) => part >= 0)).toBe(true);
    }),
  );
});

test('each part lies within one unit of its share, and weight zero gets zero', () => {
  fc.assert(
    fc.property(total, weights, (amount, shares) => {
      const all = shares.reduce((before, share) => before + BigInt(share), 0n);
      for (const [at, part] of split(amount, shares).entries()) {
        const off = BigInt(part) * all - BigInt(amount) * BigInt(shares[at] ?? 0);
        expect(off < all && off > -all).toBe(true);
        if (shares[at] === 0) expect(part).toBe(0);
      }
    }),
  );
});

test('the left-over units go to the largest remainders, ties by position', () => {
  fc.assert(
    fc.property(total, weights, (amount, shares) => {
      const all = shares.reduce((before, share) => before + BigInt(share), 0n);
      const rests = split(amount, shares).map((part, at) => {
        const product = BigInt(amount) * BigInt(shares[at] ?? 0);
        return { at, rest: product % all, lucky: BigInt(part) > product / all };
      });
      for (const one of rests.filter(({ lucky }) => lucky)) {
        for (const other of rests.filter(({ lucky }) => !lucky)) {
          expect(one.rest > other.rest || (one.rest === other.rest && one.at < other.at)).toBe(
            true,
          );
        }
      }
    }),
  );
});

test('the same input gives the same parts', () => {
  fc.assert(
    fc.property(total, weights, (amount, shares) => {
      expect(split(amount, shares)).toEqual(split(amount, [...shares]));
    }),
  );
});

test.each([
  [10, [6, 6, 2], [4, 4, 2]],
  [11, [6, 6, 2], [5, 5, 1]], // a share can fall while the total rises
  [500, [3_334, 3_333, 3_333], [167, 167, 166]],
  [1, [1, 1, 1], [1, 0, 0]],
  [0, [0, 0], [0, 0]],
])('%d over %j is %j', (amount, shares, parts) => {
  expect(split(toMinor(amount), shares)).toEqual(parts);
});

test('something to split needs somebody to split among', () => {
  expect(() => split(toMinor(1), [0, 0])).toThrow(RangeError);
  expect(() => split(toMinor(1), [])).toThrow(RangeError);
  expect(() => split(toMinor(-1), [1])).toThrow(RangeError);
  expect(() => split(toMinor(1), [0.5, 1])).toThrow(RangeError);
});
