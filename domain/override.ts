/**
 * Owns TABLE 2, the row of an override: two operators of the platform release or refund a milestone
 * of an escrow on hold, whatever the parties say. The first asks, another one carries it out.
 * Must not know who an operator is: the platform's own system claims a name for each.
 * Source: `escrow.md`, section 5, override.
 */
import { disputeOf, type Milestone } from './escrow';
import type { Event } from './events';
import { isNotActive, onlyOnHold } from './guards';
import { ZERO } from './money';
import type { OverrideAct } from './operators';
import { keptBack } from './reserves';
import { type Ask, type Hit, happened, type MilestoneRow } from './row';
import { refundedNow, releasedNow, rulingOf } from './splits';

type AskOverride = Ask<Milestone, 'override'>;

export const override: MilestoneRow<'override'> = {
  who: ['platform'],
  dispute: 'either',
  on_hold: 'passes',
  unless: { wrong_status: isNotActive, conditions_unmet: onlyOnHold },
  check: { conditions_unmet: isNotStarted, already_done: hasAsked },
  emits: overridden,
  to: ['unchanged', 'releasing', 'disbursed', 'refunded', 'ruled'],
};

/** What has not started can be given back, but is owed to nobody yet. */
function isNotStarted({ here, command }: AskOverride): Hit {
  const isEarly = here.stage === 'waiting' && command.body.act === 'release';
  return isEarly && 'it has not started: it can only be refunded';
}

/** The same operator does not confirm what he has asked for himself. */
function hasAsked({ here, command }: AskOverride): Hit {
  const { operator, act } = command.body;
  const isSame = here.override?.operator === operator && here.override.act === act;
  return isSame && 'another operator must confirm it';
}

/** Who asks for something else than the one before him begins anew. */
function overridden(ask: AskOverride): readonly Event[] {
  const { here, command } = ask;
  const { act, operator, reason } = command.body;
  if (here.override?.act !== act) {
    return [happened(ask, 'override_requested', { milestone: here.id, act, operator, reason })];
  }
  return [
    happened(ask, 'overridden', {
      milestone: here.id,
      act,
      operators: [here.override.operator, operator],
      reason,
    }),
    decided(ask, act, reason),
  ];
}

/** What is in dispute is ruled, all of it to one side; else it is a release or a refund. */
function decided(ask: AskOverride, act: OverrideAct, reason: string): Event {
  const { escrow, here, command, at } = ask;
  const dispute = disputeOf(here);
  if (!dispute) {
    return act === 'release'
      ? releasedNow(ask, here, command.id)
      : refundedNow(ask, here, command.id, reason);
  }
  const isRelease = act === 'release';
  const split = {
    recipients: isRelease ? here.held : ZERO,
    payers: isRelease ? ZERO : here.held,
  };
  const { payout, give_back } = rulingOf(escrow, here, split, command.id);
  return happened(ask, 'ruled', {
    milestone: here.id,
    dispute: dispute.id,
    by: 'platform',
    reason,
    amount: dispute.amount,
    payout: keptBack(escrow, payout, at),
    give_back,
    arbiter_fee: null, // nobody of the parties rules here
  });
}
