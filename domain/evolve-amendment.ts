/**
 * Owns how an amendment changes the escrow: terms, plan, money, and the milestones that come or go.
 * Must not compute any of it: all is in the event.
 */
import type { Instant } from './calendar';
import type { PayerShare } from './contribution';
import { startCountdown } from './countdown';
import { isFunded, isFundedAlone, onTopOf } from './due';
import type { Escrow, Milestone } from './escrow';
import type { AmendedMilestone, EventOf } from './events';
import { type Changes, factsOf, UNAPPROVED } from './evolve-milestone';
import { concluded } from './evolve-proposal';
import type { MilestoneId } from './ids';
import { BrokenInvariant } from './journal';
import { add, type Minor, subtract, ZERO } from './money';
import { contributionsAfter, sentBack } from './refunds';
import type { Terms } from './terms';

export const AMENDMENT_CHANGES: Changes<'terms_amended'> = {
  terms_amended: (escrow, event) => {
    const { terms, terms_hash, due, unallocated, fee_held, payers, rounding, milestones } = event;
    const added = milestones.filter(({ change }) => change === 'added');
    return {
      ...escrow,
      terms,
      terms_hash,
      due,
      unallocated: subtract(escrow.unallocated, unallocated),
      fee_held: add(escrow.fee_held, fee_held),
      rounding: subtract(escrow.rounding, rounding),
      contributions: contributionsAfter(escrow, payers),
      ...sentBackAll(escrow, event),
      milestones: [
        ...escrow.milestones.map((here) => {
          const change = milestones.find(({ milestone }) => milestone === here.id);
          return change ? amendedMilestone(escrow, here, change, event) : here;
        }),
        ...added.map((each) => addedMilestone(escrow, each, event)),
      ],
      proposals: escrow.proposals.map((each) =>
        each.id === event.proposal && each.stage === 'waiting'
          ? concluded(each, 'accepted', null, event)
          : each,
      ),
    };
  },
};

/** The payments and refunds after what goes back to its sources went on its way. */
function sentBackAll(
  escrow: Escrow,
  { sources: shares, milestones }: EventOf<'terms_amended'>,
): Pick<Escrow, 'sources' | 'refunds'> {
  let now = escrow;
  for (const { milestone } of milestones) {
    const its = shares.filter((share) => share.milestone === milestone);
    now = { ...now, ...sentBack(now, milestone, its) };
  }
  const { sources, refunds } = now;
  return { sources, refunds };
}

/** What a payer puts in for an amendment that waits is remembered: it goes back if it lapses. */
export const paidFor = (escrow: Escrow, share: PayerShare): Escrow => ({
  ...escrow,
  proposals: escrow.proposals.map((each) => {
    if (each.stage !== 'waiting') return each;
    const isOne = (other: Pick<PayerShare, 'milestone'>) => other.milestone === share.milestone;
    if (each.parts.length > 0 && !each.parts.some(isOne)) return each;
    const isHis = (other: PayerShare) => other.account === share.account && isOne(other);
    const before = each.paid.find(isHis)?.amount ?? ZERO;
    const others = each.paid.filter((other) => !isHis(other));
    return { ...each, paid: [...others, { ...share, amount: add(before, share.amount) }] };
  }),
});

/** What had been put in for it has gone back. */
export const paidBack = (escrow: Escrow): Escrow => ({
  ...escrow,
  proposals: escrow.proposals.map((each) =>
    each.stage === 'waiting' ? { ...each, paid: [] } : each,
  ),
});

function amendedMilestone(
  escrow: Escrow,
  here: Milestone,
  { change, price, held, unallocated, recipients, fees, due }: AmendedMilestone,
  event: EventOf<'terms_amended'>,
): Milestone {
  const { at, terms } = event;
  const before = escrow.terms.milestones.find(({ id }) => id === here.id)?.due_at;
  const after = terms.milestones.find(({ id }) => id === here.id)?.due_at;
  const next = {
    ...here,
    price,
    held: add(here.held, held),
    unallocated: subtract(here.unallocated, unallocated),
    recipients,
    fees,
    ...fundedWith(price, fees, isFundedAlone(escrow) ? isFunded(here) : escrow.allocated),
    due_at: after && before !== after ? after : here.due_at,
    ...(change !== 'replanned' && UNAPPROVED),
  };
  if (change === 'removed')
    return { ...factsOf(next, event.actor === 'clock'), stage: 'cancelled', done_at: at };
  if (!due) return next;
  const countdown = startCountdown(at, due, escrow.hold !== null);
  if (next.stage === 'waiting') return { ...next, funding: countdown };
  if (next.stage !== 'in_progress') return next;
  return { ...next, due_at: due.ends, overdue: false, due: countdown };
}

/** What takes effect has its money, where that was complete. */
const fundedWith = (price: Minor, fees: Milestone['fees'], isIn: boolean) =>
  isIn ? { funded: price, fee_funded: onTopOf({ fees }) } : {};

const addedMilestone = (
  escrow: Escrow,
  change: AmendedMilestone,
  { at, terms }: EventOf<'terms_amended'>,
): Milestone => ({
  id: change.milestone,
  number: change.number,
  price: change.price,
  held: change.held,
  funded: ZERO,
  fee_funded: ZERO,
  ...fundedWith(change.price, change.fees, escrow.allocated && !isFundedAlone(escrow)),
  unallocated: ZERO,
  released: ZERO,
  refunded: ZERO,
  recipients: change.recipients,
  fees: change.fees,
  due_at: dueIn(terms, change.milestone),
  done_at: null,
  ...UNAPPROVED,
  rework_rounds: 0,
  disputes_by: { buyer: 0, seller: 0 },
  disbursements: [],
  left_by_clock: false,
  extensions: { count: 0, moved: 0 },
  reserves: [],
  override: null,
  stage: 'waiting',
  funding: change.due && startCountdown(at, change.due, escrow.hold !== null),
});

function dueIn({ milestones }: Terms, id: MilestoneId): Instant {
  const found = milestones.find((milestone) => milestone.id === id);
  if (!found) throw new BrokenInvariant(`${id} was added and is not in the terms`);
  return found.due_at;
}
