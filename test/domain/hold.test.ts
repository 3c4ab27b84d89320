/**
 * Owns what is stopped by a hold and what passes, and that clocks go on afterwards with what was
 * left, at least 24 hours.
 * Must not know who may put on hold (`agreement.test.ts`).
 */
import { days, hours, plus } from '../../domain/calendar';
import type { CommandType } from '../../domain/commands';
import { deadlinesOf, nextAlarm } from '../../domain/deadlines';
import { effectsOf } from '../../domain/effects';
import type { Escrow } from '../../domain/escrow';
import { evolve } from '../../domain/evolve';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  escrowOf,
  eventsOf,
  milestone,
  type Name,
  outcome,
  part,
  play,
  SENT,
  the,
  tick,
  waitFor,
} from './sample';
import { inSituation } from './stages';

const held = (escrow: Escrow): Escrow => play(escrow, 'platform hold');
const active = play(escrowOf(), ...ACTIVE);
const endOf = (escrow: Escrow, name: string) =>
  deadlinesOf(escrow).find((d) => d.name === name)?.at;

/** situation, dispute, who, command: allowed but for the hold */
const STOPPED: readonly (readonly [string, string, Name, CommandType])[] = [
  ['waiting', '-', 'buyer', 'accept'],
  ['waiting', '-', 'arbiter', 'accept'],
  ['waiting', '-', 'seller', 'reject'],
  ['waiting', '-', 'broker', 'cancel'],
  ['waiting', '-', 'clock', 'expire'],
  ['in_progress', '-', 'seller', 'mark_done'],
  ['in_progress', '-', 'buyer', 'approve'],
  ['in_progress', '-', 'seller', 'cancel'],
  ['in_progress', '-', 'buyer', 'dispute'],
  ['in_progress', '-', 'buyer', 'complete'],
  ['in_progress', '-', 'clock', 'mark_overdue'],
  ['in_progress', '-', 'clock', 'remind'],
  ['delivered', '-', 'clock', 'approve'],
  ['delivered', '-', 'buyer', 'reject_delivery'],
  ['rejected', '-', 'clock', 'dispute'],
  ['accepted', '-', 'buyer', 'release'],
  ['accepted', '-', 'clock', 'release'],
  ['delivered', 'open', 'buyer', 'withdraw_dispute'],
  ['delivered', 'open', 'clock', 'escalate'],
  ['delivered', 'negotiating', 'buyer', 'escalate'],
  ['delivered', 'with_handler', 'platform', 'resolve'],
  ['delivered', 'with_handler', 'clock', 'resolve'],
  ['releasing', '-', 'platform', 'retry_disbursement'],
  ['releasing', '-', 'platform', 'redirect_disbursement'],
  ['releasing', '-', 'clock', 'settle_disbursement'],
];

test.each(STOPPED)('on hold nothing is decided: %s, %s: %s %s', (stage, dispute, name, command) => {
  const escrow = held(inSituation(stage, dispute));
  const body = command === 'cancel' && stage !== 'waiting' ? { milestone: 'mil_1' } : {};
  expect(outcome(ask(escrow, name, command, body))).toBe('! on_hold');
});

/** situation, dispute, who, command, what comes out */
const PASSES: readonly (readonly [string, string, Name, CommandType, string])[] = [
  ['in_progress', '-', 'platform', 'hold', '! already_done'],
  ['in_progress', '-', 'platform', 'unhold', 'hold_lifted'],
  ['delivered', 'open', 'seller', 'answer_dispute', 'dispute_answered'],
  ['delivered', 'open', 'buyer', 'submit_evidence', 'evidence_added'],
  ['releasing', '-', 'provider', 'settle_disbursement', 'disbursement_settled'],
  ['releasing', '-', 'provider', 'fail_disbursement', 'disbursement_failed'],
  ['disbursed', '-', 'provider', 'return_disbursement', 'disbursement_returned'],
  ['waiting', '-', 'provider', 'fund', 'payment_waiting'],
];

test.each(PASSES)('on hold passes: %s, %s: %s %s', (stage, dispute, name, command, out) => {
  expect(outcome(ask(held(inSituation(stage, dispute)), name, command))).toBe(out);
});

test('who may not do a thing is told so, on hold or not', () => {
  expect(outcome(ask(held(active), 'seller', 'approve'))).toBe('! not_allowed');
  expect(outcome(ask(held(active), 'stranger', 'approve'))).toBe('! not_a_party');
});

test('every clock stands still but the one that reviews the hold', () => {
  for (const escrow of [play(escrowOf(), ...SENT), play(escrowOf(), ...AGREED), active]) {
    expect(deadlinesOf(held(escrow)).map((d) => d.name)).toEqual(['hold_review']);
  }
});

test('the review comes after 14 days and again each time; it moves nothing', () => {
  const first = tick(held(active));
  expect(first.alarm).toMatchObject({ at: plus(AT, days(14)), share: 100 });
  expect(outcome(first.decision)).toBe('reminded');
  expect(nextAlarm(first.escrow)?.at).toBe(plus(AT, days(28)));
  expect(milestone(first.escrow).held).toBe(10_000);
});

