/**
 * Owns what stands against a proposal: limits whatever it says (`GUARDS`), and what is wrong with
 * what it says (`PROBLEMS`), by kind.
 * Must not know who may make one (`negotiation.ts`).
 */

import { isAmendable } from './amended-plan';
import { amendedTerms } from './amended-terms';
import { amendmentUnfit } from './amendment';
import { waitingAmendment } from './due';
import {
  type Agreement,
  disputeOf,
  type Escrow,
  isOpen,
  type Milestone,
  type Proposal,
} from './escrow';
import type { MilestoneId } from './ids';
import { partiesOf } from './parties';
import { type Asked, milestonesIn, type ProposalKind, type ProposedSplit } from './proposal';
import { EXTENSIONS_MAX, endOfWait, extensionTotalMax, movedBy } from './proposal-dates';
import { totalOf } from './proposal-lapses';
import { changedMilestones } from './proposal-making';
import { type Refusal, refusal } from './refusals';
import type { Ask, Hit, Row, Standing } from './row';

type Here = Milestone | Agreement;
type Propose = Row<Here, 'propose', never>;
type Of<K extends ProposalKind> = Extract<Asked, { kind: K }>;
type AskOf = Ask<Here, 'propose'>;

export const GUARDS: { readonly [K in ProposalKind]: NonNullable<Propose['unless']> } = {
  extension: { limit_reached: noExtensionLeft },
  settlement: { limit_reached: hasOwnOpen('settlement') },
  cancellation: { conditions_unmet: nothingToCancel, limit_reached: allCancelled },
  amendment: { limit_reached: hasAmendment },
};

/** A date of it has passed meanwhile: it cannot be accepted any more. */
export function hasPassed({ escrow, here, at }: Standing<Proposal>): Hit {
  const { content } = here;
  if (content.kind === 'extension') return content.due_at <= at && 'the date has passed';
  if (content.kind !== 'amendment' || !content.terms) return false;
  return pastDue(escrow, content.terms, at) && 'a new due date has passed';
}

/** One open proposal per kind and milestone; one of the other side's is superseded. */
export const isOwnOpen = (
  { escrow, by }: Pick<Standing<unknown>, 'escrow' | 'by'>,
  kind: ProposalKind,
  milestone: MilestoneId | null,
): boolean =>
  escrow.proposals.some((proposal) => {
    const { stage, content } = proposal;
    const isSame = content.kind === kind && stage === 'open';
    const isAbout = milestone === null || milestonesIn(content).includes(milestone);
    return isSame && isAbout && isOwnSide(escrow, proposal, by);
  });

function isOwnSide(escrow: Escrow, proposal: Proposal, by: Standing<unknown>['by']): boolean {
  const role = escrow.parties.find(({ id }) => id === proposal.by)?.role;
  return by.kind === 'account' && partiesOf(escrow, by.account).some((p) => p.role === role);
}

/** What is wrong with a content of this kind. */
const checked =
  <K extends ProposalKind>(kind: K, problem: (ask: AskOf, content: Of<K>) => Refusal | null) =>
  (ask: AskOf): Refusal | null => {
    const isMeant = (content: Asked): content is Of<K> => content.kind === kind;
    const { content } = ask.command.body;
    return isMeant(content) ? problem(ask, content) : null;
  };

/** What is wrong with what it says; null when nothing is. */
export const PROBLEMS: { readonly [K in ProposalKind]: NonNullable<Propose['problem']> } = {
  extension: checked('extension', extensionProblem),
  settlement: checked('settlement', settlementProblem),
  cancellation: checked('cancellation', cancellationProblem),
  amendment: checked('amendment', amendmentProblem),
};

function noExtensionLeft({ escrow, here, by }: Standing<Here>): Hit {
  if (!('id' in here)) return false;
  if (here.extensions.count >= EXTENSIONS_MAX) return `at most ${EXTENSIONS_MAX} extensions`;
  return isOwnOpen({ escrow, by }, 'extension', here.id) && OPEN_ALREADY;
}

const OPEN_ALREADY = 'an open one of this side is withdrawn first';

function hasOwnOpen(kind: ProposalKind) {
  return ({ escrow, here, by }: Standing<Here>): Hit =>
    'id' in here && isOwnOpen({ escrow, by }, kind, here.id) && OPEN_ALREADY;
}

/** What a cancellation can be about: everything before the start, then what has been started. */
export const cancellable = ({ agreement, milestones }: Escrow): readonly Milestone[] =>
  milestones.filter(
    (here) =>
      isOpen(here) && disputeOf(here) === null && (agreement.stage === 'agreed' || here.held > 0),
  );

function nothingToCancel({ escrow }: Standing<Here>): Hit {
  return cancellable(escrow).length === 0;
}

function allCancelled({ escrow, by }: Standing<Here>): Hit {
  const isTaken = ({ id }: Milestone): boolean => isOwnOpen({ escrow, by }, 'cancellation', id);
  return cancellable(escrow).every(isTaken) && OPEN_ALREADY;
}

