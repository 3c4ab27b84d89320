/**
 * Owns what an actor may ask: every command type with its body, and who asks.
 * Must not know what becomes of it (`agreement.ts`, `milestone.ts`).
 * Who may, when, and with what effect: `escrow.md`, section 5. Bodies: `contracts.md`, section 1.
 */
import type { Instant } from './calendar';
import type { DeadlineName, Evidence, SubjectOf } from './escrow';
import type {
  AccountId,
  CommandId,
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
import type { Asked } from './proposal';
import type { PartyDestination } from './terms';

/** Amounts to both sides of a disputed milestone; together they are what is disputed. */
export type SplitRequest = {
  readonly recipients: Minor | readonly { readonly account: AccountId; readonly amount: Minor }[];
  readonly payers: Minor;
};

type OfMilestone = { readonly milestone: MilestoneId };
type OfDispute = { readonly dispute: DisputeId };
type OfDisbursement = { readonly disbursement: DisbursementId };
type OfProposal = { readonly proposal: ProposalId };
type Reason = { readonly reason: string };
type Empty = Record<never, never>;

/** Commands about the whole escrow: rows of `agreement.ts`. */
export type AgreementBodies = {
  readonly send: Empty;
  readonly accept: { readonly terms_hash: string };
  readonly reject: Reason;
  /** `payment` and `payer` only when a payment script reports that money has come in. */
  readonly fund: {
    readonly amount: Minor;
    readonly payment?: PaymentId;
    readonly payer?: AccountId;
    readonly milestone?: MilestoneId; // where each is funded alone
  };
  readonly cancel: Reason & { readonly milestone?: MilestoneId };
  readonly complete: Empty;
  readonly hold: Reason;
  readonly unhold: Reason;
  /** `operator`: as for `override`. `next_hash`: of the terms with the new account in its place. */
  readonly replace_party: Reason & {
    readonly party: PartyId;
    readonly account: AccountId;
    readonly destination?: NonNullable<PartyDestination>; // left out: the account's default
    readonly operator: string;
    readonly next_hash: string;
  };
  readonly settle_refund: { readonly refund: RefundId };
  readonly fail_refund: Reason & { readonly refund: RefundId };
  readonly expire: { readonly deadline: DeadlineName };
  readonly remind: SubjectOf & {
    readonly deadline: DeadlineName;
    readonly share: 50 | 90 | 100;
  };
};

/** Commands about one milestone, its dispute or its disbursements: rows of `milestone.ts`. */
export type MilestoneBodies = {
  readonly mark_done: OfMilestone & { readonly evidence?: readonly Evidence[] };
  readonly approve: OfMilestone;
  readonly reject_delivery: OfMilestone & Reason;
  readonly release: OfMilestone;
  readonly release_part: OfMilestone & { readonly amount: Minor };
  readonly mark_overdue: OfMilestone;
  /** `operator`: the name that the platform's own system claims for who asks. */
  readonly override: OfMilestone &
    Reason & { readonly act: OverrideAct; readonly operator: string };
  readonly cancel: OfMilestone & Reason;
  readonly dispute: OfMilestone & Reason;
  readonly answer_dispute: OfDispute & { readonly answer: string };
  readonly submit_evidence: OfDispute & { readonly evidence: readonly Evidence[] };
  readonly withdraw_dispute: OfDispute;
  readonly escalate: OfDispute;
  /** `split` is left out by the clock alone: the ruling default of the terms fills it in. */
  readonly resolve: OfDispute & Reason & { readonly split?: SplitRequest };
  /** `destination`: the account has used the money, so it stays in its wallet. */
  readonly settle_disbursement: OfDisbursement & {
    readonly returnable_until: Instant | null;
    readonly destination?: 'wallet';
  };
  readonly fail_disbursement: OfDisbursement & Reason;
  readonly return_disbursement: OfDisbursement & Reason;
  readonly free_reserve: { readonly reserve: ReserveId };
  readonly retry_disbursement: OfDisbursement;
  readonly redirect_disbursement: OfDisbursement & { readonly destination: DestinationId };
};

/** Commands about proposals: rows of `negotiation.ts`. */
export type ProposalBodies = {
  readonly propose: { readonly content: Asked; readonly reason?: string };
  readonly accept_proposal: OfProposal;
  readonly decline_proposal: OfProposal & { readonly reason?: string };
  readonly withdraw_proposal: OfProposal & { readonly reason?: string };
  readonly lapse: OfProposal & Reason;
};

export type CommandBodies = Omit<AgreementBodies, 'cancel'> &
  Omit<MilestoneBodies, 'cancel'> &
  ProposalBodies & { readonly cancel: AgreementBodies['cancel'] };
export type CommandType = keyof CommandBodies;

export type Command = {
  [T in CommandType]: {
    readonly id: CommandId;
    readonly type: T;
    readonly body: CommandBodies[T] & { readonly terms_hash?: string };
  };
}[CommandType];
export type Of<T extends CommandType> = Extract<Command, { type: T }>;

/** Who asks. The clock gives the default of a deadline, a provider's script reports. */
export type By =
  | { readonly kind: 'account'; readonly account: AccountId }
  | { readonly kind: 'platform' }
  | { readonly kind: 'clock' }
  | { readonly kind: 'provider' };

export const CLOCK: By = { kind: 'clock' };
export const PROVIDER: By = { kind: 'provider' };

/** Commands that people give: each is an update and a signal of the same name. The sentence shows
 * in the pick lists of the Temporal UI. */
export const PEOPLES_COMMANDS = {
  send: 'Send a draft: invitations go out, deadlines start.',
  accept: 'Accept the terms named by their hash.',
  reject: 'Reject the terms; the escrow closes and money goes back.',
  fund: 'Move money from the wallet of the payer into the escrow.',
  cancel: 'Cancel the escrow, or one milestone; what is held is refunded.',
  complete: 'Release what is accepted and close.',
  hold: 'Stop everything: nothing is released, refunded or defaulted.',
  unhold: 'Lift a hold; clocks go on with what was left.',
  replace_party: 'Two operators put another account in the place of a party, on hold.',
  mark_done: 'The seller says that a milestone is delivered.',
  approve: 'The buyer accepts a delivery.',
  reject_delivery: 'The buyer sends a delivery back with a reason.',
  release: 'Pay out an accepted milestone.',
  release_part: 'Pay out a part of a milestone early; all who must, name the same amount.',
  dispute: 'Disagree about a milestone; its money and clocks are frozen.',
  answer_dispute: 'The other side answers; negotiation starts.',
  submit_evidence: 'Add evidence to a dispute.',
  withdraw_dispute: 'Take a dispute back.',
  escalate: 'Hand an answered dispute to the handler.',
  resolve: 'The handler rules: a split that adds up to what is disputed.',
  propose: 'Propose an extension, an amendment, a cancellation with a split or a settlement.',
  accept_proposal: 'Accept a proposal; it is carried out when all have who must.',
  decline_proposal: 'Decline a proposal; it is closed.',
  withdraw_proposal: 'Take a proposal back.',
  retry_disbursement: 'Try a failed, returned or parked disbursement again.',
  override: 'Two operators release or refund a milestone of an escrow on hold.',
  redirect_disbursement: 'Send a failed, returned or parked disbursement somewhere else.',
} as const satisfies { [T in CommandType]?: string };
export type PeoplesCommandType = keyof typeof PEOPLES_COMMANDS;
// The cast: Object.keys forgets the names.
export const PEOPLES_COMMAND_TYPES = Object.keys(PEOPLES_COMMANDS) as readonly PeoplesCommandType[];
