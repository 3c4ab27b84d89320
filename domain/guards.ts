/**
 * Owns the conditions that tables list under `unless` and `check`. Each is keyed in the table by
 * the refusal that it causes, so code, message, test and page share one word.
 * Must not know which row uses it.
 */
import type { CommandType, SplitRequest } from './commands';
import { isFundedAlone, shortfallOf } from './due';
import {
  type Disbursement,
  disputeOf,
  isOpen,
  isSettledUp,
  type Milestone,
  mustAccept,
} from './escrow';
import { partiesOf, sideOfAccount } from './parties';
import type { Ask, Hit, Standing } from './row';

type OfMilestone = Standing<Milestone>;
type Whole = Standing<unknown>;

/** Every party of the actor's account that could, has already accepted. */
export const acceptedBefore = ({ escrow, by }: Whole): boolean =>
  by.kind === 'account' && pendingOf(escrow, by.account).length === 0;

/** Under `fund_first` only payers accept before it is fully funded. */
export const notYetFunded = ({ escrow, by }: Whole): boolean =>
  escrow.terms.funding.order === 'fund_first' &&
  !escrow.allocated &&
  by.kind === 'account' &&
  pendingOf(escrow, by.account).every((p) => p.role === 'seller' || p.role === 'broker');

/** Under `accept_first` nobody pays before all have accepted. */
export const notYetAgreed = ({ escrow, by }: Whole): boolean =>
  by.kind === 'account' && escrow.terms.funding.order === 'accept_first';

export const nothingDue = ({ escrow }: Whole): boolean => shortfallOf(escrow) === 0;

/** The excess of a payment stays in the payer's wallet; a person asks for what is due at most. */
export function moreThanDue({ escrow, command, by }: Ask<unknown, 'fund'>): Hit {
  const { amount, milestone } = command.body;
  const due = shortfallOf(escrow, milestone);
  if (due === 0) return 'nothing is due for it';
  return by.kind === 'account' && amount > due && `at most ${due} is due now`;
}

/** A script's report names the payment and who has paid; nobody funds less than one unit. */
export function noPayment({ escrow, command, by }: Ask<unknown, 'fund'>): Hit {
  const { amount, payment, payer, milestone } = command.body;
  if (amount < 1 || (by.kind === 'provider' && !(payment && payer))) return true;
  if (isFundedAlone(escrow)) return milestone === undefined && 'name the milestone that it is for';
  return milestone !== undefined && 'all milestones are funded together';
}

export const isOfNoMilestone = ({ escrow, command }: Ask<unknown, 'fund'>): boolean =>
  isFundedAlone(escrow) && !escrow.milestones.some(({ id }) => id === command.body.milestone);

/** Before the start the whole is given up; or, once all have agreed, by the clock one that was not
 * funded in time. */
export function isNotYetApart({ escrow, by }: OfMilestone): boolean {
  const { stage } = escrow.agreement;
  const isWaitedFor = stage === 'agreed' && by.kind === 'clock' && isFundedAlone(escrow);
  return stage !== 'active' && !isWaitedFor;
}

/** Before the start an account is held up only as a person: its payment waits in the wallet. */
export const heldForPeople = ({ escrow, by }: Whole): boolean =>
  escrow.hold !== null && by.kind === 'account';

/** On hold providers report, but no default is carried out. */
export const heldForClock = ({ escrow, by }: Whole): boolean =>
  escrow.hold !== null && by.kind === 'clock';

/** On hold all clocks stand still, but the one that reviews it. */
export const remindsWhileHeld = ({ escrow, command }: Ask<unknown, 'remind'>): boolean =>
  escrow.hold !== null && command.body.deadline !== 'hold_review';

export const isOnHold = ({ escrow }: Whole): boolean => escrow.hold !== null;
export const isNotOnHold = ({ escrow }: Whole): boolean => escrow.hold === null;

/** Operators step in only where everything stands still. */
export const onlyOnHold = (standing: Whole): Hit => isNotOnHold(standing) && 'only on hold';

/** Due dates may not lie in the past when an escrow is sent. */
export const isOverdueAlready = ({ escrow, at }: Whole): boolean =>
  escrow.terms.milestones.some((milestone) => milestone.due_at <= at);

/** Nothing has started yet. */
export const isNotActive = ({ escrow }: Whole): boolean => escrow.agreement.stage !== 'active';

export const someDisputed = ({ escrow }: Whole): boolean =>
  escrow.milestones.some((milestone) => disputeOf(milestone) !== null);

/** `complete` wants every milestone accepted or closed; it says which are not. */
export function someUnfinished({ escrow }: Whole): Hit {
  const open = escrow.milestones.filter((m) => isOpen(m) && m.stage !== 'accepted');
  return open.length > 0 && `not accepted yet: ${open.map(({ id }) => id).join(', ')}`;
}

