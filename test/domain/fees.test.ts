/**
 * Owns the numbers of fees: the worked examples A, B and C of `ledger.md`, section 10, to the
 * unit, from terms and claims to every posting.
 * Must not know escrows.
 */
import { feeTotals, planOf } from '../../domain/fee-plan';
import { toMinor } from '../../domain/money';
import type { Fee } from '../../domain/terms';
import { courseOf } from './course';
import { BROKER, BUYER, escrowOf, part, party, SELLER } from './sample';

const fee = (kind: Fee['kind'], buyer: number, more: Partial<Fee>): Fee => ({
  kind,
  paid_by: { buyer, seller: 10_000 - buyer, broker: 0 },
  earned: 'release',
  refundable: true,
  tax_bps: 0,
  ...more,
});

const agent = party('agent', 'broker');
const helper = party('helper', 'seller');
const shared = (amounts: Readonly<Record<string, number>>) =>
  Object.entries(amounts).map(([name, amount]) => ({
    account_id: `acc_${name}` as const,
    amount: toMinor(amount),
  }));

describe('example A: two milestones, a fee of both sides, a commission of the seller', () => {
  const { terms } = escrowOf({
    parties: [BUYER, SELLER, BROKER, helper],
    milestones: [
      part(1, { amount: toMinor(33_334), recipients: shared({ seller: 33_334 }) }),
      part(2, {
        amount: toMinor(66_667),
        recipients: shared({ seller: 60_000, helper: 6_667 }), // the page's agent
      }),
    ],
    fees: [
      {
        kind: 'platform',
        rate_bps: 290,
        min: toMinor(500),
        max: toMinor(5_000),
        paid_by: { buyer: 5_000, seller: 5_000 },
      },
      { kind: 'broker_commission', rate_bps: 100, paid_by: { seller: 10_000 } },
    ],
  });
  const plan = planOf(terms);

  test('totals, what is due, nets', () => {
    expect(feeTotals(terms)).toEqual([2_900, 1_000]);
    expect(plan.due).toBe(101_451);
    const parts = plan.milestones.map(({ fees }) => fees.map((f) => [f.fee, f.side, f.amount]));
    expect(parts).toEqual([
      [
        [0, 'buyer', 483],
        [0, 'seller', 483],
        [1, 'seller', 333],
      ],
      [
        [0, 'buyer', 967],
        [0, 'seller', 967],
        [1, 'seller', 667],
      ],
    ]);
    const nets = plan.milestones.map((m) => m.recipients.map(({ net }) => net));
    expect(nets).toEqual([[32_518], [58_529, 6_504]]);
  });

  test('its three releases', () => {
    expect(courseOf(terms, 0).release(33_334)).toEqual({
      fee: 483,
      seller: 32_518,
      broker: 333,
      platform: 966,
      tax: 0,
    });
    const two = courseOf(terms, 1);
    const first = { fee: 290, seller: 17_559, helper: 1_951, broker: 200, platform: 580, tax: 0 };
    const rest = { fee: 677, seller: 40_970, helper: 4_553, broker: 467, platform: 1_354, tax: 0 };
    expect(two.release(20_000)).toEqual(first);
    expect(two.release(46_667)).toEqual(rest);
  });

  test('other partial releases give the same', () => {
    const two = courseOf(terms, 1);
    for (const gross of [1, 1, 33_333, 33_331, 1]) two.release(gross);
    expect(Object.fromEntries(two.paid)).toEqual({
      seller: 58_529,
      helper: 6_504,
      broker: 667,
      platform: 1_934,
      tax: 0,
    });
  });
});

describe('example B: two payers, a fee of both sides, a ruling', () => {
  const { terms } = escrowOf({
    parties: [BUYER, SELLER],
    milestones: [part(1, { amount: toMinor(50_000) })],
    fees: [{ kind: 'platform', rate_bps: 250, paid_by: { buyer: 6_000, seller: 4_000 } }],
  });

  test('its release and both halves of its ruling', () => {
    expect(planOf(terms).due).toBe(50_750);
    const course = courseOf(terms, 0, { buyer: 30_750, co: 20_000 });
    expect(course.release(15_001)).toEqual({ fee: 225, seller: 14_851, platform: 375, tax: 0 });
    expect(course.release(23_333)).toEqual({ fee: 350, seller: 23_100, platform: 583, tax: 0 });
    expect(course.refund(11_666)).toEqual({ fee: 175, buyer: 7_175, co: 4_666 });
    expect(Object.fromEntries(course.paid)).toEqual({
      seller: 37_951,
      platform: 958,
      tax: 0,
      buyer: 7_175,
      co: 4_666,
    });
  });
});

