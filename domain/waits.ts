/**
 * Owns TABLE 3: who must act while something is waited for, and what happens otherwise. One row
 * per wait.
 * Must not know where a wait stands (`deadlines.ts`) nor how long it is (`periods.ts`).
 * Source: `escrow.md`, section 6.
 */
import type { CommandType } from './commands';
import { type DeadlineName, type Escrow, receivedOf, type SubjectOf } from './escrow';
import { type Minor, sum, ZERO } from './money';
import { lostWith } from './order';
import type { Who } from './parties';

export type Wait = {
  readonly who: Who;
  readonly otherwise: CommandType | 'end';
  readonly moves: (escrow: Escrow, subject: SubjectOf) => Minor;
};

export type WaitTable = { readonly [N in DeadlineName]: Wait };

const nothing = (): Minor => ZERO;

/** `moves` is the money that the default sets in motion. */
export const WAITS: WaitTable = {
  funding: { who: 'payer', otherwise: 'expire', moves: receivedOf },
  milestone_funding: { who: 'payer', otherwise: 'cancel', moves: unallocatedOf },
  acceptance: { who: 'invited', otherwise: 'expire', moves: receivedOf },
  delivery: { who: 'can:mark_as_done', otherwise: 'mark_overdue', moves: nothing },
  overdue: { who: 'can:mark_as_done', otherwise: 'cancel', moves: lostOf },
  inspection: { who: 'can:approve', otherwise: 'approve', moves: heldWhenAutomatic },
  rework: { who: 'can:mark_as_done', otherwise: 'dispute', moves: nothing },
  release: { who: 'release.by', otherwise: 'release', moves: heldOf },
  response: { who: 'other_side', otherwise: 'escalate', moves: nothing },
  negotiation: { who: 'side', otherwise: 'escalate', moves: nothing },
  ruling: { who: 'handler', otherwise: 'resolve', moves: heldOf },
  proposal: { who: 'asked', otherwise: 'lapse', moves: nothing },
  amendment_funding: { who: 'payer', otherwise: 'lapse', moves: paidForAmendment },
  payout: { who: 'platform', otherwise: 'settle_disbursement', moves: amountOf },
  reserve: { who: 'platform', otherwise: 'free_reserve', moves: reservedOf },
  hold_review: { who: 'platform', otherwise: 'remind', moves: nothing },
  return_window: { who: 'provider', otherwise: 'end', moves: nothing },
};

function unallocatedOf(escrow: Escrow, subject: SubjectOf): Minor {
  return escrow.milestones.find((m) => m.id === subject.milestone)?.unallocated ?? ZERO;
}

function heldOf(escrow: Escrow, subject: SubjectOf): Minor {
  return escrow.milestones.find((m) => m.id === subject.milestone)?.held ?? ZERO;
}

/** A milestone that ends with nothing takes along what waits for it. */
function lostOf(escrow: Escrow, subject: SubjectOf): Minor {
  const here = escrow.milestones.find((m) => m.id === subject.milestone);
  return here ? sum(lostWith(escrow, here).map(({ held }) => held)) : ZERO;
}

function heldWhenAutomatic(escrow: Escrow, subject: SubjectOf): Minor {
  return escrow.terms.release.mode === 'automatic' ? heldOf(escrow, subject) : ZERO;
}

/** What was put in for an amendment goes back with it. */
function paidForAmendment(escrow: Escrow, subject: SubjectOf): Minor {
  const proposal = escrow.proposals.find(({ id }) => id === subject.proposal);
  return proposal?.stage === 'waiting' ? sum(proposal.paid.map((p) => p.amount)) : ZERO;
}

function amountOf(escrow: Escrow, subject: SubjectOf): Minor {
  const all = escrow.milestones.flatMap((milestone) => milestone.disbursements);
  return all.find((d) => d.id === subject.disbursement)?.amount ?? ZERO;
}

function reservedOf(escrow: Escrow, subject: SubjectOf): Minor {
  const all = escrow.milestones.flatMap((milestone) => milestone.reserves);
  return all.find((kept) => kept.id === subject.reserve)?.amount ?? ZERO;
}
