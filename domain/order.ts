/**
 * Owns the order of milestones: which wait for which, when a wait is over, by how much its due
 * date moves, and which come to nothing together with another. Source: `escrow.md`, section 3.
 * Must not know what an event is, nor who may end a milestone.
 */
import { type Millis, millisBetween } from './calendar';
import { type Escrow, isOpen, type Milestone } from './escrow';
import type { MilestoneId } from './ids';

/** Accepted; or closed with something for its recipients: what waits for it may start. */
export const isDone = (milestone: Milestone): boolean =>
  milestone.stage === 'accepted' || (!isOpen(milestone) && milestone.released > 0);

/** Ended with nothing for its recipients: what waits for it will never start. */
export const cameToNothing = (milestone: Milestone): boolean =>
  !isOpen(milestone) && milestone.released === 0;

/** Has everything that this milestone waits for been done? */
export const isItsTurn = (escrow: Escrow, milestone: Milestone): boolean =>
  milestone.stage === 'waiting' && predecessorsOf(escrow, milestone).every(isDone);

/** The first milestone that waits for one that came to nothing, and that one. */
export function cutOff(
  escrow: Escrow,
): { readonly milestone: Milestone; readonly failed: Milestone } | null {
  for (const milestone of escrow.milestones) {
    if (milestone.stage !== 'waiting') continue;
    const failed = predecessorsOf(escrow, milestone).find(cameToNothing);
    if (failed) return { milestone, failed };
  }
  return null;
}

/** How long after its due date the last of what it waited for was done; nothing when in time. */
export function delayOf(escrow: Escrow, milestone: Milestone): Millis {
  const done = predecessorsOf(escrow, milestone).flatMap(({ id, done_at }) =>
    done_at === null ? [] : [{ id, done_at }],
  );
  const last = done.reduce<(typeof done)[number] | null>(
    (best, each) => (best && best.done_at >= each.done_at ? best : each),
    null,
  );
  const due = escrow.terms.milestones.find(({ id }) => id === last?.id)?.due_at;
  return last && due ? Math.max(0, millisBetween(due, last.done_at)) : 0;
}

/** A milestone and all that would come to nothing with it, were it to end now with nothing. */
export function lostWith(escrow: Escrow, milestone: Milestone): readonly Milestone[] {
  if (milestone.released > 0) return [milestone]; // its recipients have got something
  const lost = [milestone];
  for (const next of lost) {
    const waiting = escrow.milestones.filter(
      (each) => each.stage === 'waiting' && afterOf(escrow, each.id).includes(next.id),
    );
    lost.push(...waiting.filter((each) => !lost.includes(each)));
  }
  return lost;
}

function predecessorsOf(escrow: Escrow, { id }: Milestone): readonly Milestone[] {
  const after = afterOf(escrow, id);
  return after.length === 0 ? [] : escrow.milestones.filter((each) => after.includes(each.id));
}

const afterOf = ({ terms }: Escrow, id: MilestoneId): readonly MilestoneId[] =>
  terms.milestones.find((milestone) => milestone.id === id)?.after ?? [];
