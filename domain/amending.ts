/**
 * Owns when an amendment takes effect: at once, or in the step in which its money is complete.
 * Must not know what it does to the money (`amendment.ts`).
 */
import { type Effect, effectOf, fittingEffect } from './amendment';
import type { Instant } from './calendar';
import type { By } from './commands';
import { isFunded, isFundedAlone, waitingAmendment } from './due';
import type { Escrow, Proposal } from './escrow';
import type { Due, Event, EventFacts, EventOf } from './events';
import type { CommandId } from './ids';
import { BrokenInvariant } from './journal';
import { add, type Minor, ZERO } from './money';
import { deliveryDue, milestoneFundingDue } from './periods';
import type { Amendment } from './proposal';
import { AMENDMENT_FUNDING, proposalDue } from './proposal-dates';
import { sourcesOf } from './refunds';
import { happened } from './row';
import type { Terms } from './terms';

type Moment = { readonly by: By; readonly at: Instant; readonly command: CommandId };
type Last = Moment & {
  readonly escrow: Escrow;
  readonly proposal: Proposal;
  readonly content: Amendment;
  readonly accepting: EventFacts['proposal_accepted'];
};

/** All have accepted: it takes effect, or waits for the money that it needs first. */
export function amendedOrWaiting(last: Last): readonly Event[] {
  const { escrow, proposal, content, accepting, at } = last;
  const { effect } = effectNow(escrow, content);
  if (effect.more > 0) {
    const due = proposalDue(escrow, at, AMENDMENT_FUNDING, 'amendment funding');
    const funding = { due, more: effect.more, parts: effect.parts };
    return [happened(last, 'proposal_accepted', { ...accepting, stage: 'waiting', funding })];
  }
  return [
    happened(last, 'proposal_accepted', accepting),
    amended(escrow, { ...proposal, content }, last),
  ];
}

/** What the escrow is to be funded with in all, an accepted amendment included. */
export const dueNow = (escrow: Escrow): Minor =>
  add(escrow.due, waitingAmendment(escrow)?.more ?? ZERO);

/** Why an amendment that waits does not fit any more; null while it does. */
export function waitingUnfit(
  escrow: Escrow,
  { more, parts, content }: Extract<Proposal, { stage: 'waiting' }>,
): string | null {
  if (content.kind !== 'amendment' || !content.terms) return null;
  const effect = fittingEffect(escrow, content);
  if (typeof effect === 'string') return effect;
  const isSame =
    effect?.more === more &&
    parts.every(({ milestone, amount }) =>
      effect.parts.some((part) => part.milestone === milestone && part.amount === amount),
    );
  return isSame ? null : 'it needs another amount now';
}

/** The event by which an amendment takes effect, as the escrow stands. */
export function amended(
  escrow: Escrow,
  { id, content }: Pick<Proposal, 'id' | 'content'>,
  moment: Moment,
): EventOf<'terms_amended'> {
  if (content.kind !== 'amendment') throw new BrokenInvariant(`${id} amends nothing`);
  const { effect, terms } = effectNow(escrow, content);
  const { due, unallocated, fee_held, payers, rounding } = effect;
  return happened(moment, 'terms_amended', {
    proposal: id,
    terms,
    terms_hash: content.terms_hash,
    due,
    unallocated,
    fee_held,
    payers,
    sources: sourcesBack(escrow, effect, moment.command),
    rounding,
    milestones: effect.milestones.map((each) => ({
      ...each,
      due: newDue(escrow, terms, each.milestone, moment.at),
    })),
  });
}

function effectNow(
  escrow: Escrow,
  { terms }: Amendment,
): { readonly effect: Effect; readonly terms: Terms } {
  const effect = terms && effectOf(escrow, terms);
  if (typeof effect === 'string') throw new BrokenInvariant(`an amendment cannot be: ${effect}`);
  if (!terms || !effect) throw new BrokenInvariant('an amendment has no terms any more');
  return { effect, terms };
}

/** Work in progress has until the new due date, when that is another one; where each is funded
 * alone, so has the money for one that is not funded yet. */
function newDue(escrow: Escrow, terms: Terms, id: string, at: Instant): Due | null {
  const here = escrow.milestones.find((milestone) => milestone.id === id);
  const before = escrow.terms.milestones.find((milestone) => milestone.id === id);
  const its = terms.milestones.find((milestone) => milestone.id === id);
  if (!its || its.due_at === before?.due_at) return null;
  if (here?.stage === 'in_progress') return deliveryDue(terms, its, at);
  const isUnfunded = !here || (here.stage === 'waiting' && !isFunded(here));
  return isFundedAlone(escrow) && isUnfunded ? milestoneFundingDue(terms, its, at) : null;
}

/** What goes back through the payments that it came from. Where all is funded together, it is filed
 * under the milestone that gives most. */
function sourcesBack(
  escrow: Escrow,
  { payers, milestones }: Effect,
  command: CommandId,
): EventFacts['terms_amended']['sources'] {
  const [most] = [...milestones].sort((a, b) => a.held - b.held);
  const ids = new Set(payers.map(({ milestone }) => milestone ?? most?.milestone));
  return milestones
    .filter(({ milestone }) => ids.has(milestone))
    .flatMap(({ milestone, number }) => {
      const its = payers.filter((payer) => (payer.milestone ?? milestone) === milestone);
      const place = { id: milestone, number };
      return sourcesOf(escrow, place, its, command).map((share) => ({ ...share, milestone }));
    });
}
