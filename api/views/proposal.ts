/**
 * Owns how a proposal is shown.
 * Must not know who is looking.
 */
import type { z } from 'zod';
import { endOf } from '../../domain/countdown';
import type { Escrow, Proposal } from '../../domain/escrow';
import type { foundProposalAnswer, proposalAnswer } from '../schemas/proposals';

type Shown = z.input<typeof proposalAnswer>;

/** Those that are open, and the last that are not; newest last. */
export const proposalViews = ({ proposals }: Escrow): Shown[] => proposals.map(proposalView);

/** One with the escrow that it is about. */
export const foundProposalView = (
  escrow: Escrow['id'],
  proposal: Proposal,
): z.input<typeof foundProposalAnswer> => ({
  object: 'proposal',
  escrow,
  ...proposalView(proposal),
});

function proposalView(proposal: Proposal): Shown {
  const { id, by, at, reason, needs, accepted_by, stage, content } = proposal;
  return {
    id,
    kind: content.kind,
    status: stage,
    by,
    at,
    expires_at: 'due' in proposal ? endOf(proposal.due) : null,
    reason,
    closed_because: 'why' in proposal ? proposal.why : null,
    content: contentOf(proposal),
    needs: needs.map(({ parties, required }) => ({ parties: [...parties], required })),
    accepted_by: [...accepted_by],
  };
}

/** What is proposed; of an amendment that waits also what it needs. */
function contentOf(proposal: Proposal): Shown['content'] {
  const { kind: _, ...content } = proposal.content;
  if (proposal.stage !== 'waiting') return content;
  const { more, parts } = proposal;
  return { ...content, amount_due: more, ...(parts.length > 0 && { due_for: parts }) };
}
