/**
 * Owns TABLE 2: who may give which command about one milestone in which of its stages, with or
 * without a dispute (rows shared by several stages: `dispute.ts`, `disbursement.ts`).
 * Who may cancel after delivery? Look under `delivered`, `cancel`, `who`.
 * Must not know HTTP, the books or the clock on the wall. Source: `escrow.md`, section 5.
 */
import { approvedBy, approverOf, delivered, opened } from './delivery';
import { DISBURSING, STAYING_DISBURSING } from './disbursement';
import { DISPUTED } from './dispute';
import { endedOf } from './ending';
import type { Milestone, MilestoneStage } from './escrow';
import {
  approvedBefore,
  disputesUsedUp,
  isMarkedOverdue,
  isNotYetApart,
  noReworkLeft,
} from './guards';
import type { PartyId } from './ids';
import { BrokenInvariant } from './journal';
import { override } from './override';
import { releasePart } from './parts';
import { periodDue } from './periods';
import { RESERVED } from './reserves';
import { happened, type MilestoneCommandType, type MilestoneRow, type Standing } from './row';
import { releasedNow } from './splits';

export type MilestoneTable = {
  readonly [S in MilestoneStage]: { readonly [C in MilestoneCommandType]?: MilestoneRow<C> };
};

const markDone: MilestoneRow<'mark_done'> = {
  who: ['can:mark_as_done'],
  dispute: 'no',
  emits: delivered,
  to: ['delivered', 'accepted', 'releasing', 'disbursed'],
};

/** Also without delivery: the buyer may skip it. */
const approve: MilestoneRow<'approve'> = {
  who: ['can:approve'],
  dispute: 'no',
  unless: { already_done: approvedBefore },
  emits: approvedBy,
  to: ['unchanged', 'accepted', 'releasing', 'disbursed'],
};

const cancel: MilestoneRow<'cancel'> = {
  who: ['sole_recipient'],
  dispute: 'no',
  emits: (ask) => endedOf(ask, [ask.here], ask.command.id, ask.command.body.reason),
  to: ['refunded'],
};

const dispute: MilestoneRow<'dispute'> = {
  who: ['side', 'handler'],
  dispute: 'no',
  unless: { limit_reached: disputesUsedUp },
  emits: opened,
  to: ['unchanged'],
};

/** Released money on its way, and what is kept back of it, while the stage stays what it is. */
const PAYING = { ...STAYING_DISBURSING, ...RESERVED };

export const MILESTONE: MilestoneTable = {
  /** Before anything has started only the whole escrow ends, or one that nobody has funded. */
  waiting: {
    cancel: {
      ...cancel,
      who: ['sole_recipient', 'clock'],
      unless: { wrong_status: isNotYetApart },
      to: ['cancelled', 'refunded'],
    },
    override,
  },

  in_progress: {
    mark_done: markDone,
    approve,
    cancel: { ...cancel, who: ['sole_recipient', 'buyer_of_overdue', 'clock'] },
    dispute,
    release_part: releasePart,
    override,
    ...DISPUTED,
    ...PAYING,
    mark_overdue: {
      who: ['clock'],
      dispute: 'no',
      unless: { already_done: isMarkedOverdue },
      emits: (ask) => [
        happened(ask, 'delivery_overdue', {
          milestone: ask.here.id,
          due: periodDue(ask.escrow.terms, 'overdue', ask.at),
        }),
      ],
      to: ['unchanged'],
    },
  },

  delivered: {
    approve: { ...approve, who: ['can:approve', 'clock'] },
    reject_delivery: {
      who: ['can:approve'],
      dispute: 'no',
      unless: { limit_reached: noReworkLeft },
      emits: (ask) => [
        happened(ask, 'delivery_rejected', {
          milestone: ask.here.id,
          by: actingParty(ask),
          reason: ask.command.body.reason,
          due: periodDue(ask.escrow.terms, 'rework', ask.at),
        }),
      ],
      to: ['rejected'],
    },
    cancel,
    dispute,
    release_part: releasePart,
    override,
    ...DISPUTED,
    ...PAYING,
  },

  rejected: {
    mark_done: markDone,
    approve,
    cancel,
    dispute: { ...dispute, who: ['side', 'handler', 'clock'] },
    release_part: releasePart,
    override,
    ...DISPUTED,
    ...PAYING,
  },

  accepted: {
    release: {
      who: ['release.by', 'clock'],
      dispute: 'no',
      emits: (ask) => [releasedNow(ask, ask.here, ask.command.id)],
      to: ['releasing', 'disbursed'],
    },
    cancel,
    dispute,
    release_part: releasePart,
    override,
    ...DISPUTED,
    ...PAYING,
  },

  releasing: { ...DISBURSING, ...RESERVED },
  disbursed: { ...DISBURSING, ...RESERVED },
  ruled: PAYING,
  refunded: PAYING, // of parts that were released before
  cancelled: {},
};

function actingParty(ask: Standing<Milestone>): PartyId {
  const party = approverOf(ask);
  if (!party) throw new BrokenInvariant('only a party with the right to approve rejects');
  return party;
}
