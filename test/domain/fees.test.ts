/**
 * Owns the numbers of fees: the worked examples A, B and C of `ledger.md`, section 10, to the
 * unit. Claims are built by hand where terms of this version cannot say them.
 * Must not know escrows.
 */
import type { FeeClaim, RecipientClaim } from '../../domain/escrow';
import { feeTotals, planOf } from '../../domain/fees';
import { split, toMinor, ZERO } from '../../domain/money';
import type { Fee, Terms } from '../../domain/terms';
import { Course, claimsOf } from './course';
import { BROKER, BUYER, escrowOf, part, party, SELLER } from './sample';

const fee = (kind: Fee['kind'], buyer: number, more: Partial<Fee>): Fee => ({
  kind,
  paid_by: { buyer, seller: 10_000 - buyer, broker: 0 },
  earned: 'release',
  refundable: true,
  tax_bps: 0,
  ...more,
});

describe('example A: two milestones, a fee of both sides, a commission of the seller', () => {
  const agent = party('agent', 'broker');
  const draft = escrowOf({
    parties: [BUYER, SELLER, agent],
    milestones: [
      part(1, { amount: toMinor(33_334) }),
      part(2, {
        amount: toMinor(66_667),
        recipients: [
          { account_id: 'acc_seller', amount: toMinor(60_000) },
          { account_id: 'acc_agent', amount: toMinor(6_667) },
        ],
      }),
    ],
  });
  const terms: Terms = {
    ...draft.terms,
    parties: [...draft.terms.parties].map((p) =>
      p.role === 'broker' ? { ...p, account_id: 'acc_broker' as const } : p,
    ),
    fees: [
      fee('platform', 5_000, { rate_bps: 290, min: toMinor(500), max: toMinor(5_000) }),
      fee('broker_commission', 0, { rate_bps: 100 }),
    ],
  };
  const plan = planOf(terms);
  const course = (at: number): Course => {
    const { recipients = [], fees = [] } = plan.milestones[at] ?? {};
    return new Course(claimsOf(terms.milestones[at]?.amount ?? 0, recipients, fees));
  };

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
    expect(course(0).release(33_334)).toEqual({
      fee: 483,
      seller: 32_518,
      broker: 333,
      platform: 966,
      tax: 0,
    });
    const two = course(1);
    const first = { fee: 290, seller: 17_559, agent: 1_951, broker: 200, platform: 580, tax: 0 };
    const rest = { fee: 677, seller: 40_970, agent: 4_553, broker: 467, platform: 1_354, tax: 0 };
    expect(two.release(20_000)).toEqual(first);
    expect(two.release(46_667)).toEqual(rest);
  });

  test('other partial releases give the same', () => {
    const two = course(1);
    for (const gross of [1, 1, 33_333, 33_331, 1]) two.release(gross);
    expect(Object.fromEntries(two.paid)).toEqual({
      seller: 58_529,
      agent: 6_504,
      broker: 667,
      platform: 1_934,
      tax: 0,
    });
  });
});

describe('example B: two payers, a fee of both sides, a ruling', () => {
  const side = (which: 'buyer' | 'seller', amount: number): FeeClaim => ({
    fee: 0,
    side: which,
    beneficiary: 'platform',
    refundable: true,
    tax_bps: 0,
    amount: toMinor(amount),
    earned: ZERO,
    returned: ZERO,
  });
  const seller: RecipientClaim = {
    party: 'pty_seller',
    account: 'acc_seller',
    net: toMinor(49_500),
    paid: ZERO,
  };
  const course = new Course(claimsOf(50_000, [seller], [side('buyer', 750), side('seller', 500)]), [
    ['buyer', 30_750],
    ['co', 20_000],
  ]);

  test('its release and both halves of its ruling', () => {
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
  const recipients = [3_278, 3_277, 3_278].map((net, at): RecipientClaim => {
    const name = `r${at + 1}`;
    return { party: `pty_${name}`, account: `acc_${name}`, net: toMinor(net), paid: ZERO };
  });
  const claim = (
    of: number,
    side: 'buyer' | 'seller',
    to: FeeClaim['beneficiary'],
    amount: number,
  ): FeeClaim => ({
    fee: of,
    side,
    beneficiary: to,
    refundable: true,
    tax_bps: of === 0 ? 500 : 0,
    amount: toMinor(amount),
    earned: ZERO,
    returned: ZERO,
  });
  // The broker bears 166 of the platform's fee out of his commission of 500, which the buyer pays.
  const fees = [
    claim(0, 'buyer', 'platform', 167 + 166),
    claim(0, 'seller', 'platform', 167),
    claim(1, 'buyer', 'acc_broker', 500 - 166),
  ];
  const course = () => new Course(claimsOf(10_000, recipients, fees));

  test('the fee is its minimum, split over three payers', () => {
    const platform = fee('platform', 0, { rate_bps: 150, min: toMinor(500) });
    expect(feeTotals({ amount: toMinor(10_000), fees: [platform] })).toEqual([500]);
    expect(split(toMinor(500), [3_334, 3_333, 3_333])).toEqual([167, 167, 166]);
  });

  test('what recipients bear is spread over them by their amounts', () => {
    const helper = party('helper', 'seller');
    const amounts = { seller: 3_334, helper: 3_333, broker: 3_333 };
    const named = Object.entries(amounts).map(([name, amount]) => ({
      account_id: `acc_${name}` as const,
      amount: toMinor(amount),
    }));
    const { terms } = escrowOf({
      parties: [BUYER, SELLER, helper, BROKER],
      milestones: [part(1, { recipients: named })],
      fees: [{ kind: 'platform', fixed: toMinor(167) }],
    });
    const nets = planOf(terms).milestones[0]?.recipients.map(({ net }) => net);
    expect(nets).toEqual([3_278, 3_277, 3_278]);
  });

  test('its three releases', () => {
    const three = course();
    const row = (r: readonly number[], broker: number, platform: number, held: number) => {
      const [r1, r2, r3] = r;
      return { fee: held, r1, r2, r3, broker, platform, tax: 8 };
    };
    expect(three.release(3_333)).toEqual(row([1_093, 1_092, 1_093], 111, 158, 222));
    expect(three.release(3_333)).toEqual(row([1_093, 1_092, 1_092], 111, 159, 222));
    expect(three.release(3_334)).toEqual(row([1_092, 1_093, 1_093], 112, 159, 223));
  });

  test('one single release gives the same', () => {
    expect(course().release(10_000)).toEqual({
      fee: 667,
      r1: 3_278,
      r2: 3_277,
      r3: 3_278,
      broker: 334,
      platform: 476,
      tax: 24,
    });
  });
});

describe('a buyer-borne fee', () => {
  const of = (refundable: boolean) => {
    const terms = escrowOf({
      parties: [BUYER, SELLER, BROKER],
      milestones: [part(1)],
      fees: [{ kind: 'platform', fixed: toMinor(100), paid_by: { buyer: 10_000 }, refundable }],
    }).terms;
    const [{ recipients, fees } = { recipients: [], fees: [] }] = planOf(terms).milestones;
    return new Course(claimsOf(10_000, recipients, fees), [['buyer', 10_100]]);
  };

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
