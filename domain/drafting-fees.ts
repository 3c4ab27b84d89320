/**
 * Owns fees and commissions of a draft, and the arbiter's fee: defaults, and what is wrong with
 * them.
 * Must not know how a fee is spread (`fee-plan.ts`). Source: `ledger.md`, section 10, rule 4.
 */
import type { Draft, DraftFee } from './draft';
import { BEARERS, type FeeParts, feeTotals, partsOf } from './fee-plan';
import { type Minor, sum, ZERO } from './money';
import { type Refusal, refusal } from './refusals';
import type { Fee, Terms } from './terms';

const WHOLE_BPS = 10_000;

/** The fees with defaults: paid by the seller, earned on release, refundable, no tax. */
export const feesOf = ({ fees = [] }: Draft): readonly Fee[] =>
  fees.map((fee) => ({
    kind: fee.kind,
    ...(fee.rate_bps !== undefined && { rate_bps: fee.rate_bps }),
    ...(fee.fixed !== undefined && { fixed: fee.fixed }),
    ...(fee.min !== undefined && { min: fee.min }),
    ...(fee.max !== undefined && { max: fee.max }),
    paid_by: payersOf(fee),
    earned: fee.earned ?? 'release',
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
  const parts = partsOf(terms);
  const all = terms.milestones.map((_, n) => n);
  return [
    ...all.flatMap((n) => tooMuchForSellers(terms, parts, n)),
    ...all.flatMap((n) => tooMuchForBroker(terms, parts, n)).slice(0, 1), // one fee, once
  ];
}

/** An arbiter's fee needs an arbiter: the platform takes none for ruling itself. */
export function arbiterFeeProblems(draft: Draft): readonly Refusal[] {
  const { arbiter_fee: fee, dispute_handler: handler, milestones } = draft;
  if (!fee) return [];
  if (handler?.kind !== 'arbitration') {
    return [refusal('malformed', 'no arbiter could get it: the platform rules', '/arbiter_fee')];
  }
  const amount = milestones.reduce((all, milestone) => all + milestone.amount, 0);
  if (fee.amount <= amount) return [];
  const detail = `a fee of ${fee.amount} exceeds the amount of ${amount}`;
  return [refusal('amount_mismatch', detail, '/arbiter_fee/amount')];
}

function problemsOf(terms: Terms, fee: Fee, pointer: string): readonly Refusal[] {
  const problems: Refusal[] = [];
  const wrong = (detail: string, at = pointer) => problems.push(refusal('malformed', detail, at));
  if ((fee.rate_bps === undefined) === (fee.fixed === undefined)) {
    wrong('rate_bps or fixed, one of them');
  }
  if (isAbove(fee.min, fee.max)) wrong('min is above max', `${pointer}/min`);
  const { buyer, broker } = fee.paid_by;
  if (BEARERS.reduce((all, bearer) => all + fee.paid_by[bearer], 0) !== WHOLE_BPS) {
    wrong('the shares of the payers sum to 10000', `${pointer}/paid_by`);
  }
  const isCommission = fee.kind === 'broker_commission';
  if (fee.earned === 'funding' && isCommission) {
    wrong('a commission is earned on release', `${pointer}/earned`);
  } else if (fee.earned === 'funding' && buyer !== WHOLE_BPS) {
    wrong('only what the buyer alone pays is earned on funding', `${pointer}/earned`);
  }
  if (!isCommission) {
    const hasSource = terms.fees.some(({ kind }) => kind === 'broker_commission');
    if (broker > 0 && !hasSource) {
      wrong('a broker pays out of his commission; there is none', `${pointer}/paid_by/broker`);
    }
    return problems;
  }
  const brokers = terms.parties.filter((party) => party.role === 'broker').length;
  if (brokers !== 1) wrong('a commission needs exactly one broker', `${pointer}/kind`);
  if (broker > 0) wrong('a broker does not pay himself', `${pointer}/paid_by/broker`);
  if (fee.tax_bps > 0) wrong("a broker's tax is his own", `${pointer}/tax_bps`);
  return problems;
}

/** Recipients get nothing below zero. */
function tooMuchForSellers(
  { milestones }: Terms,
  parts: readonly FeeParts[],
  n: number,
): readonly Refusal[] {
  const borne = sum(parts.map(({ seller }) => seller[n] ?? ZERO));
  const price = milestones[n]?.amount ?? ZERO;
  if (borne <= price) return [];
  const detail = `sellers would bear ${borne} of a price of ${price}`;
  return [refusal('amount_mismatch', detail, `/milestones/${n}/amount`)];
}

/** In each milestone a broker bears no more than his commission there; named is the fee with which
 * he would. */
function tooMuchForBroker(
  { fees }: Terms,
  parts: readonly FeeParts[],
  n: number,
): readonly Refusal[] {
  const commissions = parts.filter((_, at) => fees[at]?.kind === 'broker_commission');
  const commission = sum(commissions.flatMap(({ buyer, seller }) => [buyer, seller].map(at(n))));
  const sums = parts.map((_, last) => sum(parts.slice(0, last + 1).map((p) => at(n)(p.broker))));
  const first = sums.findIndex((borne) => borne > commission);
  if (first < 0) return [];
  const detail =
    `the broker would bear ${sums[first]} of a commission of ${commission} ` +
    `in milestone ${n + 1}`;
  return [refusal('amount_mismatch', detail, `/fees/${first}/paid_by/broker`)];
}

const at =
  (n: number) =>
  (parts: readonly Minor[]): Minor =>
    parts[n] ?? ZERO;

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
