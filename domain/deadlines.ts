/**
 * Owns every deadline of an escrow: where it stands, when to remind, what the clock does then.
 * Must not know what time it is, how long a wait is (`periods.ts`), nor who must act and what
 * happens otherwise (`waits.ts`). Source: `escrow.md`, section 6.
 */
import { type Instant, later, plus } from './calendar';
import type { Command, CommandType } from './commands';
import {
  type Waiting,
  waitsOfAgreement,
  waitsOfHold,
  waitsOfMilestone,
  waitsOfProposal,
} from './countdowns';
import {
  type Agreement,
  DEADLINE_NAMES,
  type DeadlineName,
  type Escrow,
  isSettledUp,
  type Milestone,
  type SubjectOf,
} from './escrow';
import { type CommandId, clockCommandId } from './ids';
import { BrokenInvariant } from './journal';
import { rulebookOf } from './rulebook';

export type Deadline = {
  readonly name: DeadlineName;
  readonly key: string; // the name, and a number where there can be several
  readonly at: Instant;
  readonly subject: SubjectOf;
  readonly rule: string;
  readonly remind_at: readonly { readonly share: 50 | 90; readonly at: Instant }[];
  readonly refused: number;
  readonly first_at: Instant; // before any default was refused
};

/** Every running deadline, soonest first; at one instant in the order of the table, then by
 * milestone. Stopped countdowns are not among them. */
export const deadlinesOf = (escrow: Escrow): readonly Deadline[] =>
  [...runningIn(escrow)].sort(inOrder);

/** The deadlines that stand after a step and did not before it, or not at that instant. */
export function begunBetween(before: Escrow, after: Escrow): readonly Deadline[] {
  const was = new Map(changedIn(before, after).map(({ key, at }) => [key, at]));
  return changedIn(after, before)
    .filter(({ key, at }) => was.get(key) !== at)
    .sort(inOrder);
}

/** Something that the clock will do: remind of a deadline, or give its default. */
export type Alarm = {
  readonly at: Instant;
  readonly deadline: Deadline;
  readonly share: 50 | 90 | 100;
};

/** What the clock does next, null when it waits for nothing. Of two at one instant that whose
 * deadline comes first. */
export function nextAlarm(escrow: Escrow): Alarm | null {
  let best = soonest(null, ofAgreement(escrow.agreement));
  for (const milestone of escrow.milestones) best = soonest(best, ofMilestone(milestone));
  return soonest(best, ofRest(escrow));
}

function soonest(first: Alarm | null, deadlines: readonly Deadline[]): Alarm | null {
  let best = first;
  for (const deadline of deadlines) {
    const reminder = deadline.remind_at[0];
    const at = reminder?.at ?? deadline.at;
    const isFirst =
      !best || at < best.at || (at === best.at && inOrder(deadline, best.deadline) < 0);
    if (isFirst) best = { at, deadline, share: reminder?.share ?? 100 };
  }
  return best;
}

/** The command that the clock gives at an alarm; null where the wait simply ends. */
export function commandOf(escrow: Escrow, alarm: Alarm): Command | null {
  const { deadline, share } = alarm;
  const { name, key, subject } = deadline;
  const { otherwise } = rulebookOf(escrow.terms.rulebook).waits[name];
  if (share !== 100 || otherwise === 'remind') {
    const id = clockCommandId(escrow.id, escrow.version, `${key}_${share}`);
    return { id, type: 'remind', body: { deadline: name, share, ...subject } };
  }
  if (otherwise === 'end') return null;
  return defaultCommand(clockCommandId(escrow.id, escrow.version, key), otherwise, deadline);
}

function defaultCommand(id: CommandId, type: CommandType, deadline: Deadline): Command {
  const { name, subject } = deadline;
  const milestone = subject.milestone;
  const reason = `the ${name} deadline has passed`;
  if (type === 'expire') return { id, type, body: { deadline: name } };
  if (subject.disbursement && type === 'settle_disbursement') {
    return { id, type, body: { disbursement: subject.disbursement, returnable_until: null } };
  }
  if (subject.reserve && type === 'free_reserve') {
    return { id, type, body: { reserve: subject.reserve } };
  }
  if (subject.proposal && type === 'lapse') {
    return { id, type, body: { proposal: subject.proposal, reason } };
  }
  if (subject.dispute && type === 'escalate') {
    return { id, type, body: { dispute: subject.dispute } };
  }
  if (subject.dispute && type === 'resolve') {
    return { id, type, body: { dispute: subject.dispute, reason } };
  }
  if (milestone && (type === 'cancel' || type === 'dispute')) {
    return { id, type, body: { milestone, reason } };
  }
  if (milestone && (type === 'approve' || type === 'release' || type === 'mark_overdue')) {
    return { id, type, body: { milestone } };
  }
  throw new BrokenInvariant(`no default ${type} for the ${name} deadline`);
}

