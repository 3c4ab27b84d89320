/**
 * Owns TABLE 2, the row of a part that is released early: as an approval, by as many parties as
 * the milestone asks for, each naming the same amount.
 * Must not know how a release is shared out (`splits.ts`). Source: `escrow.md`, section 5.
 */
import { approverOf, termsOf } from './delivery';
import type { Milestone } from './escrow';
import type { Event } from './events';
import { BrokenInvariant } from './journal';
import { keptBack } from './reserves';
import { type Ask, type Hit, happened, type MilestoneRow, type Standing } from './row';
import { payoutOf } from './splits';

type AskPart = Ask<Milestone, 'release_part'>;

export const releasePart: MilestoneRow<'release_part'> = {
  who: ['can:approve'],
  dispute: 'no',
  unless: { conditions_unmet: hasNoParts, already_done: hasNamedTheOnlyPart },
  check: { malformed: isNothing, limit_reached: isNotLess, already_done: hasNamedIt },
  emits: partApproved,
  to: ['unchanged'],
};

/** A one-off has no parts, and what is left must stay more than nothing. */
function hasNoParts({ escrow, here }: Standing<Milestone>): Hit {
  if (escrow.terms.type !== 'milestone') return 'only an escrow of type milestone releases parts';
  return here.held < 2 && 'too little is held for a part of it';
}

/** Of two units there is one part, and he has named it. */
function hasNamedTheOnlyPart(standing: Standing<Milestone>): boolean {
  const { held, part_approvals: named } = standing.here;
  return (
    held === 2 && named.some(({ party, amount }) => party === approverOf(standing) && amount === 1)
  );
}

function isNothing({ command }: AskPart): boolean {
  return command.body.amount < 1;
}

function isNotLess({ here, command }: AskPart): Hit {
  return command.body.amount >= here.held && `less than ${here.held}: all of it is an approval`;
}

function hasNamedIt({ here, command, ...rest }: AskPart): boolean {
  const party = approverOf({ here, ...rest });
  return here.part_approvals.some((p) => p.party === party && p.amount === command.body.amount);
}

/** Who names another amount than before has changed his mind: only the last counts. */
function partApproved(ask: AskPart): readonly Event[] {
  const { escrow, here, command } = ask;
  const { amount } = command.body;
  const party = approverOf(ask);
  if (!party) throw new BrokenInvariant('only a party with the right to approve releases a part');
  const approved = happened(ask, 'part_approved', {
    milestone: here.id,
    by: party,
    amount,
    terms_hash: escrow.terms_hash,
  });
  const others = here.part_approvals.filter((p) => p.party !== party && p.amount === amount);
  if (others.length + 1 < termsOf(escrow, here).approvals_required) return [approved];
  const payout = keptBack(escrow, payoutOf(escrow, here, amount, command.id), ask.at);
  return [approved, happened(ask, 'part_released', { milestone: here.id, ...payout })];
}
