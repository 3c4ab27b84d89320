/**
 * Owns an escrow in each stage of a milestone, made by acts, with and without a dispute.
 * Must not know what may be done there.
 */
import type { CommandType } from '../../domain/commands';
import type { Escrow } from '../../domain/escrow';
import { ACTIVE, act, escrowOf, part, play, SENT, waitFor } from './sample';

/** The first milestone is in the stage; the second is in progress, so the escrow stays open. */
const manual = (): Escrow => escrowOf({ release: { mode: 'manual' } });

/** The first waits for the second. */
const queued = (): Escrow =>
  escrowOf({ release: { mode: 'manual' }, milestones: [part(1, { after: [1] }), part(2)] });

const DELIVERED = [...ACTIVE, 'seller mark_done'];
const ACCEPTED = [...DELIVERED, 'buyer approve'];
const RELEASING = [...ACCEPTED, 'buyer release'];
const RULED = [
  ...DELIVERED,
  'buyer dispute',
  'seller answer_dispute',
  'buyer escalate',
  'platform resolve',
];

export const STAGES: { readonly [name: string]: () => Escrow } = {
  waiting: () => play(manual(), ...SENT),
  queued: () => play(queued(), ...ACTIVE),
  in_progress: () => play(manual(), ...ACTIVE),
  overdue: () => waitFor(play(manual(), ...ACTIVE), 'delivery').escrow,
  parted: () => act(play(manual(), ...ACTIVE), 'buyer', 'release_part', { amount: 4_000 }),
  delivered: () => play(manual(), ...DELIVERED),
  rejected: () => play(manual(), ...DELIVERED, 'buyer reject_delivery'),
  accepted: () => play(manual(), ...ACCEPTED),
  releasing: () => play(manual(), ...RELEASING),
  kept: () => play(escrowOf({ release: { mode: 'manual', reserve_bps: 1_000 } }), ...RELEASING),
  disbursed: () => play(manual(), ...RELEASING, 'provider settle_disbursement'),
  ruled: () => play(manual(), ...RULED),
  refunded: () => act(play(manual(), ...ACTIVE), 'seller', 'cancel', { milestone: 'mil_1' }),
};

const OPEN = ['buyer dispute'];
const NEGOTIATING = [...OPEN, 'seller answer_dispute'];

/** The buyer has opened a dispute: how far it has come. */
const DISPUTES: { readonly [name: string]: (escrow: Escrow) => Escrow } = {
  '-': (escrow) => escrow,
  open: (escrow) => play(escrow, ...OPEN),
  negotiating: (escrow) => play(escrow, ...NEGOTIATING),
  with_handler: (escrow) => play(escrow, ...NEGOTIATING, 'buyer escalate'),
  unanswered: (escrow) => waitFor(play(escrow, ...OPEN), 'response').escrow,
};

const MADE = new Map<string, Escrow>();

/** An escrow whose first milestone is in that stage and state of dispute. */
export function inSituation(stage: string, dispute: string): Escrow {
  const key = `${stage} ${dispute}`;
  const begin = STAGES[stage];
  const go = DISPUTES[dispute];
  if (!begin || !go) throw new Error(`no situation ${key}`);
  const escrow = MADE.get(key) ?? go(begin());
  MADE.set(key, escrow);
  return escrow;
}

/** The stages from the start of a milestone to its release, which can all be disputed. */
export const STARTED = ['in_progress', 'parted', 'overdue', 'delivered', 'rejected', 'accepted'];
export const DISPUTED = ['open', 'negotiating', 'with_handler', 'unanswered'];

/** Every situation of a milestone in an escrow that is open. */
export const SITUATIONS: readonly (readonly [string, string])[] = [
  ...Object.keys(STAGES).map((stage) => [stage, '-'] as const),
  ...STARTED.flatMap((stage) => DISPUTED.map((dispute) => [stage, dispute] as const)),
];

export const MILESTONE_COMMANDS = [
  'mark_done',
  'approve',
  'reject_delivery',
  'release',
  'release_part',
  'override',
  'mark_overdue',
  'cancel',
  'dispute',
  'answer_dispute',
  'submit_evidence',
  'withdraw_dispute',
  'escalate',
  'resolve',
  'settle_disbursement',
  'fail_disbursement',
  'return_disbursement',
  'retry_disbursement',
  'redirect_disbursement',
  'free_reserve',
] as const satisfies readonly CommandType[];

export const AGREEMENT_COMMANDS = [
  'send',
  'accept',
  'reject',
  'fund',
  'cancel',
  'complete',
  'hold',
  'unhold',
  'expire',
  'settle_refund',
  'fail_refund',
  'remind',
] as const satisfies readonly CommandType[];

export const PROPOSAL_COMMANDS = [
  'propose',
  'accept_proposal',
  'decline_proposal',
  'withdraw_proposal',
  'lapse',
] as const satisfies readonly CommandType[];

export const isCommand = (text: string): text is CommandType =>
  [...MILESTONE_COMMANDS, ...AGREEMENT_COMMANDS, ...PROPOSAL_COMMANDS].some(
    (command) => command === text,
  );
