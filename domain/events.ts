/**
 * Owns what has happened: every event type with its facts. Amounts and deadlines are fixed here,
 * once; whoever reads an event later computes nothing again.
 * Must not know what follows from it (`evolve.ts`, `bookkeeping.ts`, `effects.ts`).
 */
import type { Instant, Millis } from './calendar';
import type { By, CommandType } from './commands';
import type { AmendmentPart, PayerShare } from './contribution';
import type {
  ArbiterShare,
  CloseReason,
  DeadlineName,
  Evidence,
  FeeClaim,
  HandlerOf,
  Party,
  RecipientClaim,
  Side,
  SubjectOf,
  WitnessSide,
} from './escrow';
import type {
  AccountId,
  DestinationId,
  DisbursementId,
  DisputeId,
  MilestoneId,
  PartyId,
  PaymentId,
  ProposalId,
  RefundId,
  ReserveId,
} from './ids';
import type { Minor } from './money';
import type { OverrideAct } from './operators';
import type { Content, Need } from './proposal';
import type { RefusalCode } from './refusals';
import type { PartyDestination, Terms } from './terms';

/** A deadline that begins: absolute, with the rule that it came from. */
export type Due = { readonly ends: Instant; readonly rule: string };

export type Share = { readonly account: AccountId; readonly amount: Minor };

/** What one recipient gets; the disbursement that will carry it, unless nothing is his at once. */
export type Payee = Share & {
  readonly party: PartyId;
  readonly disbursement: DisbursementId;
  readonly destination: PartyDestination;
  /** Kept back of `amount`, until it is freed. */
  readonly reserve: { readonly id: ReserveId; readonly amount: Minor; readonly due: Due } | null;
};

/** A part of a fee that moves; `tax` is inside `amount`. */
type FeePart = {
  readonly fee: number; // position in the terms
  readonly side: 'buyer' | 'seller';
  readonly via: number | null; // the commission that it comes out of
  readonly amount: Minor;
  readonly tax: Minor;
};

/** A part of a fee that becomes its beneficiary's now. */
export type EarnedFee = FeePart & { readonly beneficiary: AccountId | 'platform' };

/** A part of a buyer-borne fee that goes back with a refund: what was still held, or what had been
 * earned on funding, which comes back out of income and tax. */
export type ReturnedFee = FeePart & { readonly was: 'held' | 'earned' };

/** What of a refund goes back through the provider: newest payments of a payer first. */
export type SourceShare = Share & { readonly refund: RefundId; readonly payment: PaymentId };

/** Held money that leaves to recipients; `fee_held` is what the payers' fees add to it. */
export type Payout = {
  readonly amount: Minor;
  readonly payees: readonly Payee[];
  readonly earned: readonly EarnedFee[];
  readonly fee_held: Minor;
};

/** Held money that goes back to the payers' wallets. */
export type GiveBack = {
  readonly amount: Minor;
  readonly payers: readonly Share[];
  readonly sources: readonly SourceShare[];
  readonly kept: readonly EarnedFee[]; // not refundable
  readonly returned: readonly ReturnedFee[];
  readonly fee_held: Minor;
  readonly rounding: Minor; // what the platform had added and gets back
};

type OfMilestone = { readonly milestone: MilestoneId };
type OverrideFacts = { readonly act: OverrideAct; readonly reason: string };
type ReplacementFacts = {
  readonly party: PartyId;
  readonly account: AccountId;
  readonly destination: PartyDestination;
  readonly reason: string;
};
type OfDispute = OfMilestone & { readonly dispute: DisputeId };
/** A milestone as an amendment leaves it: `held` moves into it, `due` when it waits anew. */
export type AmendedMilestone = OfMilestone & {
  readonly change: 'changed' | 'replanned' | 'added' | 'removed';
  readonly number: number;
  readonly price: Minor;
  readonly held: Minor;
  readonly unallocated: Minor; // leaves what has come in for it alone
  readonly recipients: readonly RecipientClaim[];
  readonly fees: readonly FeeClaim[];
  readonly due: Due | null;
};

