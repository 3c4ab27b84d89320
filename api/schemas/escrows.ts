/**
 * Owns the body of an escrow: what may be asked for. Rules about it are the domain's.
 * Must not know which of it this version supports (`domain/drafting.ts`).
 * Source: `escrow.md`, sections 1–3.
 */
import { z } from 'zod';
import {
  type AccessFlag,
  ARBITER_FEE_BEARERS,
  FUNDING_ORDERS,
  type PeriodName,
  ROLES,
} from '../../domain/terms';
import {
  calendarDay,
  count,
  currency,
  email,
  httpsUrl,
  idOf,
  metadata,
  minorFrom,
  nearInstant,
  period,
  sha256,
  text,
} from './fields';

export const PARTIES_MAX = 20;
export const MILESTONES_MAX = 50;
export const FEES_MAX = 10;
const FILES_MAX = 20;
const WHOLE_BPS = 10_000;

const files = z
  .array(
    z
      .strictObject({
        name: text(200),
        url: httpsUrl,
        sha256: sha256.optional(),
        size: count(0, Number.MAX_SAFE_INTEGER).optional(),
      })
      .meta({ id: 'File' }),
  )
  .max(FILES_MAX);

const exactlyOne =
  (...names: readonly string[]) =>
  (value: object): boolean =>
    names.filter((name) => name in value).length === 1;

/** A party by its account, or by its place among the parties, from 0. */
const partyRef = z
  .strictObject({ account_id: idOf('acc').optional(), party: count(0, PARTIES_MAX).optional() })
  .refine(exactlyOne('account_id', 'party'), 'account_id or party, one of them');

const flag = z.boolean().optional();
const flags: Record<AccessFlag, typeof flag> = {
  can_view: flag,
  can_receive: flag,
  mark_as_done: flag,
  approve: flag,
};

const party = z
  .strictObject({
    account_id: idOf('acc').optional(),
    email: email.optional().meta({ description: 'An unknown address makes an account.' }),
    name: text(200).optional(),
    phone: text(40).optional(),
    role: z.enum(ROLES),
    access_level: z.strictObject(flags).optional(),
    initiator: z.boolean().optional(),
    payout_destination: z.union([z.literal('wallet'), idOf('dst')]).optional(),
  })
  .refine(exactlyOne('account_id', 'email'), 'account_id or email, one of them')
  .refine(
    (value) => 'email' in value || !('name' in value || 'phone' in value),
    'name and phone go with email',
  )
  .meta({ id: 'PartyRequest' });

/** What a recipient gets, in one of three ways. */
export const recipientShare = {
  amount: minorFrom(1).optional(),
  share_bps: count(1, WHOLE_BPS).optional(),
  remainder: z.literal(true).optional(),
};

const recipient = z
  .strictObject({
    account_id: idOf('acc').optional(),
    party: count(0, PARTIES_MAX).optional(),
    ...recipientShare,
  })
  .refine(exactlyOne('account_id', 'party'), 'account_id or party, one of them')
  .refine(exactlyOne('amount', 'share_bps', 'remainder'), 'amount, share_bps or remainder, one');

export const milestone = z
  .strictObject({
    title: text(200),
    description: text(2_000).optional(),
    amount: minorFrom(1),
    due_at: nearInstant.optional(),
    due_date: calendarDay.optional(),
    inspection_period: count(0, 365).optional().meta({ description: 'Days; default 3.' }),
    recipients: z.array(recipient).max(PARTIES_MAX).optional(),
    approvals_required: count(1, PARTIES_MAX).optional(),
    after: z
      .array(count(0, MILESTONES_MAX - 1))
      .max(MILESTONES_MAX)
      .optional()
      .meta({ description: 'Starts when these are done: places among the milestones, from 0.' }),
    files: files.optional(),
  })
  .meta({ id: 'MilestoneRequest' });

const bps = count(0, WHOLE_BPS).optional();
export const feeRequest = z
  .strictObject({
    kind: z.enum(['platform', 'broker_commission']),
    rate_bps: count(1, WHOLE_BPS).optional(),
    fixed: minorFrom(1).optional(),
    min: minorFrom(0).optional(),
    max: minorFrom(0).optional(),
    paid_by: z.strictObject({ buyer: bps, seller: bps, broker: bps }).optional(),
    earned: z.enum(['funding', 'release']).optional(),
    refundable: z.boolean().optional(),
    tax_bps: count(0, WHOLE_BPS).optional(),
  })
  .meta({ id: 'FeeRequest' });

