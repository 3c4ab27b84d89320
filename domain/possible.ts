/**
 * Owns in which stages each event can have happened. `decide` never makes another; an event that
 * comes out of place is a mistake of ours, and folding it would hide it.
 * Must not know what an event changes (`evolve.ts`).
 */
import { type Agreement, disputeOf, type Escrow, type MilestoneStage } from './escrow';
import type { Event, EventType } from './events';
import { BrokenInvariant } from './journal';

type Place = {
  readonly agreement: readonly Agreement['stage'][];
  readonly milestone?: readonly MilestoneStage[];
  readonly dispute?: 'no' | 'only';
};

const BEFORE_END = { agreement: ['sent', 'agreed', 'active'] } as const;
const SINCE_SENT = { agreement: ['sent', 'agreed', 'active', 'closed'] } as const;
const NEGOTIABLE = { agreement: ['agreed', 'active'] } as const;
const STARTED = ['in_progress', 'delivered', 'rejected', 'accepted'] as const;
const DISPUTED = { agreement: ['active'], milestone: STARTED, dispute: 'only' } as const;
const OVERRIDABLE = { agreement: ['active'], milestone: ['waiting', ...STARTED] } as const;
const DECIDED = {
  agreement: ['active', 'closed'],
  milestone: [...STARTED, 'releasing', 'disbursed', 'ruled', 'refunded'],
} as const;

const undisputed = (...milestone: readonly MilestoneStage[]): Place => ({
  agreement: ['active'],
  milestone,
  dispute: 'no',
});

export const PLACES: { readonly [T in EventType]: Place } = {
  created: { agreement: ['draft'] },
  sent: { agreement: ['draft'] },
  party_accepted: { agreement: ['sent', 'agreed', 'active'] },
  party_rejected: { agreement: ['sent', 'agreed', 'active'] },
  agreed: { agreement: ['sent'] },
  funded: BEFORE_END,
  due_completed: BEFORE_END,
  fees_earned: { agreement: ['agreed', 'active'] },
  contributions_returned: BEFORE_END,
  started: { agreement: ['agreed', 'active'] },
  payment_waiting: BEFORE_END,
  delivered: undisputed('in_progress', 'rejected'),
  delivery_rejected: undisputed('delivered'),
  delivery_overdue: undisputed('in_progress'),
  approved: undisputed('in_progress', 'delivered', 'rejected'),
  delivery_accepted: undisputed('in_progress', 'delivered', 'rejected'),
  // Not only when accepted: two operators may, and both sides by a cancellation, before its start.
  released: undisputed('waiting', ...STARTED),
  part_approved: undisputed(...STARTED),
  part_released: undisputed('waiting', ...STARTED),
  refunded: {
    agreement: ['sent', 'agreed', 'active'],
    milestone: ['waiting', ...STARTED],
    dispute: 'no',
  },
  cancelled: BEFORE_END,
  disputed: undisputed(...STARTED),
  dispute_answered: DISPUTED,
  evidence_added: DISPUTED,
  dispute_escalated: DISPUTED,
  dispute_withdrawn: DISPUTED,
  ruled: DISPUTED,
  proposal_made: NEGOTIABLE,
  proposal_accepted: NEGOTIABLE,
  proposal_declined: NEGOTIABLE,
  proposal_withdrawn: NEGOTIABLE,
  proposal_lapsed: NEGOTIABLE,
  terms_amended: NEGOTIABLE,
  reminded: SINCE_SENT,
  put_on_hold: SINCE_SENT,
  hold_lifted: SINCE_SENT,
  disbursement_settled: DECIDED,
  disbursement_failed: DECIDED,
  disbursement_returned: DECIDED,
  disbursement_retried: DECIDED,
  disbursement_redirected: DECIDED,
  refund_settled: { agreement: ['agreed', 'active', 'closed'] },
  refund_failed: { agreement: ['agreed', 'active', 'closed'] },
  override_requested: OVERRIDABLE,
  overridden: OVERRIDABLE,
  replacement_requested: BEFORE_END,
  party_replaced: BEFORE_END,
  reserve_freed: DECIDED,
  default_refused: SINCE_SENT,
  closed: { agreement: ['sent', 'agreed', 'active'] },
};

/** Throws BrokenInvariant when the event cannot have happened to the escrow as it stands. */
export function assertPossible(escrow: Escrow, event: Event): void {
  const place = PLACES[event.type];
  const { stage } = escrow.agreement;
  if (!place.agreement.includes(stage)) throw new BrokenInvariant(`${event.type} while ${stage}`);
  if (!place.milestone || !('milestone' in event)) return;
  const milestone = escrow.milestones.find(({ id }) => id === event.milestone);
  if (!milestone) throw new BrokenInvariant(`no milestone ${event.milestone} in ${escrow.id}`);
  const isDisputed = disputeOf(milestone) !== null;
  const isOut = place.dispute === (isDisputed ? 'no' : 'only');
  if (isOut || !place.milestone.includes(milestone.stage)) {
    const how = isDisputed ? 'disputed' : 'undisputed';
    throw new BrokenInvariant(`${event.type} while ${milestone.stage}, ${how}`);
  }
}
