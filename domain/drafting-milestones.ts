/**
 * Owns milestones and recipients of a draft: defaults, shares as amounts, and what is wrong.
 * Must not know parties' rights beyond who can receive. Source: `escrow.md`, section 3.
 */
import type { Instant } from './calendar';
import { type Draft, type DraftMilestone, idOf } from './draft';
import { partiesOfDraft } from './drafting-parties';
import { floorShare, type Minor, split, subtract, sum, ZERO } from './money';
import { type Refusal, refusal } from './refusals';
import type { Recipient, Terms, TermsMilestone } from './terms';

const INSPECTION_DAYS = 3;

/** The milestones with defaults filled in and every recipient's share as an amount. */
export const milestonesOf = (
  draft: Draft,
  endOfDay: (date: string) => Instant,
): readonly TermsMilestone[] =>
  draft.milestones.map((milestone) => ({
    id: milestone.id,
    title: milestone.title,
    ...(milestone.description !== undefined && { description: milestone.description }),
    amount: milestone.amount,
    due_at: milestone.due_at ?? endOfDay(milestone.due_date ?? ''),
    inspection_period: milestone.inspection_period ?? INSPECTION_DAYS,
    recipients: recipientsOf(draft, milestone),
    files: milestone.files ?? [],
  }));

/** Everything that is wrong with milestones, recipients and who may release. */
export function milestoneProblems(draft: Draft, terms: Terms): readonly Refusal[] {
  const problems = draft.milestones.flatMap((milestone, at) => [
    ...recipientProblems(draft, milestone, `/milestones/${at}/recipients`),
    ...(milestone.amount > 0
      ? []
      : [refusal('malformed', 'more than zero', `/milestones/${at}/amount`)]),
  ]);
  const releasers = partiesOfDraft(draft).filter((p) => p.role === 'buyer' || p.role === 'broker');
  const asked = draft.release?.by;
  const unknown = asked?.findIndex((ref) => !releasers.some((p) => p.id === idOf(draft, ref)));
  if (asked && (asked.length === 0 || (unknown !== undefined && unknown >= 0))) {
    const pointer = `/release/by/${Math.max(0, unknown ?? 0)}`;
    problems.push(refusal('malformed', 'only buyers and brokers release', pointer));
  }
  const sums = terms.milestones.flatMap((milestone, at) => {
    const total = sum(milestone.recipients.map((recipient) => recipient.amount));
    if (total === milestone.amount || problems.length > 0) return [];
    const detail = `recipients get ${total} of ${milestone.amount}`;
    return [refusal('amount_mismatch', detail, `/milestones/${at}/recipients`)];
  });
  return [...problems, ...sums];
}

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
  const rest = subtract(milestone.amount, sum(named.map((amount) => amount ?? ZERO)));
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
  const part = floorShare(amount, Math.min(total, 10_000), 10_000);
  const shares = total > 0 ? split(part, bps) : bps.map(() => ZERO);
  return recipients.map((recipient, at) => {
    if (recipient.remainder) return null;
    return recipient.amount ?? shares[at] ?? ZERO;
  });
}

function recipientProblems(
  draft: Draft,
  { recipients }: DraftMilestone,
  pointer: string,
): readonly Refusal[] {
  if (!recipients) return [];
  const problems: Refusal[] = [];
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
  }
  return problems;
}