/** An appointment is open until a dispute has come to whoever rules on it. */
export const someEscalated = ({ escrow }: Whole): boolean =>
  escrow.milestones.some((milestone) => disputeOf(milestone)?.stage === 'with_handler');

export const isMarkedOverdue = ({ here }: OfMilestone): boolean =>
  here.stage === 'in_progress' && here.overdue;

/** Everything is disbursed, nothing kept back: there is nothing left to stop. */
export const nothingToHold = ({ escrow }: Whole): boolean =>
  escrow.agreement.stage === 'closed' && isSettledUp(escrow);

/** The actor has approved this milestone already. */
export function approvedBefore({ escrow, here, by }: OfMilestone): boolean {
  if (by.kind !== 'account') return false;
  return partiesOf(escrow, by.account).some((party) => here.approvals.includes(party.id));
}

export const noReworkLeft = ({ escrow, here }: OfMilestone): boolean =>
  here.rework_rounds >= escrow.terms.rework_rounds_max;

/** Each side opens at most two disputes per milestone; the clock's are not counted. */
const DISPUTES_MAX = 2;
export function disputesUsedUp({ escrow, here, by }: OfMilestone): boolean {
  const side = by.kind === 'account' ? sideOfAccount(escrow, by.account) : null;
  return side !== null && here.disputes_by[side] >= DISPUTES_MAX;
}

export const isAnswered = ({ here }: OfMilestone): boolean => disputeOf(here)?.answer !== null;
/** The clock has escalated it, because nobody answered in time. */
export const isPastAnswer = ({ here }: OfMilestone): boolean =>
  disputeOf(here)?.unanswered === true;
export const isWithHandler = ({ here }: OfMilestone): boolean =>
  disputeOf(here)?.stage === 'with_handler';
export const isNotWithHandler = (standing: OfMilestone): boolean => !isWithHandler(standing);

/** A side escalates what has been answered; the clock also what was not. */
export const isUnanswered = ({ here, by }: OfMilestone): boolean =>
  by.kind !== 'clock' && disputeOf(here)?.stage === 'open';

/** Both parts of a split are what is disputed, to the unit. */
export function splitDiffers({ here, command }: Ask<Milestone, 'resolve'>): Hit {
  const { split } = command.body;
  const disputed = disputeOf(here)?.amount;
  if (!split || disputed === undefined) return false;
  const total = partsOf(split).reduce((all, part) => all + part, 0); // may be beyond counting
  return total !== disputed && `both parts of the split sum to ${disputed}`;
}

/** Only the clock rules without a split; no part is below zero; named accounts can receive and
 * are named once. */
export function splitUnusable({ escrow, command, by }: Ask<Milestone, 'resolve'>): boolean {
  const { split } = command.body;
  if (!split) return by.kind !== 'clock';
  if (partsOf(split).some((amount) => amount < 0)) return true;
  if (typeof split.recipients === 'number') return false;
  const accounts = namedIn(split);
  const canReceive = (account: string): boolean =>
    escrow.parties.some((p) => p.account_id === account && p.access_level.can_receive);
  return new Set(accounts).size !== accounts.length || !accounts.every(canReceive);
}

type OfDisbursement = Extract<
  CommandType,
  | 'settle_disbursement'
  | 'fail_disbursement'
  | 'return_disbursement'
  | 'retry_disbursement'
  | 'redirect_disbursement'
>;

/** A command about one disbursement of a milestone. */
export type AskDisbursement = Ask<Milestone, OfDisbursement>;

export const isSettled = (ask: AskDisbursement): boolean =>
  disbursementOf(ask)?.state === 'settled';
export const isNotSettled = (ask: AskDisbursement): boolean => !isSettled(ask);

/** A person or the clock steps in only where the script has given up for now. */
export const isUnderWay = (ask: AskDisbursement): boolean =>
  ask.by.kind !== 'provider' && disbursementOf(ask)?.state === 'pending';

export function isNotPending(ask: AskDisbursement): boolean {
  return disbursementOf(ask)?.state !== 'pending';
}

export const pendingOf = (escrow: Whole['escrow'], account: string): Whole['escrow']['parties'] =>
  escrow.parties.filter(
    (party) =>
      party.account_id === account &&
      party.status === 'created' &&
      (mustAccept(party) || party.role === 'arbiter'),
  );

function disbursementOf({ here, command }: AskDisbursement): Disbursement | null {
  return here.disbursements.find((d) => d.id === command.body.disbursement) ?? null;
}

const partsOf = ({ recipients, payers }: SplitRequest): readonly number[] =>
  typeof recipients === 'number'
    ? [recipients, payers]
    : [...recipients.map((r) => r.amount), payers];

function namedIn({ recipients }: SplitRequest): readonly string[] {
  return typeof recipients === 'number' ? [] : recipients.map((r) => r.account);
}
