/**
 * Owns what everybody is told that he may do next, and until when.
 * Must not know the tables: that both agree is asked of random lives (`lives-rules.test.ts`).
 */
import { allowedActionsOf, mayView, nextActionsOf } from '../../domain/actions';
import { days, plus } from '../../domain/calendar';
import { deadlinesOf } from '../../domain/deadlines';
import type { Escrow } from '../../domain/escrow';
import { WAITS } from '../../domain/waits';
import {
  ACTIVE,
  AGREED,
  AT,
  BUYER,
  byOf,
  escrowOf,
  type Name,
  OBSERVER,
  part,
  play,
  SELLER,
  SENT,
} from './sample';

const one = { milestones: [part(1)] };
const may = (escrow: Escrow, name: Name): string =>
  allowedActionsOf(escrow, byOf(name), AT).join(' ');
const actionOf = (escrow: Escrow, action: string) =>
  nextActionsOf(escrow, AT).find((each) => each.action === action);

/** acts so far, who, what he may do next */
const ALLOWED: readonly (readonly [readonly string[], Name, string])[] = [
  [[], 'platform', 'send'],
  [[], 'buyer', ''],
  [SENT, 'buyer', 'accept reject cancel'],
  [SENT, 'arbiter', 'accept reject'],
  [SENT, 'observer', ''],
  [SENT, 'stranger', ''],
  [SENT, 'platform', 'hold'],
  [AGREED, 'buyer', 'fund cancel propose'],
  [AGREED, 'seller', 'cancel propose'],
  [ACTIVE, 'buyer', 'approve dispute propose'],
  [ACTIVE, 'seller', 'cancel mark_done dispute propose'],
  [ACTIVE, 'broker', 'propose'],
  [ACTIVE, 'platform', 'hold dispute'],
  [[...ACTIVE, 'seller mark_done'], 'buyer', 'approve reject_delivery dispute propose'],
  [[...ACTIVE, 'buyer dispute'], 'seller', 'answer_dispute submit_evidence propose'],
  [[...ACTIVE, 'buyer dispute'], 'buyer', 'submit_evidence withdraw_dispute propose'],
  [[...ACTIVE, 'buyer dispute'], 'broker', 'submit_evidence propose'],
  [[...ACTIVE, 'platform dispute'], 'platform', 'hold submit_evidence withdraw_dispute resolve'],
  [[...ACTIVE, 'platform hold'], 'seller', ''],
  [[...ACTIVE, 'platform hold'], 'platform', 'unhold replace_party override'],
  [[...ACTIVE, 'buyer approve'], 'buyer', ''],
  [
    [...ACTIVE, 'buyer approve', 'provider fail_disbursement'],
    'platform',
    'hold retry_disbursement redirect_disbursement',
  ],
  [[...ACTIVE, 'buyer approve', 'provider settle_disbursement'], 'platform', ''],
];

test.each(ALLOWED)('after %j %s may: %s', (acts, name, actions) => {
  expect(may(play(escrowOf(one), ...acts), name)).toBe(actions);
});

test('an action names roles and parties who may, for which milestone, and until when', () => {
  const delivered = play(escrowOf(one), ...ACTIVE, 'seller mark_done');
  expect(actionOf(delivered, 'approve')).toEqual({
    action: 'approve',
    milestone: 'mil_1',
    roles: ['buyer'],
    parties: ['pty_buyer'],
    until: plus(AT, days(3)),
  });
  expect(actionOf(play(escrowOf(), ...SENT), 'accept')).toEqual({
    action: 'accept',
    milestone: null,
    roles: ['buyer', 'seller', 'broker', 'arbiter'],
    parties: ['pty_buyer', 'pty_seller', 'pty_broker', 'pty_arbiter'],
    until: plus(AT, days(7)),
  });
});

test('what has no end has no until', () => {
  const delivered = play(escrowOf(one), ...ACTIVE, 'seller mark_done');
  expect(actionOf(delivered, 'cancel')?.until).toBeNull();
  expect(actionOf(play(escrowOf(one), ...SENT), 'hold')?.until).toBeNull();
});

test('a handler who is no party is named as handler', () => {
  const draft = escrowOf({
    ...one,
    parties: [BUYER, SELLER],
    dispute_handler: { kind: 'arbitration', handler: 'acc_handler' },
  });
  const agreed = play(draft, 'platform send', 'buyer accept', 'seller accept', 'buyer fund');
  const disputed = play(agreed, 'handler dispute');
  expect(actionOf(disputed, 'resolve')).toMatchObject({ roles: ['handler'], parties: [] });
  expect(may(disputed, 'handler')).toBe('submit_evidence withdraw_dispute resolve');
});

test('once everything is paid, nobody is asked for money', () => {
  const draft = escrowOf({ funding: { order: 'fund_first' } });
  const paid = play(draft, ...SENT, 'buyer accept', 'buyer fund');
  expect(actionOf(paid, 'fund')).toBeUndefined();
});

test('parties with can_view and the handler from outside may look, nobody else', () => {
  const hidden = { ...OBSERVER, access_level: { can_view: false } };
  const escrow = escrowOf({
    parties: [BUYER, SELLER, hidden],
    dispute_handler: { kind: 'arbitration', handler: 'acc_handler' },
  });
  const names = ['buyer', 'seller', 'observer', 'handler', 'stranger'] as const;
  expect(names.filter((name) => mayView(escrow, `acc_${name}`))).toEqual([
    'buyer',
    'seller',
    'handler',
  ]);
});

/** deadline, acts before it, who must act, what moves when nobody does */
const MOVES: readonly (readonly [string, readonly string[], string, number])[] = [
  ['acceptance', SENT, 'invited', 0],
  ['funding', AGREED, 'payer', 0],
  ['delivery', ACTIVE, 'can:mark_as_done', 0],
  ['inspection', [...ACTIVE, 'seller mark_done'], 'can:approve', 10_000],
  ['rework', [...ACTIVE, 'seller mark_done', 'buyer reject_delivery'], 'can:mark_as_done', 0],
  ['response', [...ACTIVE, 'buyer dispute'], 'other_side', 0],
  ['negotiation', [...ACTIVE, 'buyer dispute', 'seller answer_dispute'], 'side', 0],
  ['ruling', [...ACTIVE, 'platform dispute'], 'handler', 10_000],
  ['payout', [...ACTIVE, 'buyer approve', 'provider fail_disbursement'], 'platform', 10_000],
  ['hold_review', [...ACTIVE, 'platform hold'], 'platform', 0],
];

test.each(MOVES)(
  'when %s passes after %j, %s has not acted and %d moves',
  (name, acts, who, moves) => {
    const escrow = play(escrowOf(one), ...acts);
    const deadline = deadlinesOf(escrow).find((each) => each.name === name);
    if (!deadline) throw new Error(`no ${name}`);
    expect([
      WAITS[deadline.name].who,
      WAITS[deadline.name].moves(escrow, deadline.subject),
    ]).toEqual([who, moves]);
  },
);
