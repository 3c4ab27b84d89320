/**
 * Owns how one event changes the state of an escrow: one row per event type. Total: a pair of
 * state and event that cannot be throws, because only we can have made it.
 * Must not know who asked, nor compute an amount or a date: both are in the event.
 */
import { hours } from './calendar';
import { resumeCountdown, startCountdown, stopCountdown } from './countdown';
import { changeCountdown, mapCountdowns } from './countdowns';
import { disputeOf, type Escrow, type Milestone, type Party } from './escrow';
import type { Event, EventType } from './events';
import { AMENDMENT_CHANGES } from './evolve-amendment';
import { DISBURSEMENT_CHANGES } from './evolve-disbursement';
import { DISPUTE_CHANGES } from './evolve-dispute';
import { FUNDING_CHANGES } from './evolve-funding';
import { type Changes, factsOf, MILESTONE_CHANGES } from './evolve-milestone';
import { PROPOSAL_CHANGES } from './evolve-proposal';
import { REPLACEMENT_CHANGES } from './evolve-replacement';
import type { PartyId } from './ids';
import { BrokenInvariant } from './journal';
import { assertPossible } from './possible';

/** What a hold leaves at least of each countdown (`escrow.md`, section 5, hold). */
const HOLD_FLOOR = hours(24);

/** The escrow after one event; its version rises by one. */
export function evolve(escrow: Escrow, event: Event): Escrow {
  const folded = FOLDED.get(event);
  if (folded?.before === escrow) return folded.after;
  assertPossible(escrow, event);
  // The table has a row for each type with exactly its event; the compiler cannot follow the pair.
  const change = CHANGES[event.type] as (escrow: Escrow, event: Event) => Escrow;
  const after = { ...change(escrow, event), version: escrow.version + 1 };
  FOLDED.set(event, { before: escrow, after });
  return after;
}

/** `decide` folds what it emits, to see what follows; then whoever asked folds the same events on
 * the same state. What came of it is kept as long as the event. */
const FOLDED = new WeakMap<Event, { readonly before: Escrow; readonly after: Escrow }>();

/** The escrow after many events, oldest first. */
export const evolveAll = (escrow: Escrow, events: readonly Event[]): Escrow =>
  events.reduce(evolve, escrow);

const CHANGES: Changes<EventType> = {
  ...MILESTONE_CHANGES,
  ...DISPUTE_CHANGES,
  ...DISBURSEMENT_CHANGES,
  ...FUNDING_CHANGES,
  ...PROPOSAL_CHANGES,
  ...AMENDMENT_CHANGES,
  ...REPLACEMENT_CHANGES,

  created: (escrow) => escrow,

  sent: (escrow, { at, acceptance, funding }) => ({
    ...escrow,
    agreement: {
      stage: 'sent',
      acceptance: acceptance && startCountdown(at, acceptance, false),
      funding: funding && startCountdown(at, funding, false),
    },
  }),

  party_accepted: (escrow, { parties }) => withStatus(escrow, parties, 'accepted'),
  party_rejected: (escrow, { parties }) => withStatus(escrow, parties, 'rejected'),

  agreed: (escrow, { at, funding, milestones = [] }) => {
    const { agreement } = escrow;
    if (agreement.stage !== 'sent') throw new BrokenInvariant(`agreed while ${agreement.stage}`);
    const begun = funding && startCountdown(at, funding, escrow.hold !== null);
    const before = milestones.length > 0 ? null : agreement.funding; // each waits on its own now
    return {
      ...escrow,
      agreement: { stage: 'agreed', acceptance: null, funding: begun ?? before },
      milestones: escrow.milestones.map((milestone) => {
        const due = milestones.find((each) => each.milestone === milestone.id)?.due;
        if (!due || milestone.stage !== 'waiting') return milestone;
        return { ...milestone, funding: startCountdown(at, due, escrow.hold !== null) };
      }),
    };
  },

  started: (escrow, { at, milestones }) => {
    const ends = new Map(milestones.map(({ milestone, due }) => [milestone, due]));
    const begun = escrow.milestones.map((milestone): Milestone => {
      const due = ends.get(milestone.id);
      if (!due) return milestone;
      return {
        ...factsOf(milestone, milestone.left_by_clock),
        stage: 'in_progress',
        due_at: due.ends,
        overdue: false,
        due: startCountdown(at, due, escrow.hold !== null),
        dispute: null,
      };
    });
    const isKnown = milestones.every((each) =>
      escrow.milestones.some((m) => m.id === each.milestone),
    );
    if (!isKnown) throw new BrokenInvariant(`${escrow.id} has not all that started`);
    return { ...escrow, milestones: begun, agreement: { stage: 'active' } };
  },

  reminded: (escrow, event) =>
    changeCountdown(escrow, event.deadline, event, (now) =>
      event.due
        ? startCountdown(event.at, event.due, false)
        : { ...now, reminded: now.reminded + 1 },
    ),

  default_refused: (escrow, event) =>
    changeCountdown(escrow, event.deadline, event, (now) => {
      if (!('ends' in now)) return now; // a step before this one has stopped it
      return { ...now, ends: event.due.ends, reminded: 2, refused: now.refused + 1 };
    }),

  put_on_hold: (escrow, { at, reason, due }) => {
    const stopped = mapCountdowns(escrow, (waiting) => stopCountdown(waiting.due, at));
    return { ...stopped, hold: { reason, since: at, due: startCountdown(at, due, false) } };
  },

  /** All clocks go on, but those of a disputed milestone's stage: its dispute has stopped them. */
  hold_lifted: (escrow, { at }) =>
    mapCountdowns(unasked({ ...escrow, hold: null }), ({ subject, due }) => {
      const milestone = escrow.milestones.find((m) => m.id === subject.milestone);
      const isDisputed = milestone !== undefined && disputeOf(milestone) !== null;
      const isItsOwn = subject.dispute === undefined && !subject.disbursement && !subject.reserve;
      return isDisputed && isItsOwn ? due : resumeCountdown(due, at, HOLD_FLOOR);
    }),

  closed: (escrow, { reason }) => ({ ...escrow, agreement: { stage: 'closed', reason } }),
};

/** What an operator has asked for on hold was about that hold. */
const unasked = (escrow: Escrow): Escrow => ({
  ...escrow,
  milestones: escrow.milestones.map((milestone) => ({ ...milestone, override: null })),
  parties: escrow.parties.map((party) => ({ ...party, replacement: null })),
});

function withStatus(escrow: Escrow, ids: readonly PartyId[], status: Party['status']): Escrow {
  const parties = escrow.parties.map((p) => (ids.includes(p.id) ? { ...p, status } : p));
  return { ...escrow, parties };
}
