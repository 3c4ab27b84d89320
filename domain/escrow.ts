/**
 * Owns the state of one escrow: the agreement, its milestones, disputes and money.
 * Must not know how it changes (`evolve.ts`) nor who may change it (`agreement.ts`).
 */
import type { Instant, Millis } from './calendar';
import type { AmendmentPart, Contribution, PayerShare, Refund, Source } from './contribution';
import type { Countdown } from './countdown';
import type {
  AccountId,
  DisbursementId,
  DisputeId,
  EscrowId,
  PartyId,
  PaymentId,
  ProposalId,
  ReserveId,
} from './ids';
import { type Minor, sum } from './money';
import type { OverrideRequest, ReplacementRequest } from './operators';
import type { ProposalFacts } from './proposal';
import type { PartyDestination, Terms, TermsMilestone, TermsParty } from './terms';

/** The waits of an agreement, in the order in which they fire at one instant
 * (`escrow.md`, section 6). */
export const DEADLINE_NAMES = [
  'funding',
  'milestone_funding',
  'acceptance',
  'delivery',
  'overdue',
  'inspection',
  'rework',
  'release',
  'response',
  'negotiation',
  'ruling',
  'proposal',
  'amendment_funding',
  'payout',
  'reserve',
  'hold_review',
  'return_window',
] as const;
export type DeadlineName = (typeof DEADLINE_NAMES)[number];

export type Evidence = {
  readonly kind: string;
  readonly summary: string;
  readonly url: string;
  readonly sha256?: string;
};

/** What a deadline is about, when it is not the whole escrow. */
export type SubjectOf = {
  readonly milestone?: TermsMilestone['id'];
  readonly dispute?: DisputeId;
  readonly disbursement?: DisbursementId;
  readonly reserve?: ReserveId;
  readonly proposal?: ProposalId;
};

export type Party = TermsParty & {
  readonly status: 'created' | 'accepted' | 'rejected';
  readonly initiator: boolean;
  readonly destination: PartyDestination;
  readonly replacement: ReplacementRequest | null;
};

export type CloseReason = 'unfunded' | 'unaccepted' | 'rejected' | 'cancelled' | 'completed';

export type Agreement =
  | { readonly stage: 'draft' | 'active' }
  | {
      readonly stage: 'sent' | 'agreed';
      readonly acceptance: Countdown | null;
      readonly funding: Countdown | null;
    }
  | { readonly stage: 'closed'; readonly reason: CloseReason };

export type Side = 'buyer' | 'seller' | 'handler';
/** For whom a piece of evidence speaks; a broker stands on neither side. */
export type WitnessSide = Side | 'broker';

/** Who rules on a dispute: the platform itself, or one account. */
export type HandlerOf = 'platform' | AccountId;

export type Dispute = {
  readonly id: DisputeId;
  readonly side: Side;
  readonly by: PartyId | 'clock' | 'handler';
  readonly reason: string;
  readonly amount: Minor;
  readonly opened_at: Instant;
  readonly stage: 'open' | 'negotiating' | 'with_handler';
  readonly answer: string | null;
  readonly unanswered: boolean;
  readonly handler: HandlerOf | null;
  readonly evidence: readonly (Evidence & {
    readonly by: PartyId | 'platform';
    readonly side: WitnessSide;
    readonly at: Instant;
  })[];
  readonly due: Countdown;
};

export type Ruling = {
  readonly dispute: Dispute;
  readonly reason: string;
  readonly by: 'platform' | 'clock' | 'parties' | AccountId; // `parties`: settled
  readonly recipients: Minor;
  readonly payers: Minor;
  readonly arbiter_fee: ArbiterShare | null;
  readonly at: Instant;
};

/** What an arbiter gets for a ruling, out of what the recipients and the payers get by it. */
export type ArbiterShare = {
  readonly account: AccountId;
  readonly of_recipients: Minor;
  readonly of_payers: Minor;
};

export type Disbursement = {
  readonly id: DisbursementId;
  readonly party: PartyId;
  readonly account: AccountId;
  readonly amount: Minor;
  readonly destination: PartyDestination;
  readonly returnable_until: Instant | null;
} & (
  | { readonly state: 'pending' | 'settled' }
  | { readonly state: 'failed' | 'returned' | 'parked'; readonly due: Countdown }
);

/** What is kept back of a recipient's credit, until its deadline frees it. */
export type Reserve = {
  readonly id: ReserveId;
  readonly party: PartyId;
  readonly account: AccountId;
  readonly amount: Minor;
  readonly due: Countdown;
};

/** What one recipient is due from a milestone after fees, and has been given so far. */
export type RecipientClaim = {
  readonly party: PartyId;
  readonly account: AccountId;
  readonly net: Minor;
  readonly paid: Minor;
};

/** One fee's part in a milestone, and what has become of it so far. */
export type FeeClaim = {
  readonly fee: number; // position in the terms
  readonly side: 'buyer' | 'seller'; // whose money: on top of the price, or out of it
  readonly via: number | null; // the commission that it comes out of, when the broker bears it
  readonly beneficiary: AccountId | 'platform';
  readonly kept_by: AccountId | 'platform'; // who has it when it is kept out of a refund
  readonly refundable: boolean;
  readonly on_funding: boolean;
  readonly tax_bps: number;
  readonly amount: Minor;
  readonly earned: Minor; // by releases, or on funding
  readonly kept: Minor; // out of refunds, not being refundable
  readonly returned: Minor;
};

