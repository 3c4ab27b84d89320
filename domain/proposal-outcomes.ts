/**
 * Owns what a proposal emits once all have accepted who must: one function per kind.
 * Must not know who that is (`proposal-needs.ts`).
 */
import { amendedOrWaiting } from './amending';
import { endedOf } from './ending';
import { disputeOf, type Escrow, isOpen, type Milestone, type Proposal } from './escrow';
import type { Event, EventFacts } from './events';
import { evolve } from './evolve';
import { type CommandId, type MilestoneId, refundId } from './ids';
import { BrokenInvariant } from './journal';
import { split, subtract, ZERO } from './money';
import {
  type Cancellation,
  type Content,
  type Extension,
  isComplete,
  type ProposalKind,
  type ProposedSplit,
  type Settlement,
} from './proposal';
import { movedBy } from './proposal-dates';
import { lapsesAtEnd } from './proposal-lapses';
import { keptBack } from './reserves';
import { happened, type Standing } from './row';
import { recipientsPart, rulingOf } from './splits';

/** A moment, and the proposal whose last acceptance it is. */
type Last<C extends Content> = Omit<Standing<unknown>, 'here'> & {
  readonly proposal: Proposal;
  readonly content: C;
  readonly command: CommandId;
  readonly accepting: EventFacts['proposal_accepted'];
};
type Outcomes = {
  readonly [K in ProposalKind]: (last: Last<Extract<Content, { kind: K }>>) => readonly Event[];
};

export const OUTCOMES: Outcomes = {
  extension: extended,
  settlement: settled,
  cancellation: cancelled,
  amendment: amendedOrWaiting,
};

/** The acceptance by these parties, and what follows when no other is missing. */
export function acceptedBy(
  { escrow, at, by }: Omit<Standing<unknown>, 'here'>,
  proposal: Proposal,
  parties: Proposal['accepted_by'],
  command: CommandId,
): readonly Event[] {
  const facts = { proposal: proposal.id, parties, extended: null, funding: null };
  if (!isComplete(proposal, [...proposal.accepted_by, ...parties])) {
    return [happened({ at, by }, 'proposal_accepted', { ...facts, stage: 'open' })];
  }
  const accepting = { ...facts, stage: 'accepted' as const };
  const { content } = proposal;
  // The table has a row for each kind with exactly its content.
  const outcome = OUTCOMES[content.kind] as (last: Last<Content>) => readonly Event[];
  return outcome({ escrow, at, by, proposal, content, command, accepting });
}

function extended(last: Last<Extension>): readonly Event[] {
  const { escrow, content, proposal, accepting } = last;
  const { milestone, due_at: ends } = content;
  const moved = movedBy(milestoneIn(escrow, milestone), ends);
  const due = { ends, rule: `extension ${proposal.id}` };
  return [
    happened(last, 'proposal_accepted', { ...accepting, extended: { milestone, due, moved } }),
  ];
}

/** Like a ruling, by both sides. */
function settled(last: Last<Settlement>): readonly Event[] {
  const { escrow, content, proposal, command, accepting } = last;
  const here = milestoneIn(escrow, content.milestone);
  const dispute = disputeOf(here);
  if (!dispute) throw new BrokenInvariant(`${here.id} has no dispute`);
  const { payout, give_back } = rulingOf(escrow, here, content.split, command);
  return [
    happened(last, 'proposal_accepted', accepting),
    happened(last, 'ruled', {
      milestone: here.id,
      dispute: dispute.id,
      by: 'parties',
      reason: proposal.reason ?? 'settled',
      amount: dispute.amount,
      payout: keptBack(escrow, payout, last.at),
      give_back,
      arbiter_fee: null, // nobody has ruled
    }),
  ];
}

/** What is held leaves as proposed: a release, of a part or all, and a refund of each milestone. */
function cancelled(last: Last<Cancellation>): readonly Event[] {
  const { escrow, content, command, accepting } = last;
  const accepted = happened(last, 'proposal_accepted', accepting);
  if (escrow.agreement.stage === 'agreed') return [accepted, ...endedBeforeStart(last)];
  const events: Event[] = [accepted];
  let now = evolve(escrow, accepted);
  for (const { id, split: part } of partsOf(escrow, content)) {
    const parted = rulingOf(now, milestoneIn(now, id), part, command);
    for (const event of leaving(last, milestoneIn(now, id), parted)) {
      events.push(event);
      now = evolve(now, event);
    }
  }
  return events;
}

function leaving(
  last: Last<Cancellation>,
  here: Milestone,
  { payout, give_back }: ReturnType<typeof rulingOf>,
): readonly Event[] {
  const reason = last.proposal.reason ?? 'cancelled by both sides';
  const isPart = give_back.amount > 0;
  const released = happened(last, isPart ? 'part_released' : 'released', {
    milestone: here.id,
    ...keptBack(last.escrow, payout, last.at),
  });
  const refunded = happened(last, 'refunded', {
    milestone: here.id,
    refund: refundId(last.command, here.number),
    reason,
    ...give_back,
  });
  return [
    ...(payout.amount > 0 ? [released] : []),
    ...(isPart || payout.amount === 0 ? [refunded] : []),
  ];
}

/** The parts of a split over several milestones: by what each holds, largest remainder. */
export function partsOf(
  escrow: Escrow,
  content: Cancellation,
): readonly { readonly id: MilestoneId; readonly split: ProposedSplit }[] {
  const here = content.milestones.map((id) => milestoneIn(escrow, id));
  const [only] = here;
  if (only && here.length === 1) return [{ id: only.id, split: content.split }];
  const shares = split(
    recipientsPart(content.split),
    here.map(({ held }) => held),
  );
  return here.map(({ id, held }, at) => {
    const recipients = shares[at] ?? ZERO;
    return { id, split: { recipients, payers: subtract(held, recipients) } };
  });
}

/** Nothing has started: each gets his contribution back, and the escrow closes. */
function endedBeforeStart(last: Last<Cancellation>): readonly Event[] {
  const { escrow, proposal, command } = last;
  const reason = proposal.reason ?? 'cancelled by both sides';
  const others = escrow.proposals.filter(({ id }) => id !== proposal.id);
  return [
    ...endedOf(last, escrow.milestones.filter(isOpen), command, reason),
    ...lapsesAtEnd({ ...escrow, proposals: others }, last, reason),
    happened(last, 'closed', { reason: 'cancelled' }),
  ];
}

export function milestoneIn({ id: escrow, milestones }: Escrow, id: MilestoneId): Milestone {
  const found = milestones.find((milestone) => milestone.id === id);
  if (!found) throw new BrokenInvariant(`no milestone ${id} in ${escrow}`);
  return found;
}
