/**
 * Owns TABLE 2, the rows of a disputed milestone: who answers, adds evidence, withdraws, escalates
 * and rules. They are the same in every stage that can have a dispute.
 * Must not know how a split is computed (`splits.ts`).
 */
import { resolved } from './delivery';
import { disputeOf, type Milestone, mustAccept } from './escrow';
import type { Due } from './events';
import {
  isAnswered,
  isNotWithHandler,
  isPastAnswer,
  isUnanswered,
  isWithHandler,
  splitDiffers,
  splitUnusable,
} from './guards';
import { BrokenInvariant } from './journal';
import { handlerOf, partiesOf } from './parties';
import { periodDue } from './periods';
import { happened, type MilestoneRow, type Standing } from './row';

export const DISPUTED = {
  answer_dispute: {
    who: ['other_side'],
    dispute: 'only',
    on_hold: 'passes',
    unless: {
      already_done: isAnswered,
      deadline_passed: isPastAnswer,
      wrong_status: isWithHandler,
    },
    emits: (ask) => [
      happened(ask, 'dispute_answered', {
        ...ofDispute(ask),
        answer: ask.command.body.answer,
        due: periodOf(ask, 'negotiation'),
      }),
    ],
    to: ['unchanged'],
  } satisfies MilestoneRow<'answer_dispute'>,

  submit_evidence: {
    who: ['witness', 'handler'],
    dispute: 'only',
    on_hold: 'passes',
    emits: (ask) => [
      happened(ask, 'evidence_added', {
        ...ofDispute(ask),
        ...witnessOf(ask),
        evidence: ask.command.body.evidence,
      }),
    ],
    to: ['unchanged'],
  } satisfies MilestoneRow<'submit_evidence'>,

  withdraw_dispute: {
    who: ['opener'],
    dispute: 'only',
    emits: (ask) => [
      happened(ask, 'dispute_withdrawn', { ...ofDispute(ask), amount: ask.here.held }),
    ],
    to: ['unchanged'],
  } satisfies MilestoneRow<'withdraw_dispute'>,

  escalate: {
    who: ['side', 'clock'],
    dispute: 'only',
    unless: { already_done: isWithHandler, conditions_unmet: isUnanswered },
    emits: (ask) => [
      happened(ask, 'dispute_escalated', {
        ...ofDispute(ask),
        unanswered: disputeOf(ask.here)?.stage === 'open',
        handler: handlerOf(ask.escrow),
        due: periodOf(ask, 'ruling'),
      }),
    ],
    to: ['unchanged'],
  } satisfies MilestoneRow<'escalate'>,

  resolve: {
    who: ['handler', 'clock'],
    dispute: 'only',
    unless: { conditions_unmet: isNotWithHandler },
    check: { malformed: splitUnusable, amount_mismatch: splitDiffers },
    emits: resolved,
    to: ['ruled'],
  } satisfies MilestoneRow<'resolve'>,
};

const periodOf = (ask: Standing<Milestone>, name: 'negotiation' | 'ruling'): Due =>
  periodDue(ask.escrow.terms, name, ask.at);

function ofDispute({ here }: Standing<Milestone>) {
  const open = disputeOf(here);
  if (!open) throw new BrokenInvariant(`${here.id} has no dispute`);
  return { milestone: here.id, dispute: open.id };
}

function witnessOf({ escrow, by }: Standing<Milestone>) {
  const handler = { by: 'platform' as const, side: 'handler' as const };
  if (by.kind !== 'account') return handler;
  const parties = partiesOf(escrow, by.account);
  const party = parties.find(mustAccept) ?? parties[0];
  if (!party) return handler;
  const { id, role } = party;
  const isOnASide = role === 'buyer' || role === 'seller' || role === 'broker';
  return { by: id, side: isOnASide ? role : ('handler' as const) };
}
