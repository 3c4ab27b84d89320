/**
 * Owns milestones and recipients of a draft: defaults, shares as amounts, and what is wrong.
 * Must not know parties' rights beyond who can receive. Source: `escrow.md`, section 3.
 */
import type { Instant } from './calendar';
import { type Draft, type DraftMilestone, idOf } from './draft';
import { afterOf } from './drafting-order';
import { partiesOfDraft } from './drafting-parties';
import { floorShare, type Minor, split, toMinor, ZERO } from './money';
import type { Policy } from './policy';
import { type Refusal, refusal } from './refusals';
import type { Recipient, Terms, TermsMilestone } from './terms';

const WHOLE_BPS = 10_000;

/** The milestones with defaults filled in and every recipient's share as an amount. */
export const milestonesOf = (
  draft: Draft,
  policy: Policy,
  endOfDay: (date: string) => Instant,
): readonly TermsMilestone[] =>
  draft.milestones.map((milestone, at) => ({
    id: milestone.id,
    title: milestone.title,
    ...(milestone.description !== undefined && { description: milestone.description }),
    amount: milestone.amount,
    due_at: milestone.due_at ?? endOfDay(milestone.due_date ?? ''),
    inspection_period: milestone.inspection_period ?? policy.inspection_period.default,
    recipients: recipientsOf(draft, milestone),
    approvals_required: milestone.approvals_required ?? 1,
    after: afterOf(draft, at),
    files: milestone.files ?? [],
  }));

/** Everything that is wrong with who is named as a recipient, and with what share. */
export const recipientsProblems = (draft: Draft): readonly Refusal[] =>
  draft.milestones.flatMap((milestone, at) => {
    const pointer = `/milestones/${at}/recipients`;
    return milestone.recipients
      ? namedProblems(draft, milestone, pointer)
      : unnamedProblems(draft, pointer);
  });

/** As many parties as must approve are there, and at least one must. */
export function approvalProblems(draft: Draft): readonly Refusal[] {
  const most = partiesOfDraft(draft).filter((party) => party.access_level.approve).length;
  return draft.milestones.flatMap(({ approvals_required: count = 1 }, at) => {
    if (most === 0 || (Number.isInteger(count) && count >= 1 && count <= most)) return [];
    const detail = `from 1 to ${most}, the parties that may approve`;
    return [refusal('malformed', detail, `/milestones/${at}/approvals_required`)];
  });
}

/** Only buyers and brokers release (`security.md`, section 2). */
export function releaserProblems(draft: Draft): readonly Refusal[] {
  const releasers = partiesOfDraft(draft).filter((p) => p.role === 'buyer' || p.role === 'broker');
  const asked = draft.release?.by;
  const unknown = asked?.findIndex((ref) => !releasers.some((p) => p.id === idOf(draft, ref)));
  if (!asked || (asked.length > 0 && unknown === -1)) return [];
  const pointer = `/release/by/${Math.max(0, unknown ?? 0)}`;
  return [refusal('malformed', 'only buyers and brokers release', pointer)];
}

/** The recipients' shares are the milestone, to the unit. */
export const shareProblems = ({ milestones }: Terms): readonly Refusal[] =>
  milestones.flatMap(({ amount, recipients }, at) => {
    const total = recipients.reduce((all, recipient) => all + recipient.amount, 0);
    const isNegative = recipients.some((recipient) => recipient.amount < 0);
    if (total === amount && !isNegative) return [];
    const detail = isNegative
      ? `recipients get more than ${amount} before the remainder`
      : `recipients get ${total} of ${amount}`;
    return [refusal('amount_mismatch', detail, `/milestones/${at}/recipients`)];
  });

/** Without recipients the sellers who can receive share equally. */
function recipientsOf(draft: Draft, milestone: DraftMilestone): readonly Recipient[] {
  const { recipients } = milestone;
  if (!recipients) {
    const sellers = partiesOfDraft(draft).filter(
      (p) => p.role === 'seller' && p.access_level.can_receive,
    );
    const shares = split(
      milestone.amount,
      sellers.map(() => 1),
    );
    return sellers.map(({ id: party, account_id }, at) => ({
      party,
      account_id,
      amount: shares[at] ?? ZERO,
    }));
  }
  const named = namedShares(milestone);
  const given = named.reduce<number>((all, amount) => all + (amount ?? 0), 0);
  const rest = toMinor(Math.max(-1, milestone.amount - given)); // below zero is refused: how far?
  return recipients.flatMap((recipient, at) => {
    const party = partiesOfDraft(draft).find((p) => p.id === idOf(draft, recipient));
    if (!party) return [];
    return [{ party: party.id, account_id: party.account_id, amount: named[at] ?? rest }];
  });
}

/**
 * Amounts as given; basis points of the milestone by largest remainder, so that shares which
 * make a whole leave nothing over; null for the one that takes the remainder.
 */
function namedShares({ amount, recipients = [] }: DraftMilestone): readonly (Minor | null)[] {
  const bps = recipients.map((recipient) => recipient.share_bps ?? 0);
  const total = bps.reduce((a, b) => a + b, 0);
  const part = floorShare(amount, total, WHOLE_BPS);
  const shares = total > 0 ? split(part, bps) : bps.map(() => ZERO);
  return recipients.map((recipient, at) => {
    if (recipient.remainder) return null;
    return recipient.amount ?? shares[at] ?? ZERO;
  });
}

/** Without names the sellers who can receive share equally, so there must be one. */
function unnamedProblems(draft: Draft, pointer: string): readonly Refusal[] {
  const sellers = partiesOfDraft(draft).filter((party) => party.role === 'seller');
  if (sellers.some((seller) => seller.access_level.can_receive)) return [];
  return [refusal('malformed', 'name the recipients: no seller can receive', pointer)];
}

function namedProblems(
  draft: Draft,
  { amount, recipients = [] }: DraftMilestone,
  pointer: string,
): readonly Refusal[] {
  const problems: Refusal[] = [];
  const bps = recipients.reduce((all, recipient) => all + (recipient.share_bps ?? 0), 0);
  if (bps > WHOLE_BPS) {
    problems.push(refusal('amount_mismatch', `shares of ${bps} of ${WHOLE_BPS}`, pointer));
  }
  const wrong = (at: number | null, detail: string) =>
    problems.push(refusal('malformed', detail, at === null ? pointer : `${pointer}/${at}`));
  if (recipients.length === 0) wrong(null, 'at least one recipient');
  if (recipients.filter((recipient) => recipient.remainder).length > 1) {
    wrong(null, 'only one recipient takes the remainder');
  }
  const ids = recipients.map((recipient) => idOf(draft, recipient));
  for (const [at, recipient] of recipients.entries()) {
    const party = partiesOfDraft(draft).find((p) => p.id === ids[at]);
    if (!party?.access_level.can_receive) wrong(at, 'no party with can_receive');
    if (ids.indexOf(ids[at] ?? null) < at) wrong(at, 'named twice');
    const ways = [recipient.amount, recipient.share_bps, recipient.remainder];
    if (ways.filter((way) => way !== undefined).length !== 1) {
      wrong(at, 'amount, share_bps or remainder, one of them');
    }
    if (isOutside(recipient.amount, amount)) wrong(at, `an amount from 0 to ${amount}`);
    if (isOutside(recipient.share_bps, WHOLE_BPS)) wrong(at, `a share from 0 to ${WHOLE_BPS}`);
  }
  return problems;
}

const isOutside = (value: number | undefined, most: number): boolean =>
  value !== undefined && !(Number.isSafeInteger(value) && value >= 0 && value <= most);
