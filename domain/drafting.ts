/**
 * Owns what terms may be: defaults filled in, every rule about them checked, all faults at once.
 * Must not know how the request came, nor how ids are made (both are given).
 * Source: `escrow.md`, sections 1–3; defaults: `contracts.md`, section 2; limits of this
 * version: section 8.
 */
import {
  DATES_BEGIN,
  DATES_END,
  endOfDay,
  isNear,
  isPeriod,
  isRealDate,
  isTimeZone,
  type Period,
} from './calendar';
import { isCurrency } from './currencies';
import { type Draft, idOf } from './draft';
import { arbiterFeeProblems, feeProblems, feesOf } from './drafting-fees';
import { fundingOf, payerProblems, toleranceProblems } from './drafting-funding';
import { limitProblems } from './drafting-limits';
import {
  approvalProblems,
  milestonesOf,
  recipientsProblems,
  releaserProblems,
  shareProblems,
} from './drafting-milestones';
import { orderProblems } from './drafting-order';
import { partiesOfDraft, partyProblems } from './drafting-parties';
import type { Escrow, Party } from './escrow';
import { planOf } from './fee-plan';
import type { EscrowId } from './ids';
import { sum, ZERO } from './money';
import { DEFAULT_POLICY, type Policy, policyProblems, sumsRefused } from './policy';
import { type Refusal, refusal } from './refusals';
import { newestRulebook } from './rulebook-versions';
import type { PeriodName, Terms } from './terms';

export type Drafted =
  | { readonly ok: true; readonly terms: Terms; readonly parties: readonly Party[] }
  | { readonly ok: false; readonly problems: readonly Refusal[] };

/** Terms with their defaults and the parties as they start, or everything that is wrong. */
export function drafted(draft: Draft, policy: Policy = DEFAULT_POLICY): Drafted {
  const early = [
    ...limitProblems(draft),
    ...shapeProblems(draft),
    ...policyProblems(draft, policy),
    ...partyProblems(draft),
    ...recipientsProblems(draft),
    ...orderProblems(draft),
    ...approvalProblems(draft),
    ...releaserProblems(draft),
    ...arbiterFeeProblems(draft),
    ...payerProblems(draft),
    ...toleranceProblems(draft),
  ];
  if (early.length > 0) return { ok: false, problems: early };
  const terms = termsOfDraft(draft, policy);
  const shares = shareProblems(terms);
  const fees = shares.length > 0 ? [] : feeProblems(terms); // they are spread over the shares
  const refused = shares.length + fees.length > 0 ? [] : sumsRefused(terms, policy);
  const problems = [...amountProblems(draft, terms), ...shares, ...fees, ...refused];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, terms, parties: partiesOfDraft(draft) };
}

/** The state of an escrow that nothing has happened to yet. */
export function openDraft(
  id: EscrowId,
  terms: Terms,
  termsHash: string,
  parties: readonly Party[],
): Escrow {
  const plan = planOf(terms);
  return {
    id,
    terms,
    terms_hash: termsHash,
    version: 0,
    agreement: { stage: 'draft' },
    parties,
    milestones: terms.milestones.map((milestone, at) => ({
      id: milestone.id,
      number: at + 1,
      price: milestone.amount,
      funded: ZERO,
      fee_funded: ZERO,
      unallocated: ZERO,
      held: ZERO,
      released: ZERO,
      refunded: ZERO,
      due_at: milestone.due_at,
      done_at: null,
      recipients: plan.milestones[at]?.recipients ?? [],
      fees: plan.milestones[at]?.fees ?? [],
      approvals: [],
      part_approvals: [],
      rework_rounds: 0,
      disputes_by: { buyer: 0, seller: 0 },
      disbursements: [],
      reserves: [],
      override: null,
      left_by_clock: false,
      extensions: { count: 0, moved: 0 },
      stage: 'waiting',
      funding: null,
    })),
    due: plan.due,
    unallocated: ZERO,
    rounding: ZERO,
    fee_held: ZERO,
    allocated: false,
    contributions: [],
    payments_taken: [],
    sources: [],
    refunds: [],
    payments_waiting: [],
    hold: null,
    proposals: [],
  };
}

