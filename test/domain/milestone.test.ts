/**
 * Owns the answer to every command about a milestone, by everybody, in every stage, disputed or
 * not, funded as a whole or each milestone alone. The expectations are those of `escrow.md`,
 * section 5, and `contracts.md`, section 6.
 * Must not know the table that is asked.
 */
import { ACCOUNTS, ask, BESIDE, isName, outcome } from './sample';
import {
  DISPUTED,
  inSituation,
  isCommand,
  MILESTONE_COMMANDS,
  type Mode,
  SITUATIONS,
  STARTED,
  UNFUNDED_SITUATIONS,
} from './stages';
import { type Cell, testTable } from './table';

const WORDS = {
  idle: ['waiting', 'queued'],
  started: STARTED,
  disputed: DISPUTED,
  disputing: ['answer_dispute', 'submit_evidence', 'withdraw_dispute', 'escalate', 'resolve'],
  paying: MILESTONE_COMMANDS.filter((command) => command.endsWith('_disbursement')),
  repairing: ['retry_disbursement', 'redirect_disbursement'],
  fresh: ['in_progress', 'parted'],
  working: ['in_progress', 'parted', 'overdue', 'rejected'],
  decidable: ['in_progress', 'parted', 'overdue', 'delivered', 'rejected'],
  unpaid: ['releasing', 'kept', 'ruled'],
  released: ['releasing', 'kept', 'disbursed'],
  decided: ['releasing', 'kept', 'disbursed', 'ruled'],
};

const TABLE = `
# stage              dispute       by                     command              what comes out
*                    *             stranger               *                    ! not_a_party

# before the start nothing can be done about one milestone; without a dispute nothing about it
idle                 -             *                      mark_done|approve    ! wrong_status
idle                 -             *                      release|dispute      ! wrong_status
waiting              -             clock                  cancel               ! wrong_status
queued               -             clock                  cancel               refunded
queued               -             seller                 cancel               refunded
idle                 -             *                      cancel               ! not_allowed
ruled                -             *                      disputing            ! wrong_status
*                    -             *                      disputing            ! unknown_dispute
idle|refunded        *             *                      paying               ! malformed

# a part of it is on its way already: that is reported and repaired like any other money
parted               *             provider               settle_disbursement  disbursement_settled
parted               *             clock                  settle_disbursement  ! conditions_unmet
parted               *             provider               fail_disbursement    disbursement_failed
parted               *             provider               return_disbursement  ! already_done
parted               *             platform               repairing            ! conditions_unmet
parted               *             *                      paying               ! not_allowed
started              *             *                      paying               ! malformed

# the seller delivers
working              -             seller                 mark_done            delivered
working              disputed      seller                 mark_done            ! in_dispute
working              *             *                      mark_done            ! not_allowed
*                    *             *                      mark_done            ! wrong_status

# the clock marks what is late, once
fresh                -             clock                  mark_overdue         delivery_overdue
overdue              -             clock                  mark_overdue         ! already_done
fresh|overdue        disputed      clock                  mark_overdue         ! in_dispute
fresh|overdue        *             *                      mark_overdue         ! not_allowed
*                    *             *                      mark_overdue         ! wrong_status

# the buyer accepts what is delivered, what he had rejected, or skips the delivery; or the clock
# does (APPROVED: approved, delivery_accepted)
decidable            -             buyer                  approve              APPROVED
delivered            -             clock                  approve              APPROVED
decidable            disputed      buyer                  approve              ! in_dispute
delivered            disputed      clock                  approve              ! in_dispute
decidable            *             *                      approve              ! not_allowed
accepted             *             buyer                  approve              ! already_done
released             -             buyer                  approve              ! already_done
*                    *             *                      approve              ! wrong_status

# or sends it back
delivered            -             buyer                  reject_delivery      delivery_rejected
delivered            disputed      buyer                  reject_delivery      ! in_dispute
delivered            *             *                      reject_delivery      ! not_allowed
*                    *             *                      reject_delivery      ! wrong_status

# a second act releases, when the terms want one
accepted             -             buyer|clock            release              released
accepted             disputed      buyer|clock            release              ! in_dispute
accepted             *             *                      release              ! not_allowed
*                    *             *                      release              ! wrong_status

# or a part of it, early (PART: part_approved, part_released)
started              -             buyer                  release_part         PART
started              disputed      buyer                  release_part         ! in_dispute
started              *             *                      release_part         ! not_allowed
*                    *             *                      release_part         ! wrong_status

# operators step in on hold alone: override.test.ts
waiting              -             platform               override             ! wrong_status
queued|started       *             platform               override             ! conditions_unmet
idle|started         *             *                      override             ! not_allowed
*                    *             *                      override             ! wrong_status

# the seller may give his work up; the buyer only what is late, which the clock does in the end
started              -             seller                 cancel               refunded
overdue              -             buyer|clock            cancel               refunded
fresh                -             clock                  cancel               refunded
started              disputed      seller                 cancel               ! in_dispute
overdue              disputed      buyer                  cancel               ! in_dispute
fresh|overdue        disputed      clock                  cancel               ! in_dispute
started              *             *                      cancel               ! not_allowed
*                    *             *                      cancel               ! wrong_status

# sides and handler dispute what is not released; the clock, for the buyer, what is not reworked
started              -             buyer|seller|platform  dispute              disputed
rejected             -             clock                  dispute              disputed
started              disputed      buyer|seller|platform  dispute              ! in_dispute
rejected             disputed      clock                  dispute              ! in_dispute
started              *             *                      dispute              ! not_allowed
decided              -             *                      dispute              ! release_is_final
*                    *             *                      dispute              ! wrong_status

# the other side answers, once and in time
started              open          seller                 answer_dispute       dispute_answered
started              negotiating   seller                 answer_dispute       ! already_done
started              with_handler  seller                 answer_dispute       ! already_done
started              unanswered    seller                 answer_dispute       ! deadline_passed
started              disputed      *                      answer_dispute       ! not_allowed

# those who may act and the handler bring evidence while there is no ruling
started              disputed      buyer|seller|broker    submit_evidence      evidence_added
started              disputed      platform               submit_evidence      evidence_added
started              disputed      *                      submit_evidence      ! not_allowed

# the side that opened it takes it back while there is no ruling
started              disputed      buyer                  withdraw_dispute     dispute_withdrawn
started              disputed      *                      withdraw_dispute     ! not_allowed

# what has been answered goes to the handler by either side, what has not by the clock
started              open          buyer|seller           escalate             ! conditions_unmet
started              open          clock                  escalate             dispute_escalated
started              negotiating   buyer|seller|clock     escalate             dispute_escalated
started              disputed      buyer|seller|clock     escalate             ! already_done
started              disputed      *                      escalate             ! not_allowed

# the handler rules on what is with him, or his deadline does
started              with_handler  platform|clock         resolve              ruled
started              unanswered    platform|clock         resolve              ruled
started              disputed      platform|clock         resolve              ! conditions_unmet
started              disputed      *                      resolve              ! not_allowed

# decided is not paid: the payout scripts report; the platform repairs only what has failed
unpaid               -             provider               settle_disbursement  disbursement_settled
unpaid               -             clock                  settle_disbursement  ! conditions_unmet
disbursed            -             provider|clock         settle_disbursement  ! already_done
unpaid               -             provider               fail_disbursement    disbursement_failed
disbursed            -             provider               fail_disbursement    ! already_done
disbursed            -             provider               return_disbursement  disbursement_returned
unpaid               -             provider               return_disbursement  ! already_done
unpaid               -             platform               repairing            ! conditions_unmet
disbursed            -             platform               repairing            ! already_done
decided              -             *                      paying               ! not_allowed

# what is kept back is freed by its deadline, and by nobody
kept                 -             clock                  free_reserve         reserve_freed
kept                 *             *                      free_reserve         ! not_allowed
*                    *             *                      free_reserve         ! malformed
`;

