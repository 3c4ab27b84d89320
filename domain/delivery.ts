/**
 * Owns what a delivery, an approval, a dispute and a ruling emit: the rows of `milestone.ts` whose
 * answer is more than one line.
 * Must not know who may ask.
 */
import { type Dispute, disputeOf, type Escrow, type Milestone } from './escrow';
import type { Event } from './events';
import { evolveAll } from './evolve';
import { type CommandId, disputeId, type PartyId } from './ids';
import { BrokenInvariant } from './journal';
import { handlerOf, partiesOf, sideOfAccount } from './parties';
import { inspectionDue, periodDue } from './periods';
import { sourcesOf } from './refunds';
import { keptBack } from './reserves';
import { type Ask, happened, type Standing } from './row';
import { releasedNow, rulingOf, splitByDefault, withArbiterFee } from './splits';
import type { RulingDefault, TermsMilestone } from './terms';

/** Delivered: inspection starts. A period of 0 days accepts in this step. */
export function delivered(ask: Ask<Milestone, 'mark_done'>): readonly Event[] {
  const { escrow, here, at, command } = ask;
  const terms = termsOf(escrow, here);
  const event = happened(ask, 'delivered', {
    milestone: here.id,
    evidence: command.body.evidence ?? [],
    due: inspectionDue(escrow.terms, terms, at),
  });
  if (terms.inspection_period > 0) return [event];
  return [event, ...acceptNow(ask, command.id, [event])];
}

/** Approved by a party; accepted with the last one that is needed. The clock's is enough. */
export function approvedBy(ask: Ask<Milestone, 'approve'>): readonly Event[] {
  const { escrow, here, by, command } = ask;
  const event = happened(ask, 'approved', {
    milestone: here.id,
    by: approverOf(ask),
    terms_hash: escrow.terms_hash,
  });
  const count = here.approvals.length + 1; // the same party is refused with `already_done`
  const isEnough = by.kind === 'clock' || count >= termsOf(escrow, here).approvals_required;
  return isEnough ? [event, ...acceptNow(ask, command.id, [event])] : [event];
}

/** The party as which the actor approves; null for the clock. */
export function approverOf({ escrow, by }: Standing<Milestone>): PartyId | null {
  const parties = by.kind === 'account' ? partiesOf(escrow, by.account) : [];
  return parties.find((each) => each.access_level.approve)?.id ?? null;
}

/** Accepted; and released in the same step, unless the terms want a second act for that. */
export function acceptNow(
  standing: Standing<Milestone>,
  command: CommandId,
  before: readonly Event[],
): readonly Event[] {
  const { escrow, here, at } = standing;
  const isManual = escrow.terms.release.mode === 'manual';
  const accepted = happened(standing, 'delivery_accepted', {
    milestone: here.id,
    due: isManual ? periodDue(escrow.terms, 'release', at) : null,
  });
  if (isManual) return [accepted];
  const now = evolveAll(escrow, [...before, accepted]);
  const milestone = now.milestones.find((each) => each.id === here.id) ?? here;
  return [accepted, releasedNow({ ...standing, escrow: now }, milestone, command)];
}

/** A dispute freezes all that is held; opened by the handler it is with the handler at once. */
export function opened(ask: Ask<Milestone, 'dispute'>): readonly Event[] {
  const { escrow, here, by, at, command } = ask;
  const own = by.kind === 'account' ? sideOfAccount(escrow, by.account) : null;
  const side = by.kind === 'clock' ? ('buyer' as const) : (own ?? ('handler' as const));
  const isHandlers = side === 'handler';
  return [
    happened(ask, 'disputed', {
      milestone: here.id,
      dispute: disputeId(command.id, here.number),
      side,
      by: by.kind === 'clock' ? 'clock' : isHandlers ? 'handler' : sidesParty(ask),
      reason: command.body.reason,
      amount: here.held,
      handler: isHandlers ? handlerOf(escrow) : null,
      due: periodDue(escrow.terms, isHandlers ? 'ruling' : 'response', at),
    }),
  ];
}

/** The ruling, or the ruling default when nobody ruled in time. */
export function resolved(ask: Ask<Milestone, 'resolve'>): readonly Event[] {
  const { escrow, here, by, at, command } = ask;
  const dispute = disputeOf(here);
  if (!dispute) throw new BrokenInvariant(`${here.id} has no dispute`);
  const split =
    command.body.split ?? splitByDefault(rulingDefaultOf(escrow, here, dispute), dispute.amount);
  const ruled = withArbiterFee(
    rulingOf(escrow, here, split, command.id),
    escrow.terms.arbiter_fee,
    by.kind === 'account' ? by.account : null,
    (payers) => sourcesOf(escrow, here, payers, command.id),
  );
  return [
    happened(ask, 'ruled', {
      milestone: here.id,
      dispute: dispute.id,
      by: by.kind === 'account' ? by.account : by.kind === 'clock' ? 'clock' : 'platform',
      reason: command.body.reason,
      amount: dispute.amount,
      ...ruled,
      payout: keptBack(escrow, ruled.payout, at),
    }),
  ];
}

/**
 * Terms silent: an unanswered dispute about something delivered goes to the side that it was opened
 * by or for; everything else is refunded (`escrow.md`, section 6, ruling).
 */
export function rulingDefaultOf(escrow: Escrow, here: Milestone, dispute: Dispute): RulingDefault {
  if (escrow.terms.ruling_default) return escrow.terms.ruling_default;
  const isForSeller = dispute.unanswered && dispute.side === 'seller';
  return isForSeller && here.stage !== 'in_progress' ? 'release' : 'refund';
}

/** The terms of a milestone. */
export function termsOf(escrow: Escrow, here: Milestone): TermsMilestone {
  const terms = escrow.terms.milestones.find((milestone) => milestone.id === here.id);
  if (!terms) throw new BrokenInvariant(`no terms for ${here.id}`);
  return terms;
}

function sidesParty({ escrow, by }: Ask<Milestone, 'dispute'>) {
  const parties = by.kind === 'account' ? partiesOf(escrow, by.account) : [];
  const party = parties.find((each) => each.role === 'buyer' || each.role === 'seller');
  if (!party) throw new BrokenInvariant('only a side opens a dispute of its own');
  return party.id;
}
