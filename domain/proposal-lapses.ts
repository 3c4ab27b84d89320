/**
 * Owns why a proposal no longer fits the state: it lapses in the step that made it unfit, with
 * this reason. Source: `escrow.md`, section 7.
 * Must not know who may make one (`negotiation.ts`).
 */
import { waitingUnfit } from './amending';
import { amendmentUnfit } from './amendment';
import type { Instant } from './calendar';
import type { By } from './commands';
import { disputeOf, type Escrow, isOpen, type Milestone, type Proposal } from './escrow';
import type { Event, EventType } from './events';
import type { MilestoneId } from './ids';
import {
  type Cancellation,
  type Content,
  type Extension,
  milestonesIn,
  type ProposalKind,
  type ProposedSplit,
  type Settlement,
} from './proposal';
import { endOfWait } from './proposal-dates';
import { happened } from './row';

type Moment = { readonly by: By; readonly at: Instant };
type Reasons = {
  readonly [K in ProposalKind]: (
    escrow: Escrow,
    content: Extract<Content, { kind: K }>,
  ) => string | null;
};

/** The reason for which it does not fit, null while it does. */
export const UNFIT: Reasons = {
  extension: extensionUnfit,
  settlement: settlementUnfit,
  cancellation: cancellationUnfit,
  amendment: amendmentUnfit,
};

/** Are all parts of a split together what they should be? May be beyond counting. */
export const totalOf = ({ recipients, payers }: ProposedSplit): number =>
  typeof recipients === 'number'
    ? recipients + payers
    : recipients.reduce((total, { amount }) => total + amount, 0) + payers;

/** What lapses next after these events; the money of an amendment that waits goes back first. */
export function nextLapse(
  escrow: Escrow,
  events: readonly Event[],
): { readonly proposal: Proposal; readonly reason: string } | null {
  for (const proposal of escrow.proposals) {
    if (proposal.stage !== 'open' && proposal.stage !== 'waiting') continue;
    const waits = proposal.stage === 'waiting' ? waitingUnfit(escrow, proposal) : null;
    const reason = waits ?? unfit(escrow, proposal.content) ?? overtaken(proposal.content, events);
    if (reason) return { proposal, reason };
  }
  return null;
}

/** The event by which it lapses, or by which its money goes back before. */
export function lapsed(
  moment: Moment,
  { proposal, reason }: { readonly proposal: Proposal; readonly reason: string },
): Event {
  if (proposal.stage === 'waiting' && proposal.paid.length > 0) {
    return happened(moment, 'contributions_returned', {
      payers: proposal.paid,
      sources: [], // it had been put in for nothing yet, so it is the payer's free money
      milestones: [],
    });
  }
  return happened(moment, 'proposal_lapsed', { proposal: proposal.id, reason });
}

/** The events by which it lapses, its money back first. */
export function lapsing(
  moment: Moment,
  one: { readonly proposal: Proposal; readonly reason: string },
): readonly Event[] {
  const { proposal, reason } = one;
  const first = lapsed(moment, one);
  const last = happened(moment, 'proposal_lapsed', { proposal: proposal.id, reason });
  return first.type === last.type ? [last] : [first, last];
}

/** All that is still open lapses when the escrow ends before anything has started. */
export const lapsesAtEnd = (
  { proposals }: Escrow,
  moment: Moment,
  reason: string = ENDED,
): readonly Event[] =>
  proposals
    .filter(({ stage }) => stage === 'open' || stage === 'waiting')
    .flatMap((proposal) => lapsing(moment, { proposal, reason }));

const ENDED = 'the escrow has ended';
const GONE = 'the milestone is no longer open to it';

function unfit(escrow: Escrow, content: Content): string | null {
  if (escrow.agreement.stage === 'closed' || !escrow.milestones.some(isOpen)) return ENDED;
  // The table has a row for each kind with exactly its content.
  const row = UNFIT[content.kind] as (escrow: Escrow, content: Content) => string | null;
  return row(escrow, content);
}

/** Somebody has acted on what a cancellation would undo. */
const OVERTAKING: { readonly [T in EventType]?: string } = {
  delivered: 'a milestone of it has been delivered',
  approved: 'a milestone of it has been approved',
  released: 'a milestone of it has been released',
  part_released: 'a part of it has been released',
  disputed: 'a milestone of it is in dispute',
};

function overtaken(content: Content, events: readonly Event[]): string | null {
  if (events.some(({ type }) => type === 'party_replaced')) return 'a party has been replaced';
  if (content.kind !== 'cancellation') return null;
  for (const event of events) {
    const reason = OVERTAKING[event.type];
    const isIn = 'milestone' in event && milestonesIn(content).some((m) => m === event.milestone);
    if (reason && isIn) return reason;
  }
  return null;
}

function extensionUnfit(escrow: Escrow, { milestone: id, due_at }: Extension): string | null {
  const here = find(escrow, id);
  if (here?.stage !== 'in_progress' && here?.stage !== 'rejected') return GONE;
  if (here.dispute) return 'the milestone is in dispute';
  if (escrow.hold) return null; // clocks stand still
  return due_at > endOfWait(here) ? null : 'the date is no longer later than the present';
}

function settlementUnfit(escrow: Escrow, { milestone: id, dispute }: Settlement): string | null {
  const here = find(escrow, id);
  const open = here ? disputeOf(here) : null;
  return open?.id === dispute ? null : 'the dispute is no longer open';
}

function cancellationUnfit(escrow: Escrow, content: Cancellation): string | null {
  const here = content.milestones.flatMap((id) => find(escrow, id) ?? []);
  if (!here.every(isOpen)) return GONE;
  if (here.some((milestone) => disputeOf(milestone))) return OVERTAKING.disputed ?? GONE;
  const held = here.reduce((total, milestone) => total + milestone.held, 0);
  return held === totalOf(content.split) ? null : `what is held is ${held} now`;
}

const find = ({ milestones }: Escrow, id: MilestoneId): Milestone | undefined =>
  milestones.find((milestone) => milestone.id === id);
