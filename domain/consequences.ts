/**
 * Owns what follows by itself once a command has changed something: the due amount is complete,
 * all have accepted, work starts, the last milestone closes the escrow. One row per consequence,
 * asked again after each, in the same step.
 * Must not know which command led here.
 */
import { amended, waitingAmendment, waitingUnfit } from './amending';
import type { Instant } from './calendar';
import type { By } from './commands';
import { termsOf } from './delivery';
import { completeNow, isFunded, isFundedAlone, onTopOf, roundingOf } from './due';
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
export type Consequence = {
  readonly when: (escrow: Escrow, events: readonly Event[]) => boolean;
  readonly emits: (escrow: Escrow, moment: Moment, events: readonly Event[]) => Event;
};

export const CONSEQUENCES: readonly Consequence[] = [
  { when: isDueComplete, emits: dueCompleted },
  { when: isAgreed, emits: agreed },
  { when: (escrow) => onFunding(escrow).length > 0, emits: feesEarned },
  { when: isReady, emits: started },
  { when: (escrow) => cutOff(escrow) !== null, emits: cancelledAfter },
  { when: isPaidFor, emits: amendedNow },
  { when: (escrow, events) => nextLapse(escrow, events) !== null, emits: lapsedNow },
  { when: (escrow) => inWallet(escrow) !== null, emits: settledInWallet },
  { when: isOver, emits: closed },
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
    const so_far = [...events, ...followed];
    const row = consequences.find(({ when }) => when(now, so_far));
    const next = row?.emits(now, moment, so_far);
    if (!next) return followed;
    followed.push(next);
    now = evolve(now, next);
  }
}

function isDueComplete(escrow: Escrow): boolean {
  return ['sent', 'agreed', 'active'].includes(escrow.agreement.stage) && someComplete(escrow);
}

const someComplete = (escrow: Escrow): boolean => completeNow(escrow).length > 0;

/** What is due has come in: prices to the milestones, what is on top are the payers' fees. */
function dueCompleted(escrow: Escrow, moment: Moment): Event {
  const { terms, agreement, allocated } = escrow;
  const complete = completeNow(escrow);
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

function isAgreed({ agreement, parties }: Escrow): boolean {
  return (
    agreement.stage === 'sent' && parties.every((p) => !mustAccept(p) || p.status === 'accepted')
  );
}

/** Where each milestone is funded alone, each has its own wait, and the whole only one that the
 * terms name. */
function agreed(escrow: Escrow, moment: Moment): Event {
  const { terms, allocated } = escrow;
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

function feesEarned(escrow: Escrow, moment: Moment): Event {
  return happened(moment, 'fees_earned', { milestones: onFunding(escrow) });
}

function isReady(escrow: Escrow): boolean {
  const { stage } = escrow.agreement;
  return (stage === 'agreed' || stage === 'active') && readyOf(escrow).length > 0;
}

/** Those that wait for nothing any more. */
const readyOf = (escrow: Escrow): readonly Milestone[] =>
  escrow.milestones.filter((each) => isItsTurn(escrow, each) && isFunded(each));

function started(escrow: Escrow, moment: Moment): Event {
  return happened(moment, 'started', {
    milestones: readyOf(escrow).map((milestone) => {
      const delay = delayOf(escrow, milestone);
      const terms = termsOf(escrow, milestone);
      return { milestone: milestone.id, due: deliveryDue(escrow.terms, terms, moment.at, delay) };
    }),
  });
}

/** What it waits for came to nothing: its money goes back, and theirs who wait for it in turn. */
function cancelledAfter(escrow: Escrow, moment: Moment): Event {
  const found = cutOff(escrow);
  if (!found) throw new BrokenInvariant('nothing is cut off');
  const { milestone, failed } = found;
  const reason = `${failed.id}, which it waits for, came to nothing`;
  const [ended] = endedOf({ ...moment, escrow }, [milestone], moment.command, reason);
  if (!ended) throw new BrokenInvariant(`${milestone.id} does not end`);
  return ended;
}

/** The money of an amendment is complete: it takes effect in the same step. */
function isPaidFor(escrow: Escrow): boolean {
  const waiting = waitingAmendment(escrow);
  if (!waiting || waitingUnfit(escrow, waiting)) return false;
  return sum(waiting.paid.map(({ amount }) => amount)) === waiting.more;
}

function amendedNow(escrow: Escrow, moment: Moment): Event {
  const waiting = waitingAmendment(escrow);
  if (!waiting) throw new BrokenInvariant('no amendment waits');
  return amended(escrow, waiting, moment);
}

function lapsedNow(escrow: Escrow, moment: Moment, events: readonly Event[]): Event {
  const next = nextLapse(escrow, events);
  if (!next) throw new BrokenInvariant('no proposal lapses');
  return lapsed(moment, next);
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
function settledInWallet(escrow: Escrow, moment: Moment): Event {
  const settled = inWallet(escrow);
  if (!settled) throw new BrokenInvariant('no share stays in a wallet');
  return happened(moment, 'disbursement_settled', settled);
}

function isOver({ agreement, milestones }: Escrow): boolean {
  const isAgreedOn = agreement.stage === 'agreed' || agreement.stage === 'active';
  return isAgreedOn && !milestones.some(isOpen);
}

function closed({ milestones }: Escrow, moment: Moment): Event {
  const isAll = (...stages: readonly Milestone['stage'][]): boolean =>
    milestones.every(({ stage }) => stages.includes(stage));
  const reason = isAll('cancelled')
    ? 'unfunded'
    : isAll('cancelled', 'refunded')
      ? 'cancelled'
      : 'completed';
  return happened(moment, 'closed', { reason });
}
