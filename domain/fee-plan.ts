/**
 * Owns what fees cost before anything moves: the whole of each, who bears which part of it in which
 * milestone, what recipients, broker, platform and tax get when everything is released.
 * Must not know what becomes of it (`fees.ts`). Source: `ledger.md`, section 10, rules 1 to 4.
 */
import type { FeeClaim, RecipientClaim } from './escrow';
import { halfEvenShare, type Minor, max, min, split, subtract, sum, ZERO } from './money';
import type { Fee, Terms } from './terms';

type PlannedTerms = Pick<Terms, 'amount' | 'milestones' | 'fees' | 'parties'>;

/** Who is due what of one milestone. */
export type MilestonePlan = {
  readonly recipients: readonly RecipientClaim[];
  readonly fees: readonly FeeClaim[];
};

export type Plan = {
  readonly milestones: readonly MilestonePlan[];
  readonly fees: readonly Minor[]; // total of each fee
  readonly due: Minor; // price and all that the payers bear on top
};

export const BEARERS = ['buyer', 'seller', 'broker'] as const;
/** Each bearer's part of one fee, by milestone. */
export type FeeParts = { readonly [B in (typeof BEARERS)[number]]: readonly Minor[] };

/** Each side's numbers, frozen with the terms. The terms have passed `feeProblems`. */
export function planOf(terms: PlannedTerms): Plan {
  const all = partsOf(terms);
  const milestones = terms.milestones.map((milestone, n): MilestonePlan => {
    const fees = rerouted(terms, all, n).filter((claim) => claim.amount > 0);
    return { fees, recipients: netsOf(milestone.recipients, borneBySellers(fees)) };
  });
  const onTop = milestones.flatMap(({ fees }) => fees.filter(({ side }) => side === 'buyer'));
  return {
    milestones,
    fees: feeTotals(terms),
    due: sum([terms.amount, ...onTop.map(({ amount }) => amount)]),
  };
}

/** The whole of each fee. */
export const feeTotals = (terms: Pick<Terms, 'amount' | 'fees'>): readonly Minor[] =>
  terms.fees.map((fee) => totalOf(fee, terms.amount));

/** Rule 2: each fee over its bearers by share, each bearer's part over the milestones by price. */
export function partsOf(terms: Pick<Terms, 'amount' | 'fees' | 'milestones'>): readonly FeeParts[] {
  const prices = terms.milestones.map((milestone) => milestone.amount);
  const totals = feeTotals(terms);
  return terms.fees.map(({ paid_by }, at) => {
    const [buyer, seller, broker] = split(
      totals[at] ?? ZERO,
      BEARERS.map((bearer) => paid_by[bearer]),
    ).map((part) => split(part, prices));
    return { buyer: buyer ?? [], seller: seller ?? [], broker: broker ?? [] };
  });
}

/** The tax inside what has been earned of a fee, half to even. */
export const taxInside = (earned: Minor, bps: number): Minor =>
  halfEvenShare(earned, bps, 10_000 + bps);

/** Rule 1: rate half to even, or fixed; then minimum and maximum. */
function totalOf(fee: Fee, price: Minor): Minor {
  const plain = fee.fixed ?? halfEvenShare(price, fee.rate_bps ?? 0, 10_000);
  const least = max(fee.min ?? plain, plain);
  return min(fee.max ?? least, least);
}

/** The claims of one milestone as they stand in the terms, before the broker bears anything. */
function directClaims(
  { fees, parties }: PlannedTerms,
  all: readonly FeeParts[],
  n: number,
): readonly FeeClaim[] {
  const broker = parties.find((party) => party.role === 'broker')?.account_id ?? 'platform';
  return fees.flatMap((fee, at) => {
    const beneficiary = fee.kind === 'platform' ? ('platform' as const) : broker;
    return (['buyer', 'seller'] as const).map((side) => ({
      fee: at,
      side,
      via: null,
      beneficiary,
      kept_by: beneficiary,
      refundable: fee.refundable,
      on_funding: fee.earned === 'funding',
      tax_bps: fee.tax_bps,
      amount: all[at]?.[side][n] ?? ZERO,
      earned: ZERO,
      kept: ZERO,
      returned: ZERO,
    }));
  });
}

/**
 * Rule 3: what a broker bears moves from his own claims to the fee's beneficiary and needs no money
 * of its own. It follows the commission that it comes out of: who has paid that, and whether it is
 * refundable; kept out of a refund, it stays the broker's.
 */
function rerouted(terms: PlannedTerms, all: readonly FeeParts[], n: number): readonly FeeClaim[] {
  let claims = directClaims(terms, all, n);
  for (const [at, { tax_bps }] of terms.fees.entries()) {
    const borne = all[at]?.broker[n] ?? ZERO;
    if (borne === 0) continue;
    const isSource = (claim: FeeClaim): boolean =>
      claim.via === null && terms.fees[claim.fee]?.kind === 'broker_commission';
    const taken = split(
      borne,
      claims.map((claim) => (isSource(claim) ? claim.amount : ZERO)),
    );
    const moved = claims.map(
      (claim, of): FeeClaim => ({
        ...claim,
        fee: at,
        via: claim.fee,
        beneficiary: 'platform',
        tax_bps,
        amount: taken[of] ?? ZERO,
      }),
    );
    const left = claims.map((claim, of) => ({
      ...claim,
      amount: subtract(claim.amount, taken[of] ?? ZERO),
    }));
    claims = [...left, ...moved.filter(({ amount }) => amount > 0)];
  }
  return claims;
}

/** Rule 3: their amounts less what they bear of the fees, spread over them by amount. */
export function netsOf(
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

const borneBySellers = (fees: readonly FeeClaim[]): Minor =>
  sum(fees.filter(({ side }) => side === 'seller').map(({ amount }) => amount));
