/**
 * Owns how fees and recipients' claims follow a milestone that is partly released and partly
 * refunded: the cumulative rule, and the tax inside.
 * Must not know why money moves, nor between which ledger accounts; nor what fees cost
 * (`fee-plan.ts`). Source: `ledger.md`, section 10, rules 5 to 8; its examples are tests.
 */
import type { Contribution } from './contribution';
import type { FeeClaim, Milestone } from './escrow';
import type { EarnedFee, ReturnedFee, Share } from './events';
import { taxInside } from './fee-plan';
import { add, floorShare, type Minor, max, min, split, subtract, sum, ZERO } from './money';

/** The part of a milestone that says who is due what. */
export type Claims = Pick<Milestone, 'price' | 'released' | 'refunded' | 'recipients' | 'fees'>;

/** Fees that become their beneficiaries' by releases or on funding, fees that are kept out of a
 * refund, and fees that go back. */
export type FeesMoved = {
  readonly earned: readonly EarnedFee[];
  readonly kept: readonly EarnedFee[];
  readonly returned: readonly ReturnedFee[];
};

/** What leaves to recipients and fees when `gross` of a milestone is released. `named` replaces
 * the plan's shares for this part; its amounts sum to `gross`. */
export function releasedOf(
  claims: Claims,
  gross: Minor,
  named?: readonly Minor[],
): { paid: readonly Minor[]; earned: readonly EarnedFee[]; fee_held: Minor } {
  const after = add(claims.released, gross);
  const isLast = add(after, claims.refunded) === claims.price;
  const groups = [isSellers, isRefundable, isNotRefundable];
  const parts = groups.flatMap((isIn) => {
    const fees = claims.fees.filter((claim) => isIn(claim) && !claim.on_funding);
    const last = sum(fees.map(({ earned }) => earned));
    const step = subtract(floorShare(planned(fees), after, claims.price), last);
    // After an amendment there may be more to catch up with than leaves now.
    if (isIn === isSellers) return spread(min(step, gross), fees);
    return spread(isLast ? sum(fees.map(stillDue)) : step, fees);
  });
  const borne = (isIn: (claim: FeeClaim) => boolean): Minor =>
    sum(parts.filter(({ claim }) => isIn(claim)).map(({ part }) => part));
  const weights = named ?? claims.recipients.map((r) => max(ZERO, subtract(r.net, r.paid)));
  return {
    paid: split(subtract(gross, borne(isSellers)), weights),
    earned: earnedNow(parts, claims.fees, ({ beneficiary }) => beneficiary),
    fee_held: borne(isBuyers),
  };
}

/** What is earned of a milestone in the moment in which it is both agreed and funded. */
export const earnedOnFunding = ({ fees }: Pick<Claims, 'fees'>): readonly EarnedFee[] =>
  earnedNow(
    fees.filter(({ on_funding }) => on_funding).map((claim) => ({ claim, part: stillDue(claim) })),
    fees,
    ({ beneficiary }) => beneficiary,
  );

/**
 * What goes back to the payers when `part` of a milestone's price is refunded: the price, and the
 * buyer-borne fees that follow it. A fee that is not refundable is kept instead; one that has been
 * earned on funding comes back out of income. `unearned`: the escrow was never both agreed and
 * funded, so every fee goes back (`escrow.md`, section 8).
 */
export function refundedOf(
  claims: Claims,
  part: Minor,
  contributions: readonly Contribution[],
  unearned: boolean,
): Pick<FeesMoved, 'kept' | 'returned'> & {
  payers: readonly Share[];
  fee_held: Minor;
  rounding: Minor;
} {
  const left = subtract(claims.price, add(claims.refunded, part));
  const isLast = left === claims.released;
  const given = (fees: readonly FeeClaim[], last: (claim: FeeClaim) => Minor): readonly Part[] => {
    const total = planned(fees);
    const back = subtract(total, floorShare(total, left, claims.price));
    const step = subtract(back, sum(fees.map(last)));
    // The last posting empties what is held, whatever plans an amendment has replaced.
    return spread(isLast ? max(step, sum(fees.map(stillDue))) : step, fees, isBackFrom);
  };
  const fees = claims.fees.filter(isBuyers);
  const late = fees.filter(({ on_funding }) => !on_funding);
  const early = fees.filter(({ on_funding }) => on_funding);
  const follow = [
    ...given(late.filter(isRefundable), ({ returned }) => returned),
    ...given(early.filter(isRefundable), ({ returned }) => returned),
  ];
  const stay = given(late.filter(isNotRefundable), ({ kept, returned }) => add(kept, returned));
  const all = unearned ? given(early.filter(isNotRefundable), ({ returned }) => returned) : [];
  const returned = returnedNow(unearned ? [...follow, ...stay, ...all] : follow, claims.fees);
  const kept = unearned ? [] : earnedNow(stay, claims.fees, ({ kept_by }) => kept_by);
  const held = [...kept, ...returned.filter(({ was }) => was === 'held')];
  // What the platform has added to complete the due amount goes back to it, not to the payers.
  const total = add(part, sum(returned.map(({ amount }) => amount)));
  const theirs = min(total, sum(contributions.map((contribution) => contribution.left)));
  return {
    payers: sharesOf(theirs, contributions),
    rounding: subtract(total, theirs),
    kept,
    returned,
    fee_held: sum(held.map(({ amount }) => amount)),
  };
}

