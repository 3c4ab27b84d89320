/**
 * Owns random terms: small amounts, where rounding hurts, and every choice that this version has.
 * Must not know what becomes of them.
 */
import fc from 'fast-check';
import { days, plus } from '../../domain/calendar';
import type { Draft, DraftFee, DraftMilestone, DraftParty } from '../../domain/draft';
import { type Minor, toMinor } from '../../domain/money';
import { ARBITER, AT, BROKER, BUYER, OBSERVER, PARTNER, part, party, SELLER } from './sample';

const minor = (max: number) => fc.integer({ min: 1, max }).map(toMinor);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const fee: fc.Arbitrary<DraftFee> = fc
  .record({
    kind: fc.constantFrom('platform' as const, 'broker_commission' as const),
    rate: fc.integer({ min: 0, max: 2_500 }),
    fixed: maybe(minor(60)),
    min: maybe(minor(30)),
    room: maybe(fc.integer({ min: 0, max: 400 })),
    byBuyer: fc.boolean(),
    refundable: fc.boolean(),
    tax: fc.constantFrom(0, 700, 1_900),
  })
  .map(({ kind, rate, fixed, min, room, byBuyer, refundable, tax }) => ({
    kind,
    ...(fixed === undefined ? { rate_bps: rate } : { fixed }),
    ...(min !== undefined && { min }),
    ...(room !== undefined && { max: toMinor((min ?? 0) + room) }),
    paid_by: byBuyer ? { buyer: 10_000 } : { seller: 10_000 },
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

export const draftArbitrary: fc.Arbitrary<Draft> = fc
  .record({
    parties,
    milestones: fc.array(milestone, { minLength: 1, maxLength: 3 }),
    fees: fc.array(fee, { maxLength: 3 }),
    order: fc.constantFrom('accept_first' as const, 'fund_first' as const, 'any' as const),
    dueIn: maybe(fc.integer({ min: 1, max: 12 })),
    mode: fc.constantFrom('automatic' as const, 'manual' as const),
    reserve_bps: fc.constantFrom(0, 0, 777, 10_000),
    handler,
    rule: maybe(fc.constantFrom('refund' as const, 'release' as const, { recipients_bps: 3_333 })),
    rounds: fc.integer({ min: 0, max: 2 }),
    time_zone: fc.constantFrom('UTC', 'UTC', 'UTC', 'Europe/Berlin'),
  })
  .map(
    ({
      milestones,
      order,
      dueIn,
      mode,
      reserve_bps,
      rule,
      rounds,
      handler: dispute_handler,
      ...rest
    }) => ({
      title: 'A life',
      type: milestones.length === 1 ? 'one_off' : 'milestone',
      currency: 'EUR',
      ...rest,
      milestones: milestones.map((each, n) => milestoneOf(n + 1, buyersOf(rest.parties), each)),
      funding: { order, ...(dueIn !== undefined && { due_at: plus(AT, days(dueIn)) }) },
      release: { mode, reserve_bps },
      deadlines: { reserve: 'P1D' }, // so that some are freed before the life is over
      dispute_handler,
      ...(rule !== undefined && { ruling_default: rule }),
      rework_rounds_max: rounds,
    }),
  );
