/**
 * Owns what an amendment does to the money: the new plan of milestones that are still open to it,
 * what must be funded first, what goes back. Source: `escrow.md`, section 7; `ledger.md`,
 * sections 9 (11) and 10 (rule 8).
 * Must not know how a change becomes terms (`amended-terms.ts`), nor who must accept.
 */
import { isAmendable, newPlanOf, type PlannedMilestone } from './amended-plan';
import type { AmendmentPart, Contribution, PayerShare } from './contribution';
import { isFunded, isFundedAlone, onTopOf } from './due';
import { type Escrow, isOpen, type Milestone } from './escrow';
import type { AmendedMilestone } from './events';
import { stillDue } from './fees';
import type { MilestoneId } from './ids';
import { add, type Minor, min, negate, split, subtract, sum, ZERO } from './money';
import type { Amendment } from './proposal';
import type { Terms } from './terms';

/** What comes of it, whenever it takes effect. */
export type Effect = {
  readonly milestones: readonly AmendedMilestone[];
  readonly due: Minor;
  readonly fee_held: Minor; // more or less than before
  readonly more: Minor; // that must be funded before it takes effect
  readonly parts: readonly AmendmentPart[]; // of it, where each is funded alone
  readonly payers: readonly PayerShare[]; // who get something back
  readonly rounding: Minor; // what of that the platform had added
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
  const moves = potsOf(escrow, milestones, plan.due).map((pot) => movedIn(pot));
  const parts = moves.filter(({ more }) => more > 0);
  return {
    milestones: milestones
      .filter((its) => its.change !== 'replanned' || !isSamePlan(hereOf(escrow, its), its))
      .map((its) => ({ ...its, unallocated: takenFrom(moves, its) })),
    due: plan.due,
    fee_held: sum(moves.map(({ fees }) => fees)),
    more: sum(moves.map(({ more }) => more)),
    parts: parts.flatMap(({ milestone, more: amount }) =>
      milestone ? [{ milestone, amount }] : [],
    ),
    payers: moves.flatMap(({ payers }) => payers),
    rounding: sum(moves.map(({ rounding }) => rounding)),
    unallocated: sum(moves.map(({ unallocated }) => unallocated)),
  };
}

/** Money that is counted together: all of it, or that of one milestone where each is funded
 * alone; then one pays for no other. */
type Pot = {
  readonly milestone?: MilestoneId;
  readonly isIn: boolean; // what was due has been complete, and is held
  readonly moved: Minor; // into what milestones hold, or out of it
  readonly fees: Minor; // into the payers' fees, or out of them
  readonly cameIn: Minor; // while it is not complete
  readonly due: Minor;
  readonly contributions: readonly Contribution[];
};

function potsOf(escrow: Escrow, all: readonly AmendedMilestone[], due: Minor): readonly Pot[] {
  const { contributions, allocated } = escrow;
  const feesOf = (of: Pick<Milestone, 'fees'> | null): Minor =>
    sum((of?.fees ?? []).filter(({ side }) => side === 'buyer').map(stillDue));
  const heldIn = (milestones: readonly AmendedMilestone[]): Pick<Pot, 'moved' | 'fees'> => ({
    moved: sum(milestones.map(({ held }) => held)),
    fees: sum(milestones.map((its) => subtract(feesOf(its), feesOf(hereOf(escrow, its))))),
  });
  const cameIn = sum(contributions.map(({ left }) => left));
  if (!isFundedAlone(escrow)) {
    return [{ isIn: allocated, ...heldIn(all), cameIn, due, contributions }];
  }
  return all.map((its): Pot => {
    const here = hereOf(escrow, its);
    const { milestone } = its;
    return {
      milestone,
      isIn: here !== null && isFunded(here),
      ...heldIn([its]),
      cameIn: here?.unallocated ?? ZERO,
      due: add(its.price, onTopOf(its)),
      contributions: contributions.filter((each) => each.milestone === milestone),
    };
  });
}

type Moved = Pick<Pot, 'milestone' | 'fees'> &
  Pick<Effect, 'more' | 'payers' | 'rounding' | 'unallocated'>;

/** Before it is complete nothing is held: what is more than is due goes back. Of what goes back
 * the payers get no more than they have put in: the rest had been added by the platform. */
function movedIn({ milestone, isIn, contributions, ...pot }: Pot): Moved {
  const fees = isIn ? pot.fees : ZERO;
  const moved = isIn ? add(pot.moved, fees) : ZERO;
  const back = isIn ? atLeastZero(negate(moved)) : atLeastZero(subtract(pot.cameIn, pot.due));
  const more = atLeastZero(moved);
  const lefts = contributions.map(({ left }) => left);
  const theirs = min(back, sum(lefts));
  const shares = split(theirs, lefts);
  const place = milestone ? { milestone } : {};
  return {
    ...place,
    fees,
    more,
    payers: contributions
      .map(({ account }, at) => ({ account, amount: shares[at] ?? ZERO, ...place }))
      .filter(({ amount }) => amount > 0),
    rounding: subtract(back, theirs),
    unallocated: isIn ? more : back,
  };
}

/** What leaves the money that has come in for a milestone alone. */
const takenFrom = (moves: readonly Moved[], { milestone: id }: AmendedMilestone): Minor =>
  moves.find(({ milestone }) => milestone === id)?.unallocated ?? ZERO;

/** The milestone as it is; null for one that is added. */
const hereOf = ({ milestones }: Escrow, { milestone }: AmendedMilestone): Milestone | null =>
  milestones.find(({ id }) => id === milestone) ?? null;

/** Has a fee on it come to its beneficiary, as those do that are earned on funding? */
const hasEarned = ({ fees }: Milestone): boolean =>
  fees.some(({ earned, kept, returned }) => earned + kept + returned > 0);

const atLeastZero = (amount: Minor): Minor => (amount > 0 ? amount : ZERO);

const isSamePlan = (
  a: Pick<Milestone, 'fees' | 'recipients'> | null,
  b: Pick<Milestone, 'fees' | 'recipients'>,
): boolean => a !== null && areSame(a.fees, b.fees) && areSame(a.recipients, b.recipients);

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
    unallocated: ZERO,
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
  held: negate(here.held),
  unallocated: ZERO,
  recipients: [],
  fees: [],
  change: 'removed',
  due: null,
});

const isRemovedBy =
  ({ milestones }: Terms) =>
  ({ id }: { readonly id: MilestoneId }): boolean =>
    !milestones.some((milestone) => milestone.id === id);
