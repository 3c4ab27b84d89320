/**
 * Owns fees and commissions of a draft: defaults, and what is wrong with them.
 * Must not know how a fee is spread (`fees.ts`). Source: `ledger.md`, section 10.
 */
import type { Draft, DraftFee } from './draft';
import { feeTotals, planOf } from './fees';
import { type Minor, subtract, sum, ZERO } from './money';
import { type Refusal, refusal } from './refusals';
import type { Fee, Terms } from './terms';

const WHOLE_BPS = 10_000;

/** The fees with defaults: paid by the seller, refundable, no tax. */
export const feesOf = ({ fees = [] }: Draft): readonly Fee[] =>
  fees.map((fee) => ({
    kind: fee.kind,
    ...(fee.rate_bps !== undefined && { rate_bps: fee.rate_bps }),
    ...(fee.fixed !== undefined && { fixed: fee.fixed }),
    ...(fee.min !== undefined && { min: fee.min }),
    ...(fee.max !== undefined && { max: fee.max }),
    paid_by: payersOf(fee),
    earned: 'release',
    refundable: fee.refundable ?? true,
    tax_bps: fee.tax_bps ?? 0,
  }));

/** Everything that is wrong with the fees of terms. */
export function feeProblems(terms: Terms): readonly Refusal[] {
  const own = terms.fees.flatMap((fee, at) => problemsOf(terms, fee, `/fees/${at}`));
  if (own.length > 0) return own;
  const total = feeTotals(terms).reduce<number>((all, fee) => all + fee, 0);
  if (total > terms.amount) {
    const detail = `fees of ${total} exceed the amount of ${terms.amount}`;
    return [refusal('amount_mismatch', detail, '/fees')];
  }
  if (terms.amount + total > Number.MAX_SAFE_INTEGER) {
    return [refusal('malformed', 'amount and fees are more than can be counted', '/fees')];
  }
  const plan = planOf(terms);
  return plan.milestones.flatMap((milestone, at) => {
    const borne = sum(milestone.fees.filter((f) => f.side === 'seller').map((f) => f.amount));
    const price = terms.milestones[at]?.amount ?? ZERO;
    if (subtract(price, borne) >= 0) return [];
    const detail = `sellers would bear ${borne} of a price of ${price}`;
    return [refusal('amount_mismatch', detail, `/milestones/${at}/amount`)];
  });
}

function problemsOf(terms: Terms, fee: Fee, pointer: string): readonly Refusal[] {
  const problems: Refusal[] = [];
  const wrong = (detail: string, at = pointer) => problems.push(refusal('malformed', detail, at));
  if ((fee.rate_bps === undefined) === (fee.fixed === undefined)) {
    wrong('rate_bps or fixed, one of them');
  }
  if (isAbove(fee.min, fee.max)) wrong('min is above max', `${pointer}/min`);
  const { buyer, seller, broker } = fee.paid_by;
  if (buyer + seller + broker !== WHOLE_BPS) {
    wrong('the shares of the payers sum to 10000', `${pointer}/paid_by`);
  }
  if (fee.kind !== 'broker_commission') return problems;
  const brokers = terms.parties.filter((party) => party.role === 'broker').length;
  if (brokers !== 1) wrong('a commission needs exactly one broker', `${pointer}/kind`);
  if (fee.tax_bps > 0) wrong("a broker's tax is his own", `${pointer}/tax_bps`);
  return problems;
}

const isAbove = (min: Minor | undefined, max: Minor | undefined): boolean =>
  min !== undefined && max !== undefined && min > max;

function payersOf({ paid_by }: DraftFee): Fee['paid_by'] {
  if (!paid_by) return { buyer: 0, seller: WHOLE_BPS, broker: 0 };
  return {
    buyer: paid_by.buyer ?? 0,
    seller: paid_by.seller ?? 0,
    broker: paid_by.broker ?? 0,
  };
}