/** The claims with what has been earned, kept and given back added to them. */
export const claimsAfter = (
  fees: readonly FeeClaim[],
  { earned = [], kept = [], returned = [] }: Partial<FeesMoved>,
): readonly FeeClaim[] =>
  fees.map((claim) => {
    const mine = <F extends ClaimKey & { readonly amount: Minor }>(moved: readonly F[]): Minor =>
      sum(moved.filter((each) => isOf(claim, each)).map(({ amount }) => amount));
    const fromIncome = mine(returned.filter(({ was }) => was === 'earned'));
    return {
      ...claim,
      earned: subtract(add(claim.earned, mine(earned)), fromIncome),
      kept: add(claim.kept, mine(kept)),
      returned: add(claim.returned, mine(returned)),
    };
  });

/** What one fee of the terms has brought so far, and what of it has gone back. A broker bears out
 * of his commission: what of that goes back, or is kept, is commission. */
export function standingOf(
  claims: readonly FeeClaim[],
  fee: number,
): { readonly earned: Minor; readonly returned: Minor } {
  const own = claims.filter((claim) => claim.fee === fee);
  const source = claims.filter((claim) => (claim.via ?? claim.fee) === fee);
  return {
    earned: sum([...own.map(({ earned }) => earned), ...source.map(({ kept }) => kept)]),
    returned: sum(source.map(({ returned }) => returned)),
  };
}

type ClaimKey = Pick<FeeClaim, 'fee' | 'side' | 'via'>;
const isOf = (claim: ClaimKey, other: ClaimKey): boolean =>
  claim.fee === other.fee && claim.side === other.side && claim.via === other.via;

type Part = { readonly claim: FeeClaim; readonly part: Minor };

/**
 * Rule 6: a posting is split over what is still due, so that nobody gets more than his claim. An
 * amendment can have left more behind than the new plan would give by now: then nothing.
 */
function spread(
  amount: Minor,
  fees: readonly FeeClaim[],
  rest: (claim: FeeClaim) => Minor = stillDue,
): readonly Part[] {
  const parts = split(min(max(ZERO, amount), sum(fees.map(rest))), fees.map(rest));
  return fees.map((claim, at) => ({ claim, part: parts[at] ?? ZERO }));
}

/** Rule 7: tax is inside the fee, cumulative per fee and half to even, differences posted. */
function earnedNow(
  parts: readonly Part[],
  fees: readonly FeeClaim[],
  getter: (claim: FeeClaim) => FeeClaim['beneficiary'],
): readonly EarnedFee[] {
  const earned = parts.map(({ claim, part }, at): EarnedFee => {
    const { fee, side, via, tax_bps } = claim;
    const beneficiary = getter(claim);
    const isSame = ({ claim: other }: Part): boolean =>
      other.fee === fee && getter(other) === beneficiary;
    const earlier = parts
      .slice(0, at)
      .filter(isSame)
      .map((other) => other.part);
    const before = sum([taxedOf(fees, fee), ...earlier]);
    const tax = beneficiary === 'platform' ? taxOn(before, part, tax_bps) : ZERO;
    return { fee, side, via, beneficiary, amount: part, tax };
  });
  return earned.filter(isSome);
}

/** What has been earned on funding goes back first, with its tax; the rest was never earned. */
function returnedNow(parts: readonly Part[], fees: readonly FeeClaim[]): readonly ReturnedFee[] {
  return parts
    .flatMap(({ claim, part }): ReturnedFee[] => {
      const { fee, side, via, tax_bps } = claim;
      const income = claim.on_funding ? min(part, claim.earned) : ZERO;
      const tax = taxOn(subtract(taxedOf(fees, fee), income), income, tax_bps);
      return [
        { fee, side, via, amount: income, tax, was: 'earned' },
        { fee, side, via, amount: subtract(part, income), tax: ZERO, was: 'held' },
      ];
    })
    .filter(isSome);
}

/** What of a fee its beneficiary has got so far. */
const taxedOf = (fees: readonly FeeClaim[], fee: number): Minor =>
  sum(
    fees
      .filter((claim) => claim.fee === fee)
      .map(({ earned, kept, via }) => (via === null ? add(earned, kept) : earned)),
  );

const taxOn = (before: Minor, part: Minor, bps: number): Minor =>
  subtract(taxInside(add(before, part), bps), taxInside(before, bps));

/** Rule 6, of payers: by what is left of their contributions. */
function sharesOf(total: Minor, contributions: readonly Contribution[]): readonly Share[] {
  const shares = split(
    total,
    contributions.map((contribution) => contribution.left),
  );
  return contributions.map(({ account }, at) => ({ account, amount: shares[at] ?? ZERO }));
}

const isSellers = ({ side }: FeeClaim): boolean => side === 'seller';
const isBuyers = ({ side }: FeeClaim): boolean => side === 'buyer';
const isRefundable = (claim: FeeClaim): boolean => isBuyers(claim) && claim.refundable;
const isNotRefundable = (claim: FeeClaim): boolean => isBuyers(claim) && !claim.refundable;
const isSome = (posting: { readonly amount: Minor }): boolean => posting.amount > 0;
const planned = (fees: readonly FeeClaim[]): Minor => sum(fees.map(({ amount }) => amount));
export const stillDue = ({ amount, earned, kept, returned }: FeeClaim): Minor =>
  subtract(amount, sum([earned, kept, returned]));
/** What can still go back: earned on funding is no end of it. */
const isBackFrom = (claim: FeeClaim): Minor =>
  claim.on_funding ? subtract(claim.amount, claim.returned) : stillDue(claim);
