/**
 * Owns the fee plan that an amendment makes anew: totals on the new price, less what milestones
 * that stay as they are have of them, spread over the others by price (`ledger.md`, section 10,
 * rule 8).
 * Must not know what the money does then (`amendment.ts`).
 */
import {
  disputeOf,
  type Escrow,
  type FeeClaim,
  type Milestone,
  type RecipientClaim,
} from './escrow';
import { netsOf, planOf } from './fee-plan';
import { stillDue } from './fees';
import type { MilestoneId } from './ids';
import { add, type Minor, split, subtract, sum, ZERO } from './money';
import { canonical, type Terms, type TermsMilestone } from './terms';

/** A milestone that the plan is made anew for; `here` is null for one that is added. */
export type PlannedMilestone = {
  readonly id: MilestoneId;
  readonly number: number;
  readonly here: Milestone | null;
  readonly changed: boolean; // its terms; else only its part of the fees
  readonly price: Minor;
  readonly recipients: readonly RecipientClaim[];
  readonly fees: readonly FeeClaim[];
};
type NewPlan = { readonly milestones: readonly PlannedMilestone[]; readonly due: Minor };

/** The plan of the milestones that are still open to changes, or why there can be none. */
export function newPlanOf(escrow: Escrow, terms: Terms): NewPlan | string {
  const live = terms.milestones.filter(({ id }) => !isFrozen(escrow, id));
  const frozen = escrow.milestones.filter(({ id }) => isFrozen(escrow, id));
  const shares = sharesOf(terms, frozen, live);
  if (typeof shares === 'string') return shares;
  const planned = live.map((its, at) => plannedOf(escrow, its, shares, at)).map(numbered(escrow));
  const wrong = planned.map(belowWhatIsDone).find((each) => each !== null);
  if (wrong) return wrong;
  const onTop = [...planned, ...frozen].flatMap(({ fees }) =>
    fees.filter(({ side }) => side === 'buyer').map(({ amount }) => amount),
  );
  return { milestones: planned, due: sum([terms.amount, ...onTop]) };
}

/** Is the milestone still open to changes? Not once it is delivered, accepted, disputed, closed. */
export const isAmendable = (here: Milestone): boolean =>
  (here.stage === 'waiting' || here.stage === 'in_progress' || here.stage === 'rejected') &&
  disputeOf(here) === null;

/** Not open to changes: it stays as it is. */
function isFrozen({ milestones }: Escrow, id: MilestoneId): boolean {
  const here = milestones.find((milestone) => milestone.id === id);
  return here !== undefined && !isAmendable(here);
}

/** A fee on one side, and its part in each milestone that the plan is made anew for. */
const isSame = (a: FeeClaim) => (b: FeeClaim) =>
  a.fee === b.fee && a.side === b.side && a.via === b.via;

type FeeShares = { readonly claim: FeeClaim; readonly parts: readonly Minor[] };

function sharesOf(
  terms: Terms,
  frozen: readonly Milestone[],
  live: readonly TermsMilestone[],
): readonly FeeShares[] | string {
  const whole = planOf(terms).milestones.flatMap(({ fees }) => fees);
  const claims = whole.filter((claim, at) => whole.findIndex(isSame(claim)) === at);
  const kept = frozen.flatMap(({ fees }) => fees);
  const amountIn = (all: readonly FeeClaim[], claim: FeeClaim): Minor =>
    sum(all.filter(isSame(claim)).map(({ amount }) => amount));
  const prices = live.map(({ amount }) => amount);
  const shares: FeeShares[] = [];
  for (const claim of claims) {
    const rest = subtract(amountIn(whole, claim), amountIn(kept, claim));
    if (rest < 0) return 'a fee would fall below what stays agreed for other milestones';
    if (prices.length === 0 && rest > 0) return 'no milestone is left to bear the fees';
    shares.push({ claim, parts: prices.length === 0 ? [] : split(rest, prices) });
  }
  const isGone = kept.find((claim) => !claims.some(isSame(claim)));
  return isGone ? 'a fee would fall below what stays agreed for other milestones' : shares;
}

function plannedOf(
  { terms: before, milestones }: Escrow,
  its: TermsMilestone,
  shares: readonly FeeShares[],
  at: number,
): PlannedMilestone {
  const here = milestones.find(({ id }) => id === its.id) ?? null;
  const old = before.milestones.find(({ id }) => id === its.id);
  const fees = shares.flatMap(({ claim, parts }): readonly FeeClaim[] => {
    const was = here?.fees.find(isSame(claim));
    const { earned = ZERO, kept = ZERO, returned = ZERO } = was ?? {};
    const amount = parts[at] ?? ZERO;
    return amount === 0 && !was ? [] : [{ ...claim, amount, earned, kept, returned }];
  });
  const borne = sum(fees.filter(({ side }) => side !== 'buyer').map(({ amount }) => amount));
  const isTooMuch = borne > its.amount;
  const recipients = isTooMuch ? [] : netsOf(its.recipients, borne);
  return {
    id: its.id,
    number: here?.number ?? 0,
    here,
    changed: here === null || (old !== its && canonical(old) !== canonical(its)),
    price: its.amount,
    recipients: withPaid(recipients, here),
    fees: fees.filter(
      ({ amount, earned, kept, returned }) => amount + earned + kept + returned > 0,
    ),
  };
}

/** Added milestones get the numbers that follow: those of milestones that are gone stay theirs. */
const numbered =
  ({ milestones }: Escrow) =>
  (planned: PlannedMilestone, at: number, all: readonly PlannedMilestone[]): PlannedMilestone => {
    if (planned.here) return planned;
    const before = all.slice(0, at).filter(({ here }) => here === null).length;
    return { ...planned, number: milestones.length + before + 1 };
  };

/** What was paid stays paid, also to a recipient who is none any more. */
function withPaid(
  recipients: readonly RecipientClaim[],
  here: Milestone | null,
): readonly RecipientClaim[] {
  const before = here?.recipients.filter(({ paid }) => paid > 0) ?? [];
  const gone = before.filter(({ party }) => !recipients.some((r) => r.party === party));
  const paidTo = (party: RecipientClaim['party']): Minor =>
    before.find((r) => r.party === party)?.paid ?? ZERO;
  return [
    ...recipients.map((claim) => ({ ...claim, paid: paidTo(claim.party) })),
    ...gone.map((claim) => ({ ...claim, net: ZERO })),
  ];
}

/** Rule 8: no share falls below what is already earned, given back or paid. */
function belowWhatIsDone({ here, price, recipients, fees }: PlannedMilestone): string | null {
  const done = here ? add(here.released, here.refunded) : ZERO;
  const isBelow =
    price < done ||
    recipients.length === 0 ||
    recipients.some(({ net, paid }) => net < paid) ||
    fees.some((claim) => stillDue(claim) < 0);
  return isBelow ? 'a share would fall below what is already earned or given back' : null;
}
