/**
 * Owns what follows by itself once a command has changed something: the due amount is complete,
 * all have accepted, work starts, the last milestone closes the escrow. One row per consequence,
 * asked again after each, in the same step.
 * Must not know which command led here.
 */
import { amended, waitingUnfit } from './amending';
import type { Instant } from './calendar';
import type { By } from './commands';
import { termsOf } from './delivery';
import { completeNow, isFunded, isFundedAlone, onTopOf, roundingOf, waitingAmendment } from './due';
import { endedOf } from './ending';
import { type Escrow, isOpen, type Milestone, mustAccept } from './escrow';
import type { Event, EventFacts } from './events';
import { evolve, evolveAll } from './evolve';
import { earnedOnFunding } from './fees';
import type { CommandId } from './ids';
import { BrokenInvariant } from './journal';
import { subtract, sum } from './money';
import { cutOff, delayOf, isItsTurn } from './order';
import { acceptanceDue, deliveryDue, fundingDue, milestoneFundingDue } from './periods';
import { lapsed, nextLapse } from './proposal-lapses';
import { happened } from './row';

type Moment = { readonly by: By; readonly at: Instant; readonly command: CommandId };
/** The event that follows on an escrow after these, or none. */
export type Consequence = (
  escrow: Escrow,
  moment: Moment,
  events: readonly Event[],
) => Event | null;

/** In this order; the first that has an event goes first. */
export const CONSEQUENCES: readonly Consequence[] = [
  dueCompleted,
  agreed,
  feesEarned,
  started,
  cancelledAfter,
  amendedNow,
  lapsedNow,
  settledInWallet,
  closed,
];

/** The events that follow from `events` on an escrow; each is applied before the next is asked. */
export function consequencesOf(
  consequences: readonly Consequence[],
  escrow: Escrow,
  events: readonly Event[],
  moment: Moment,
): readonly Event[] {
  const followed: Event[] = [];
  let now = evolveAll(escrow, events);
  for (;;) {
    const next = firstOf(consequences, now, moment, [...events, ...followed]);
    if (!next) return followed;
    followed.push(next);
    now = evolve(now, next);
  }
}

function firstOf(
  consequences: readonly Consequence[],
  escrow: Escrow,
  moment: Moment,
  events: readonly Event[],
): Event | null {
  for (const consequence of consequences) {
    const event = consequence(escrow, moment, events);
    if (event) return event;
  }
  return null;
}

/** What is due has come in: prices to the milestones, what is on top are the payers' fees. */
function dueCompleted(escrow: Escrow, moment: Moment): Event | null {
  const { terms, agreement, allocated } = escrow;
  if (!['sent', 'agreed', 'active'].includes(agreement.stage)) return null;
  const complete = completeNow(escrow);
  if (complete.length === 0) return null;
  const held = complete.map((milestone) => ({
    milestone: milestone.id,
    amount: subtract(milestone.price, milestone.funded),
    fee: subtract(onTopOf(milestone), milestone.fee_funded),
  }));
  const waits = terms.funding.order === 'fund_first' && agreement.stage === 'sent' && !allocated;
  return happened(moment, 'due_completed', {
    held,
    fee_held: sum(held.map(({ fee }) => fee)),
    rounding: roundingOf(escrow, complete),
    acceptance: waits ? acceptanceDue(terms, moment.at) : null,
  });
}

/** Where each milestone is funded alone, each has its own wait, and the whole only one that the
 * terms name. */
function agreed(escrow: Escrow, moment: Moment): Event | null {
  const { terms, allocated, agreement, parties } = escrow;
  if (agreement.stage !== 'sent') return null;
  if (parties.some((p) => mustAccept(p) && p.status !== 'accepted')) return null;
  const isAlone = isFundedAlone(escrow);
  const begins = isAlone ? terms.funding.due_at : terms.funding.order === 'accept_first';
  const missing = escrow.milestones.filter((milestone) => !isFunded(milestone));
  return happened(moment, 'agreed', {
    funding: begins && !allocated ? fundingDue(terms, moment.at) : null,
    ...(isAlone && {
      milestones: missing.map((milestone) => ({
        milestone: milestone.id,
        due: milestoneFundingDue(terms, termsOf(escrow, milestone), moment.at),
      })),
    }),
  });
}

