/**
 * Owns TABLE 1: who may give which command about the whole escrow in which stage of the agreement.
 * Must not know HTTP, the books or the clock on the wall. Source: `escrow.md`, section 5.
 */
import type { AgreementBodies } from './commands';
import { endedOf } from './ending';
import { type Agreement, type CloseReason, isOpen } from './escrow';
import type { Event } from './events';
import { funded, isKnownPayment } from './funding';
import {
  acceptedBefore,
  heldForPeople,
  isNotOnHold,
  isOfNoMilestone,
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
import { acceptanceDue, fundingDue, holdReviewDue } from './periods';
import { lapsesAtEnd } from './proposal-lapses';
import { REFUNDING } from './refunds';
import { reminded } from './reminding';
import { replaceParty } from './replacement';
import { type Ask, happened, type Row } from './row';
import { inTurn, releasedNow } from './splits';

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

const fund: AgreementRow<'fund'> = {
  who: ['payer', 'provider'],
  on_hold: 'passes', // a payment of a held escrow waits in the wallet
  unless: { on_hold: heldForPeople, limit_reached: nothingDue },
  check: {
    malformed: noPayment,
    unknown_milestone: isOfNoMilestone,
    already_done: isKnownPayment,
    limit_reached: moreThanDue,
  },
  emits: funded,
  to: ['agreed', 'active'],
};

/** Before anything has started, everybody who must accept may still step back. */
const cancelBeforeStart: AgreementRow<'cancel'> = {
  who: ['party'],
  emits: (ask) => endOf(ask, ask.command.body.reason, 'cancelled'),
  to: ['closed'],
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
      ...fund,
      unless: {
        on_hold: heldForPeople,
        conditions_unmet: notYetAgreed,
        limit_reached: nothingDue,
      },
      to: ['sent'],
    },
    cancel: cancelBeforeStart,
    expire,
    hold,
    unhold,
    replace_party: replaceParty,
    remind,
  },

  agreed: {
    accept: acceptAppointment,
    reject: rejectAppointment,
    fund,
    ...REFUNDING,
    cancel: cancelBeforeStart,
    expire,
    hold,
    unhold,
    replace_party: replaceParty,
    remind,
  },

  active: {
    accept: acceptAppointment,
    reject: rejectAppointment,
    fund: { ...fund, to: ['active'] }, // a milestone funded alone, or an amendment that waits
    ...REFUNDING,
    cancel: {
      who: ['sole_recipient', 'buyer_of_overdue'],
      unless: { in_dispute: someDisputed },
      emits: (ask) =>
        endedOf(ask, ask.escrow.milestones.filter(isOpen), ask.command.id, ask.command.body.reason),
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
    replace_party: replaceParty,
    remind,
  },

  closed: {
    complete: {
      who: ['can:approve', 'platform'],
      unless: { already_done: () => true }, // closed already by its last milestone
      emits: () => [],
      to: ['unchanged'],
    },
    ...REFUNDING,
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

/** Everything goes back and the escrow closes; only where nothing has started. */
function endOf(
  ask: AskTo<'reject'> | AskTo<'cancel'> | AskTo<'expire'>,
  why: string,
  reason: CloseReason,
): readonly Event[] {
  const open = ask.escrow.milestones.filter(isOpen);
  return [
    ...endedOf(ask, open, ask.command.id, why),
    ...lapsesAtEnd(ask.escrow, ask),
    happened(ask, 'closed', { reason }),
  ];
}

const pendingIds = ({ escrow, by }: Pick<AskTo<'accept'>, 'escrow' | 'by'>) =>
  by.kind === 'account' ? pendingOf(escrow, by.account).map((party) => party.id) : [];

const rejected = (ask: AskTo<'reject'>): Event =>
  happened(ask, 'party_rejected', { parties: pendingIds(ask), reason: ask.command.body.reason });

const isArbitersOwn = ({ escrow, by }: AskTo<'reject'>): boolean =>
  by.kind === 'account' && pendingOf(escrow, by.account).every((p) => p.role === 'arbiter');
