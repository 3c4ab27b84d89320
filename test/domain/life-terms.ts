/**
 * Owns random terms: small amounts, where rounding hurts, and every choice that this version has.
 * Must not know what becomes of them.
 */
import fc from 'fast-check';
import { days, plus } from '../../domain/calendar';
import type { Draft, DraftFee, DraftMilestone, DraftParty } from '../../domain/draft';
import { type Minor, min, sum, toMinor } from '../../domain/money';
import { ARBITER_FEE_BEARERS } from '../../domain/terms';
import {
  ARBITER,
  AT,
  BROKER,
  BUYER,
  OBSERVER,
  PARTNER,
  PAYER,
  part,
  party,
  SELLER,
} from './sample';

const minor = (max: number) => fc.integer({ min: 1, max }).map(toMinor);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

type Payers = { readonly buyer?: number; readonly seller?: number; readonly broker?: number };
const PAYERS: readonly Payers[] = [
  { buyer: 10_000 },
  { buyer: 10_000 },
  { seller: 10_000 },
  { buyer: 6_000, seller: 4_000 },
  { buyer: 3_334, seller: 3_333, broker: 3_333 },
  { seller: 9_500, broker: 500 },
];

/** A broker bears nothing without a commission, nor of his own: the buyer does. */
const borne = (fees: readonly DraftFee[]): readonly DraftFee[] =>
  fees.map((each) => {
    const { buyer = 0, broker = 0, ...rest } = each.paid_by ?? {};
    const isFine = each.kind === 'platform' && fees.some((f) => f.kind === 'broker_commission');
    return isFine ? each : { ...each, paid_by: { ...rest, buyer: buyer + broker } };
  });

const fee: fc.Arbitrary<DraftFee> = fc
  .record({
    kind: fc.constantFrom('platform' as const, 'broker_commission' as const),
    rate: fc.integer({ min: 0, max: 2_500 }),
    fixed: maybe(minor(60)),
    least: maybe(minor(30)),
    room: maybe(fc.integer({ min: 0, max: 400 })),
    payers: fc.constantFrom(...PAYERS),
    earned: fc.constantFrom('release' as const, 'release' as const, 'funding' as const),
    refundable: fc.boolean(),
    tax: fc.constantFrom(0, 700, 1_900),
  })
  .map(({ kind, rate, fixed, least, room, payers, earned, refundable, tax }) => ({
    kind,
    ...(kind === 'platform' && payers.buyer === 10_000 && { earned }),
    ...(fixed === undefined ? { rate_bps: rate } : { fixed }),
    ...(least !== undefined && { min: least }),
    ...(room !== undefined && { max: toMinor((least ?? 0) + room) }),
    paid_by: payers,
    refundable,
    tax_bps: kind === 'platform' ? tax : 0,
  }));

/** Who gets how many basis points: seller, helper, broker; null when the terms are silent. */
const shares = fc.constantFrom<readonly number[] | null>(
  null,
  [10_000, 0, 0],
  [3_334, 3_333, 3_333],
  [9_999, 1, 0],
  [5_000, 0, 5_000],
);

type Shape = {
  readonly amount: Minor;
  readonly inspection_period: number;
  readonly inDays: number;
  readonly shares: readonly number[] | null;
  readonly after: readonly boolean[]; // of those before it
  readonly approvals: number; // when there are two who may
};
const milestone: fc.Arbitrary<Shape> = fc.record({
  amount: fc.oneof(minor(60), minor(5_000)),
  inspection_period: fc.integer({ min: 0, max: 3 }),
  inDays: fc.integer({ min: 2, max: 30 }),
  shares,
  approvals: fc.constantFrom(1, 2, 2),
  after: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
});

const amountOf = (milestones: readonly Shape[]): Minor =>
  sum(milestones.map(({ amount }) => amount));

const RECIPIENTS = ['pty_seller', 'pty_helper', 'pty_broker'] as const;

const milestoneOf = (
  n: number,
  approvers: number,
  { amount, inspection_period, inDays, shares: bps, after, approvals }: Shape,
): DraftMilestone =>
  part(n, {
    amount,
    inspection_period,
    approvals_required: Math.min(approvals, approvers),
    after: after.flatMap((waits, at) => (waits && at < n - 1 ? [at] : [])),
    due_at: plus(AT, days(inDays)),
    ...(bps && {
      recipients: bps.flatMap((share_bps, at) => {
        const name = RECIPIENTS[at];
        return name && share_bps > 0 ? [{ party: name, share_bps }] : [];
      }),
    }),
  });

