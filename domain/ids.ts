/**
 * Owns the shape of ids: which prefix says which kind, and how ids are derived from ids.
 * Must not make one up: ids of people's things are made at the edge, the rest is derived here
 * (`contracts.md`, section 3), so that doing a thing twice gives the same id.
 */
export type PlatformId = `plt_${string}`;
export type AccountId = `acc_${string}`;
export type EscrowId = `esc_${string}`;
export type PartyId = `pty_${string}`;
export type MilestoneId = `mil_${string}`;
export type CommandId = `cmd_${string}`;
export type EventId = `evt_${string}`;
export type PaymentId = `pay_${string}`;
export type WithdrawalId = `wdr_${string}`;
export type DisbursementId = `dsb_${string}`;
export type RefundId = `ref_${string}`;
export type ReserveId = `rsv_${string}`;
export type DisputeId = `dis_${string}`;
export type ProposalId = `prp_${string}`;
export type DestinationId = `dst_${string}`;
export type ConnectionId = `con_${string}`;
export type TestClockId = `clk_${string}`;

/** What one provider must do for us: take a payment, give it back, pay out. */
export type EffectId = PaymentId | DisbursementId | WithdrawalId | RefundId;

/** The part of an id behind its prefix. */
export const suffixOf = (id: string): string => id.slice(id.indexOf('_') + 1);

/** Ids born in `decide`: prefix, suffix of the command id, position. */
export const disbursementId = (command: CommandId, index: number): DisbursementId =>
  `dsb_${suffixOf(command)}_${index}`;
/** What is kept back of what a disbursement would carry. */
export const reserveId = (disbursement: DisbursementId): ReserveId =>
  `rsv_${suffixOf(disbursement)}`;
export const refundId = (command: CommandId, index: number): RefundId =>
  `ref_${suffixOf(command)}_${index}`;
export const disputeId = (command: CommandId, index: number): DisputeId =>
  `dis_${suffixOf(command)}_${index}`;

export const proposalId = (command: CommandId): ProposalId => `prp_${suffixOf(command)}_1`;

/** The id of an escrow's n-th event. */
export const eventId = (escrow: EscrowId, number: number): EventId =>
  `evt_${suffixOf(escrow)}_${number}`;

/** The id of the command that the clock gives when a deadline passes or is near. */
export const clockCommandId = (escrow: EscrowId, version: number, deadline: string): CommandId =>
  `cmd_${suffixOf(escrow)}_${version}_${deadline}`;

/** The id of the command that reports what a payment or payout script has read. */
export const providerCommandId = (effect: EffectId, kind: string, attempt: number): CommandId =>
  `cmd_${effect.replace('_', '-')}_${kind}_${attempt}`;

/** Has this id a form that only clocks and scripts use? What people ask under it would give its
 * disbursements the ids of those that a clock gives, perhaps another escrow's. */
export const isDerivedId = (id: CommandId): boolean =>
  /^cmd_(?:[^_]+_\d+_[a-z]|(?:pay|dsb|wdr|ref)-)/.test(id);

/** The id of the step that records that a default was refused. */
export const refusedDefaultId = (command: CommandId): CommandId => `${command}_r`;
