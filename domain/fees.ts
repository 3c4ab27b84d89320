/**
 * Owns what fees cost, what recipients get after them, and how both follow a milestone that is
 * partly released and partly refunded. Source: `ledger.md`, section 10; its examples are tests.
 * Must not know why money moves, nor which ledger accounts it moves between.
 */
import type { Contribution, FeeClaim, Milestone, RecipientClaim } from './escrow';
import type { EarnedFee, ReturnedFee, Share } from './events';
import {
  add,
  floorShare,
  halfEvenShare,
  type Minor,
  max,
  min,
  split,
  subtract,
  sum,
  ZERO,
} from './money';
import type { Fee, Terms } from './terms';

/** The part of a milestone that says who is due what. */
export type Claims = Pick<Milestone, 'price' | 'released' | 'refunded' | 'recipients' | 'fees'>;

export type Plan = {
  readonly milestones: readonly {
    readonly recipients: readonly RecipientClaim[];
    readonly fees: readonly FeeClaim[];
  }[];
  readonly fees: readonly Minor[]; // total of each fee
  readonly due: Minor; // price and all that the payers bear on top
};

/** Each side's numbers, frozen with the terms: totals, parts per milestone, nets of recipients. */
export function planOf(terms: Pick<Terms, 'amount' | 'milestones' | 'fees' | 'parties'>): Plan {
  const prices = terms.milestones.map((milestone) => milestone.amount);
  const broker = terms.parties.find((party) => party.role === 'broker')?.account_id ?? 'platform';
  const totals = feeTotals(terms);
  const claims = terms.fees.flatMap((fee, at) => {
    const { buyer, seller } = fee.paid_by;
    const sides = split(totals[at] ?? ZERO, [buyer, seller]);
    return (['buyer', 'seller'] as const).map((side, of) => ({
      fee: at,
      side,
      beneficiary: fee.kind === 'platform' ? ('platform' as const) : broker,
      refundable: fee.refundable,
      tax_bps: fee.tax_bps,
      parts: split(sides[of] ?? ZERO, prices),
    }));
  });
  const milestones = terms.milestones.map((milestone, n) => {
    const fees = claims
      .map(({ parts, ...claim }) => ({
        ...claim,
        amount: parts[n] ?? ZERO,
        earned: ZERO,
        returned: ZERO,
      }))
      .filter((claim) => claim.amount > 0);
    const borne = sumOf(fees.filter(isSellers));
    const isTooMuch = borne > milestone.amount; // refused with the terms
    return { fees, recipients: isTooMuch ? [] : netsOf(milestone.recipients, borne) };
  });
  const onTop = milestones.flatMap((milestone) => milestone.fees.filter(isBuyers));
  return { milestones, fees: totals, due: add(terms.amount, sumOf(onTop)) };
}

/** The whole of each fee. */
export const feeTotals = (terms: Pick<Terms, 'amount' | 'fees'>): readonly Minor[] =>
  terms.fees.map((fee) => totalOf(fee, terms.amount));

/** What leaves to recipients and fees when `gross` of a milestone is released. `named` replaces
 * the plan's shares for this part; its amounts sum to `gross`. */
export function releasedOf(
  claims: Claims,
  gross: Minor,
  named?: readonly Minor[],
): { paid: readonly Minor[]; earned: readonly EarnedFee[]; fee_held: Minor } {
  const after = add(claims.released, gross);
  const earned = groupsOf(claims.fees).flatMap(({ fees, total }) => {
    const now = subtract(
      floorShare(total, after, claims.price),
      floorShare(total, claims.released, claims.price),
    );
    return spread(now, fees);
  });
  const sellers = sum(earned.filter(({ claim }) => isSellers(claim)).map(({ part }) => part));
  const weights = named ?? claims.recipients.map((r) => max(ZERO, subtract(r.net, r.paid)));
  return {
    paid: split(subtract(gross, sellers), weights),
    earned: earnedNow(earned, claims.fees),
    fee_held: sum(earned.filter(({ claim }) => isBuyers(claim)).map(({ part }) => part)),
  };
}

/**
 * What goes back to the payers when `part` of a milestone's price is refunded: the price, and the
 * buyer-borne fees that follow it. A fee that is not refundable is earned instead. `unearned`: the
 * escrow was never both agreed and funded, so every fee goes back (`escrow.md`, section 8).
 */
