/**
 * Owns the shape of a proposal: what it is about, what is proposed, whose acceptance it needs.
 * One protocol for four kinds (`escrow.md`, section 7).
 * Must not know when one may be made nor what comes of it (`negotiation.ts`).
 */
import type { Instant } from './calendar';
import type { DraftMilestone } from './draft';
import type { AccountId, DisputeId, MilestoneId, PartyId, ProposalId } from './ids';
import type { Minor } from './money';
import type { Terms } from './terms';

/** Amounts to both sides; together they are what is disputed or held. */
export type ProposedSplit = {
  readonly recipients: Minor | readonly { readonly account: AccountId; readonly amount: Minor }[];
  readonly payers: Minor;
};

/** A later due date; in `rejected` a later end of the rework. */
export type Extension = {
  readonly kind: 'extension';
  readonly milestone: MilestoneId;
  readonly due_at: Instant;
};

export type Settlement = {
  readonly kind: 'settlement';
  readonly milestone: MilestoneId;
  readonly dispute: DisputeId;
  readonly split: ProposedSplit;
};

/** What is held for the milestones, split; named recipients only for one milestone. */
export type Cancellation = {
  readonly kind: 'cancellation';
  readonly milestones: readonly MilestoneId[];
  readonly split: ProposedSplit;
};

/** The terms as they would be, and their hash. */
export type Amendment = {
  readonly kind: 'amendment';
  readonly milestones: readonly MilestoneId[]; // changed, added or removed
  readonly terms: Terms | null; // null once it is closed: the events have them
  readonly terms_hash: string;
};

export type Content = Extension | Settlement | Cancellation | Amendment;
/** What is asked of an amendment: fields left out stay. A changed amount without recipients is
 * spread over them as the old one was. */
export type TermsChange = {
  readonly title?: string;
  readonly description?: string;
  readonly milestones?: readonly MilestoneChange[];
  readonly add?: readonly NewMilestone[];
  readonly remove?: readonly MilestoneId[];
};
export type MilestoneChange = {
  readonly milestone: MilestoneId;
  readonly title?: string;
  readonly description?: string;
  readonly amount?: Minor;
  readonly due_at?: Instant;
  readonly inspection_period?: number;
  readonly recipients?: NewMilestone['recipients'];
  readonly after?: NonNullable<NewMilestone['after']>;
  readonly approvals_required?: number;
};
export type NewMilestone = DraftMilestone & { readonly due_at: Instant };

/** A proposal as it is asked for. `terms_hash`: of the terms that the change would make. */
export type Asked =
  | Extension
  | Omit<Settlement, 'milestone'>
  | (Omit<Cancellation, 'milestones'> & { readonly milestones?: readonly MilestoneId[] })
  | { readonly kind: 'amendment'; readonly change: TermsChange; readonly terms_hash: string };

export type ProposalKind = Content['kind'];
export const PROPOSAL_KINDS = ['extension', 'amendment', 'cancellation', 'settlement'] as const;

/** So many of these parties must accept. */
export type Need = { readonly parties: readonly PartyId[]; readonly required: number };

/** What a proposal says; fixed when it is made, but for who has accepted. */
export type ProposalFacts = {
  readonly id: ProposalId;
  readonly by: PartyId;
  readonly at: Instant;
  readonly content: Content;
  readonly reason: string | null;
  readonly needs: readonly Need[];
  readonly accepted_by: readonly PartyId[];
};

/** Have all accepted who must? */
export const isComplete = (
  { needs }: Pick<ProposalFacts, 'needs'>,
  accepted: readonly PartyId[],
): boolean =>
  needs.every(({ parties, required }) => parties.filter(isIn(accepted)).length >= required);

/** The parties whose acceptance is still missing. */
export const missingOf = ({ needs, accepted_by }: ProposalFacts): readonly PartyId[] => {
  const open = needs.filter((need) => !isComplete({ needs: [need] }, accepted_by));
  return [...new Set(open.flatMap(({ parties }) => parties))].filter((p) => !isIn(accepted_by)(p));
};

/** The milestones that a proposal is about. */
export const milestonesIn = (content: Content): readonly MilestoneId[] =>
  'milestones' in content ? content.milestones : [content.milestone];

const isIn =
  (list: readonly PartyId[]) =>
  (party: PartyId): boolean =>
    list.includes(party);
