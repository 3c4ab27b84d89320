/**
 * Owns the properties of fees: whatever is released and refunded in whatever order, all ends
 * exactly, and nobody gets more than his claim (`ledger.md`, section 13, number 16).
 * Must not know single numbers (`fees.test.ts`).
 */
import fc from 'fast-check';
import type { FeeClaim, RecipientClaim } from '../../domain/escrow';
import type { Claims } from '../../domain/fees';
import { type Minor, split, subtract, sum, toMinor, ZERO } from '../../domain/money';
import { Course, claimsOf } from './course';

describe('for any sequence of releases and refunds that ends at the price', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), {
    minLength: 1,
    maxLength: 12,
  });
  const amounts = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 6, maxLength: 6 });
  const shape = fc.record({ steps, amounts, refundable: fc.boolean(), tax: fc.boolean() });

  const plan = (amount: readonly number[], price: number, refundable: boolean, tax: boolean) => {
    const some = (of: number, side: 'buyer' | 'seller', kept: boolean): FeeClaim => ({
      fee: of,
      side,
      beneficiary: of === 1 ? 'acc_broker' : 'platform',
      refundable: kept,
      tax_bps: tax ? 1_900 : 0,
      amount: toMinor(amount[of + (side === 'buyer' ? 0 : 3)] ?? 0),
      earned: ZERO,
      returned: ZERO,
    });
    const sides = ([0, 1, 2] as const).flatMap((of) => [
      some(of, 'buyer', of === 2 ? !refundable : refundable),
      some(of, 'seller', refundable),
    ]);
    const borne = sum(sides.filter((f) => f.side === 'seller').map((f) => f.amount));
    const nets = split(toMinor(Math.max(0, price - borne)), [5, 3, 1]);
    const recipients = nets.map(
      (net, at): RecipientClaim => ({ party: `pty_${at}`, account: `acc_r${at}`, net, paid: ZERO }),
    );
    return { claims: claimsOf(price, recipients, sides), borne };
  };

  const onTop = (claims: Claims): Minor =>
    sum(claims.fees.filter((f) => f.side === 'buyer').map((f) => f.amount));

  test('nobody gets more than his claim, and everything ends at nothing', () => {
    fc.assert(
      fc.property(shape, ({ steps: moves, amounts: parts, refundable, tax }) => {
        const price = moves.reduce((all, [amount]) => all + amount, 0);
        const { claims, borne } = plan(parts, price, refundable, tax);
        fc.pre(price > 0 && borne <= price);
        const funded = price + onTop(claims);
        const course = new Course(claims, [
          ['buyer', Math.floor(funded / 3)],
          ['co', funded - Math.floor(funded / 3)],
        ]);
        let held = onTop(claims);
        for (const [amount, back] of moves) {
          const posted = back ? course.refund(amount) : course.release(amount);
          held = subtract(held, toMinor(posted.fee ?? 0));
          const isFair =
            [held, ...Object.values(posted)].every((value) => value >= 0) &&
            course.claims.fees.every((f) => f.earned + f.returned <= f.amount) &&
            course.claims.recipients.every((r) => r.paid <= r.net);
          if (!isFair) throw new Error(JSON.stringify({ posted, held, claims: course.claims }));
        }
        expect(held).toBe(0);
        const buyers = course.claims.fees.filter((each) => each.side === 'buyer');
        expect(buyers.every((f) => f.earned + f.returned === f.amount)).toBe(true);
        expect([...course.paid.values()].reduce((a, b) => a + b, 0)).toBe(funded);
        expect(course.payers.every(({ left }) => left >= 0)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('fees follow how much was released and refunded, not in which order', () => {
    fc.assert(
      fc.property(shape, fc.nat(), ({ steps: moves, amounts: parts, refundable, tax }, turn) => {
        const price = moves.reduce((all, [amount]) => all + amount, 0);
        const { claims, borne } = plan(parts, price, refundable, tax);
        fc.pre(price > 0 && borne <= price);
        const at = turn % moves.length;
        const paths = [moves, [...moves.slice(at), ...moves.slice(0, at)]].map((path) => {
          const course = new Course(claims, [['buyer', price + onTop(claims)]]);
          for (const [amount, back] of path) {
            if (back) course.refund(amount);
            else course.release(amount);
          }
          const { fees, recipients } = course.claims;
          const group = (side: string, kept: boolean | null) => {
            const all = fees.filter(
              (f) => f.side === side && (kept ?? f.refundable) === f.refundable,
            );
            return [sum(all.map((f) => f.earned)), sum(all.map((f) => f.returned))];
          };
          const groups = [group('seller', null), group('buyer', true), group('buyer', false)];
          return { groups, recipients: sum(recipients.map((r) => r.paid)) };
        });
        expect(paths[0]).toEqual(paths[1]);
      }),
      { numRuns: 150 },
    );
  });
});
