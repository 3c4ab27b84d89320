/**
 * Owns single guards that no table of stages and actors reaches: a second appointment, a hold of
 * what has hardly begun or is over, what is offered about a dispute that there is not.
 * Must not know the tables. Source: `escrow.md`, section 5.
 */
import { nextActionsOf } from '../../domain/actions';
import { days, plus } from '../../domain/calendar';
import type { CommandType } from '../../domain/commands';
import type { Escrow } from '../../domain/escrow';
import { toMinor } from '../../domain/money';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  BUYER,
  escrowOf,
  type Name,
  outcome,
  PARTNER,
  part,
  play,
  SELLER,
} from './sample';
import { inSituation, STARTED } from './stages';

const agreed = play(escrowOf(), ...AGREED);
const payable = play(
  escrowOf({ funding: { order: 'fund_first' } }),
  'platform send',
  'buyer accept',
);
const over = play(
  escrowOf({ milestones: [part(1)] }),
  ...ACTIVE,
  'seller mark_done',
  'buyer approve',
);

const LATER = plus(AT, days(60));
const asked = act(play(escrowOf(), ...ACTIVE), 'seller', 'propose', {
  content: { kind: 'extension', milestone: 'mil_1', due_at: LATER },
});

/** who, command, what it comes to when nothing is on hold, from where */
const HELD: readonly (readonly [Name, CommandType, string, Escrow])[] = [
  ['buyer', 'fund', 'funded, due_completed', payable],
  ['arbiter', 'accept', 'party_accepted', agreed],
  ['arbiter', 'reject', 'party_rejected', agreed],
  ['buyer', 'complete', '! already_done', over],
  ['seller', 'cancel', 'refunded', inSituation('queued', '-')],
  ['seller', 'cancel', 'refunded', inSituation('delivered', '-')],
  ['buyer', 'release_part', 'part_approved, part_released', inSituation('in_progress', '-')],
  ['buyer', 'accept_proposal', 'proposal_accepted', asked],
  ['buyer', 'decline_proposal', 'proposal_declined', asked],
  ['seller', 'withdraw_proposal', 'proposal_withdrawn', asked],
  ['clock', 'lapse', 'proposal_lapsed', asked],
];

test.each(HELD)('a hold stops what else may be done: %s %s', (name, command, out, escrow) => {
  const body = {
    ...(command === 'release_part' && { amount: 1 }),
    ...(command === 'cancel' && { milestone: 'mil_1' }),
  };
  expect(outcome(ask(escrow, name, command, body))).toBe(out);
  expect(outcome(ask(play(escrow, 'platform hold'), name, command, body))).toBe('! on_hold');
});

test.each<CommandType>(['accept', 'reject'])(
  'an arbiter who has accepted its appointment cannot %s it again after agreement',
  (command) => {
    const appointed = play(agreed, 'arbiter accept');
    expect(outcome(ask(appointed, 'arbiter', command))).toBe('! already_done');
  },
);

test.each<CommandType>(['accept_proposal', 'decline_proposal', 'withdraw_proposal'])(
  'who has no say in a proposal is told so, hold or not: %s',
  (command) => {
    for (const escrow of [asked, play(asked, 'platform hold')]) {
      for (const name of ['observer', 'arbiter', 'platform'] as const) {
        expect(outcome(ask(escrow, name, command))).toBe('! not_allowed');
      }
    }
  },
);

test('an extension to a date that has passed meanwhile is not accepted any more', () => {
  expect(outcome(ask(asked, 'buyer', 'accept_proposal', {}, LATER))).toBe('! conditions_unmet');
});

const DISPUTING = ['answer_dispute', 'submit_evidence', 'withdraw_dispute', 'escalate', 'resolve'];

test.each(STARTED)('without a dispute nothing about one is offered: %s', (stage) => {
  const offered = nextActionsOf(inSituation(stage, '-'), AT);
  expect(offered.map(({ action }) => action)).toContain('dispute');
  expect(offered.filter(({ action }) => DISPUTING.includes(action))).toEqual([]);
  expect(offered.filter(({ kind }) => kind === 'settlement')).toEqual([]);
});

test('of two units there is one part: who has named it is offered none', () => {
  const small = part(1, { amount: toMinor(2), approvals_required: 2 });
  const escrow = escrowOf({ parties: [BUYER, PARTNER, SELLER], milestones: [small, part(2)] });
  const started = play(
    escrow,
    ...['platform send', 'buyer accept', 'partner accept', 'seller accept', 'buyer fund'],
  );
  const named = act(started, 'buyer', 'release_part', { amount: 1 });
  const mayNamePart = (now: Escrow) =>
    nextActionsOf(now, AT)
      .filter(({ action, milestone }) => action === 'release_part' && milestone === 'mil_1')
      .flatMap(({ parties }) => parties);
  expect(mayNamePart(started)).toEqual(['pty_buyer', 'pty_partner']);
  expect(mayNamePart(named)).toEqual(['pty_partner']);
});
