/**
 * Owns how deadlines and next actions are shown; both come from the tables that decide commands.
 * Must not know a rule.
 */
import type { z } from 'zod';
import { nextActionsOf } from '../../domain/actions';
import type { Instant } from '../../domain/calendar';
import { type Deadline, deadlinesOf, WAITS } from '../../domain/deadlines';
import { disputeOf, type Escrow } from '../../domain/escrow';
import { handlerOf, partiesWho } from '../../domain/parties';
import { missingOf } from '../../domain/proposal';
import type { deadlineAnswer, nextActionAnswer } from '../schemas/escrow-answers';

/** Every deadline that somebody waits for, soonest first; not the return window, in which nobody
 * can act. */
export const deadlineViews = (
  escrow: Escrow,
  deadlines: readonly Deadline[] = deadlinesOf(escrow),
): z.input<typeof deadlineAnswer>[] =>
  deadlines
    .filter(({ name }) => name !== 'return_window')
    .map((deadline) => ({
      name: deadline.name,
      at: deadline.at,
      milestone: deadline.subject.milestone ?? null,
      proposal: deadline.subject.proposal ?? null,
      who: whoOf(escrow, deadline),
      otherwise: WAITS[deadline.name].otherwise,
      moves: {
        amount: WAITS[deadline.name].moves(escrow, deadline.subject),
        currency: escrow.terms.currency,
      },
      rule: deadline.rule,
    }));

/** Who may do what now, and until when. */
export const nextActionViews = (escrow: Escrow, now: Instant): z.input<typeof nextActionAnswer>[] =>
  nextActionsOf(escrow, now).map((action) => ({
    ...action,
    kind: action.kind ?? null,
    proposal: action.proposal ?? null,
    roles: [...action.roles],
    parties: [...action.parties],
  }));

/** The parties who must act; the platform, or a handler who is no party, by name. */
function whoOf(escrow: Escrow, { name, subject }: Deadline): string[] {
  const { who } = WAITS[name];
  const milestone = escrow.milestones.find(({ id }) => id === subject.milestone) ?? null;
  if (who === 'platform') return ['platform'];
  const proposal = escrow.proposals.find(({ id }) => id === subject.proposal);
  if (proposal?.stage === 'open') return [...missingOf(proposal)];
  const parties = partiesWho(escrow, milestone, who).map(({ id }) => id);
  if (parties.length > 0 || who !== 'handler') return parties;
  return [(milestone && disputeOf(milestone)?.handler) ?? handlerOf(escrow)];
}
