/**
 * Owns how milestones end without a delivery: what was held is refunded, what was not complete goes
 * back to each his own, what was never paid for is cancelled.
 * Must not know who may end them (`agreement.ts`, `milestone.ts`), nor how a refund is shared.
 */
import { contributionsTo, isFundedAlone } from './due';
import type { Escrow, Milestone } from './escrow';
import type { Event } from './events';
import { evolveAll } from './evolve';
import type { CommandId } from './ids';
import { ZERO } from './money';
import { sourcesOf } from './refunds';
import { happened, type Standing } from './row';
import { refundedNow } from './splits';

type Moment = Omit<Standing<unknown>, 'here'>;

/** The events that end these milestones, each decided on the state that the one before it left. */
export function endedOf(
  moment: Moment,
  milestones: readonly Milestone[],
  command: CommandId,
  reason: string,
): readonly Event[] {
  const groups =
    isFundedAlone(moment.escrow) || isHeld(milestones) ? apart(milestones) : [milestones];
  const events: Event[] = [];
  for (const group of groups) {
    const escrow = evolveAll(moment.escrow, events);
    events.push(endOfGroup({ ...moment, escrow }, group, command, reason));
  }
  return events;
}

/** One that holds money alone; those that hold none may end together. */
function endOfGroup(
  moment: Moment,
  group: readonly Milestone[],
  command: CommandId,
  reason: string,
): Event {
  const { escrow } = moment;
  const [first] = group;
  if (first && first.held > ZERO) return refundedNow(moment, first, command, reason);
  const milestones = group.map(({ id }) => id);
  if (cameIn(escrow, group) === ZERO) return happened(moment, 'cancelled', { milestones, reason });
  const payers = (first ? contributionsTo(escrow, first.id) : [])
    .filter(({ left }) => left > ZERO)
    .map(({ account, left }) => ({ account, amount: left }));
  const sources = first ? sourcesOf(escrow, first, payers, command) : [];
  return happened(moment, 'contributions_returned', { payers, sources, milestones });
}

const isHeld = (milestones: readonly Milestone[]): boolean =>
  milestones.some(({ held }) => held > ZERO);
const apart = (milestones: readonly Milestone[]) => milestones.map((milestone) => [milestone]);

/** What came in for them and is not complete. */
const cameIn = (escrow: Escrow, [first]: readonly Milestone[]): number =>
  isFundedAlone(escrow) ? (first?.unallocated ?? ZERO) : escrow.unallocated;