export function refundedOf(
  claims: Claims,
  part: Minor,
  contributions: readonly Contribution[],
  unearned: boolean,
): {
  payers: readonly Share[];
  earned: readonly EarnedFee[];
  returned: readonly ReturnedFee[];
  fee_held: Minor;
  rounding: Minor;
} {
  const before = subtract(claims.price, claims.refunded);
  const after = subtract(before, part);
  const moved = groupsOf(claims.fees.filter(isBuyers)).flatMap(({ fees, total }) => {
    const now = subtract(
      floorShare(total, before, claims.price),
      floorShare(total, after, claims.price),
    );
    return spread(now, fees);
  });
  const back = moved.filter(({ claim }) => unearned || claim.refundable);
  const kept = moved.filter(({ claim }) => !unearned && !claim.refundable);
  const total = add(part, sum(back.map((m) => m.part)));
  // What the platform has added to complete the due amount goes back to it, not to the payers.
  const theirs = min(total, sum(contributions.map((c) => c.left)));
  const shares = split(
    theirs,
    contributions.map((c) => c.left),
  );
  return {
    rounding: subtract(total, theirs),
    payers: contributions.map((c, at) => ({ account: c.account, amount: shares[at] ?? ZERO })),
    earned: earnedNow(kept, claims.fees),
    returned: back.map(({ claim, part: amount }) => ({ fee: claim.fee, amount })).filter(isSome),
    fee_held: sum(moved.map((m) => m.part)),
  };
}

/** The claims with what has been earned and given back added to them. */
export function claimsAfter(
  fees: readonly FeeClaim[],
  earned: readonly EarnedFee[],
  returned: readonly ReturnedFee[],
): readonly FeeClaim[] {
  return fees.map((claim) => ({
    ...claim,
    earned: sum([
      claim.earned,
      ...earned.filter((e) => e.fee === claim.fee && e.side === claim.side).map((e) => e.amount),
    ]),
    returned: sum([
      claim.returned,
      ...returned.filter((r) => r.fee === claim.fee && isBuyers(claim)).map((r) => r.amount),
    ]),
  }));
}

/** The whole of one fee on a price: rate half to even, or fixed; then minimum and maximum. */
function totalOf(fee: Fee, price: Minor): Minor {
  const plain = fee.fixed ?? halfEvenShare(price, fee.rate_bps ?? 0, 10_000);
  const least = max(fee.min ?? plain, plain);
  return min(fee.max ?? least, least);
}

/** Rule 3: their amounts less what they bear of the fees, spread over them by amount. */
function netsOf(
  recipients: Terms['milestones'][number]['recipients'],
  borne: Minor,
): readonly RecipientClaim[] {
  const parts = split(
    borne,
    recipients.map((recipient) => recipient.amount),
  );
  return recipients.map(({ party, account_id, amount }, at) => ({
    party,
    account: account_id,
    net: subtract(amount, parts[at] ?? ZERO),
    paid: ZERO,
  }));
}

/** Rule 5 counts seller-borne, refundable and not refundable parts apart. */
function groupsOf(
  fees: readonly FeeClaim[],
): readonly { fees: readonly FeeClaim[]; total: Minor }[] {
  const groups = [
    fees.filter(isSellers),
    fees.filter((claim) => isBuyers(claim) && claim.refundable),
    fees.filter((claim) => isBuyers(claim) && !claim.refundable),
  ];
  return groups
    .filter((group) => group.length > 0)
    .map((group) => ({ fees: group, total: sumOf(group) }));
}

type Part = { readonly claim: FeeClaim; readonly part: Minor };

/** Rule 6: a posting is split over what is still due, so that nobody gets more than his claim. */
function spread(amount: Minor, fees: readonly FeeClaim[]): readonly Part[] {
  const parts = split(
    amount,
    fees.map((claim) => subtract(claim.amount, add(claim.earned, claim.returned))),
  );
  return fees.map((claim, at) => ({ claim, part: parts[at] ?? ZERO }));
}

/** Rule 7: tax is inside the fee, cumulative per fee and half to even, differences posted. */
function earnedNow(parts: readonly Part[], fees: readonly FeeClaim[]): readonly EarnedFee[] {
  const earned = parts.map(({ claim, part }, at): EarnedFee => {
    const isSame = (other: FeeClaim): boolean => other.fee === claim.fee;
    const earlier = parts.slice(0, at).filter((before) => isSame(before.claim));
    const before = sum([
      ...fees.filter(isSame).map((other) => other.earned),
      ...earlier.map((other) => other.part),
    ]);
    const tax = subtract(taxOn(add(before, part), claim), taxOn(before, claim));
    const { fee, side, beneficiary } = claim;
    return { fee, side, beneficiary, amount: part, tax };
  });
  return earned.filter(isSome);
}

const taxOn = (earned: Minor, { tax_bps }: FeeClaim): Minor =>
  halfEvenShare(earned, tax_bps, 10_000 + tax_bps);

const isSellers = (claim: FeeClaim): boolean => claim.side === 'seller';
const isBuyers = (claim: FeeClaim): boolean => claim.side === 'buyer';
const isSome = (posting: { readonly amount: Minor }): boolean => posting.amount > 0;
const sumOf = (fees: readonly FeeClaim[]): Minor => sum(fees.map((claim) => claim.amount));
