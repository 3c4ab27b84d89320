/**
 * Owns what an amendment does to the money: the new plan of milestones that are still open to it,
 * what must be funded first, what goes back. Source: `escrow.md`, section 7; `ledger.md`,
 * sections 9 (11) and 10 (rule 8).
 * Must not know how a change becomes terms (`amended-terms.ts`), nor who must accept.
 */
import { isAmendable, newPlanOf, type PlannedMilestone } from './amended-plan';
import { isFunded, isFundedAlone } from './due';
import { type Escrow, isOpen, type Milestone } from './escrow';
import type { AmendedMilestone, Share } from './events';
import { stillDue } from './fees';
import type { MilestoneId } from './ids';
import { add, type Minor, split, subtract, sum, ZERO } from './money';
import type { Amendment } from './proposal';
import type { Terms } from './terms';

/** What comes of it, whenever it takes effect. */
export type Effect = {
  readonly milestones: readonly AmendedMilestone[];
  readonly due: Minor;
  readonly fee_held: Minor; // more or less than before
  readonly more: Minor; // that must be funded before it takes effect
  readonly payers: readonly Share[]; // who get something back
  readonly unallocated: Minor; // that it takes out of what is not allocated
};

/** Why an amendment does not fit the state; null while it does. */
export function amendmentUnfit(escrow: Escrow, content: Amendment): string | null {
  const fitting = fittingEffect(escrow, content);
  return typeof fitting === 'string' ? fitting : null;
}

/** What an amendment would do now, or why it does not fit; null when it has no terms any more. */
export function fittingEffect(
  escrow: Escrow,
  { terms, milestones }: Amendment,
): Effect | string | null {
  if (!terms) return null;
  if (isFundedAlone(escrow) && !keepsPrices(escrow, terms)) {
    return 'what is funded alone keeps its price';
  }
  const here = escrow.milestones.filter(({ id }) => milestones.includes(id));
  if (!here.every(isAmendable)) return 'a milestone of it is no longer open to changes';
  const removed = escrow.milestones.filter(isRemovedBy(terms));
  if (removed.some((m) => m.released + m.refunded > 0)) return 'a part of it has been released';
  if (removed.some(hasEarned)) return 'a fee on it has been earned already'; // rule 8
  return effectOf(escrow, terms);
}

/** What the new terms do to the money as it is now, or why they cannot. */
export function effectOf(escrow: Escrow, terms: Terms): Effect | string {
  const plan = newPlanOf(escrow, terms);
  if (typeof plan === 'string') return plan;
  const removed = escrow.milestones.filter((m) => isOpen(m) && isRemovedBy(terms)(m));
  const milestones = [
    ...plan.milestones.map((planned) => amendedOf(escrow, planned)),
    ...removed.map(withdrawnOf),
  ];
  const fees = (claims: PlannedMilestone['fees']): Minor =>
    sum(claims.filter(({ side }) => side === 'buyer').map(stillDue));
  const before = escrow.milestones.filter(({ id }) => milestones.some((m) => m.milestone === id));
  const fee_held = escrow.allocated
    ? subtract(sum(plan.milestones.map((m) => fees(m.fees))), sum(before.map((m) => fees(m.fees))))
    : ZERO;
  const moved = sum([fee_held, ...milestones.map(({ held }) => held)]);
  const more = escrow.allocated ? atLeastZero(moved) : ZERO;
  const back = escrow.allocated ? atLeastZero(subtract(ZERO, moved)) : surplusOf(escrow, plan.due);
  const shares = split(
    back,
    escrow.contributions.map(({ left }) => left),
  );
  const payers = escrow.contributions
    .map(({ account }, at) => ({ account, amount: shares[at] ?? ZERO }))
    .filter(({ amount }) => amount > 0);
  return {
    milestones: milestones.filter(({ milestone, ...its }) => {
      const here = before.find(({ id }) => id === milestone);
      return !here || its.change !== 'replanned' || !isSamePlan(here, its);
    }),
    due: plan.due,
    fee_held,
    more,
    payers,
    unallocated: escrow.allocated ? more : back,
  };
}

/** Has a fee on it come to its beneficiary, as those do that are earned on funding? */
const hasEarned = ({ fees }: Milestone): boolean =>
  fees.some(({ earned, kept, returned }) => earned + kept + returned > 0);

/** The same milestones with the same prices. */
const keepsPrices = (escrow: Escrow, { milestones }: Terms): boolean =>
  milestones.length === escrow.terms.milestones.length &&
  escrow.terms.milestones.every(({ id, amount }) =>
    milestones.some((its) => its.id === id && its.amount === amount),
  );

const atLeastZero = (amount: Minor): Minor => (amount > 0 ? amount : ZERO);

/** Before the due amount is complete nothing is allocated: what is more than is due goes back. */
const surplusOf = ({ contributions }: Escrow, due: Minor): Minor =>
  atLeastZero(subtract(sum(contributions.map(({ left }) => left)), due));

const isSamePlan = (
  a: Pick<Milestone, 'fees' | 'recipients'>,
  b: Pick<Milestone, 'fees' | 'recipients'>,
): boolean => areSame(a.fees, b.fees) && areSame(a.recipients, b.recipients);

/** The same entries with the same values, in the same order. */
const areSame = <T extends object>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((one, at) => isSame(one, b[at]));

function isSame<T extends object>(one: T, other: T | undefined): boolean {
  const values = new Map(Object.entries(other ?? {}));
  return Object.entries(one).every(([name, value]) => values.get(name) === value);
}

/** A milestone as it will be; `held` is what moves in or out of it. */
function amendedOf(escrow: Escrow, planned: PlannedMilestone): AmendedMilestone {
  const { here, price, recipients, fees, id, number } = planned;
  const rest = here ? subtract(price, add(here.released, here.refunded)) : price;
  const isIn = isFundedAlone(escrow) ? here !== null && isFunded(here) : escrow.allocated;
  const now = isIn ? rest : ZERO;
  return {
    milestone: id,
    number,
    price,
    held: subtract(now, here?.held ?? ZERO),
    recipients,
    fees,
    change: here ? (planned.changed ? 'changed' : 'replanned') : 'added',
    due: null,
  };
}

const withdrawnOf = (here: Milestone): AmendedMilestone => ({
  milestone: here.id,
  number: here.number,
  price: ZERO,
  held: subtract(ZERO, here.held),
  recipients: [],
  fees: [],
  change: 'removed',
  due: null,
});

const isRemovedBy =
  ({ milestones }: Terms) =>
  ({ id }: { readonly id: MilestoneId }): boolean =>
    !milestones.some((milestone) => milestone.id === id);
