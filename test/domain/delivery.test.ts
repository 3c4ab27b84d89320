/**
 * Owns a milestone from start to release: delivery, rework, acceptance, one act or two, giving up.
 * Must not know disputes (`disputes.test.ts`) nor payouts (`disbursement.test.ts`).
 */
import { deadlinesOf } from '../../domain/deadlines';
import type { Escrow } from '../../domain/escrow';
import { milestoneStatusOf, statusOf } from '../../domain/status';
import {
  ACTIVE,
  act,
  ask,
  BROKER,
  BUYER,
  EVERYBODY,
  escrowOf,
  eventsOf,
  milestone,
  outcome,
  part,
  party,
  play,
  SELLER,
  the,
  waitFor,
} from './sample';

const code = (escrow: Escrow): string => statusOf(escrow).status_code;
const codes = (escrow: Escrow): readonly string[] =>
  escrow.milestones.map((each) => milestoneStatusOf(escrow, each).status_code);
const active = play(escrowOf(), ...ACTIVE);
const manual = play(escrowOf({ release: { mode: 'manual' } }), ...ACTIVE);
const single = (more = {}): Escrow =>
  play(escrowOf({ milestones: [part(1, more)], parties: [BUYER, SELLER, BROKER] }), ...ACTIVE);

const isOverdue = (escrow: Escrow): boolean => {
  const here = milestone(escrow);
  return 'overdue' in here && here.overdue;
};

test('a delivery may carry evidence, and clears what was approved before', () => {
  const evidence = [{ kind: 'photo', summary: 'done', url: 'https://example.com' }];
  const delivered = eventsOf(ask(active, 'seller', 'mark_done', { evidence }));
  expect(the(delivered, 'delivered').evidence).toEqual(evidence);
  const bare = eventsOf(ask(active, 'seller', 'mark_done', { evidence: undefined }));
  expect(the(bare, 'delivered').evidence).toEqual([]);
});

test('a delivery clears the mark of an overdue one; what is rejected has its rework alone', () => {
  const overdue = waitFor(single(), 'delivery').escrow;
  expect(isOverdue(overdue)).toBe(true);
  const delivered = play(overdue, 'seller mark_done');
  expect(isOverdue(delivered)).toBe(false);
  const rejected = play(delivered, 'buyer reject_delivery');
  expect(isOverdue(rejected)).toBe(false);
  expect(deadlinesOf(rejected).map(({ name }) => name)).toEqual(['rework']);
});

test('when a delivery and a cancellation cross, what is applied first decides', () => {
  const overdue = waitFor(single(), 'delivery').escrow;
  const body = { milestone: 'mil_1' };
  const delivered = play(overdue, 'seller mark_done');
  expect(outcome(ask(delivered, 'buyer', 'cancel', body))).toBe('! not_allowed');
  const cancelled = act(overdue, 'buyer', 'cancel', body);
  expect(outcome(ask(cancelled, 'seller', 'mark_done'))).toBe('! escrow_closed');
});

test('an inspection period of 0 days accepts and releases in the step of the delivery', () => {
  const decision = ask(single({ inspection_period: 0 }), 'seller', 'mark_done');
  expect(outcome(decision)).toBe('delivered, delivery_accepted, released, closed');
});

test('an inspection period of 0 days under manual release accepts only', () => {
  const draft = escrowOf({
    milestones: [part(1, { inspection_period: 0 })],
    release: { mode: 'manual' },
  });
  const decision = ask(play(draft, ...ACTIVE), 'seller', 'mark_done');
  expect(outcome(decision)).toBe('delivered, delivery_accepted');
});

test('approval releases when release is automatic; otherwise a second act does', () => {
  expect(outcome(ask(active, 'buyer', 'approve'))).toBe('approved, delivery_accepted, released');
  expect(outcome(ask(manual, 'buyer', 'approve'))).toBe('approved, delivery_accepted');
  const accepted = play(manual, 'buyer approve');
  expect(codes(accepted)).toEqual(['da', 'ip']);
  expect(outcome(ask(accepted, 'buyer', 'release'))).toBe('released');
});

test('a buyer names who may release: the broker alone', () => {
  const draft = escrowOf({ release: { mode: 'manual', by: [{ account_id: 'acc_broker' }] } });
  const accepted = play(draft, ...ACTIVE, 'buyer approve');
  expect(outcome(ask(accepted, 'buyer', 'release'))).toBe('! not_allowed');
  expect(outcome(ask(accepted, 'broker', 'release'))).toBe('released');
});

test('work may be sent back rework_rounds_max times, then only approve or dispute is left', () => {
  const draft = escrowOf({ rework_rounds_max: 2 });
  const round = ['seller mark_done', 'buyer reject_delivery'];
  const twice = play(draft, ...ACTIVE, ...round, ...round, 'seller mark_done');
  expect(outcome(ask(twice, 'buyer', 'reject_delivery'))).toBe('! limit_reached');
  expect(outcome(ask(twice, 'buyer', 'dispute'))).toBe('disputed');
  const none = play(escrowOf({ rework_rounds_max: 0 }), ...ACTIVE, 'seller mark_done');
  expect(outcome(ask(none, 'buyer', 'reject_delivery'))).toBe('! limit_reached');
});

