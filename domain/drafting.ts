/**
 * Owns what terms may be: defaults filled in, every rule about them checked, all faults at once.
 * Must not know how the request came, nor how ids are made (both are given).
 * Source: `escrow.md`, sections 1–3; defaults: `contracts.md`, section 2; limits of this
 * version: section 8.
 */
import {
  DATES_END,
  endOfDay,
  isPeriod,
  isRealDate,
  isTimeZone,
  type Period,
  periodMillis,
} from './calendar';
import { isCurrency } from './currencies';
import { type Draft, idOf } from './draft';
import { arbiterFeeProblems, feeProblems, feesOf } from './drafting-fees';
import { limitProblems } from './drafting-limits';
import {
  milestonesOf,
  recipientsProblems,
  releaserProblems,
  shareProblems,
} from './drafting-milestones';
import { partiesOfDraft, partyProblems } from './drafting-parties';
import type { Escrow, Party } from './escrow';
import { planOf } from './fee-plan';
import type { EscrowId } from './ids';
import { sum, ZERO } from './money';
import { type Refusal, refusal } from './refusals';
import { DEFAULT_PERIODS, type Terms } from './terms';

/** The newest rules: a new escrow takes them and keeps them. */
export const NEWEST_RULEBOOK = 1;

export type Drafted =
  | { readonly ok: true; readonly terms: Terms; readonly parties: readonly Party[] }
  | { readonly ok: false; readonly problems: readonly Refusal[] };

/** Terms with their defaults and the parties as they start, or everything that is wrong. */
export function drafted(draft: Draft): Drafted {
  const early = [
    ...unsupported(draft),
    ...limitProblems(draft),
    ...shapeProblems(draft),
    ...partyProblems(draft),
    ...recipientsProblems(draft),
    ...releaserProblems(draft),
    ...arbiterFeeProblems(draft),
  ];
  if (early.length > 0) return { ok: false, problems: early };
  const terms = termsOfDraft(draft);
  const shares = shareProblems(terms);
  const fees = shares.length > 0 ? [] : feeProblems(terms); // they are spread over the shares
  const problems = [...amountProblems(draft, terms), ...shares, ...fees];
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
      held: ZERO,
      released: ZERO,
      refunded: ZERO,
      recipients: plan.milestones[at]?.recipients ?? [],
      fees: plan.milestones[at]?.fees ?? [],
      approvals: [],
      rework_rounds: 0,
      disputes_by: { buyer: 0, seller: 0 },
      disbursements: [],
      left_by_clock: false,
      extensions: { count: 0, moved: 0 },
      extended_to: null,
      stage: 'waiting',
    })),
    due: plan.due,
    unallocated: ZERO,
    fee_held: ZERO,
    allocated: false,
    contributions: [],
    payments_taken: [],
    payments_waiting: [],
    hold: null,
    proposals: [],
  };
}

/** What this version does not do is refused, never ignored (`contracts.md`, section 8). */
function unsupported(draft: Draft): readonly Refusal[] {
  const { funding, release, milestones, parties } = draft;
  const asked: readonly (readonly [string, unknown])[] = [
    ['/parties', parties.filter((party) => party.role === 'buyer').length > 1],
    ['/funding/mode', funding?.mode === 'per_milestone'],
    ['/funding/by', funding?.by?.length],
    ['/funding/tolerance', funding?.tolerance],
    ['/release/reserve_bps', release?.reserve_bps],
    ['/refund_to', draft.refund_to === 'source'],
    ['/business_days', draft.business_days],
    ...milestones.flatMap((milestone, at): [string, unknown][] => [
      [`/milestones/${at}/after`, milestone.after?.length],
      [`/milestones/${at}/approvals_required`, (milestone.approvals_required ?? 1) > 1],
    ]),
  ];
  return asked
    .filter(([, value]) => Boolean(value))
    .map(([pointer]) => refusal('not_supported', undefined, pointer));
}

/** A period that terms may ask for: an hour to a year. */
const PERIOD_BOUNDS = [periodMillis('PT1H'), periodMillis('P366D')] as const;

function shapeProblems(draft: Draft): readonly Refusal[] {
  const { type, milestones, currency, time_zone = 'UTC', deadlines = {} } = draft;
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
  for (const [name, period] of Object.entries(deadlines)) {
    if (period !== undefined && !isWithinBounds(period)) {
      wrong(`/deadlines/${name}`, 'a period of whole days or hours, PT1H to P366D');
    }
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
    .filter(([, date]) => date !== undefined && date >= DATES_END.slice(0, date.length))
    .map(([pointer]) => refusal('malformed', `not before ${DATES_END.slice(0, 10)}`, pointer));
}

function isWithinBounds(period: string): boolean {
  if (!isPeriod(period)) return false;
  const length = periodMillis(period);
  return length >= PERIOD_BOUNDS[0] && length <= PERIOD_BOUNDS[1];
}

function amountProblems({ amount }: Draft, terms: Terms): readonly Refusal[] {
  if (amount === undefined || amount === terms.amount) return [];
  const detail = `amount is ${amount}, the milestones sum to ${terms.amount}`;
  return [refusal('amount_mismatch', detail, '/amount')];
}

function termsOfDraft(draft: Draft): Terms {
  const { funding, release, files = [], time_zone = 'UTC' } = draft;
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
    milestones: milestonesOf(draft, (date) => endOfDay(date, time_zone)),
    fees: feesOf(draft),
    funding: {
      mode: 'full',
      order: funding?.order ?? 'accept_first',
      ...(funding?.due_at && { due_at: funding.due_at }),
    },
    release: {
      mode: release?.mode ?? 'automatic',
      by: release?.by?.flatMap((ref) => idOf(draft, ref) ?? []) ?? approvers.map((p) => p.id),
    },
    refund_to: 'wallet',
    dispute_handler: draft.dispute_handler ?? { kind: 'platform' },
    deadlines: { ...DEFAULT_PERIODS, ...periodsOf(draft.deadlines) },
    ...(draft.ruling_default && { ruling_default: draft.ruling_default }),
    rework_rounds_max: draft.rework_rounds_max ?? 3,
    ...(draft.arbiter_fee && { arbiter_fee: draft.arbiter_fee }),
    time_zone,
    files,
    rulebook: NEWEST_RULEBOOK,
  };
}

function periodsOf(asked: Draft['deadlines'] = {}): { readonly [name: string]: Period } {
  const entries = Object.entries(asked).flatMap(([name, period]) =>
    period !== undefined && isPeriod(period) ? [[name, period] as const] : [],
  );
  return Object.fromEntries(entries);
}