type OfProposal = { readonly proposal: ProposalId };
type OfDisbursement = OfMilestone & { readonly disbursement: DisbursementId };

export type EventFacts = {
  readonly created: { readonly terms_hash: string };
  readonly sent: { readonly acceptance: Due | null; readonly funding: Due | null };
  readonly party_accepted: { readonly parties: readonly PartyId[] };
  readonly party_rejected: { readonly parties: readonly PartyId[]; readonly reason: string };
  /** `milestones`: each has a wait of its own where each is funded alone. */
  readonly agreed: {
    readonly funding: Due | null;
    readonly milestones?: readonly (OfMilestone & { readonly due: Due })[];
  };
  readonly funded: {
    readonly payer: AccountId;
    readonly amount: Minor;
    readonly payment: PaymentId | null;
    readonly milestone?: MilestoneId; // where each is funded alone
  };
  readonly due_completed: {
    readonly held: readonly (OfMilestone & { readonly amount: Minor; readonly fee: Minor })[];
    readonly fee_held: Minor; // the fees of all of them
    readonly rounding: Minor; // of both, what the platform adds
    readonly acceptance: Due | null;
  };
  /** Fees that are earned on funding, once the escrow is agreed and the milestone funded. */
  readonly fees_earned: {
    readonly milestones: readonly (OfMilestone & { readonly earned: readonly EarnedFee[] })[];
  };
  readonly contributions_returned: {
    readonly payers: readonly PayerShare[];
    readonly sources: readonly SourceShare[];
    readonly milestones: readonly MilestoneId[]; // that end by it
  };
  readonly started: { readonly milestones: readonly (OfMilestone & { readonly due: Due })[] };
  readonly payment_waiting: Share & {
    readonly payment: PaymentId;
    readonly milestone?: MilestoneId;
  };
  readonly delivered: OfMilestone & {
    readonly evidence: readonly Evidence[];
    readonly due: Due;
  };
  readonly delivery_rejected: OfMilestone & {
    readonly by: PartyId;
    readonly reason: string;
    readonly due: Due;
  };
  readonly delivery_overdue: OfMilestone & { readonly due: Due };
  /** `by` is null when the clock approved. */
  readonly approved: OfMilestone & {
    readonly by: PartyId | null;
    readonly terms_hash: string;
  };
  readonly delivery_accepted: OfMilestone & { readonly due: Due | null };
  readonly released: OfMilestone & Payout;
  readonly part_approved: OfMilestone & {
    readonly by: PartyId;
    readonly amount: Minor;
    readonly terms_hash: string;
  };
  /** The milestone stays open. */
  readonly part_released: OfMilestone & Payout;
  readonly refunded: OfMilestone &
    GiveBack & { readonly refund: RefundId; readonly reason: string };
  readonly cancelled: { readonly milestones: readonly MilestoneId[]; readonly reason: string };
  readonly disputed: OfDispute & {
    readonly side: Side;
    readonly by: PartyId | 'clock' | 'handler';
    readonly reason: string;
    readonly amount: Minor;
    readonly handler: HandlerOf | null;
    readonly due: Due;
  };
  readonly dispute_answered: OfDispute & { readonly answer: string; readonly due: Due };
  readonly evidence_added: OfDispute & {
    readonly by: PartyId | 'platform';
    readonly side: WitnessSide;
    readonly evidence: readonly Evidence[];
  };
  readonly dispute_escalated: OfDispute & {
    readonly unanswered: boolean;
    readonly handler: HandlerOf;
    readonly due: Due;
  };
  readonly dispute_withdrawn: OfDispute & { readonly amount: Minor };
  readonly ruled: OfDispute & {
    readonly by: 'platform' | 'clock' | 'parties' | AccountId; // `parties`: settled
    readonly reason: string;
    readonly amount: Minor;
    readonly payout: Payout;
    readonly give_back: GiveBack;
    readonly arbiter_fee: ArbiterShare | null; // payees and payers have that much less
  };
  readonly proposal_made: OfProposal & {
    readonly by: PartyId;
    readonly content: Content;
    readonly reason: string | null;
    readonly needs: readonly Need[];
    readonly accepted_by: readonly PartyId[];
    readonly due: Due;
  };
  /** `accepted`: all have who must. `waiting`: they have, and the money for it is due. */
  readonly proposal_accepted: OfProposal & {
    readonly parties: readonly PartyId[];
    readonly stage: 'open' | 'waiting' | 'accepted';
    readonly extended: (OfMilestone & { readonly due: Due; readonly moved: Millis }) | null;
    readonly funding: {
      readonly due: Due;
      readonly more: Minor;
      readonly parts: readonly AmendmentPart[];
    } | null;
  };
  readonly proposal_declined: OfProposal & { readonly by: PartyId; readonly reason: string | null };
  readonly proposal_withdrawn: OfProposal & { readonly reason: string | null };
  readonly proposal_lapsed: OfProposal & { readonly reason: string };
  /** 11. Sums that move are less than zero where they leave; `payers` get something back. */
  readonly terms_amended: OfProposal & {
    readonly terms: Terms;
    readonly terms_hash: string;
    readonly due: Minor;
    readonly unallocated: Minor; // taken out of what is not allocated
    readonly fee_held: Minor; // moved into the payers' fees
    readonly payers: readonly PayerShare[];
    readonly sources: readonly (SourceShare & OfMilestone)[];
    readonly rounding: Minor; // what the platform had added and gets back
    readonly milestones: readonly AmendedMilestone[];
  };
  /** `due` when the wait begins again by this reminder (hold_review alone). */
  readonly reminded: SubjectOf & {
    readonly deadline: DeadlineName;
    readonly share: 50 | 90 | 100;
    readonly due: Due | null;
  };
  readonly put_on_hold: { readonly reason: string; readonly due: Due };
  readonly hold_lifted: { readonly reason: string };
  readonly disbursement_settled: OfDisbursement & {
    readonly destination: 'wallet' | null;
    readonly returnable_until: Instant | null;
  };
  readonly disbursement_failed: OfDisbursement & { readonly reason: string; readonly due: Due };
  readonly disbursement_returned: OfDisbursement & { readonly reason: string; readonly due: Due };
  readonly disbursement_retried: OfDisbursement;
  readonly disbursement_redirected: OfDisbursement & { readonly destination: DestinationId };
  readonly refund_settled: { readonly refund: RefundId };
  readonly refund_failed: { readonly refund: RefundId; readonly reason: string };
  readonly override_requested: OfMilestone & OverrideFacts & { readonly operator: string };
  /** What it comes to is the event after it. */
  readonly overridden: OfMilestone & OverrideFacts & { readonly operators: readonly string[] };
  readonly replacement_requested: ReplacementFacts & { readonly operator: string };
  /** Open milestones owe the new account from now on, which is asked to accept when `created`. */
  readonly party_replaced: ReplacementFacts & {
    readonly before: { readonly account: AccountId; readonly destination: PartyDestination };
    readonly party_status: Party['status'];
    readonly operators: readonly string[];
    readonly terms_hash: string;
  };
  readonly reserve_freed: OfMilestone & Share & { readonly reserve: ReserveId };
  readonly default_refused: SubjectOf & {
    readonly deadline: DeadlineName;
    readonly command: CommandType;
    readonly code: RefusalCode;
    readonly due: Due;
  };
  readonly closed: { readonly reason: CloseReason };
};

export type EventType = keyof EventFacts;
export type Event = {
  [T in EventType]: {
    readonly type: T;
    readonly at: Instant;
    readonly actor: By['kind'];
  } & EventFacts[T];
}[EventType];
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
