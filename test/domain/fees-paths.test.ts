/**
 * Owns the properties of fees: whatever is released and refunded in whatever order, all ends
 * exactly, and nobody gets more than his claim (`ledger.md`, section 13, number 16).
 * Must not know single numbers (`fees.test.ts`).
 */
import fc from 'fast-check';
import type { FeeClaim, RecipientClaim } from '../../domain/escrow';
import type { Claims } from '../../domain/fees';
import { floorShare, type Minor, split, subtract, sum, toMinor, ZERO } from '../../domain/money';
import { Course, claimOf, claimsOf } from './course';

describe('for any sequence of releases and refunds that ends at the price', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), {
    minLength: 1,
    maxLength: 12,
  });
  const amounts = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 9, maxLength: 9 });
  const shape = fc.record({ steps, amounts, refundable: fc.boolean(), tax: fc.boolean() });

  const plan = (amount: readonly number[], price: number, refundable: boolean, tax: boolean) => {
    const some = (of: number, side: 'buyer' | 'seller', more: Partial<FeeClaim>): FeeClaim => ({
      ...claimOf({
        fee: of,
        side,
        beneficiary: of === 1 ? 'acc_broker' : 'platform',
        amount: amount[of + (side === 'buyer' ? 0 : 3)] ?? 0,
      }),
      refundable,
      tax_bps: tax && of !== 1 ? 1_900 : 0,
      ...more,
    });
    const early = { on_funding: true, amount: toMinor(amount[6] ?? 0) };
    const via = { via: 1, kept_by: 'acc_broker', amount: toMinor(amount[7] ?? 0) } as const;
    const sides = [
      ...[0, 1, 2].flatMap((of) => [
        some(of, 'buyer', { refundable: of === 2 ? !refundable : refundable }),
        some(of, 'seller', {}),
      ]),
      some(3, 'buyer', early),
      some(4, 'buyer', { ...early, refundable: !refundable }),
      some(0, 'buyer', via),
      some(0, 'seller', { ...via, amount: toMinor(amount[8] ?? 0) }),
    ];
    const borne = sum(sides.filter((f) => f.side === 'seller').map((f) => f.amount));
    const nets = split(toMinor(Math.max(0, price - borne)), [5, 3, 1]);
    const recipients = nets.map(
      (net, at): RecipientClaim => ({ party: `pty_${at}`, account: `acc_r${at}`, net, paid: ZERO }),
    );
    return { claims: claimsOf(price, recipients, sides), borne };
  };

  const onTop = (claims: Claims): Minor =>
    sum(claims.fees.filter((f) => f.side === 'buyer').map((f) => f.amount));

  /** Income that was earned on funding comes back with a refund; nothing else goes below zero. */
  const notIncome = ([name, value]: readonly [string, number]): number =>
    name === 'platform' || name === 'tax' ? 0 : value;
  /** Rule 5 counts them apart. */
  const groupsOf = (fees: readonly FeeClaim[]) =>
    [true, false].flatMap((refundable) =>
      [true, false].map((on_funding) => ({
        refundable,
        on_funding,
        fees: fees.filter((f) => f.refundable === refundable && f.on_funding === on_funding),
      })),
    );

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
        let held = subtract(onTop(claims), toMinor(course.fund().fee));
        for (const [amount, back] of moves) {
          const posted = back ? course.refund(amount) : course.release(amount);
          held = subtract(held, toMinor(posted.fee ?? 0));
          const isFair =
            [held, ...Object.entries(posted).map(notIncome)].every((value) => value >= 0) &&
            course.claims.fees.every((f) => f.earned + f.kept + f.returned <= f.amount) &&
            course.claims.recipients.every((r) => r.paid <= r.net);
          if (!isFair) throw new Error(JSON.stringify({ posted, held, claims: course.claims }));
        }
        expect(held).toBe(0);
        const buyers = course.claims.fees.filter((each) => each.side === 'buyer');
        expect(buyers.every((f) => f.earned + f.kept + f.returned === f.amount)).toBe(true);
        for (const group of groupsOf(buyers)) {
          const sumOf = (of: 'amount' | 'earned' | 'kept' | 'returned') =>
            sum(group.fees.map((f) => f[of]));
          const [all, part] = [
            sumOf('amount'),
            floorShare(sumOf('amount'), course.claims.released, price),
          ];
          const isFinal = group.on_funding && !group.refundable;
          expect(sumOf('earned')).toBe(isFinal ? all : part);
          expect(sumOf(group.refundable ? 'returned' : 'kept')).toBe(isFinal ? 0 : all - part);
        }
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
          course.fund();
          for (const [amount, back] of path) {
            if (back) course.refund(amount);
            else course.release(amount);
          }
          const { fees, recipients } = course.claims;
          const group = (side: string, kept: boolean | null) => {
            const all = fees.filter(
              (f) => f.side === side && (kept ?? f.refundable) === f.refundable,
            );
            const of = (field: 'earned' | 'kept' | 'returned') => sum(all.map((f) => f[field]));
            return [of('earned'), of('kept'), of('returned')];
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