/** Template 6b: what is earned on funding, of every open milestone that is agreed and funded. */
function onFunding({ agreement, milestones }: Escrow): EventFacts['fees_earned']['milestones'] {
  if (agreement.stage !== 'agreed' && agreement.stage !== 'active') return [];
  return milestones
    .filter((each) => each.held > 0 && each.fees.some((fee) => fee.on_funding) && isOpen(each))
    .map((milestone) => ({ milestone: milestone.id, earned: earnedOnFunding(milestone) }))
    .filter(({ earned }) => earned.length > 0);
}

function feesEarned(escrow: Escrow, moment: Moment): Event | null {
  const milestones = onFunding(escrow);
  return milestones.length > 0 ? happened(moment, 'fees_earned', { milestones }) : null;
}

/** Those that wait for nothing any more. */
const readyOf = (escrow: Escrow): readonly Milestone[] =>
  escrow.milestones.filter((each) => isItsTurn(escrow, each) && isFunded(each));

function started(escrow: Escrow, moment: Moment): Event | null {
  const { stage } = escrow.agreement;
  if (stage !== 'agreed' && stage !== 'active') return null;
  const ready = readyOf(escrow);
  if (ready.length === 0) return null;
  return happened(moment, 'started', {
    milestones: ready.map((milestone) => {
      const delay = delayOf(escrow, milestone);
      const terms = termsOf(escrow, milestone);
      return { milestone: milestone.id, due: deliveryDue(escrow.terms, terms, moment.at, delay) };
    }),
  });
}

/** What it waits for came to nothing: its money goes back, and theirs who wait for it in turn. */
function cancelledAfter(escrow: Escrow, moment: Moment): Event | null {
  const found = cutOff(escrow);
  if (!found) return null;
  const { milestone, failed } = found;
  const reason = `${failed.id}, which it waits for, came to nothing`;
  const [ended] = endedOf({ ...moment, escrow }, [milestone], moment.command, reason);
  if (!ended) throw new BrokenInvariant(`${milestone.id} does not end`);
  return ended;
}

/** The money of an amendment is complete: it takes effect in the same step. */
function amendedNow(escrow: Escrow, moment: Moment): Event | null {
  const waiting = waitingAmendment(escrow);
  if (!waiting || sum(waiting.paid.map(({ amount }) => amount)) !== waiting.more) return null;
  return waitingUnfit(escrow, waiting) ? null : amended(escrow, waiting, moment);
}

function lapsedNow(escrow: Escrow, moment: Moment, events: readonly Event[]): Event | null {
  const next = nextLapse(escrow, events);
  return next && lapsed(moment, next);
}

/** A share that stays in the wallet because its party named that as destination. */
function inWallet({ milestones }: Escrow): EventFacts['disbursement_settled'] | null {
  for (const { id: milestone, disbursements } of milestones) {
    const found = disbursements.find((d) => d.state === 'pending' && d.destination === 'wallet');
    if (found) {
      const { id: disbursement } = found;
      return { milestone, disbursement, destination: 'wallet', returnable_until: null };
    }
  }
  return null;
}

/** It is there at once; an event of its own, so that the pending status before it is seen. */
function settledInWallet(escrow: Escrow, moment: Moment): Event | null {
  const settled = inWallet(escrow);
  return settled && happened(moment, 'disbursement_settled', settled);
}

function closed({ agreement, milestones }: Escrow, moment: Moment): Event | null {
  const isAgreedOn = agreement.stage === 'agreed' || agreement.stage === 'active';
  if (!isAgreedOn || milestones.some(isOpen)) return null;
  const isAll = (...stages: readonly Milestone['stage'][]): boolean =>
    milestones.every(({ stage }) => stages.includes(stage));
  const reason = isAll('cancelled')
    ? 'unfunded'
    : isAll('cancelled', 'refunded')
      ? 'cancelled'
      : 'completed';
  return happened(moment, 'closed', { reason });
}
