/**
 * Owns TABLE 1: who may give which command about the whole escrow in which stage of the agreement.
 * Must not know HTTP, the books or the clock on the wall. Source: `escrow.md`, section 5.
 */
import type { AgreementBodies } from './commands';
import { type Agreement, type CloseReason, type Escrow, isOpen, shortfallOf } from './escrow';
import type { Event } from './events';
import {
  acceptedBefore,
  heldForPeople,
  isNotOnHold,
  isOnHold,
  isOverdueAlready,
  moreThanDue,
  noPayment,
  nothingDue,
  nothingToHold,
  notYetAgreed,
  notYetFunded,
  pendingOf,
  remindsWhileHeld,
  someDisputed,
  someEscalated,
  someUnfinished,
} from './guards';
import type { CommandId } from './ids';
import { BrokenInvariant } from './journal';
import { min, ZERO } from './money';
import { acceptanceDue, fundingDue, holdReviewDue } from './periods';
import { lapsesAtEnd } from './proposal-lapses';
import { reminded } from './reminding';
import { type Ask, happened, type Row } from './row';
import { inTurn, refundedNow, releasedNow } from './splits';

export type AgreementCommandType = keyof AgreementBodies;
export type AgreementStage = Agreement['stage'];
type AgreementRow<C extends AgreementCommandType> = Row<Agreement, C, AgreementStage>;
export type AgreementTable = {
  readonly [S in AgreementStage]: { readonly [C in AgreementCommandType]?: AgreementRow<C> };
};
type AskTo<C extends AgreementCommandType> = Ask<Agreement, C>;

const hold: AgreementRow<'hold'> = {
  who: ['platform'],
  on_hold: 'passes',
  unless: { already_done: isOnHold, escrow_closed: nothingToHold },
  emits: (ask) => [
    happened(ask, 'put_on_hold', {
      reason: ask.command.body.reason,
      due: holdReviewDue(ask.escrow.terms, ask.at),
    }),
  ],
  to: ['unchanged'],
};

const unhold: AgreementRow<'unhold'> = {
  who: ['platform'],
  on_hold: 'passes',
  unless: { wrong_status: isNotOnHold },
  emits: (ask) => [happened(ask, 'hold_lifted', { reason: ask.command.body.reason })],
  to: ['unchanged'],
};

const remind: AgreementRow<'remind'> = {
  who: ['clock'],
  on_hold: 'passes',
  check: { on_hold: remindsWhileHeld },
  emits: (ask) => [reminded(ask, ask.command.body)],
  to: ['unchanged'],
};

/** An arbiter accepts its own appointment at any time until escalation; it holds nobody up. */
const acceptAppointment: AgreementRow<'accept'> = {
  who: ['arbiter'],
  unless: { already_done: acceptedBefore, wrong_status: someEscalated },
  emits: (ask) => [happened(ask, 'party_accepted', { parties: pendingIds(ask) })],
  to: ['unchanged'],
};

const rejectAppointment: AgreementRow<'reject'> = {
  who: ['arbiter'],
  unless: { already_done: acceptedBefore, wrong_status: someEscalated },
  emits: (ask) => [rejected(ask)],
  to: ['unchanged'],
};

/** Before anything has started, everybody who must accept may still step back. */
const cancelBeforeStart: AgreementRow<'cancel'> = {
  who: ['party'],
  emits: (ask) => endOf(ask, ask.command.body.reason, 'cancelled'),
  to: ['closed'],
};

const fundDue: AgreementRow<'fund'> = {
  who: ['payer', 'provider'],
  on_hold: 'passes',
  unless: { on_hold: heldForPeople, limit_reached: nothingDue },
  check: { malformed: noPayment, already_done: isKnownPayment, limit_reached: moreThanDue },
  emits: funded,
  to: ['agreed', 'active'],
};

const expire: AgreementRow<'expire'> = {
  who: ['clock'],
  emits: (ask) =>
    ask.command.body.deadline === 'funding'
      ? endOf(ask, 'not funded in time', 'unfunded')
      : endOf(ask, 'not accepted in time', 'unaccepted'),
  to: ['closed'],
};

