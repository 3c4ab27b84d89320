/**
 * Owns an escrow in each stage of a milestone, made by acts, with and without a dispute, funded as
 * a whole or each milestone alone, or with a payer and a handler who are no parties.
 * Must not know what may be done there.
 */
import type { CommandType } from '../../domain/commands';
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import { AGREED, act, escrowOf, PAYER, part, play, SENT, waitFor } from './sample';

const MODES = {
  full: {},
  per_milestone: { funding: { mode: 'per_milestone' } },
  outsiders: {
    funding: { by: [PAYER] },
    dispute_handler: { kind: 'arbitration', handler: 'acc_handler' },
  },
} as const satisfies Record<string, Partial<Draft>>;
export type Mode = keyof typeof MODES;

/** The first milestone is in the stage; the second is in progress, so the escrow stays open. */
const manual = (mode: Mode, changes: Partial<Draft> = {}): Escrow =>
  escrowOf({ release: { mode: 'manual' }, ...MODES[mode], ...changes });

/** All have accepted and all is paid, in one sum or for each milestone. */
function active(mode: Mode, changes: Partial<Draft> = {}): Escrow {
  const agreed = play(manual(mode, changes), ...AGREED);
  if (mode !== 'per_milestone') return play(agreed, 'buyer fund');
  const first = act(agreed, 'buyer', 'fund', { milestone: 'mil_1', amount: 10_000 });
  return act(first, 'buyer', 'fund', { milestone: 'mil_2', amount: 20_000 });
}

/** The first waits for the second. */
const queued: Partial<Draft> = { milestones: [part(1, { after: [1] }), part(2)] };

const DELIVERED = ['seller mark_done'];
const ACCEPTED = [...DELIVERED, 'buyer approve'];
const RELEASING = [...ACCEPTED, 'buyer release'];
const HANDED_OVER = [...DELIVERED, 'buyer dispute', 'seller answer_dispute', 'buyer escalate'];

type Begin = (mode: Mode) => Escrow;
const after =
  (acts: readonly string[], changes: Partial<Draft> = {}): Begin =>
  (mode) =>
    play(active(mode, changes), ...acts);

const STAGES: { readonly [name: string]: Begin } = {
  waiting: (mode) => play(manual(mode), ...SENT),
  queued: after([], queued),
  in_progress: after([]),
  overdue: (mode) => waitFor(active(mode), 'delivery').escrow,
  parted: (mode) => act(active(mode), 'buyer', 'release_part', { amount: 4_000 }),
  delivered: after(DELIVERED),
  rejected: after([...DELIVERED, 'buyer reject_delivery']),
  accepted: after(ACCEPTED),
  releasing: after(RELEASING),
  kept: after(RELEASING, { release: { mode: 'manual', reserve_bps: 1_000 } }),
  disbursed: after([...RELEASING, 'provider settle_disbursement']),
  ruled: (mode) =>
    play(after(HANDED_OVER)(mode), mode === 'outsiders' ? 'handler resolve' : 'platform resolve'),
  refunded: (mode) => act(active(mode), 'seller', 'cancel', { milestone: 'mil_1' }),
};

/** Where the first milestone is funded alone and has not got its money. */
const UNFUNDED: { readonly [name: string]: () => Escrow } = {
  unpaid: () => play(manual('per_milestone'), ...AGREED),
  unpaid_beside: () => secondPaid(),
  partly: () => act(secondPaid(), 'buyer', 'fund', { milestone: 'mil_1', amount: 4_000 }),
  given_up: () => act(secondPaid(), 'seller', 'cancel', { milestone: 'mil_1' }),
  not_paid: () => waitFor(secondPaid(), 'milestone_funding').escrow,
};

const secondPaid = (): Escrow =>
  act(play(manual('per_milestone'), ...AGREED), 'buyer', 'fund', {
    milestone: 'mil_2',
    amount: 20_000,
  });

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
export function inSituation(stage: string, dispute: string, mode: Mode = 'full'): Escrow {
  const key = `${stage} ${dispute} ${mode}`;
  const begin = STAGES[stage] ?? UNFUNDED[stage];
  const go = DISPUTES[dispute];
  if (!begin || !go) throw new Error(`no situation ${key}`);
  const escrow = MADE.get(key) ?? go(begin(mode));
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

/** And of one that has not got its money, where each is funded alone. */
export const UNFUNDED_SITUATIONS = Object.keys(UNFUNDED).map((stage) => [stage, '-'] as const);

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
  'replace_party',
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
