/**
 * Owns how events change the proposals of an escrow, and what an extension moves.
 * Must not know how an amendment changes the terms (`evolve-amendment.ts`).
 */
import { startCountdown } from './countdown';
import type { Escrow, Proposal } from './escrow';
import type { EventFacts, EventOf } from './events';
import { type Changes, onMilestone } from './evolve-milestone';
import type { ProposalId } from './ids';
import { BrokenInvariant } from './journal';

type ProposalEventType =
  | 'proposal_made'
  | 'proposal_accepted'
  | 'proposal_declined'
  | 'proposal_withdrawn'
  | 'proposal_lapsed';

/** So many that are closed stay in the state; the others are in the events. */
const CONCLUDED_KEPT = 20;

export const PROPOSAL_CHANGES: Changes<ProposalEventType> = {
  proposal_made: (escrow, { at, proposal, by, content, reason, needs, accepted_by, due }) => ({
    ...escrow,
    proposals: [
      ...escrow.proposals,
      {
        id: proposal,
        by,
        at,
        content,
        reason,
        needs,
        accepted_by,
        stage: 'open',
        due: startCountdown(at, due, escrow.hold !== null),
      },
    ],
  }),

  proposal_accepted: (escrow, event) => {
    const { proposal, parties, stage, funding, extended, at } = event;
    const now = onProposal(escrow, proposal, (before) => {
      const here = { ...before, accepted_by: [...before.accepted_by, ...parties] };
      if (stage === 'open') return here;
      if (stage === 'accepted') return concluded(here, 'accepted', null, event);
      if (!funding) throw new BrokenInvariant(`${proposal} waits for no money`);
      const { more, parts } = funding;
      const due = startCountdown(at, funding.due, escrow.hold !== null);
      return { ...factsOf(here), stage: 'waiting', more, parts, paid: [], due };
    });
    return extended ? moved(now, event, extended) : now;
  },

  proposal_declined: (escrow, event) =>
    onProposal(escrow, event.proposal, (here) => concluded(here, 'declined', event.reason, event)),
  proposal_withdrawn: (escrow, event) =>
    onProposal(escrow, event.proposal, (here) => concluded(here, 'withdrawn', event.reason, event)),
  proposal_lapsed: (escrow, event) =>
    onProposal(escrow, event.proposal, (here) => concluded(here, 'lapsed', event.reason, event)),
};

type End = 'accepted' | 'declined' | 'withdrawn' | 'lapsed';

/** A proposal that is closed. */
export function concluded(
  here: Proposal,
  stage: End,
  why: string | null,
  { actor }: Pick<EventOf<'proposal_lapsed'>, 'actor'>,
): Proposal {
  const { content } = here;
  const light = content.kind === 'amendment' ? { ...content, terms: null } : content;
  return { ...factsOf(here), content: light, stage, why, left_by_clock: actor === 'clock' };
}

/** The escrow with one proposal changed. Throws when it has no such proposal. */
export function onProposal(
  escrow: Escrow,
  id: ProposalId,
  change: (proposal: Proposal) => Proposal,
): Escrow {
  if (!escrow.proposals.some((proposal) => proposal.id === id)) {
    throw new BrokenInvariant(`no proposal ${id} in ${escrow.id}`);
  }
  const proposals = escrow.proposals.map((each) => (each.id === id ? change(each) : each));
  return { ...escrow, proposals: kept(proposals) };
}

/** Those that are open, and the last of those that are not. */
function kept(proposals: readonly Proposal[]): readonly Proposal[] {
  const closed = proposals.filter((each) => !('due' in each));
  const old = closed.slice(0, Math.max(0, closed.length - CONCLUDED_KEPT));
  return old.length === 0 ? proposals : proposals.filter((each) => !old.includes(each));
}

/** The due date moves and is no longer missed; in `rejected` the end of the rework moves. */
function moved(
  escrow: Escrow,
  { at }: EventOf<'proposal_accepted'>,
  { milestone, due, moved: by }: NonNullable<EventFacts['proposal_accepted']['extended']>,
): Escrow {
  return onMilestone(escrow, milestone, (here) => {
    const { count, moved: before } = here.extensions;
    const extensions = { count: count + 1, moved: before + by };
    const countdown = startCountdown(at, due, escrow.hold !== null);
    if (here.stage === 'rejected') return { ...here, extensions, due: countdown };
    if (here.stage !== 'in_progress') throw new BrokenInvariant(`${milestone} is ${here.stage}`);
    return { ...here, extensions, due_at: due.ends, overdue: false, due: countdown };
  });
}

function factsOf(here: Proposal) {
  const { id, by, at, content, reason, needs, accepted_by } = here;
  return { id, by, at, content, reason, needs, accepted_by };
}
