/**
 * Owns the order of a draft's milestones: which a milestone waits for, and what is wrong with it.
 * Must not know when a wait is over (`order.ts`). Source: `escrow.md`, section 3.
 */
import type { Draft, MilestoneRef } from './draft';
import type { MilestoneId } from './ids';
import { type Refusal, refusal } from './refusals';

/** The milestones that one waits for, by their ids; what cannot be found is refused elsewhere. */
export const afterOf = (draft: Draft, at: number): readonly MilestoneId[] =>
  (draft.milestones[at]?.after ?? []).flatMap((ref) => idOf(draft, ref) ?? []);

/** Everything that is wrong with what milestones wait for. */
export function orderProblems(draft: Draft): readonly Refusal[] {
  const references = draft.milestones.flatMap(({ after = [] }, at) =>
    after.flatMap((ref, n) => {
      const pointer = `/milestones/${at}/after/${n}`;
      const id = idOf(draft, ref);
      if (id === null) return [refusal('malformed', 'no such milestone', pointer)];
      const isTwice = after.findIndex((other) => idOf(draft, other) === id) < n;
      return isTwice ? [refusal('malformed', 'named twice', pointer)] : [];
    }),
  );
  return references.length > 0 ? references : circleProblems(draft);
}

/** Nobody waits for himself, however long the way round. */
const circleProblems = (draft: Draft): readonly Refusal[] =>
  draft.milestones.flatMap(({ id }, at) =>
    allBefore(draft, at).has(id)
      ? [refusal('malformed', 'it would wait for itself', `/milestones/${at}/after`)]
      : [],
  );

/** All that must be done before a milestone, near and far. */
function allBefore(draft: Draft, at: number): ReadonlySet<MilestoneId> {
  const before = new Set(afterOf(draft, at));
  for (const id of before) {
    const place = draft.milestones.findIndex((milestone) => milestone.id === id);
    for (const further of afterOf(draft, place)) before.add(further); // the loop sees them too
  }
  return before;
}

function idOf({ milestones }: Draft, ref: MilestoneRef): MilestoneId | null {
  const found = typeof ref === 'number' ? milestones[ref] : milestones.find(({ id }) => id === ref);
  return found?.id ?? null;
}
