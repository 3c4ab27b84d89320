/**
 * Owns how an escrow and its parts are shown. Clients accept fields that they do not know.
 * Must not know how they are computed (`views/`). Fields: `contracts.md`, section 1a.
 */
import { z } from 'zod';
import { DEADLINE_NAMES } from '../../domain/escrow';
import { STATUSES } from '../../domain/status';
import { ARBITER_FEE_BEARERS, ROLES } from '../../domain/terms';
import { amount, commonFields, time } from './fields';
import { proposalAnswer } from './proposals';

/** A status: its word, and the code of the source document. */
export const statusFields = {
  status: z.enum(Object.values(STATUSES)).meta({ examples: ['in_progress'] }),
  status_code: z.string().meta({ examples: ['ip'] }),
};

const file = z.object({
  name: z.string(),
  url: z.string(),
  sha256: z.string().optional(),
  size: z.int().optional(),
});

export const partyAnswer = z
  .object({
    id: z.string(),
    account_id: z.string(),
    role: z.enum(ROLES),
    status: z.enum(['created', 'accepted', 'rejected']),
    access_level: z.object({
      can_view: z.boolean(),
      can_receive: z.boolean(),
      mark_as_done: z.boolean(),
      approve: z.boolean(),
    }),
    initiator: z.boolean(),
    replacement: z
      .object({ account_id: z.string(), operator: z.string(), reason: z.string(), at: time })
      .nullable()
      .meta({ description: 'Asked for by one operator; another one must confirm it.' }),
  })
  .meta({ id: 'Party' });

const evidence = z.object({
  kind: z.string(),
  summary: z.string(),
  url: z.string(),
  sha256: z.string().optional(),
  by: z.string(),
  side: z.string(),
  at: time,
});

const ruling = z.object({
  reason: z.string(),
  by: z.string(),
  at: time,
  recipients: amount,
  payers: amount,
  arbiter_fee: z
    .object({ account: z.string(), of_recipients: amount, of_payers: amount })
    .nullable()
    .meta({ description: 'What whoever ruled got out of both parts.' }),
});

/** A dispute as the escrow knows it. */
export const disputeFields = {
  milestone: z.string(),
  status: z.enum(['open', 'negotiating', 'with_handler', 'withdrawn', 'ruled']),
  side: z.enum(['buyer', 'seller', 'handler']),
  by: z.string().meta({ description: 'A party, `clock` or `handler`.' }),
  reason: z.string(),
  amount,
  opened_at: time,
  answer: z.string().nullable(),
  unanswered: z.boolean(),
  handler: z.string().nullable().meta({ description: '`platform`, or an account.' }),
  evidence: z.array(evidence),
  due_at: time.nullable(),
  ruling: ruling.nullable(),
};
const dispute = z.object({ id: z.string(), ...disputeFields }).meta({ id: 'DisputeOfEscrow' });

/** Each side's numbers when everything is released: a quote and an escrow show the same. */
export const sidesAnswer = z
  .object({
    amount,
    buyers: z.object({ fees: amount, pay: amount }),
    recipients: z.array(z.object({ party: z.string(), amount, net: amount })),
    broker: z.object({ commission: amount, bears: amount, net: amount }),
    platform: z.object({ fees: amount, tax: amount, net: amount }),
  })
  .meta({ id: 'Sides' });

export const milestoneAnswer = z
  .object({
    id: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    ...statusFields,
    amount,
    funding: z
      .object({ due: amount, received: amount, shortfall: amount })
      .nullable()
      .meta({ description: 'Where each milestone is funded alone.' }),
    held: amount,
    due_at: time,
    after: z.array(z.string()).meta({ description: 'Milestones that must be done first.' }),
    inspection_period: z.int().meta({ description: 'Days.' }),
    overdue: z.boolean(),
    recipients: z.array(
      z.object({ party: z.string(), account: z.string(), amount, net: amount, paid: amount }),
    ),
    approvals_required: z.int(),
    approvals: z.array(z.string()).meta({ description: 'Parties who have approved.' }),
    part_approvals: z
      .array(z.object({ party: z.string(), amount }))
      .meta({ description: 'Who has named which amount to be released early.' }),
    released: amount,
    refunded: amount,
    override: z
      .object({ act: z.string(), operator: z.string(), reason: z.string(), at: time })
      .nullable()
      .meta({ description: 'Asked for by one operator; another one must confirm it.' }),
    reserves: z
      .array(
        z.object({
          id: z.string(),
          party: z.string(),
          account: z.string(),
          amount,
          until: time.nullable(),
        }),
      )
      .meta({ description: 'Kept back from recipients; `until` is null while a hold stops it.' }),
    dispute: dispute.nullable(),
    sides: sidesAnswer,
    files: z.array(file),
  })
  .meta({ id: 'Milestone' });

