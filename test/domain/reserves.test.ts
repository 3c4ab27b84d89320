/**
 * Owns what is kept back of a release: how much, of whose credit, until when, and that it comes to
 * its owner in the end, also after closing.
 * Must not know the table. Source: `escrow.md`, section 6, reserve; `ledger.md`, template 7.
 */
import { days, plus } from '../../domain/calendar';
import { deadlinesOf, nextAlarm } from '../../domain/deadlines';
import type { Draft } from '../../domain/draft';
import { effectsOf } from '../../domain/effects';
import { type Escrow, isSettledUp } from '../../domain/escrow';
import { toMinor } from '../../domain/money';
import { statusOf } from '../../domain/status';
import { WAITS } from '../../domain/waits';
import {
  ACTIVE,
  AT,
  act,
  ask,
  escrowOf,
  eventsOf,
  milestone,
  outcome,
  part,
  play,
  the,
  waitFor,
} from './sample';

const keeping = (reserve_bps: number, more: Partial<Draft> = {}): Escrow =>
  play(escrowOf({ milestones: [part(1)], release: { reserve_bps }, ...more }), ...ACTIVE);
const released = play(keeping(1_000), 'buyer approve');
const names = (escrow: Escrow): string =>
  deadlinesOf(escrow)
    .map(({ name }) => name)
    .join(' ');
const kept = (escrow: Escrow) =>
  milestone(escrow).reserves.map(({ account, amount }) => `${account} ${amount}`);

test('terms that are silent keep nothing back', () => {
  expect(escrowOf().terms.release.reserve_bps).toBe(0);
  expect(kept(play(keeping(0), 'buyer approve'))).toEqual([]);
});

test('a part of the credit is kept, the rest is paid out', () => {
  expect(kept(released)).toEqual(['acc_seller 1000']);
  expect(milestone(released).disbursements).toMatchObject([{ amount: 9_000 }]);
  expect(milestone(released).recipients).toMatchObject([{ net: 10_000, paid: 10_000 }]);
});

test('of each recipient, rounded down, of no commission and no refund', () => {
  const recipients = [
    { party: 'pty_seller', amount: toMinor(9_991) } as const,
    { party: 'pty_broker', remainder: true } as const,
  ];
  const fees = [{ kind: 'broker_commission', fixed: 100, paid_by: { buyer: 10_000 } }] as never;
  const draft = keeping(1_000, { milestones: [part(1, { recipients: [...recipients] })], fees });
  expect(kept(play(draft, 'buyer approve'))).toEqual(['acc_seller 999']); // of 9 nothing
  expect(kept(play(draft, 'platform dispute', 'platform resolve'))).toEqual(['acc_seller 499']);
});

test('all of it may be kept: then nothing is carried, and the milestone is disbursed', () => {
  const events = eventsOf(ask(keeping(10_000), 'buyer', 'approve'));
  const all = play(keeping(10_000), 'buyer approve');
  expect(effectsOf(all, the(events, 'released'))).toEqual([]);
  expect([milestone(all).stage, kept(all)]).toEqual(['disbursed', ['acc_seller 10000']]);
});

test('a part that is released early keeps its part too', () => {
  const draft = keeping(1_000, { milestones: [part(1), part(2)] });
  const some = act(draft, 'buyer', 'release_part', { amount: 4_000 });
  expect(kept(some)).toEqual(['acc_seller 400']);
  expect(kept(play(some, 'buyer approve'))).toEqual(['acc_seller 400', 'acc_seller 600']);
  expect(names(some)).toBe('delivery delivery reserve');
  const freed = waitFor(play(some, 'buyer dispute', 'seller answer_dispute'), 'reserve');
  expect([kept(freed.escrow), milestone(freed.escrow).stage]).toEqual([[], 'ruled']);
});

test('each has a deadline of its own, 90 days unless the terms say otherwise', () => {
  const [deadline] = deadlinesOf(released);
  expect(deadline).toMatchObject({ name: 'reserve', key: 'reserve_1_1', at: plus(AT, days(90)) });
  expect(deadline && WAITS.reserve.moves(released, deadline.subject)).toBe(1_000);
  const soon = play(keeping(1_000, { deadlines: { reserve: 'P5D' } }), 'buyer approve');
  expect(deadlinesOf(soon)[0]?.at).toBe(plus(AT, days(5)));
});

test('it is freed after closing, and only then everything is paid', () => {
  const settled = play(released, 'provider settle_disbursement');
  expect(statusOf(settled).status_code).toBe('cdc');
  expect(isSettledUp(settled)).toBe(false);
  const { escrow, events, at, command } = waitFor(settled, 'reserve');
  expect([command, at]).toEqual(['free_reserve', plus(AT, days(90))]);
  expect(events).toMatchObject([
    { type: 'reserve_freed', milestone: 'mil_1', account: 'acc_seller', amount: 1_000 },
  ]);
  expect([kept(escrow), isSettledUp(escrow), nextAlarm(escrow)]).toEqual([[], true, null]);
});

test('the wait for a payout to come back ends nothing while something is kept', () => {
  const returnable_until = plus(AT, days(30));
  const settled = act(released, 'provider', 'settle_disbursement', { returnable_until });
  expect(names(settled)).toBe('reserve');
  expect(names(waitFor(settled, 'reserve').escrow)).toBe('return_window');
});

test('a hold stops its clock, also when all else is closed and paid', () => {
  const settled = play(released, 'provider settle_disbursement');
  const held = play(settled, 'platform hold');
  expect(names(held)).toBe('hold_review');
  expect(outcome(ask(held, 'clock', 'free_reserve'))).toBe('! on_hold');
  const lifted = act(held, 'platform', 'unhold', {}, plus(AT, days(20)));
  expect(deadlinesOf(lifted)[0]?.at).toBe(plus(AT, days(110)));
});

test('nobody frees it twice, and nobody but the clock', () => {
  expect(outcome(ask(released, 'platform', 'free_reserve'))).toBe('! not_allowed');
  const reserve = milestone(released).reserves[0]?.id;
  const freed = act(released, 'clock', 'free_reserve', { reserve });
  expect(outcome(ask(freed, 'clock', 'free_reserve', { reserve }))).toBe('! malformed');
});