describe('example C: three decimals, a minimum, three payers of a fee, tax inside', () => {
  const { terms } = escrowOf({
    currency: 'KWD',
    parties: [BUYER, SELLER, helper, party('third', 'seller'), agent],
    milestones: [part(1, { recipients: shared({ seller: 3_334, helper: 3_333, third: 3_333 }) })],
    fees: [
      {
        kind: 'platform',
        rate_bps: 150,
        min: toMinor(500),
        paid_by: { buyer: 3_334, seller: 3_333, broker: 3_333 },
        tax_bps: 500,
      },
      { kind: 'broker_commission', rate_bps: 500, paid_by: { buyer: 10_000 } },
    ],
  });

  test('the fee is its minimum, split over three; the broker bears out of his own', () => {
    expect(feeTotals(terms)).toEqual([500, 500]);
    expect(planOf(terms).due).toBe(10_667);
    const [{ fees, recipients } = { fees: [], recipients: [] }] = planOf(terms).milestones;
    expect(fees.map((f) => [f.fee, f.side, f.via, f.beneficiary, f.amount])).toEqual([
      [0, 'buyer', null, 'platform', 167],
      [0, 'seller', null, 'platform', 167],
      [1, 'buyer', null, 'acc_agent', 334],
      [0, 'buyer', 1, 'platform', 166],
    ]);
    expect(recipients.map(({ net }) => net)).toEqual([3_278, 3_277, 3_278]);
  });

  test('its three releases', () => {
    const course = courseOf(terms, 0);
    const row = (r: readonly number[], broker: number, platform: number, held: number) => {
      const [seller, helpers, third] = r;
      return { fee: held, seller, helper: helpers, third, agent: broker, platform, tax: 8 };
    };
    expect(course.release(3_333)).toEqual(row([1_093, 1_092, 1_093], 111, 158, 222));
    expect(course.release(3_333)).toEqual(row([1_093, 1_092, 1_092], 111, 159, 222));
    expect(course.release(3_334)).toEqual(row([1_092, 1_093, 1_093], 112, 159, 223));
  });

  test('one single release gives the same', () => {
    expect(courseOf(terms, 0).release(10_000)).toEqual({
      fee: 667,
      seller: 3_278,
      helper: 3_277,
      third: 3_278,
      agent: 334,
      platform: 476,
      tax: 24,
    });
  });
});

describe('the whole of a fee is', () => {
  const of = (more: Partial<Fee>) =>
    feeTotals({ amount: toMinor(10_000), fees: [fee('platform', 0, more)] })[0];
  const minor = toMinor;

  test.each<[Partial<Fee>, number]>([
    [{ rate_bps: 150 }, 150],
    [{ rate_bps: 150, min: minor(149) }, 150],
    [{ rate_bps: 150, min: minor(151) }, 151],
    [{ rate_bps: 150, max: minor(149) }, 149],
    [{ rate_bps: 150, max: minor(151) }, 150],
    [{ rate_bps: 150, min: minor(100), max: minor(120) }, 120],
    [{ rate_bps: 150, min: minor(200), max: minor(300) }, 200],
    [{ fixed: minor(70) }, 70],
    [{ fixed: minor(70), min: minor(90) }, 90],
    [{ fixed: minor(70), max: minor(60) }, 60],
    [{ rate_bps: 0 }, 0],
  ])('%j of 10000: %d', (more, total) => expect(of(more)).toBe(total));

  test('its rate half to even', () => {
    const amount = toMinor(50); // 50 × 2.5 % = 1.25, 50 × 3 % = 1.5, 50 × 5 % = 2.5
    const fees = [250, 300, 500].map((rate_bps) => fee('platform', 0, { rate_bps }));
    expect(feeTotals({ amount, fees })).toEqual([1, 2, 2]);
  });
});
