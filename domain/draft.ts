/**
 * Owns the shape of a request for an escrow, before any rule has been asked about it.
 * Must not know defaults nor what is allowed (`drafting.ts`).
 */
import type { Instant } from './calendar';
import type { AccountId, DestinationId, MilestoneId, PartyId } from './ids';
import type { Minor } from './money';
import type {
  AccessLevel,
  ArbiterFee,
  FileRef,
  FundingOrder,
  PeriodName,
  Role,
  RulingDefault,
} from './terms';

/** How a body names a party: by account, by the id of a draft's party, or by its place. */
export type PartyRef = { readonly account_id?: AccountId; readonly party?: PartyId | number };

/** How a body names a milestone: by its id, or by its place, from 0. */
export type MilestoneRef = MilestoneId | number;

export type DraftParty = {
  readonly id: PartyId;
  readonly account_id: AccountId;
  readonly role: Role;
  readonly access_level?: { readonly [F in keyof AccessLevel]?: boolean | undefined };
  readonly initiator?: boolean;
  readonly payout_destination?: DestinationId | 'wallet';
};

export type DraftMilestone = {
  readonly id: MilestoneId;
  readonly title: string;
  readonly description?: string;
  readonly amount: Minor;
  readonly due_at?: Instant;
  readonly due_date?: string;
  readonly inspection_period?: number;
  readonly recipients?: readonly (PartyRef & {
    readonly amount?: Minor;
    readonly share_bps?: number;
    readonly remainder?: true;
  })[];
  readonly approvals_required?: number;
  readonly after?: readonly MilestoneRef[];
  readonly files?: readonly FileRef[];
};

export type DraftFee = {
  readonly kind: 'platform' | 'broker_commission';
  readonly rate_bps?: number;
  readonly fixed?: Minor;
  readonly min?: Minor;
  readonly max?: Minor;
  readonly paid_by?: {
    readonly buyer?: number;
    readonly seller?: number;
    readonly broker?: number;
  };
  readonly earned?: 'funding' | 'release';
  readonly refundable?: boolean;
  readonly tax_bps?: number;
};

/** A request for an escrow: shapes are right (the api has parsed them), rules are not checked. */
export type Draft = {
  readonly title: string;
  readonly description?: string;
  readonly type: 'one_off' | 'milestone';
  readonly currency: string;
  readonly amount?: Minor;
  readonly parties: readonly DraftParty[];
  readonly milestones: readonly DraftMilestone[];
  readonly fees?: readonly DraftFee[];
  readonly funding?: {
    readonly mode?: 'full' | 'per_milestone';
    readonly order?: FundingOrder;
    readonly due_at?: Instant;
    readonly by?: readonly PartyRef[];
    readonly tolerance?: Minor;
  };
  readonly release?: {
    readonly mode?: 'automatic' | 'manual';
    readonly by?: readonly PartyRef[];
    readonly reserve_bps?: number;
  };
  readonly refund_to?: 'wallet' | 'source';
  readonly dispute_handler?:
    | { readonly kind: 'platform' }
    | { readonly kind: 'arbitration'; readonly handler?: AccountId };
  readonly deadlines?: { readonly [N in PeriodName]?: string };
  readonly ruling_default?: RulingDefault;
  readonly rework_rounds_max?: number;
  readonly arbiter_fee?: ArbiterFee;
  readonly time_zone?: string;
  readonly business_days?: string; // a calendar of the policy, by name
  readonly files?: readonly FileRef[];
  /** Countries of accounts, where they are known and the policy asks for them; not in the terms. */
  readonly countries?: { readonly [account: AccountId]: string };
};

/** The party that a reference names; null when there is none. */
export function idOf({ parties }: Draft, ref: PartyRef): PartyId | null {
  if (typeof ref.party === 'number') return parties[ref.party]?.id ?? null;
  if (ref.party !== undefined) return parties.find((p) => p.id === ref.party)?.id ?? null;
  return parties.find((party) => party.account_id === ref.account_id)?.id ?? null;
}

/** The account that a reference names, party or not; null when it names a place with nobody. */
export function accountOf(draft: Draft, ref: PartyRef): AccountId | null {
  if (ref.account_id !== undefined) return ref.account_id;
  const id = idOf(draft, ref);
  return draft.parties.find((party) => party.id === id)?.account_id ?? null;
}
