/**
 * Owns what the tests propose: contents of each kind that fit the escrow as it stands.
 * Must not know what becomes of them.
 */

import { isAmendable } from '../../domain/amended-plan';
import { days, type Instant, later, plus } from '../../domain/calendar';
import { disputeOf, type Escrow } from '../../domain/escrow';
import type { MilestoneId } from '../../domain/ids';
import { toMinor } from '../../domain/money';
import type { Asked, ProposalKind, TermsChange } from '../../domain/proposal';
import { endOfWait } from '../../domain/proposal-dates';
import { cancellable, isOwnOpen } from '../../domain/proposal-guards';
import { AT, byOf, type Name } from './sample';

type About = {
  readonly kind: ProposalKind;
  readonly milestone: MilestoneId | null;
  readonly by: Name;
  readonly pick?: number; // sums and changes differ with it; none: what always fits
};

/** A later date, halves of what is held or disputed, another title; or by `pick`. */
export function askedOf(escrow: Escrow, { kind, milestone, by, pick = 0 }: About): Asked {
  const here = escrow.milestones.find(({ id }) => id === milestone);
  switch (kind) {
    case 'extension': {
      const end = here && 'due' in here ? endOfWait(here) : AT;
      const due_at = plus(later(end, farOff(escrow)), days(1 + (pick % 20)));
      return { kind, milestone: milestone ?? 'mil_1', due_at };
    }
    case 'settlement': {
      const ruled = here?.stage === 'ruled' ? here.ruling.dispute.id : 'dis_none';
      const dispute = (here && disputeOf(here)?.id) ?? ruled;
      return { kind, dispute, split: splitOf(here?.held ?? 0, pick) };
    }
    case 'cancellation': {
      const whole = cancellable(escrow).filter(
        ({ id }) => !isOwnOpen({ escrow, by: byOf(by) }, 'cancellation', id),
      );
      const some =
        pick % 3 === 1 && escrow.agreement.stage === 'active' ? whole.slice(0, 1) : whole;
      const held = some.reduce((sum, each) => sum + each.held, 0);
      return { kind, milestones: some.map(({ id }) => id), split: splitOf(held, pick) };
    }
    case 'amendment':
      return { kind, change: changeOf(escrow, pick), terms_hash: hashOf(escrow, pick) };
    default:
      return kind satisfies never;
  }
}

/** Later than whatever a life has come to. */
const farOff = ({ milestones }: Escrow): Instant =>
  plus(AT, days(150 + 5 * Math.max(...milestones.map(({ extensions }) => extensions.count))));

function splitOf(whole: number, pick: number) {
  const recipients = toMinor(pick === 0 ? Math.floor(whole / 2) : pick % (whole + 1));
  return { recipients, payers: toMinor(whole - recipients) };
}

/** No two terms of a life have the same. */
const hashOf = ({ version }: Escrow, pick: number): string =>
  `${version}${pick % 10_000}`.padStart(64, 'b');

function changeOf(escrow: Escrow, pick: number): TermsChange {
  const { terms, version, milestones } = escrow;
  const open = milestones.filter(isAmendable).map(({ id }) => id);
  const milestone = open[Math.floor(pick / 43) % Math.max(1, open.length)];
  const its = terms.milestones.find(({ id }) => id === milestone);
  const way = pick === 0 || !milestone || !its ? 0 : Math.floor(pick / 7) % 6;
  const by = 1 + (pick % 700);
  const amount = (sum: number) => toMinor(Math.max(1, sum));
  const due_at = plus(AT, days(100 + (pick % 60)));
  const id = `mil_${milestones.length + 1}` as const;
  const changes: readonly TermsChange[] = [
    { title: `Title ${version}` },
    its ? { milestones: [{ milestone: its.id, amount: amount(its.amount + by) }] } : {},
    its ? { milestones: [{ milestone: its.id, amount: amount(its.amount - by) }] } : {},
    its ? { milestones: [{ milestone: its.id, due_at, inspection_period: pick % 4 }] } : {},
    { add: [{ id, title: 'More', amount: amount(by), due_at }] },
    its && terms.milestones.length > 1 ? { remove: [its.id] } : { description: `of ${version}` },
  ];
  return changes[way] ?? {};
}
