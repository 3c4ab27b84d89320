/**
 * Owns every deadline: who must act, what happens otherwise, when to remind. One row per wait.
 * Must not know what time it is, nor how long a wait is (`periods.ts`).
 * Source: `escrow.md`, section 6.
 */
import { type Instant, later, plus } from './calendar';
import type { Command, CommandType } from './commands';
import { countdownsOf, type Waiting } from './countdowns';
import {
  DEADLINE_NAMES,
  type DeadlineName,
  type Escrow,
  isComplete,
  receivedOf,
  type SubjectOf,
} from './escrow';
import { type CommandId, clockCommandId } from './ids';
import { BrokenInvariant } from './journal';
import { type Minor, sum, ZERO } from './money';
import type { Who } from './parties';

type Wait = {
  readonly who: Who;
  readonly otherwise: CommandType | 'end';
  readonly moves: (escrow: Escrow, subject: SubjectOf) => Minor;
};

const nothing = (): Minor => ZERO;

/** `moves` is the money that the default sets in motion. */
export const WAITS: { readonly [N in DeadlineName]: Wait } = {
  funding: { who: 'payer', otherwise: 'expire', moves: receivedOf },
  acceptance: { who: 'invited', otherwise: 'expire', moves: receivedOf },
  delivery: { who: 'can:mark_as_done', otherwise: 'mark_overdue', moves: nothing },
  overdue: { who: 'can:mark_as_done', otherwise: 'cancel', moves: heldOf },
  inspection: { who: 'can:approve', otherwise: 'approve', moves: heldWhenAutomatic },
  rework: { who: 'can:mark_as_done', otherwise: 'dispute', moves: nothing },
  release: { who: 'release.by', otherwise: 'release', moves: heldOf },
  response: { who: 'other_side', otherwise: 'escalate', moves: nothing },
  negotiation: { who: 'side', otherwise: 'escalate', moves: nothing },
  ruling: { who: 'handler', otherwise: 'resolve', moves: heldOf },
  proposal: { who: 'asked', otherwise: 'lapse', moves: nothing },
  amendment_funding: { who: 'payer', otherwise: 'lapse', moves: paidForAmendment },
  payout: { who: 'platform', otherwise: 'settle_disbursement', moves: amountOf },
  hold_review: { who: 'platform', otherwise: 'remind', moves: nothing },
  return_window: { who: 'provider', otherwise: 'end', moves: nothing },
};

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
  const { otherwise } = WAITS[name];
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
  const isDone = escrow.agreement.stage === 'closed' && !escrow.hold && all.every(isComplete);
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
  const at = milestone.disbursements.findIndex((d) => d.id === subject.disbursement);
  return at < 0 ? `${name}_${milestone.number}` : `${name}_${milestone.number}_${at + 1}`;
}

function heldOf(escrow: Escrow, subject: SubjectOf): Minor {
  return escrow.milestones.find((m) => m.id === subject.milestone)?.held ?? ZERO;
}

function heldWhenAutomatic(escrow: Escrow, subject: SubjectOf): Minor {
  return escrow.terms.release.mode === 'automatic' ? heldOf(escrow, subject) : ZERO;
}

/** What was put in for an amendment goes back with it. */
function paidForAmendment(escrow: Escrow, subject: SubjectOf): Minor {
  const proposal = escrow.proposals.find(({ id }) => id === subject.proposal);
  return proposal?.stage === 'waiting' ? sum(proposal.paid.map((p) => p.amount)) : ZERO;
}

function amountOf(escrow: Escrow, subject: SubjectOf): Minor {
  const all = escrow.milestones.flatMap((milestone) => milestone.disbursements);
  return all.find((d) => d.id === subject.disbursement)?.amount ?? ZERO;
}

const rank = (deadline: Deadline): number => DEADLINE_NAMES.indexOf(deadline.name);
const numberOf = (escrow: Escrow, { subject }: Deadline): number =>
  escrow.milestones.find((m) => m.id === subject.milestone)?.number ?? 0;
const compare = (a: Instant, b: Instant): number => Number(a > b) - Number(a < b);
