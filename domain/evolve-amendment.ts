/**
 * Owns how an amendment changes the escrow: terms, plan, money, and the milestones that come or go.
 * Must not compute any of it: all is in the event.
 */
import type { Instant } from './calendar';
import { startCountdown } from './countdown';
import { isFundedAlone, onTopOf } from './due';
import type { Escrow, Milestone } from './escrow';
import type { AmendedMilestone, EventOf } from './events';
import { type Changes, factsOf, UNAPPROVED } from './evolve-milestone';
import { concluded } from './evolve-proposal';
import type { AccountId, MilestoneId } from './ids';
import { BrokenInvariant } from './journal';
import { add, type Minor, subtract, ZERO } from './money';
import { contributionsAfter } from './refunds';
import type { Terms } from './terms';

export const AMENDMENT_CHANGES: Changes<'terms_amended'> = {
  terms_amended: (escrow, event) => {
    const { terms, terms_hash, due, unallocated, fee_held, payers, milestones } = event;
    const added = milestones.filter(({ change }) => change === 'added');
    return {
      ...escrow,
      terms,
      terms_hash,
      due,
      unallocated: subtract(escrow.unallocated, unallocated),
      fee_held: add(escrow.fee_held, fee_held),
      contributions: contributionsAfter(escrow, payers, undefined),
      milestones: [
        ...escrow.milestones.map((here) => {
          const change = milestones.find(({ milestone }) => milestone === here.id);
          return change ? amendedMilestone(escrow, here, change, event) : here;
        }),
        ...added.map((each) => addedMilestone(each, terms, escrow.allocated)),
      ],
      proposals: escrow.proposals.map((each) =>
        each.id === event.proposal && each.stage === 'waiting'
          ? concluded(each, 'accepted', null, event)
          : each,
      ),
    };
  },
};

/** What a payer puts in for an amendment that waits is remembered: it goes back if it lapses. */
export const paidFor = (escrow: Escrow, account: AccountId, amount: Minor): Escrow => ({
  ...escrow,
  proposals: escrow.proposals.map((each) => {
    if (each.stage !== 'waiting') return each;
    const before = each.paid.find((share) => share.account === account)?.amount ?? ZERO;
    const others = each.paid.filter((share) => share.account !== account);
    return { ...each, paid: [...others, { account, amount: add(before, amount) }] };
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
  { change, price, held, recipients, fees, due }: AmendedMilestone,
  event: EventOf<'terms_amended'>,
): Milestone {
  const { at, terms } = event;
  const before = escrow.terms.milestones.find(({ id }) => id === here.id)?.due_at;
  const after = terms.milestones.find(({ id }) => id === here.id)?.due_at;
  const next = {
    ...here,
    price,
    held: add(here.held, held),
    recipients,
    fees,
    ...fundedWith(price, fees, escrow.allocated && !isFundedAlone(escrow)),
    due_at: due?.ends ?? (after && before !== after ? after : here.due_at),
    ...(change !== 'replanned' && UNAPPROVED),
  };
  if (change === 'removed')
    return { ...factsOf(next, event.actor === 'clock'), stage: 'cancelled', done_at: at };
  if (!due || next.stage !== 'in_progress') return next;
  return { ...next, overdue: false, due: startCountdown(at, due, escrow.hold !== null) };
}

/** Where all is funded together, what takes effect has its money. */
const fundedWith = (price: Minor, fees: Milestone['fees'], isIn: boolean) =>
  isIn ? { funded: price, fee_funded: onTopOf({ fees }) } : {};

const addedMilestone = (
  change: AmendedMilestone,
  terms: Terms,
  isAllocated: boolean,
): Milestone => ({
  id: change.milestone,
  number: change.number,
  price: change.price,
  held: change.held,
  funded: isAllocated ? change.price : ZERO,
  fee_funded: isAllocated ? onTopOf(change) : ZERO,
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
  funding: null,
});

function dueIn({ milestones }: Terms, id: MilestoneId): Instant {
  const found = milestones.find((milestone) => milestone.id === id);
  if (!found) throw new BrokenInvariant(`${id} was added and is not in the terms`);
  return found.due_at;
}