/** Where each is funded alone, one has not got its money, or has ended without it. */
const UNFUNDED_TABLE = `
# stage              dispute       by                     command              what comes out
*                    *             stranger               *                    ! not_a_party

# before anything has started the clock alone ends one; then who alone is paid for it as well
unpaid               -             clock                  cancel               ENDED
unpaid               -             seller                 cancel               ! wrong_status
open                 -             seller|clock           cancel               ENDED
waiting              -             *                      cancel               ! not_allowed

# one that has ended stays ended: by the clock, or by its seller
not_paid             -             *                      stepping             ! deadline_passed
given_up             -             *                      stepping             ! wrong_status

# nothing else can be done about it, nor is there a dispute, a payout or a reserve of it
*                    -             *                      disputing            ! unknown_dispute
*                    -             *                      paying|free_reserve  ! malformed
unpaid               -             platform               override             ! wrong_status
open                 -             platform               override             ! conditions_unmet
waiting              -             *                      override             ! not_allowed
*                    -             *                      *                    ! wrong_status
`;

function answer({ stage, dispute, by, command }: Cell, mode: Mode): string {
  if (!isName(by) || !isCommand(command)) throw new Error(`no ${by} or no ${command}`);
  const escrow = inSituation(stage, dispute, mode);
  const body = command === 'cancel' ? { milestone: 'mil_1' } : {};
  return outcome(ask(escrow, by, command, body));
}

const SHORT = [
  ['part_approved, part_released', 'PART'],
  ['approved, delivery_accepted', 'APPROVED'],
] as const;

const ACTORS = [
  ...ACCOUNTS.filter((name) => !BESIDE.includes(name)),
  'platform',
  'clock',
  'provider',
] as const;
const ASKED = { actors: ACTORS, commands: MILESTONE_COMMANDS };

describe.each(['full', 'per_milestone'] as const)(
  'a command about a milestone, funded %s',
  (mode) => {
    testTable(TABLE, { ...ASKED, situations: SITUATIONS, words: WORDS }, (cell) =>
      SHORT.reduce((out, [long, short]) => out.replace(long, short), answer(cell, mode)),
    );
  },
);

describe('a command about a milestone that is funded alone and is not funded', () => {
  const words = {
    open: ['unpaid_beside', 'partly'],
    waiting: ['unpaid', 'unpaid_beside', 'partly'],
    disputing: WORDS.disputing,
    paying: WORDS.paying,
    stepping: MILESTONE_COMMANDS.filter(
      (command) => ![...WORDS.disputing, ...WORDS.paying, 'free_reserve'].includes(command),
    ),
  };
  testTable(UNFUNDED_TABLE, { ...ASKED, situations: UNFUNDED_SITUATIONS, words }, (cell) =>
    answer(cell, 'per_milestone').replace(/^(cancelled|contributions_returned)$/, 'ENDED'),
  );
});