function shapeProblems(draft: Draft): readonly Refusal[] {
  const { type, milestones, currency, time_zone = 'UTC' } = draft;
  const problems: Refusal[] = [];
  const wrong = (pointer: string, detail: string) =>
    problems.push(refusal('malformed', detail, pointer));
  if (!isCurrency(currency)) wrong('/currency', 'no active ISO 4217 code');
  if (!isTimeZone(time_zone)) wrong('/time_zone', 'no IANA time zone');
  if (type === 'one_off' && milestones.length !== 1) {
    wrong('/milestones', 'a one-off escrow has exactly one milestone');
  }
  if (type === 'milestone' && (milestones.length < 2 || milestones.length > 50)) {
    wrong('/milestones', 'a milestone escrow has 2 to 50 milestones');
  }
  for (const [at, milestone] of milestones.entries()) {
    const hasBoth = milestone.due_at !== undefined && milestone.due_date !== undefined;
    const hasNone = milestone.due_at === undefined && milestone.due_date === undefined;
    if (hasBoth || hasNone) wrong(`/milestones/${at}/due_at`, 'due_at or due_date, one of them');
    if (milestone.due_date !== undefined && !isRealDate(milestone.due_date)) {
      wrong(`/milestones/${at}/due_date`, 'no date of the calendar');
    }
  }
  return [...problems, ...farDates(draft)];
}

const NEAR = `from ${DATES_BEGIN.slice(0, 10)} to before ${DATES_END.slice(0, 10)}`;

/** Dates that are too far away to add periods to. */
function farDates({ milestones, funding }: Draft): readonly Refusal[] {
  const dates: readonly (readonly [string, string | undefined])[] = [
    ['/funding/due_at', funding?.due_at],
    ...milestones.flatMap(({ due_at, due_date }, at): [string, string | undefined][] => [
      [`/milestones/${at}/due_at`, due_at],
      [`/milestones/${at}/due_date`, due_date],
    ]),
  ];
  return dates
    .filter(([, date]) => date !== undefined && !isNear(date))
    .map(([pointer]) => refusal('malformed', NEAR, pointer));
}

function amountProblems({ amount }: Draft, terms: Terms): readonly Refusal[] {
  if (amount === undefined || amount === terms.amount) return [];
  const detail = `amount is ${amount}, the milestones sum to ${terms.amount}`;
  return [refusal('amount_mismatch', detail, '/amount')];
}

function termsOfDraft(draft: Draft, policy: Policy): Terms {
  const { release, files = [], time_zone = 'UTC', business_days: name } = draft;
  const calendar = name === undefined ? undefined : policy.business_days[name];
  const { version, extension_days_max } = policy;
  const approvers = partiesOfDraft(draft).filter((party) => party.access_level.approve);
  return {
    title: draft.title,
    ...(draft.description !== undefined && { description: draft.description }),
    type: draft.type,
    currency: draft.currency,
    amount: sum(draft.milestones.map((milestone) => milestone.amount)),
    parties: partiesOfDraft(draft).map(({ id, account_id, role, access_level }) => ({
      id,
      account_id,
      role,
      access_level,
    })),
    milestones: milestonesOf(draft, policy, (date) => endOfDay(date, time_zone)),
    fees: feesOf(draft),
    funding: fundingOf(draft),
    release: {
      mode: release?.mode ?? 'automatic',
      by: release?.by?.flatMap((ref) => idOf(draft, ref) ?? []) ?? approvers.map((p) => p.id),
      reserve_bps: release?.reserve_bps ?? 0,
    },
    refund_to: draft.refund_to ?? 'wallet',
    dispute_handler: draft.dispute_handler ?? { kind: 'platform' },
    deadlines: { ...defaultsOf(policy), ...periodsOf(draft.deadlines) },
    ...(draft.ruling_default && { ruling_default: draft.ruling_default }),
    rework_rounds_max: draft.rework_rounds_max ?? 3,
    ...(draft.arbiter_fee && { arbiter_fee: draft.arbiter_fee }),
    time_zone,
    ...(name !== undefined && calendar && { business_days: { name, ...calendar } }),
    files,
    policy: { version, extension_days_max },
    rulebook: newestRulebook(),
  };
}

function defaultsOf({ periods }: Policy): Terms['deadlines'] {
  const entries = Object.entries(periods).map(([name, range]) => [name, range.default] as const);
  return Object.fromEntries(entries) as { readonly [N in PeriodName]: Period }; // the same names
}

function periodsOf(asked: Draft['deadlines'] = {}): { readonly [name: string]: Period } {
  const entries = Object.entries(asked).flatMap(([name, period]) =>
    period !== undefined && isPeriod(period) ? [[name, period] as const] : [],
  );
  return Object.fromEntries(entries);
}
