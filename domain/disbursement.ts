/**
 * Owns TABLE 2, the rows of decided money: what the payout scripts report, and what the platform
 * does about a payout that failed. Decided is not paid.
 * Must not know a provider.
 */
import {
  type AskDisbursement,
  heldForClock,
  isNotPending,
  isNotSettled,
  isSettled,
  isUnderWay,
} from './guards';
import { periodDue } from './periods';
import { happened, type MilestoneRow } from './row';

export const DISBURSING = {
  settle_disbursement: {
    who: ['provider', 'clock'],
    dispute: 'either',
    on_hold: 'passes',
    unless: { on_hold: heldForClock },
    check: { already_done: isSettled, conditions_unmet: isUnderWay },
    emits: (ask) => [
      happened(ask, 'disbursement_settled', {
        ...ofDisbursement(ask),
        destination: ask.by.kind === 'clock' ? 'wallet' : (ask.command.body.destination ?? null),
        returnable_until: ask.command.body.returnable_until,
      }),
    ],
    to: ['unchanged', 'disbursed'],
  } satisfies MilestoneRow<'settle_disbursement'>,

  fail_disbursement: {
    who: ['provider'],
    dispute: 'either',
    on_hold: 'passes',
    check: { already_done: isNotPending },
    emits: (ask) => [
      happened(ask, 'disbursement_failed', {
        ...ofDisbursement(ask),
        reason: ask.command.body.reason,
        due: periodDue(ask.escrow.terms, 'payout', ask.at),
      }),
    ],
    to: ['unchanged'],
  } satisfies MilestoneRow<'fail_disbursement'>,

  return_disbursement: {
    who: ['provider'],
    dispute: 'either',
    on_hold: 'passes',
    check: { already_done: isNotSettled },
    emits: (ask) => [
      happened(ask, 'disbursement_returned', {
        ...ofDisbursement(ask),
        reason: ask.command.body.reason,
        due: periodDue(ask.escrow.terms, 'payout', ask.at),
      }),
    ],
    to: ['unchanged', 'releasing'],
  } satisfies MilestoneRow<'return_disbursement'>,

  retry_disbursement: {
    who: ['platform'],
    dispute: 'either',
    check: { already_done: isSettled, conditions_unmet: isUnderWay },
    emits: (ask) => [happened(ask, 'disbursement_retried', ofDisbursement(ask))],
    to: ['unchanged'],
  } satisfies MilestoneRow<'retry_disbursement'>,

  redirect_disbursement: {
    who: ['platform'],
    dispute: 'either',
    check: { already_done: isSettled, conditions_unmet: isUnderWay },
    emits: (ask) => [
      happened(ask, 'disbursement_redirected', {
        ...ofDisbursement(ask),
        destination: ask.command.body.destination,
      }),
    ],
    to: ['unchanged'],
  } satisfies MilestoneRow<'redirect_disbursement'>,
};

/** The stage stays what it is, wherever this money is: after a ruling, or when only a part of the
 * milestone has been released. */
export const STAYING_DISBURSING = {
  ...DISBURSING,
  settle_disbursement: { ...DISBURSING.settle_disbursement, to: ['unchanged'] },
  return_disbursement: { ...DISBURSING.return_disbursement, to: ['unchanged'] },
} satisfies typeof DISBURSING;

const ofDisbursement = ({ here, command }: AskDisbursement) => ({
  milestone: here.id,
  disbursement: command.body.disbursement,
});