function hasAmendment({ escrow, by }: Standing<Here>): Hit {
  if (waitingAmendment(escrow)) return 'an accepted amendment waits for its money';
  return isOwnOpen({ escrow, by }, 'amendment', null) && OPEN_ALREADY;
}

function extensionProblem({ escrow, here, at }: AskOf, { due_at }: Of<'extension'>) {
  if (!('id' in here)) return null;
  if (due_at <= at || due_at <= endOfWait(here)) {
    return refusal('conditions_unmet', 'an extension is later than the present date');
  }
  const moved = here.extensions.moved + movedBy(here, due_at);
  return moved > extensionTotalMax(escrow)
    ? refusal('limit_reached', 'extensions of a milestone are limited in all')
    : null;
}

function settlementProblem({ escrow, here }: AskOf, { split }: Of<'settlement'>) {
  const disputed = 'id' in here ? disputeOf(here)?.amount : undefined;
  return splitProblem(escrow, split, disputed ?? 0);
}

function cancellationProblem(
  { escrow, by }: AskOf,
  { split, milestones: ids }: Of<'cancellation'>,
) {
  const all = cancellable(escrow);
  const named = ids ?? all.map(({ id }) => id);
  const here = escrow.milestones.filter(({ id }) => named.includes(id));
  if (here.length !== named.length || named.length === 0) return refusal('unknown_milestone');
  if (here.some((milestone) => disputeOf(milestone))) return refusal('in_dispute');
  if (!here.every((milestone) => all.includes(milestone))) return refusal('wrong_status');
  if (escrow.agreement.stage === 'agreed' && here.length < all.length) {
    return refusal('conditions_unmet', 'before the start only the whole escrow is cancelled');
  }
  if (here.some(({ id }) => isOwnOpen({ escrow, by }, 'cancellation', id))) {
    return refusal('limit_reached', OPEN_ALREADY);
  }
  if (here.length > 1 && typeof split.recipients !== 'number') {
    return refusal('malformed', 'recipients are named for one milestone at a time');
  }
  const held = here.reduce((total, milestone) => total + milestone.held, 0);
  return splitProblem(escrow, split, held);
}

function splitProblem(escrow: Escrow, split: ProposedSplit, whole: number): Refusal | null {
  const { recipients, payers } = split;
  const named = typeof recipients === 'number' ? [] : recipients;
  const amounts = typeof recipients === 'number' ? [recipients] : named.map((n) => n.amount);
  const accounts = new Set(named.map(({ account }) => account));
  const canReceive = named.every(({ account }) =>
    escrow.parties.some((p) => p.account_id === account && p.access_level.can_receive),
  );
  if ([...amounts, payers].some((amount) => amount < 0)) return refusal('malformed');
  if (!canReceive || accounts.size !== named.length) {
    return refusal('malformed', 'named accounts can receive, and are named once');
  }
  if (totalOf(split) === whole) return null;
  return refusal('amount_mismatch', `both parts of the split sum to ${whole}`);
}

function amendmentProblem({ escrow, at }: AskOf, asked: Of<'amendment'>): Refusal | null {
  const { add: added = [] } = asked.change;
  const isOld = added.some(({ id }) => escrow.milestones.some((here) => here.id === id));
  if (isOld) return refusal('malformed', 'a new milestone has an id of its own');
  const made = amendedTerms(escrow.terms, asked.change);
  if (!made.ok) return made.problems[0] ?? refusal('malformed');
  const milestones = changedMilestones(escrow, made.terms);
  const isSame = milestones.length === 0 && isTextSame(escrow, made.terms);
  if (isSame || asked.terms_hash === escrow.terms_hash) {
    return refusal('already_done', 'the terms say so already');
  }
  const touched = escrow.milestones.filter(({ id }) => milestones.includes(id));
  if (touched.some((here) => disputeOf(here))) return refusal('in_dispute');
  if (!touched.every(isAmendable)) return refusal('wrong_status');
  if (pastDue(escrow, made.terms, at)) return refusal('conditions_unmet', 'a due date has passed');
  const { terms_hash } = asked;
  const unfit = amendmentUnfit(escrow, {
    kind: 'amendment',
    milestones,
    terms: made.terms,
    terms_hash,
  });
  return unfit ? refusal('amount_mismatch', unfit) : null;
}

const isTextSame = ({ terms }: Escrow, next: Escrow['terms']): boolean =>
  terms.title === next.title && terms.description === next.description;

/** A due date that the new terms set lies in the past. */
const pastDue = ({ terms }: Escrow, next: Escrow['terms'], at: string): boolean =>
  next.milestones.some(({ id, due_at }) => {
    const before = terms.milestones.find((milestone) => milestone.id === id);
    return before?.due_at !== due_at && due_at <= at;
  });