export type MilestoneFacts = {
  readonly id: TermsMilestone['id'];
  readonly number: number; // from 1; names its ledger accounts, never changes
  readonly price: Minor;
  readonly funded: Minor; // of the price, since it was complete
  readonly fee_funded: Minor; // of the payers' fees, likewise
  readonly unallocated: Minor; // came in for it alone and is not complete yet
  readonly held: Minor; // in the books, frozen by a dispute or not
  readonly released: Minor;
  readonly refunded: Minor;
  readonly due_at: Instant; // as agreed, moved by extensions and when what it waited for was late
  readonly done_at: Instant | null; // what waits for it could start
  readonly recipients: readonly RecipientClaim[];
  readonly fees: readonly FeeClaim[];
  readonly approvals: readonly PartyId[];
  readonly part_approvals: readonly { readonly party: PartyId; readonly amount: Minor }[];
  readonly rework_rounds: number;
  readonly disputes_by: { readonly buyer: number; readonly seller: number };
  readonly disbursements: readonly Disbursement[];
  readonly reserves: readonly Reserve[]; // kept now
  readonly override: OverrideRequest | null;
  readonly left_by_clock: boolean; // the clock brought it to this stage
  readonly extensions: { readonly count: number; readonly moved: Millis };
};
type Running = { readonly due: Countdown; readonly dispute: Dispute | null };

export type Milestone = MilestoneFacts &
  (
    | { readonly stage: 'waiting'; readonly funding: Countdown | null } // funded alone
    | { readonly stage: 'releasing' | 'disbursed' | 'refunded' | 'cancelled' }
    | ({ readonly stage: 'in_progress'; readonly overdue: boolean } & Running)
    | ({ readonly stage: 'delivered' | 'rejected' } & Running)
    | {
        readonly stage: 'accepted'; // `due`: manual release
        readonly due: Countdown | null;
        readonly dispute: Dispute | null;
      }
    | { readonly stage: 'ruled'; readonly ruling: Ruling }
  );
export type MilestoneStage = Milestone['stage'];

/** A proposal and where it stands; `waiting`: an accepted amendment whose money is missing. */
export type Proposal = ProposalFacts &
  (
    | { readonly stage: 'open'; readonly due: Countdown }
    | {
        readonly stage: 'waiting';
        readonly due: Countdown;
        readonly more: Minor; // that must be funded first
        readonly parts: readonly AmendmentPart[]; // of it, where each is funded alone
        readonly paid: readonly PayerShare[];
      }
    | {
        readonly stage: 'accepted' | 'declined' | 'withdrawn' | 'lapsed';
        readonly why: string | null;
        readonly left_by_clock: boolean;
      }
  );

export type Hold = { readonly reason: string; readonly since: Instant; readonly due: Countdown };

export type Escrow = {
  readonly id: EscrowId;
  readonly terms: Terms;
  readonly terms_hash: string;
  readonly version: number; // number of its last event
  readonly agreement: Agreement;
  readonly parties: readonly Party[];
  readonly milestones: readonly Milestone[];
  readonly due: Minor; // price and the payers' fees
  readonly unallocated: Minor; // funded before the due amount is complete
  readonly rounding: Minor; // what the platform has added within the tolerance
  readonly fee_held: Minor;
  readonly allocated: boolean; // what is due for the start has been complete
  readonly contributions: readonly Contribution[];
  readonly payments_taken: readonly PaymentId[];
  readonly sources: readonly Source[]; // oldest first
  readonly refunds: readonly Refund[];
  readonly payments_waiting: readonly {
    readonly payment: PaymentId;
    readonly payer: AccountId;
    readonly amount: Minor;
    readonly milestone?: TermsMilestone['id'];
  }[];
  readonly hold: Hold | null;
  readonly proposals: readonly Proposal[];
};

/** All that has been funded so far. */
export const receivedOf = (escrow: Escrow): Minor => sum(escrow.contributions.map((c) => c.amount));

/** The dispute of a milestone, in whatever stage it is. */
export const disputeOf = (milestone: Milestone): Dispute | null =>
  'dispute' in milestone ? milestone.dispute : null;

const OPEN_STAGES = ['waiting', 'in_progress', 'delivered', 'rejected', 'accepted'] as const;
type OpenStage = (typeof OPEN_STAGES)[number];
const OPEN: ReadonlySet<string> = new Set(OPEN_STAGES);

/** Is the milestone's money still to be decided? */
export const isOpen = (
  milestone: Milestone,
): milestone is Extract<Milestone, { stage: OpenStage }> => OPEN.has(milestone.stage);

/** Must this party accept before the escrow is agreed? */
export const mustAccept = (party: Party): boolean =>
  party.role === 'buyer' || party.role === 'seller' || party.role === 'broker';

/** Is the money of this disbursement where it belongs, or given up? */
export const isComplete = (disbursement: Disbursement): boolean => disbursement.state === 'settled';

/** Is everything that left the escrow where it belongs, or given up, with nothing kept back? */
export const isSettledUp = ({ milestones, refunds }: Escrow): boolean =>
  milestones.every((m) => m.disbursements.every(isComplete) && m.reserves.length === 0) &&
  refunds.every(({ state }) => state !== 'pending');