const maybePeriod = period.optional();
const periods: Record<PeriodName, typeof maybePeriod> = {
  acceptance: maybePeriod,
  overdue: maybePeriod,
  rework: maybePeriod,
  release: maybePeriod,
  response: maybePeriod,
  negotiation: maybePeriod,
  ruling: maybePeriod,
  payout: maybePeriod,
  reserve: maybePeriod,
};

const optionalTerms = {
  engagement_id: text(100).optional().meta({ description: 'Your own reference, unique.' }),
  description: text(2_000).optional(),
  amount: minorFrom(1).optional().meta({ description: 'Must be the sum of the milestones.' }),
  fees: z.array(feeRequest).max(FEES_MAX).optional(),
  funding: z
    .strictObject({
      mode: z.enum(['full', 'per_milestone']).optional(),
      order: z.enum(FUNDING_ORDERS).optional(),
      due_at: nearInstant.optional(),
      by: z
        .array(partyRef)
        .max(PARTIES_MAX)
        .optional()
        .meta({ description: 'Who may pay beside the buyers.' }),
      tolerance: minorFrom(0).optional(),
    })
    .optional(),
  release: z
    .strictObject({
      mode: z.enum(['automatic', 'manual']).optional(),
      by: z.array(partyRef).max(PARTIES_MAX).optional(),
      reserve_bps: count(0, WHOLE_BPS).optional(),
    })
    .optional(),
  refund_to: z.enum(['wallet', 'source']).optional(),
  dispute_handler: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('platform') }).meta({ id: 'PlatformHandles' }),
      z
        .strictObject({ kind: z.literal('arbitration'), handler: idOf('acc').optional() })
        .meta({ id: 'ArbitrationHandles' }),
    ])
    .optional(),
  deadlines: z.strictObject(periods).optional(),
  ruling_default: z
    .union([z.enum(['refund', 'release']), z.strictObject({ recipients_bps: count(0, WHOLE_BPS) })])
    .optional(),
  rework_rounds_max: count(0, 20).optional(),
  arbiter_fee: z
    .strictObject({ amount: minorFrom(1), borne_by: z.enum(ARBITER_FEE_BEARERS) })
    .optional()
    .meta({ description: 'Taken in a ruling of an arbiter, at most what that side gets by it.' }),
  time_zone: text(60).optional(),
  business_days: text(60).optional().meta({
    description: 'A calendar of your policy: day periods count its business days only.',
  }),
  files: files.optional(),
  metadata: metadata.optional(),
  test_clock: idOf('clk').optional().meta({ description: 'Test mode only.' }),
};

const requiredTerms = {
  title: text(200),
  type: z.enum(['one_off', 'milestone']),
  currency,
  parties: z.array(party).min(2).max(PARTIES_MAX),
  milestones: z.array(milestone).min(1).max(MILESTONES_MAX),
};

/** The terms of a draft, as asked. */
export const draftBody = z.strictObject({ ...requiredTerms, ...optionalTerms });

export const createEscrowBody = z
  .strictObject({
    ...requiredTerms,
    ...optionalTerms,
    draft: z.boolean().optional().meta({ description: 'Keep it: nothing is sent.' }),
  })
  .meta({ id: 'CreateEscrow' });

/** Fields replace those of the draft; `null` takes an optional one away. */
export const patchEscrowBody = z
  .strictObject({
    title: requiredTerms.title.optional(),
    type: requiredTerms.type.optional(),
    currency: requiredTerms.currency.optional(),
    parties: requiredTerms.parties.optional(),
    milestones: requiredTerms.milestones.optional(),
    ...nullable(optionalTerms),
  })
  .meta({ id: 'PatchEscrow' });

type Fields = Readonly<Record<string, z.ZodType>>;
type Nullable<F extends Fields> = { readonly [K in keyof F]: z.ZodNullable<F[K]> };

function nullable<F extends Fields>(fields: F): Nullable<F> {
  const entries = Object.entries(fields).map(([name, schema]) => [name, schema.nullable()]);
  return Object.fromEntries(entries); // the same names, each nullable
}
