/**
 * Owns the names under which receivers hear of what happens: an event of an escrow under the thing
 * that it is about, and what payments, payouts and others say of themselves.
 * Must not know who listens. Source: `api.md`, webhooks and events.
 */
import type { EventType } from './events';

/** The topic of each event of an escrow. */
export const ESCROW_TOPICS = {
  created: 'escrow.created',
  sent: 'escrow.sent',
  party_accepted: 'escrow.accepted',
  party_rejected: 'escrow.rejected',
  agreed: 'escrow.agreed',
  funded: 'escrow.funded',
  due_completed: 'escrow.funding_completed',
  fees_earned: 'escrow.fees_earned',
  contributions_returned: 'escrow.contributions_returned',
  payment_waiting: 'escrow.payment_waiting',
  terms_amended: 'escrow.amended',
  put_on_hold: 'escrow.put_on_hold',
  hold_lifted: 'escrow.hold_lifted',
  override_requested: 'escrow.override_requested',
  overridden: 'escrow.overridden',
  replacement_requested: 'escrow.replacement_requested',
  party_replaced: 'escrow.party_replaced',
  reserve_freed: 'escrow.reserve_freed',
  disbursement_settled: 'escrow.disbursement_settled',
  disbursement_failed: 'escrow.disbursement_failed',
  disbursement_returned: 'escrow.disbursement_returned',
  disbursement_retried: 'escrow.disbursement_retried',
  disbursement_redirected: 'escrow.disbursement_redirected',
  refund_settled: 'escrow.refund_settled',
  refund_failed: 'escrow.refund_failed',
  closed: 'escrow.closed',
  started: 'milestone.in_progress',
  delivered: 'milestone.delivered',
  delivery_rejected: 'milestone.delivery_rejected',
  delivery_overdue: 'milestone.overdue',
  approved: 'milestone.approved',
  delivery_accepted: 'milestone.accepted',
  part_approved: 'milestone.part_approved',
  part_released: 'milestone.part_released',
  released: 'milestone.released',
  refunded: 'milestone.refunded',
  cancelled: 'milestone.cancelled',
  disputed: 'dispute.opened',
  dispute_answered: 'dispute.answered',
  evidence_added: 'dispute.evidence_added',
  dispute_escalated: 'dispute.escalated',
  dispute_withdrawn: 'dispute.withdrawn',
  ruled: 'dispute.ruled',
  proposal_made: 'proposal.made',
  proposal_accepted: 'proposal.accepted',
  proposal_declined: 'proposal.declined',
  proposal_withdrawn: 'proposal.withdrawn',
  proposal_lapsed: 'proposal.lapsed',
  reminded: 'deadline.approaching',
  default_refused: 'deadline.refused',
} as const satisfies Record<EventType, `${string}.${string}`>;

/** What scripts say of a payment or a payout. */
const MOVED = ['created', 'sent', 'resent', 'pending', 'settled', 'failed', 'again', 'unknown'];
const ENDED = ['returned', 'parked', 'cancelled', 'late'];
const MOVEMENTS = ['payment', 'disbursement', 'withdrawal', 'refund'];

/** What is sent to one endpoint alone, because somebody has asked for it. */
export const TEST_TOPIC = 'webhook_endpoint.test';

/** Every topic, in order. */
export const TOPICS: readonly string[] = [
  ...Object.values(ESCROW_TOPICS),
  ...MOVEMENTS.flatMap((kind) => [...MOVED, ...ENDED].map((state) => `${kind}.${state}`)),
  'account.created',
  'webhook_endpoint.disabled',
];

const GROUPS = new Set(TOPICS.map((topic) => `${topic.slice(0, topic.indexOf('.'))}.*`));

/** Is this a topic, or all topics of a thing (`escrow.*`)? */
export const isTopicOrGroup = (text: string): boolean => TOPICS.includes(text) || GROUPS.has(text);