/** All that run, milestone by milestone in the order of their numbers. */
const runningIn = (escrow: Escrow): readonly Deadline[] => [
  ...ofAgreement(escrow.agreement),
  ...escrow.milestones.flatMap(ofMilestone),
  ...ofRest(escrow),
];

/** Those of the parts of an escrow that are not the same in another state of it. */
function changedIn(escrow: Escrow, other: Escrow): Deadline[] {
  const milestones = escrow.milestones.filter((each, n) => each !== other.milestones[n]);
  return [...ofAgreement(escrow.agreement), ...milestones.flatMap(ofMilestone), ...ofRest(escrow)];
}

/** An escrow has many parts and a step changes few of them: what a part waits for is worked out
 * once, and kept as long as the part itself. */
const KEPT = new WeakMap<Agreement | Milestone, readonly Deadline[]>();

function kept<Part extends Agreement | Milestone>(
  part: Part,
  find: (part: Part) => readonly Deadline[],
): readonly Deadline[] {
  const known = KEPT.get(part);
  if (known) return known;
  const found = find(part);
  KEPT.set(part, found);
  return found;
}

const ofAgreement = (agreement: Agreement): readonly Deadline[] =>
  kept(agreement, () => waitsOfAgreement(agreement).flatMap((each) => running(each, each.name)));

const ofMilestone = (milestone: Milestone): readonly Deadline[] =>
  kept(milestone, () =>
    waitsOfMilestone(milestone).flatMap((each) => running(each, keyIn(milestone, each))),
  );

const ofRest = (escrow: Escrow): readonly Deadline[] => [
  ...escrow.proposals.flatMap((proposal, n) =>
    waitsOfProposal(proposal).flatMap((each) => running(each, `${each.name}_${n + 1}`)),
  ),
  ...(escrow.hold ? waitsOfHold(escrow.hold).flatMap((each) => running(each, each.name)) : []),
  ...returnWindow(escrow),
];

/** Reminders at 50 % and 90 % of the length; none for the two waits of operators alone. */
const REMINDERS = [50, 90] as const;

function running({ name, subject, due }: Waiting, key: string): readonly Deadline[] {
  if (!('ends' in due)) return [];
  const reminders = name === 'hold_review' ? [] : REMINDERS.slice(due.reminded);
  const remind_at = reminders.map((share) => ({
    share,
    at: plus(due.ends, -Math.round((due.length * (100 - share)) / 100)),
  }));
  const { ends: at, rule, refused, first_ends: first_at } = due;
  return [{ name, key, at, subject, rule, remind_at, refused, first_at }];
}

/** The time in which a payout can still come back: then the workflow ends, so it does not run
 * while something else is still to be done. */
function returnWindow(escrow: Escrow): readonly Deadline[] {
  if (escrow.agreement.stage !== 'closed' || escrow.hold || !isSettledUp(escrow)) return [];
  const all = escrow.milestones.flatMap((milestone) => milestone.disbursements);
  const ends = all.flatMap((disbursement) => disbursement.returnable_until ?? []);
  if (ends.length === 0) return [];
  const at = ends.reduce(later);
  const rule = "the provider's return window";
  const name = 'return_window';
  return [{ name, key: name, at, subject: {}, rule, remind_at: [], refused: 0, first_at: at }];
}

function keyIn(milestone: Milestone, { name, subject }: Waiting): string {
  const list = name === 'reserve' ? milestone.reserves : milestone.disbursements;
  const id = name === 'reserve' ? subject.reserve : subject.disbursement;
  const at = list.findIndex((each) => each.id === id);
  return at < 0 ? `${name}_${milestone.number}` : `${name}_${milestone.number}_${at + 1}`;
}

/** Soonest first, then as in the table; what is equal stays in the order of the milestones. */
const inOrder = (a: Deadline, b: Deadline): number =>
  a.at === b.at ? rank(a) - rank(b) : a.at < b.at ? -1 : 1;
const rank = (deadline: Deadline): number => DEADLINE_NAMES.indexOf(deadline.name);
