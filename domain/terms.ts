/**
 * Owns what the parties agree to: the terms and their canonical text.
 * Must not know how far the escrow has come, nor how a hash is made (the api hashes the text).
 */
import { type BusinessDays, earlier, type Instant, type Period } from './calendar';
import type { AccountId, DestinationId, MilestoneId, PartyId } from './ids';
import type { Minor } from './money';

export const ROLES = ['buyer', 'seller', 'broker', 'arbiter', 'observer'] as const;
export type Role = (typeof ROLES)[number];

export const ACCESS_FLAGS = ['can_view', 'can_receive', 'mark_as_done', 'approve'] as const;
export type AccessFlag = (typeof ACCESS_FLAGS)[number];
export type AccessLevel = { readonly [F in AccessFlag]: boolean };

export type TermsParty = {
  readonly id: PartyId;
  readonly account_id: AccountId;
  readonly role: Role;
  readonly access_level: AccessLevel;
};

export type Recipient = {
  readonly party: PartyId;
  readonly account_id: AccountId;
  readonly amount: Minor;
};

export type TermsMilestone = {
  readonly id: MilestoneId;
  readonly title: string;
  readonly description?: string;
  readonly amount: Minor;
  readonly due_at: Instant;
  readonly inspection_period: number; // days
  readonly recipients: readonly Recipient[];
  readonly approvals_required: number; // distinct parties
  readonly after: readonly MilestoneId[]; // it starts when these are done
  readonly files: readonly FileRef[];
};

export type FileRef = {
  readonly name: string;
  readonly url: string;
  readonly sha256?: string;
  readonly size?: number;
};

/**
 * A fee or commission: a rate of the price or a fixed amount, inside `min` and `max`. The
 * beneficiary follows from the kind; `paid_by` is in basis points and sums to 10000; `tax_bps` is
 * inside the fee. Sums: `ledger.md`, section 10.
 */
export type Fee = {
  readonly kind: 'platform' | 'broker_commission';
  readonly rate_bps?: number;
  readonly fixed?: Minor;
  readonly min?: Minor;
  readonly max?: Minor;
  readonly paid_by: { readonly buyer: number; readonly seller: number; readonly broker: number };
  readonly earned: 'funding' | 'release';
  readonly refundable: boolean;
  readonly tax_bps: number;
};

/** Who bears what an arbiter gets for a ruling; `both` bear half of it each. */
export const ARBITER_FEE_BEARERS = ['buyer', 'seller', 'both'] as const;
export type ArbiterFee = {
  readonly amount: Minor;
  readonly borne_by: (typeof ARBITER_FEE_BEARERS)[number];
};

export const FUNDING_ORDERS = ['accept_first', 'fund_first', 'any'] as const;
export type FundingOrder = (typeof FUNDING_ORDERS)[number];

export type RulingDefault = 'refund' | 'release' | { readonly recipients_bps: number };

export type DisputeHandler =
  | { readonly kind: 'platform' }
  | { readonly kind: 'arbitration'; readonly handler?: AccountId };

/** The periods that terms may set, with their defaults (`contracts.md`, section 2). */
export const DEFAULT_PERIODS = {
  acceptance: 'P7D',
  overdue: 'P14D',
  rework: 'P7D',
  release: 'P3D',
  response: 'P5D',
  negotiation: 'P14D',
  ruling: 'P30D',
  payout: 'P30D',
  reserve: 'P90D',
} as const satisfies Record<string, Period>;
export type PeriodName = keyof typeof DEFAULT_PERIODS;

export type Terms = {
  readonly title: string;
  readonly description?: string;
  readonly type: 'one_off' | 'milestone';
  readonly currency: string;
  readonly amount: Minor;
  readonly parties: readonly TermsParty[];
  readonly milestones: readonly TermsMilestone[];
  readonly fees: readonly Fee[];
  readonly funding: {
    readonly mode: 'full' | 'per_milestone';
    readonly order: FundingOrder;
    readonly due_at?: Instant;
    readonly by?: readonly AccountId[]; // who else may pay
    readonly tolerance?: Minor; // a shortfall that the platform bears
  };
  readonly release: {
    readonly mode: 'automatic' | 'manual';
    readonly by: readonly PartyId[];
    readonly reserve_bps: number; // of each recipient's credit, kept back for a while
  };
  readonly refund_to: 'wallet' | 'source';
  readonly dispute_handler: DisputeHandler;
  readonly deadlines: { readonly [N in PeriodName]: Period };
  readonly ruling_default?: RulingDefault;
  readonly rework_rounds_max: number;
  readonly arbiter_fee?: ArbiterFee;
  readonly time_zone: string;
  /** As the platform's policy had this calendar at creation: the days that do not count. */
  readonly business_days?: BusinessDays & { readonly name: string };
  readonly files: readonly FileRef[];
  /** What of the policy binds later: a running escrow keeps it. Version 0: the defaults. */
  readonly policy: { readonly version: number; readonly extension_days_max: number };
  readonly rulebook: number;
};

/** Where a party's money goes: one of its destinations, its wallet, or what its account says. */
export type PartyDestination = DestinationId | 'wallet' | null;

/** The earliest due date of all milestones. */
export const earliestDue = (terms: Terms): Instant =>
  terms.milestones.map((milestone) => milestone.due_at).reduce(earlier);

/**
 * RFC 8785 text of a JSON value: members sorted by UTF-16 code units, no white space.
 * Numbers here are safe integers, for which that form and JSON.stringify agree.
 * The terms hash is the lower-case hex SHA-256 of `canonical(terms)`.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
