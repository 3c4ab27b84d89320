/**
 * Owns every deadline of an escrow: where it stands, when to remind, what the clock does then.
 * Must not know what time it is, how long a wait is (`periods.ts`), nor who must act and what
 * happens otherwise (`waits.ts`). Source: `escrow.md`, section 6.
 */
import { type Instant, later, plus } from './calendar';
import type { Command, CommandType } from './commands';
import { countdownsOf, type Waiting } from './countdowns';
import {
  DEADLINE_NAMES,
  type DeadlineName,
  type Escrow,
  isSettledUp,
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
export function deadlinesOf(escrow: Escrow): readonly Deadline[] {
  const running = countdownsOf(escrow).flatMap((waiting) => deadlineOf(escrow, waiting));
  return [...running, ...returnWindow(escrow)].sort(
    (a, b) => compare(a.at, b.at) || rank(a) - rank(b) || numberOf(escrow, a) - numberOf(escrow, b),
  );
}

/** Something that the clock will do: remind of a deadline, or give its default. */
export type Alarm = {
  readonly at: Instant;
  readonly deadline: Deadline;
  readonly share: 50 | 90 | 100;
};

/** What the clock does next, null when it waits for nothing. */
export function nextAlarm(escrow: Escrow): Alarm | null {
  const alarms = deadlinesOf(escrow).flatMap((deadline) => [
    ...deadline.remind_at.map(({ share, at }) => ({ at, deadline, share })),
    { at: deadline.at, deadline, share: 100 as const },
  ]);
  return alarms.reduce<Alarm | null>((best, a) => (best && best.at <= a.at ? best : a), null);
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

/** Reminders at 50 % and 90 % of the length; none for the two waits of operators alone. */
const REMINDERS = [50, 90] as const;

function deadlineOf(escrow: Escrow, { name, subject, due }: Waiting): readonly Deadline[] {
  if (!('ends' in due)) return [];
  const reminders = name === 'hold_review' ? [] : REMINDERS.slice(due.reminded);
  const remind_at = reminders.map((share) => ({
    share,
    at: plus(due.ends, -Math.round((due.length * (100 - share)) / 100)),
  }));
  const { ends: at, rule, refused, first_ends: first_at } = due;
  const key = keyOf(escrow, name, subject);
  return [{ name, key, at, subject, rule, remind_at, refused, first_at }];
}

/** The time in which a payout can still come back: then the workflow ends, so it does not run
 * while something else is still to be done. */
function returnWindow(escrow: Escrow): readonly Deadline[] {
  const all = escrow.milestones.flatMap((milestone) => milestone.disbursements);
  const isDone = escrow.agreement.stage === 'closed' && !escrow.hold && isSettledUp(escrow);
  const ends = all.flatMap((disbursement) => disbursement.returnable_until ?? []);
  if (!isDone || ends.length === 0) return [];
  const at = ends.reduce(later);
  const rule = "the provider's return window";
  const name = 'return_window';
  return [{ name, key: name, at, subject: {}, rule, remind_at: [], refused: 0, first_at: at }];
}

function keyOf(escrow: Escrow, name: DeadlineName, subject: SubjectOf): string {
  if (subject.proposal) {
    return `${name}_${escrow.proposals.findIndex((p) => p.id === subject.proposal) + 1}`;
  }
  const milestone = escrow.milestones.find((m) => m.id === subject.milestone);
  if (!milestone) return name;
  const list = name === 'reserve' ? milestone.reserves : milestone.disbursements;
  const id = name === 'reserve' ? subject.reserve : subject.disbursement;
  const at = list.findIndex((each) => each.id === id);
  return at < 0 ? `${name}_${milestone.number}` : `${name}_${milestone.number}_${at + 1}`;
}

const rank = (deadline: Deadline): number => DEADLINE_NAMES.indexOf(deadline.name);
const numberOf = (escrow: Escrow, { subject }: Deadline): number =>
  escrow.milestones.find((m) => m.id === subject.milestone)?.number ?? 0;
const compare = (a: Instant, b: Instant): number => Number(a > b) - Number(a < b);
