/**
 * Owns how deadlines and next actions are shown; both come from the tables that decide commands.
 * Must not know a rule.
 */
import type { z } from 'zod';
import { nextActionsOf } from '../../domain/actions';
import type { Instant } from '../../domain/calendar';
import { type Deadline, deadlinesOf } from '../../domain/deadlines';
import { disputeOf, type Escrow } from '../../domain/escrow';
import { handlerOf, partiesWho } from '../../domain/parties';
import { missingOf } from '../../domain/proposal';
import { rulebookOf } from '../../domain/rulebook';
import type { Wait } from '../../domain/waits';
import type { deadlineAnswer, nextActionAnswer } from '../schemas/escrow-answers';

export type DeadlineView = z.input<typeof deadlineAnswer>;

/** Every deadline that somebody waits for, soonest first; not the return window, in which nobody
 * can act. */
export const deadlineViews = (
  escrow: Escrow,
  deadlines: readonly Deadline[] = deadlinesOf(escrow),
): DeadlineView[] => waitedFor(deadlines).map((deadline) => deadlineView(escrow, deadline));

/** The same with the key of each, which stays while it is the same wait, moved or not. */
export const keyedDeadlineViews = (escrow: Escrow): (DeadlineView & { readonly key: string })[] =>
  waitedFor(deadlinesOf(escrow)).map((deadline) => ({
    ...deadlineView(escrow, deadline),
    key: deadline.key,
  }));

const waitedFor = (deadlines: readonly Deadline[]): readonly Deadline[] =>
  deadlines.filter(({ name }) => name !== 'return_window');

const deadlineView = (escrow: Escrow, deadline: Deadline): DeadlineView => ({
  name: deadline.name,
  at: deadline.at,
  milestone: deadline.subject.milestone ?? null,
  proposal: deadline.subject.proposal ?? null,
  who: whoOf(escrow, deadline),
  otherwise: waitOf(escrow, deadline).otherwise,
  moves: {
    amount: waitOf(escrow, deadline).moves(escrow, deadline.subject),
    currency: escrow.terms.currency,
  },
  rule: deadline.rule,
});

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
function whoOf(escrow: Escrow, deadline: Deadline): string[] {
  const { who } = waitOf(escrow, deadline);
  const { subject } = deadline;
  const milestone = escrow.milestones.find(({ id }) => id === subject.milestone) ?? null;
  if (who === 'platform') return ['platform'];
  const proposal = escrow.proposals.find(({ id }) => id === subject.proposal);
  if (proposal?.stage === 'open') return [...missingOf(proposal)];
  const parties = partiesWho(escrow, milestone, who).map(({ id }) => id);
  if (parties.length > 0 || who !== 'handler') return parties;
  return [(milestone && disputeOf(milestone)?.handler) ?? handlerOf(escrow)];
}

const waitOf = ({ terms }: Escrow, { name }: Deadline): Wait =>
  rulebookOf(terms.rulebook).waits[name];