const destination = fc.constantFrom<DraftParty['payout_destination'][]>(
  'wallet',
  'dst_1',
  undefined,
);
const to = (from: DraftParty, where: DraftParty['payout_destination']): DraftParty =>
  where ? { ...from, payout_destination: where } : from;

const parties = fc
  .record({
    initiator: fc.constantFrom('none', 'pty_buyer', 'pty_seller', 'pty_broker'),
    seller: destination,
    helper: destination,
    broker: destination,
    isPair: fc.boolean(),
  })
  .map(({ initiator, seller, helper, broker, isPair }) =>
    [
      BUYER,
      ...(isPair ? [PARTNER] : []),
      to(SELLER, seller),
      to(party('helper', 'seller'), helper),
      to(BROKER, broker),
      ARBITER,
      party('judge', 'arbiter'),
      OBSERVER,
    ].map((each) => (each.id === initiator ? { ...each, initiator: true } : each)),
  );

const buyersOf = (all: readonly DraftParty[]): number =>
  all.filter(({ role }) => role === 'buyer').length;

const handler = fc.constantFrom<NonNullable<Draft['dispute_handler']>[]>(
  { kind: 'platform' },
  { kind: 'arbitration' },
  { kind: 'arbitration', handler: 'acc_handler' },
);

/** Is the tolerance less than half of what is due at once? */
function isShort(milestones: readonly Shape[], isAlone: boolean, tolerance: number): boolean {
  const prices = milestones.map(({ amount }) => amount);
  const least = isAlone ? Math.min(...prices) : prices.reduce((all, price) => all + price, 0);
  return tolerance < least / 2;
}

export const draftArbitrary: fc.Arbitrary<Draft> = fc
  .record({
    parties,
    milestones: fc.array(milestone, { minLength: 1, maxLength: 3 }),
    fees: fc.array(fee, { maxLength: 3 }).map(borne),
    forArbiter: maybe(
      fc.record({ amount: minor(400), borne_by: fc.constantFrom(...ARBITER_FEE_BEARERS) }),
    ),
    order: fc.constantFrom('accept_first' as const, 'fund_first' as const, 'any' as const),
    by: fc.constantFrom<NonNullable<Draft['funding']>['by'][]>(
      undefined,
      [PAYER],
      [PAYER, { party: 'pty_observer' }],
    ),
    refund_to: fc.constantFrom('wallet' as const, 'source' as const),
    alone: fc.constantFrom(false, false, true),
    tolerance: fc.constantFrom(0, 0, 1, 7),
    dueIn: maybe(fc.integer({ min: 1, max: 12 })),
    mode: fc.constantFrom('automatic' as const, 'manual' as const),
    reserve_bps: fc.constantFrom(0, 777, 10_000),
    dispute_handler: handler,
    rule: maybe(fc.constantFrom('refund' as const, 'release' as const, { recipients_bps: 3_333 })),
    rounds: fc.integer({ min: 0, max: 2 }),
    time_zone: fc.constantFrom('UTC', 'UTC', 'UTC', 'Europe/Berlin'),
  })
  .map(
    ({
      milestones,
      order,
      by,
      alone,
      tolerance,
      dueIn,
      mode,
      reserve_bps,
      rule,
      rounds,
      forArbiter,
      dispute_handler,
      ...rest
    }) => ({
      title: 'A life',
      type: milestones.length === 1 ? 'one_off' : 'milestone',
      currency: 'EUR',
      ...rest,
      milestones: milestones.map((each, n) => milestoneOf(n + 1, buyersOf(rest.parties), each)),
      funding: {
        order,
        ...(alone && { mode: 'per_milestone' as const }),
        tolerance: toMinor(isShort(milestones, alone, tolerance) ? tolerance : 0),
        ...(by && { by }),
        ...(dueIn !== undefined && { due_at: plus(AT, days(dueIn)) }),
      },
      release: { mode, reserve_bps },
      deadlines: { reserve: 'P1D' as const }, // so that some are freed before the life is over
      dispute_handler,
      ...(forArbiter &&
        dispute_handler.kind === 'arbitration' && {
          arbiter_fee: { ...forArbiter, amount: min(forArbiter.amount, amountOf(milestones)) },
        }),
      ...(rule !== undefined && { ruling_default: rule }),
      rework_rounds_max: rounds,
    }),
  );