export const AGREEMENT: AgreementTable = {
  draft: {
    send: {
      who: ['initiator', 'platform'],
      unless: { conditions_unmet: isOverdueAlready },
      emits: sent,
      to: ['sent'],
    },
  },

  sent: {
    accept: {
      who: ['party', 'arbiter'],
      unless: { already_done: acceptedBefore, conditions_unmet: notYetFunded },
      emits: (ask) => [happened(ask, 'party_accepted', { parties: pendingIds(ask) })],
      to: ['sent', 'agreed', 'active'],
    },
    reject: {
      who: ['party', 'arbiter'],
      unless: { already_done: acceptedBefore },
      emits: (ask) => [
        rejected(ask),
        ...(isArbitersOwn(ask) ? [] : endOf(ask, ask.command.body.reason, 'rejected')),
      ],
      to: ['sent', 'closed'],
    },
    fund: {
      who: ['payer', 'provider'],
      on_hold: 'passes', // a payment of a held escrow waits in the wallet
      unless: {
        on_hold: heldForPeople,
        conditions_unmet: notYetAgreed,
        limit_reached: nothingDue,
      },
      check: { malformed: noPayment, already_done: isKnownPayment, limit_reached: moreThanDue },
      emits: funded,
      to: ['sent'],
    },
    cancel: cancelBeforeStart,
    expire,
    hold,
    unhold,
    remind,
  },

  agreed: {
    accept: acceptAppointment,
    reject: rejectAppointment,
    fund: fundDue,
    cancel: cancelBeforeStart,
    expire,
    hold,
    unhold,
    remind,
  },

  active: {
    accept: acceptAppointment,
    reject: rejectAppointment,
    fund: { ...fundDue, to: ['unchanged'] }, // for an amendment that waits
    cancel: {
      who: ['sole_recipient', 'buyer_of_overdue'],
      unless: { in_dispute: someDisputed },
      emits: (ask) =>
        inTurn(ask.escrow, ask.escrow.milestones.filter(isOpen), (escrow, milestone) =>
          refundedNow({ ...ask, escrow }, milestone, ask.command.id, ask.command.body.reason),
        ),
      to: ['closed'],
    },
    complete: {
      who: ['can:approve', 'platform'],
      unless: { in_dispute: someDisputed, conditions_unmet: someUnfinished },
      emits: (ask) =>
        inTurn(ask.escrow, ask.escrow.milestones.filter(isOpen), (escrow, milestone) =>
          releasedNow({ ...ask, escrow }, milestone, ask.command.id),
        ),
      to: ['closed'],
    },
    hold,
    unhold,
    remind,
  },

  closed: {
    complete: {
      who: ['can:approve', 'platform'],
      unless: { already_done: () => true }, // closed already by its last milestone
      emits: () => [],
      to: ['unchanged'],
    },
    hold,
    unhold,
    remind,
  },
};

function sent(ask: AskTo<'send'>): readonly Event[] {
  const { escrow, at } = ask;
  const { order } = escrow.terms.funding;
  return [
    happened(ask, 'created', { terms_hash: escrow.terms_hash }),
    happened(ask, 'sent', {
      acceptance: order === 'fund_first' ? null : acceptanceDue(escrow.terms, at),
      funding: order === 'accept_first' ? null : fundingDue(escrow.terms, at),
    }),
  ];
}

/** Too early, on hold, or by one who may not pay yet: the money waits in the payer's wallet. */
function funded(ask: AskTo<'fund'>): readonly Event[] {
  const { escrow, command, by } = ask;
  const { amount, payment, payer } = command.body;
  const taken = min(amount, shortfallOf(escrow));
  if (by.kind === 'account') {
    return [happened(ask, 'funded', { payer: by.account, amount: taken, payment: null })];
  }
  if (!payment || !payer) throw new BrokenInvariant('a payment without its payer');
  if (canTake(escrow, payer)) return [happened(ask, 'funded', { payer, amount: taken, payment })];
  return [happened(ask, 'payment_waiting', { payment, account: payer, amount })];
}

/** May money of this account go into the escrow now? */
export function canTake(escrow: Escrow, account: string): boolean {
  const { agreement, terms, hold: held } = escrow;
  const pays = escrow.parties.some(
    (p) => p.account_id === account && p.role === 'buyer' && p.status === 'accepted',
  );
  const isTime =
    agreement.stage === 'agreed' ||
    agreement.stage === 'active' ||
    (agreement.stage === 'sent' && terms.funding.order !== 'accept_first');
  return pays && isTime && held === null && shortfallOf(escrow) > 0;
}

/** Taken already, or known to wait and still too early. */
function isKnownPayment({ escrow, command, by }: AskTo<'fund'>): boolean {
  const { payment, payer } = command.body;
  if (by.kind !== 'provider' || !payment || !payer) return false;
  if (escrow.payments_taken.includes(payment)) return true;
  return escrow.payments_waiting.some((p) => p.payment === payment) && !canTake(escrow, payer);
}

/** Everything goes back and the escrow closes; only where nothing has started. */
function endOf(
  ask: AskTo<'reject'> | AskTo<'cancel'> | AskTo<'expire'>,
  why: string,
  reason: CloseReason,
): readonly Event[] {
  const lapses = lapsesAtEnd(ask.escrow, ask);
  return [...giveAllBack(ask, ask.command.id, why), ...lapses, happened(ask, 'closed', { reason })];
}

function giveAllBack(
  ask: Pick<AskTo<'reject'>, 'escrow' | 'at' | 'by'>,
  command: CommandId,
  reason: string,
): readonly Event[] {
  const { escrow } = ask;
  const open = escrow.milestones.filter(isOpen);
  if (escrow.allocated) {
    return inTurn(escrow, open, (now, milestone) =>
      refundedNow({ ...ask, escrow: now }, milestone, command, reason),
    );
  }
  const milestones = open.map((milestone) => milestone.id);
  if (escrow.unallocated === ZERO) return [happened(ask, 'cancelled', { milestones, reason })];
  const payers = escrow.contributions
    .map(({ account, left }) => ({ account, amount: left }))
    .filter(({ amount }) => amount > 0);
  return [happened(ask, 'contributions_returned', { payers, milestones })];
}

const pendingIds = ({ escrow, by }: Pick<AskTo<'accept'>, 'escrow' | 'by'>) =>
  by.kind === 'account' ? pendingOf(escrow, by.account).map((party) => party.id) : [];

const rejected = (ask: AskTo<'reject'>): Event =>
  happened(ask, 'party_rejected', { parties: pendingIds(ask), reason: ask.command.body.reason });

const isArbitersOwn = ({ escrow, by }: AskTo<'reject'>): boolean =>
  by.kind === 'account' && pendingOf(escrow, by.account).every((p) => p.role === 'arbiter');
