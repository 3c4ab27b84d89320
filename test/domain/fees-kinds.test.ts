/**
 * Owns what becomes of each kind of fee: borne by the buyer or the broker, earned on release or on
 * funding, refundable or not.
 * Must not know the worked examples (`fees.test.ts`) nor random paths (`fees-paths.test.ts`).
 */
import type { DraftFee } from '../../domain/draft';
import { planOf } from '../../domain/fee-plan';
import { standingOf } from '../../domain/fees';
import { toMinor } from '../../domain/money';
import { Course, claimOf, claimsOf, courseOf } from './course';
import { BROKER, BUYER, escrowOf, part, SELLER } from './sample';

describe('what a broker bears', () => {
  const of = (commission: Partial<DraftFee>, bps = 10_000) =>
    escrowOf({
      parties: [BUYER, SELLER, BROKER],
      milestones: [part(1)],
      fees: [
        { kind: 'platform', fixed: toMinor(60), paid_by: { broker: bps, seller: 10_000 - bps } },
        { kind: 'broker_commission', fixed: toMinor(100), ...commission },
      ],
    }).terms;

  test('needs no money of its own', () => {
    expect(planOf(of({ paid_by: { buyer: 10_000 } })).due).toBe(10_100);
    expect(planOf(of({ paid_by: { seller: 10_000 } })).due).toBe(10_000);
  });

  test('comes out of both parts of a commission by what they are', () => {
    const [{ fees } = { fees: [] }] = planOf(
      of({ paid_by: { buyer: 7_500, seller: 2_500 } }),
    ).milestones;
    expect(fees.map((f) => [f.fee, f.side, f.via, f.amount])).toEqual([
      [1, 'buyer', null, 30],
      [1, 'seller', null, 10],
      [0, 'buyer', 1, 45],
      [0, 'seller', 1, 15],
    ]);
  });

  test('is earned by the platform on releases only', () => {
    const course = courseOf(of({ paid_by: { buyer: 10_000 } }), 0, { buyer: 10_100 });
    expect(course.release(2_500)).toMatchObject({ broker: 10, platform: 15, seller: 2_500 });
    expect(course.refund(7_500)).toEqual({ fee: 75, buyer: 7_575 });
  });

  test('stays his when a commission that is not refundable is kept out of a refund', () => {
    const terms = of({ paid_by: { buyer: 10_000 }, refundable: false });
    const course = courseOf(terms, 0, { buyer: 10_100 });
    expect(course.release(2_500)).toMatchObject({ broker: 10, platform: 15, seller: 2_500 });
    expect(course.refund(7_500)).toEqual({ fee: 75, buyer: 7_500, broker: 75 });
    expect(standingOf(course.claims.fees, 0)).toEqual({ earned: 15, returned: 0 });
    expect(standingOf(course.claims.fees, 1)).toEqual({ earned: 85, returned: 0 });
  });
});

describe('a fee that is earned on funding', () => {
  const of = (more: Partial<DraftFee>) =>
    courseOf(
      escrowOf({
        parties: [BUYER, SELLER],
        milestones: [part(1)],
        fees: [
          {
            kind: 'platform',
            fixed: toMinor(119),
            paid_by: { buyer: 10_000 },
            earned: 'funding',
            tax_bps: 1_900,
            ...more,
          },
        ],
      }).terms,
      0,
      { buyer: 10_119 },
    );

  test('is all earned then, and by no release again', () => {
    const course = of({});
    expect(course.fund()).toEqual({ fee: 119, platform: 100, tax: 19 });
    expect(course.fund()).toEqual({ fee: 0 });
    expect(course.release(10_000)).toEqual({ fee: 0, seller: 10_000 });
  });

  test('comes back out of income and tax with a refund, when it is refundable', () => {
    const course = of({});
    course.fund();
    expect(course.refund(2_500)).toEqual({ fee: 0, buyer: 2_530, platform: -25, tax: -5 });
    course.release(5_000);
    expect(course.refund(2_500)).toEqual({ fee: 0, buyer: 2_530, platform: -25, tax: -5 });
    expect(standingOf(course.claims.fees, 0)).toEqual({ earned: 59, returned: 60 });
  });

  test('stays earned with a refund, when it is not', () => {
    const course = of({ refundable: false });
    course.fund();
    expect(course.refund(10_000)).toEqual({ fee: 0, buyer: 10_000 });
  });

  test('goes back from what is held when the escrow was never both agreed and funded', () => {
    for (const refundable of [true, false]) {
      expect(of({ refundable }).refund(10_000, true)).toEqual({ fee: 119, buyer: 10_119 });
    }
  });
});

describe('a buyer-borne fee', () => {
  const of = (refundable: boolean) =>
    courseOf(
      escrowOf({
        parties: [BUYER, SELLER, BROKER],
        milestones: [part(1)],
        fees: [{ kind: 'platform', fixed: toMinor(100), paid_by: { buyer: 10_000 }, refundable }],
      }).terms,
      0,
      { buyer: 10_100 },
    );

  test('that is refundable goes back with the price', () => {
    expect(of(true).refund(2_500)).toEqual({ fee: 25, buyer: 2_525 });
  });

  test('that is not refundable is earned instead', () => {
    expect(of(false).refund(2_500)).toEqual({ fee: 25, buyer: 2_500, platform: 25, tax: 0 });
  });

  test('goes back in any case when the escrow was never both agreed and funded', () => {
    expect(of(false).refund(10_000, true)).toEqual({ fee: 100, buyer: 10_100 });
  });
});

describe('under a new plan that would have earned less by now', () => {
  const of = (side: 'buyer' | 'seller') => {
    const earned = toMinor(80); // 50 by the new plan
    const fee = claimOf({ fee: 0, side, beneficiary: 'platform', amount: 100 }, { earned });
    const net = toMinor(side === 'buyer' ? 10_000 : 9_900);
    const paid = toMinor(side === 'buyer' ? 5_000 : 4_920);
    const seller = { party: 'pty_seller', account: 'acc_seller', net, paid } as const;
    const claims = claimsOf(10_000, [seller], [fee]);
    return new Course({ ...claims, released: toMinor(5_000) }, [['buyer', 10_100]]);
  };

  test('nothing is earned until the plan has caught up, and all of it in the end', () => {
    const course = of('seller');
    expect(course.release(2_000)).toEqual({ fee: 0, seller: 2_000 });
    expect(course.release(3_000)).toEqual({ fee: 0, seller: 2_980, platform: 20, tax: 0 });
  });

  test('no more goes back than is left', () => {
    expect(of('buyer').refund(5_000)).toEqual({ fee: 20, buyer: 5_020 });
  });
});