/** What a fee is, and what it comes to. */
export const feeFields = {
  kind: z.enum(['platform', 'broker_commission']),
  rate_bps: z.int().nullable(),
  fixed: amount.nullable(),
  min: amount.nullable(),
  max: amount.nullable(),
  paid_by: z.object({ buyer: z.int(), seller: z.int(), broker: z.int() }),
  earned_on: z.enum(['funding', 'release']),
  refundable: z.boolean(),
  tax_bps: z.int(),
  amount: amount.meta({ description: 'In all, when everything is released.' }),
  borne_by: z.object({ buyer: amount, seller: amount, broker: amount }),
  tax: amount.meta({ description: 'Inside the amount.' }),
  net: amount.meta({ description: 'What its beneficiary has of it, after tax and what he bears.' }),
};

export const feeAnswer = z
  .object({
    ...feeFields,
    beneficiary: z.string(),
    earned: amount,
    returned: amount,
  })
  .meta({ id: 'Fee' });

export const deadlineAnswer = z
  .object({
    name: z.enum(DEADLINE_NAMES),
    at: time,
    milestone: z.string().nullable(),
    proposal: z.string().nullable(),
    who: z.array(z.string()).meta({ description: 'Parties, or `platform`.' }),
    otherwise: z.string().meta({ description: 'The command that the clock gives then.' }),
    moves: z.object({ amount, currency: z.string() }),
    rule: z.string(),
  })
  .meta({ id: 'Deadline' });

export const nextActionAnswer = z
  .object({
    action: z.string(),
    milestone: z.string().nullable(),
    kind: z.string().nullable().meta({ description: 'Of what may be proposed.' }),
    proposal: z.string().nullable().meta({ description: 'That may be answered.' }),
    roles: z.array(z.string()),
    parties: z.array(z.string()),
    until: time.nullable(),
  })
  .meta({ id: 'NextAction' });

export const moneyAnswer = z.object({
  held: amount,
  disputed: amount,
  released: amount,
  reserved: amount.meta({ description: 'Of what is released: still kept back.' }),
  refunded: amount,
  fees: amount,
  charged_back: amount,
});

export const escrowAnswer = z
  .object({
    ...commonFields('escrow', 'esc'),
    engagement_id: z.string().nullable(),
    ...statusFields,
    close_reason: z.string().nullable(),
    disputed: z.boolean(),
    on_hold: z.boolean(),
    hold: z.object({ reason: z.string(), since: time }).nullable(),
    title: z.string(),
    description: z.string().nullable(),
    type: z.enum(['one_off', 'milestone']),
    currency: z.string(),
    amount,
    terms_hash: z.string(),
    rulebook: z.int(),
    time_zone: z.string(),
    business_days: z
      .object({ name: z.string(), weekend: z.array(z.string()), holidays: z.array(z.string()) })
      .nullable()
      .meta({ description: 'The days that day periods do not count.' }),
    policy: z
      .object({ version: z.int(), extension_days_max: z.int() })
      .meta({ description: 'The version of the policy under which the terms were made.' }),
    files: z.array(file),
    parties: z.array(partyAnswer),
    milestones: z.array(milestoneAnswer),
    fees: z.array(feeAnswer),
    sides: sidesAnswer,
    arbiter_fee: z.object({ amount, borne_by: z.enum(ARBITER_FEE_BEARERS) }).nullable(),
    funding: z.object({
      mode: z.enum(['full', 'per_milestone']),
      order: z.string(),
      due_at: time.nullable(),
      tolerance: amount.meta({ description: 'What may be short; the platform bears it.' }),
      by: z.array(z.string()).meta({ description: 'Accounts that may pay beside the buyers.' }),
      due: amount,
      received: amount,
      shortfall: amount,
      contributions: z.array(
        z.object({
          account: z.string(),
          milestone: z.string().nullable(),
          amount,
          left: amount,
        }),
      ),
    }),
    release: z.object({
      mode: z.enum(['automatic', 'manual']),
      by: z.array(z.string()),
      reserve_bps: z.int().meta({ description: "Kept back of each recipient's credit." }),
    }),
    dispute_handler: z.object({ kind: z.string(), handler: z.string().nullable() }),
    money: moneyAnswer,
    refund_to: z.enum(['wallet', 'source']),
    disbursement: z.object({ pending: amount, settled: amount, failed: amount }),
    refund: z
      .object({ pending: amount, settled: amount, failed: amount })
      .meta({ description: 'On its way back to the source; failed: in the wallets.' }),
    disputes: z.array(dispute),
    proposals: z
      .array(proposalAnswer)
      .meta({ description: 'Open ones, and the last that are closed; newest last.' }),
    next_actions: z.array(nextActionAnswer),
    deadlines: z.array(deadlineAnswer),
    test_clock: z.string().nullable(),
  })
  .meta({ id: 'Escrow' });

/** Sums of one escrow: `funded = held + disputed + released + refunded + fees`. */
export const escrowBalances = z
  .object({
    escrow: z.string(),
    currency: z.string(),
    held: amount,
    disputed: amount,
    released: amount,
    reserved: amount.meta({ description: 'Of what is released: still kept back.' }),
    refunded: amount,
    fees: amount,
  })
  .meta({ id: 'EscrowBalances' });