test('terms that are silent allow three rounds of rework', () => {
  const round = ['seller mark_done', 'buyer reject_delivery'];
  const thrice = play(active, ...round, ...round, ...round, 'seller mark_done');
  expect(outcome(ask(thrice, 'buyer', 'reject_delivery'))).toBe('! limit_reached');
  expect(milestone(thrice).rework_rounds).toBe(3);
});

test('a seller without the flag does not mark as done', () => {
  const helper = party('helper', 'seller', { access_level: { mark_as_done: false } });
  const escrow = play(escrowOf({ parties: [...EVERYBODY, helper] }), ...ACTIVE.slice(0, -1));
  const agreed = play(escrow, 'helper accept', 'buyer fund');
  expect(outcome(ask(agreed, 'helper', 'mark_done'))).toBe('! not_allowed');
  expect(outcome(ask(agreed, 'seller', 'mark_done'))).toBe('delivered');
});

describe('a milestone is given up', () => {
  const shared = (): Escrow => {
    const recipients = [
      { account_id: 'acc_seller' as const, share_bps: 9_000 },
      { account_id: 'acc_broker' as const, remainder: true as const },
    ];
    return play(escrowOf({ milestones: [part(1, { recipients }), part(2)] }), ...ACTIVE);
  };

  test('by a seller when nobody else is a recipient of what is cancelled', () => {
    const one = act(active, 'seller', 'cancel', { milestone: 'mil_1' });
    expect(codes(one)).toEqual(['cr', 'ip']);
    expect(one.contributions).toEqual([{ account: 'acc_buyer', amount: 30_000, left: 20_000 }]);
    expect(outcome(ask(shared(), 'seller', 'cancel', { milestone: 'mil_1' }))).toBe(
      '! not_allowed',
    );
    expect(outcome(ask(shared(), 'seller', 'cancel', { milestone: 'mil_2' }))).toBe('refunded');
    expect(outcome(ask(shared(), 'seller', 'cancel'))).toBe('! not_allowed');
  });

  test('by a buyer when it is overdue; all of them when all are', () => {
    const body = { milestone: 'mil_1' };
    expect(outcome(ask(active, 'buyer', 'cancel', body))).toBe('! not_allowed');
    const first = waitFor(active, 'delivery').escrow;
    expect(outcome(ask(first, 'buyer', 'cancel', body))).toBe('refunded');
    expect(outcome(ask(first, 'buyer', 'cancel'))).toBe('! not_allowed');
    const both = waitFor(first, 'delivery').escrow;
    expect(outcome(ask(both, 'buyer', 'cancel'))).toBe('refunded, refunded, closed');
  });

  test('not as a whole while one of them is in dispute', () => {
    const disputed = play(active, 'buyer dispute');
    expect(outcome(ask(disputed, 'seller', 'cancel'))).toBe('! in_dispute');
    expect(outcome(ask(disputed, 'seller', 'cancel', { milestone: 'mil_2' }))).toBe('refunded');
  });

  test('before anything has started only as a whole', () => {
    const agreed = play(escrowOf(), ...ACTIVE.slice(0, -1));
    expect(outcome(ask(agreed, 'seller', 'cancel', { milestone: 'mil_1' }))).toBe('! wrong_status');
    expect(outcome(ask(agreed, 'broker', 'cancel'))).toBe('cancelled, closed');
  });

  test('and the escrow closes after the last open one, by what was released', () => {
    const none = act(active, 'seller', 'cancel');
    expect([none.agreement, code(none)]).toEqual([{ stage: 'closed', reason: 'cancelled' }, 'cr']);
    const some = act(play(active, 'buyer approve'), 'seller', 'cancel', { milestone: 'mil_2' });
    expect(some.agreement).toEqual({ stage: 'closed', reason: 'completed' });
    expect(code(some)).toBe('cdp');
    expect(code(play(some, 'provider settle_disbursement'))).toBe('cdc');
  });
});

describe('complete', () => {
  const two = act(play(manual, 'buyer approve'), 'buyer', 'approve', { milestone: 'mil_2' });

  test('releases what is accepted and closes', () => {
    expect(outcome(ask(two, 'buyer', 'complete'))).toBe('released, released, closed');
    expect(outcome(ask(two, 'platform', 'complete'))).toBe('released, released, closed');
    expect(outcome(ask(two, 'seller', 'complete'))).toBe('! not_allowed');
    expect(code(act(two, 'buyer', 'complete'))).toBe('cdp');
  });

  test('goes with milestones that are closed already', () => {
    const one = act(play(manual, 'buyer approve'), 'seller', 'cancel', { milestone: 'mil_2' });
    expect(outcome(ask(one, 'buyer', 'complete'))).toBe('released, closed');
  });

  test('is refused while one is unfinished or in dispute', () => {
    expect(outcome(ask(play(manual, 'buyer approve'), 'buyer', 'complete'))).toBe(
      '! conditions_unmet',
    );
    expect(outcome(ask(play(two, 'seller dispute'), 'buyer', 'complete'))).toBe('! in_dispute');
  });

  test('of what is closed already answers already_done', () => {
    const closed = act(two, 'buyer', 'complete');
    expect(outcome(ask(closed, 'buyer', 'complete'))).toBe('! already_done');
  });
});
