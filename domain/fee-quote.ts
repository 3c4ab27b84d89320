/**
 * Owns each side's numbers when everything is released: what the buyers pay in all, what each
 * recipient, the broker, the platform and the tax office get, in all and by milestone.
 * Must not know whether anything exists yet: a quote and an escrow show the same.
 */
import type { FeeClaim, RecipientClaim } from './escrow';
import {
  BEARERS,
  type FeeParts,
  feeTotals,
  type MilestonePlan,
  partsOf,
  planOf,
  taxInside,
} from './fee-plan';
import type { PartyId } from './ids';
import { add, type Minor, subtract, sum, ZERO } from './money';
import type { Terms } from './terms';

/** Recipients share `amount` less what sellers bear; buyers pay it and what they bear on top. */
export type Sides = {
  readonly amount: Minor;
  readonly buyers: { readonly fees: Minor; readonly pay: Minor };
  readonly recipients: readonly {
    readonly party: PartyId;
    readonly amount: Minor;
    readonly net: Minor;
  }[];
  readonly broker: { readonly commission: Minor; readonly bears: Minor; readonly net: Minor };
  readonly platform: { readonly fees: Minor; readonly tax: Minor; readonly net: Minor };
};

/** One fee: who bears how much of it, the tax inside, what its beneficiary has of it in the end. */
export type FeeNumbers = {
  readonly amount: Minor;
  readonly borne_by: { readonly [B in keyof FeeParts]: Minor };
  readonly tax: Minor;
  readonly net: Minor;
};

export type Quote = {
  readonly fees: readonly FeeNumbers[];
  readonly sides: Sides;
  readonly milestones: readonly Sides[];
};

/**
 * The numbers of terms that have passed `feeProblems`; `planned`: what an escrow has planned for
 * each milestone, where an amendment has left what was closed as it was.
 */
export function quoteOf(
  terms: Pick<Terms, 'amount' | 'milestones' | 'fees' | 'parties'>,
  planned: readonly MilestonePlan[] = planOf(terms).milestones,
): Quote {
  const totals = feeTotals(terms);
  const parts = partsOf(terms);
  const milestones = terms.milestones.map(({ recipients }, n) => {
    const { fees = [], recipients: claims = [] } = planned[n] ?? {};
    return sidesOf(recipients, claims, fees);
  });
  const claims = planned.flatMap(({ fees }) => fees);
  return {
    fees: terms.fees.map((_, at) => ({
      amount: totals[at] ?? ZERO,
      borne_by: borneBy(parts[at]),
      tax: sum(planned.map(({ fees }) => taxOf(fees, at))),
      net: subtract(
        sum(claims.filter(({ fee }) => fee === at).map(({ amount }) => amount)),
        sum(planned.map(({ fees }) => taxOf(fees, at))),
      ),
    })),
    sides: milestones.reduce(together, NOTHING),
    milestones,
  };
}

const NOTHING: Sides = {
  amount: ZERO,
  buyers: { fees: ZERO, pay: ZERO },
  recipients: [],
  broker: { commission: ZERO, bears: ZERO, net: ZERO },
  platform: { fees: ZERO, tax: ZERO, net: ZERO },
};

function sidesOf(
  recipients: Terms['milestones'][number]['recipients'],
  claims: readonly RecipientClaim[],
  fees: readonly FeeClaim[],
): Sides {
  const of = (isIn: (fee: FeeClaim) => boolean): Minor =>
    sum(fees.filter(isIn).map(({ amount }) => amount));
  const amount = sum(recipients.map((recipient) => recipient.amount));
  const onTop = of(({ side }) => side === 'buyer');
  const bears = of(({ via }) => via !== null);
  const kept = of(({ beneficiary }) => beneficiary !== 'platform');
  const platform = of(({ beneficiary }) => beneficiary === 'platform');
  const tax = sum([...new Set(fees.map(({ fee }) => fee))].map((fee) => taxOf(fees, fee)));
  return {
    amount,
    buyers: { fees: onTop, pay: add(amount, onTop) },
    recipients: recipients.map((recipient, at) => ({
      party: recipient.party,
      amount: recipient.amount,
      net: claims[at]?.net ?? recipient.amount,
    })),
    broker: { commission: add(kept, bears), bears, net: kept },
    platform: { fees: platform, tax, net: subtract(platform, tax) },
  };
}

/** Rule 7, when everything is earned: the tax inside one fee of one milestone. */
function taxOf(fees: readonly FeeClaim[], fee: number): Minor {
  const own = fees.filter((claim) => claim.fee === fee);
  return taxInside(sum(own.map(({ amount }) => amount)), own[0]?.tax_bps ?? 0);
}

function borneBy(parts: FeeParts | undefined): FeeNumbers['borne_by'] {
  const [buyer = ZERO, seller = ZERO, broker = ZERO] = BEARERS.map((bearer) =>
    sum(parts?.[bearer] ?? []),
  );
  return { buyer, seller, broker };
}

function together(a: Sides, b: Sides): Sides {
  const parties = [...new Set([...a.recipients, ...b.recipients].map(({ party }) => party))];
  const of = (party: PartyId, field: 'amount' | 'net'): Minor =>
    sum(
      [...a.recipients, ...b.recipients]
        .filter((recipient) => recipient.party === party)
        .map((recipient) => recipient[field]),
    );
  return {
    amount: add(a.amount, b.amount),
    buyers: added(a.buyers, b.buyers),
    recipients: parties.map((party) => ({
      party,
      amount: of(party, 'amount'),
      net: of(party, 'net'),
    })),
    broker: added(a.broker, b.broker),
    platform: added(a.platform, b.platform),
  };
}

/** Two records of amounts, field by field. */
function added<R extends { readonly [name: string]: Minor }>(a: R, b: R): R {
  const sums = Object.entries(a).map(([name, amount]) => [name, add(amount, b[name] ?? ZERO)]);
  return Object.fromEntries(sums) as R; // the same names, each an amount
}