describe('when the hold is lifted, a clock', () => {
  const delivered = play(active, 'seller mark_done'); // inspection until AT + 3 days

  test('goes on with what was left', () => {
    const stopped = act(delivered, 'platform', 'hold', {}, plus(AT, days(1)));
    const on = act(stopped, 'platform', 'unhold', {}, plus(AT, days(50)));
    expect(endOf(on, 'inspection')).toBe(plus(AT, days(52)));
    expect(endOf(on, 'delivery')).toBe(plus(AT, days(50 + 29)));
  });

  test('has at least 24 hours, each time', () => {
    let now = delivered;
    let at = plus(AT, days(3) - hours(1));
    for (let n = 0; n < 3; n += 1) {
      now = act(now, 'platform', 'hold', {}, at);
      at = plus(at, days(1));
      now = act(now, 'platform', 'unhold', {}, at);
      expect(endOf(now, 'inspection')).toBe(plus(at, hours(24)));
      at = plus(at, hours(23));
    }
  });

  test('of acceptance and funding goes on too', () => {
    const sent = play(escrowOf({ funding: { order: 'any' } }), ...SENT);
    const stopped = act(sent, 'platform', 'hold', {}, plus(AT, days(7) - hours(2)));
    const on = act(stopped, 'platform', 'unhold', {}, plus(AT, days(20)));
    expect(endOf(on, 'acceptance')).toBe(plus(AT, days(21)));
    expect(endOf(on, 'funding')).toBe(plus(AT, days(20 + 23) + hours(2)));
  });

  test('of a disputed milestone stays stopped; that of its dispute goes on', () => {
    const disputed = play(delivered, 'buyer dispute');
    const stopped = act(disputed, 'platform', 'hold', {}, plus(AT, days(1)));
    const on = act(stopped, 'platform', 'unhold', {}, plus(AT, days(2)));
    expect(endOf(on, 'inspection')).toBeUndefined();
    expect(endOf(on, 'response')).toBe(plus(AT, days(6)));
    const back = act(on, 'buyer', 'withdraw_dispute', {}, plus(AT, days(3)));
    expect(endOf(back, 'inspection')).toBe(plus(AT, days(6)));
  });

  test('of a negotiation that began on hold has its whole length', () => {
    const stopped = held(play(delivered, 'buyer dispute'));
    const answered = act(stopped, 'seller', 'answer_dispute', {}, plus(AT, days(1)));
    expect(deadlinesOf(answered).map((d) => d.name)).toEqual(['hold_review']);
    const on = act(answered, 'platform', 'unhold', {}, plus(AT, days(9)));
    expect(endOf(on, 'negotiation')).toBe(plus(AT, days(23)));
  });

  test('of a payout that failed on hold begins then', () => {
    const stopped = held(inSituation('releasing', '-'));
    const failed = act(stopped, 'provider', 'fail_disbursement', {}, plus(AT, days(1)));
    expect(endOf(failed, 'payout')).toBeUndefined();
    const on = act(failed, 'platform', 'unhold', {}, plus(AT, days(5)));
    expect(endOf(on, 'payout')).toBe(plus(AT, days(35)));
  });
});

test('a closed escrow can be held until every disbursement is settled', () => {
  const paying = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE, 'buyer approve');
  expect(outcome(ask(paying, 'platform', 'hold'))).toBe('put_on_hold');
  const settled = play(paying, 'provider settle_disbursement');
  expect(outcome(ask(settled, 'platform', 'hold'))).toBe('! escrow_closed');
  const half = act(play(active, 'buyer approve'), 'seller', 'cancel', { milestone: 'mil_2' });
  expect(outcome(ask(half, 'platform', 'hold'))).toBe('put_on_hold');
  const stopped = play(held(paying), 'provider settle_disbursement');
  expect(outcome(ask(stopped, 'platform', 'unhold'))).toBe('hold_lifted');
});

test('the end of a hold wakes the payouts that it has kept', () => {
  const stopped = held(inSituation('releasing', '-'));
  const lifted = the(eventsOf(ask(stopped, 'platform', 'unhold')), 'hold_lifted');
  expect(effectsOf(evolve(stopped, lifted), lifted)).toMatchObject([
    { type: 'pay_out', how: 'wake', amount: 10_000 },
  ]);
});

test('a hold says why, and since when', () => {
  const events = eventsOf(ask(active, 'platform', 'hold', { reason: 'sanctions' }));
  expect(the(events, 'put_on_hold').reason).toBe('sanctions');
  const stopped = act(active, 'platform', 'hold', { reason: 'sanctions' });
  expect(stopped.hold).toMatchObject({ reason: 'sanctions', since: AT });
  expect(play(stopped, 'platform unhold').hold).toBeNull();
});

test('a deadline that comes due on hold waits for the end of it', () => {
  const { escrow } = waitFor(play(held(active), 'platform unhold'), 'delivery');
  expect(milestone(escrow)).toMatchObject({ overdue: true });
});
