/**
 * Owns disputes: who opens, answers, hands on and takes back; whose side evidence is on; what
 * stands still meanwhile.
 * Must not know who rules and how (`rulings.test.ts`).
 */
import { days, hours, type Instant, plus } from '../../domain/calendar';
import { deadlinesOf } from '../../domain/deadlines';
import { disputeOf, type Escrow } from '../../domain/escrow';
import {
  ACTIVE,
  AT,
  act,
  ask,
  EVERYBODY,
  escrowOf,
  eventsOf,
  milestone,
  outcome,
  party,
  play,
  playAt,
  the,
  waitFor,
} from './sample';

const SHA = 'a'.repeat(64);
const active = play(escrowOf(), ...ACTIVE);
const delivered = play(active, 'seller mark_done');
const endsOf = (escrow: Escrow, name: string): Instant | undefined =>
  deadlinesOf(escrow).find((d) => d.name === name && d.subject.milestone === 'mil_1')?.at;

test('a dispute freezes all that is held for the milestone, and its siblings go on', () => {
  const disputed = play(delivered, 'buyer dispute');
  expect(disputeOf(milestone(disputed))).toMatchObject({ amount: 10_000, side: 'buyer' });
  expect(deadlinesOf(disputed).map((d) => `${d.name} ${d.subject.milestone}`)).toEqual([
    'response mil_1',
    'delivery mil_2',
  ]);
  expect(outcome(ask(disputed, 'seller', 'mark_done', { milestone: 'mil_2' }))).toBe('delivered');
});

test('the side that did not open it answers', () => {
  const disputed = play(delivered, 'seller dispute');
  expect(outcome(ask(disputed, 'seller', 'answer_dispute'))).toBe('! not_allowed');
  expect(outcome(ask(disputed, 'buyer', 'answer_dispute'))).toBe('dispute_answered');
  expect(outcome(ask(play(disputed, 'buyer answer_dispute'), 'seller', 'escalate'))).toBe(
    'dispute_escalated',
  );
});

test('each side disputes a milestone at most twice; the other side is counted apart', () => {
  const round = ['buyer dispute', 'buyer withdraw_dispute'];
  const twice = play(delivered, ...round, ...round);
  expect(outcome(ask(twice, 'buyer', 'dispute'))).toBe('! limit_reached');
  expect(outcome(ask(twice, 'buyer', 'dispute', { milestone: 'mil_2' }))).toBe('disputed');
  expect(outcome(ask(twice, 'seller', 'dispute'))).toBe('disputed');
  expect(outcome(ask(twice, 'platform', 'dispute'))).toBe('disputed');
});

test("the clock's disputes are not counted", () => {
  const rejected = play(delivered, 'buyer reject_delivery');
  let now = rejected;
  for (let n = 0; n < 3; n += 1) {
    now = play(waitFor(now, 'rework').escrow, 'buyer withdraw_dispute');
  }
  expect(milestone(now).disputes_by).toEqual({ buyer: 0, seller: 0 });
  expect(outcome(ask(now, 'buyer', 'dispute'))).toBe('disputed');
});

test('the side for which the clock opened a dispute may take it back, the other may answer', () => {
  const { escrow, events } = waitFor(play(delivered, 'buyer reject_delivery'), 'rework');
  expect(the(events, 'disputed')).toMatchObject({ side: 'buyer', by: 'clock', actor: 'clock' });
  expect(outcome(ask(escrow, 'seller', 'withdraw_dispute'))).toBe('! not_allowed');
  expect(outcome(ask(escrow, 'buyer', 'withdraw_dispute'))).toBe('dispute_withdrawn');
  expect(outcome(ask(escrow, 'seller', 'answer_dispute'))).toBe('dispute_answered');
});

test('a dispute is taken back until there is a ruling, also from the handler', () => {
  const escalated = play(delivered, 'buyer dispute', 'seller answer_dispute', 'seller escalate');
  const events = eventsOf(ask(escalated, 'buyer', 'withdraw_dispute'));
  expect(the(events, 'dispute_withdrawn').amount).toBe(10_000);
  expect(disputeOf(milestone(play(escalated, 'buyer withdraw_dispute')))).toBeNull();
});

describe('the countdown of the milestone', () => {
  const early = plus(AT, days(1));
  const late = plus(AT, days(3) - hours(1));

  test('goes on with what was left when the dispute is taken back', () => {
    const disputed = act(delivered, 'buyer', 'dispute', {}, early);
    const back = plus(AT, days(40));
    const on = act(disputed, 'buyer', 'withdraw_dispute', {}, back);
    expect(endsOf(on, 'inspection')).toBe(plus(back, days(2)));
  });

  test('has at least 24 hours then, once', () => {
    const disputed = act(delivered, 'buyer', 'dispute', {}, late);
    const back = plus(AT, days(10));
    const on = act(disputed, 'buyer', 'withdraw_dispute', {}, back);
    expect(endsOf(on, 'inspection')).toBe(plus(back, hours(24)));
    const again = act(on, 'buyer', 'dispute', {}, plus(back, hours(20)));
    const later = plus(back, days(2));
    const once = act(again, 'buyer', 'withdraw_dispute', {}, later);
    expect(endsOf(once, 'inspection')).toBe(plus(later, hours(4)));
  });

  test('begins anew with a new wait, and has its 24 hours again', () => {
    const disputed = act(delivered, 'buyer', 'dispute', {}, late);
    const on = act(disputed, 'buyer', 'withdraw_dispute', {}, late);
    const redone = playAt(late, on, ['buyer reject_delivery', 'seller mark_done']);
    const near = plus(late, days(3) - hours(2));
    const again = playAt(near, redone, ['seller dispute', 'seller withdraw_dispute']);
    expect(endsOf(again, 'inspection')).toBe(plus(near, hours(24)));
  });

  test('waits in an overdue milestone as in any other', () => {
    const { escrow, at } = waitFor(active, 'delivery');
    const disputed = act(escrow, 'buyer', 'dispute', {}, plus(at, days(4)));
    expect(endsOf(disputed, 'overdue')).toBeUndefined();
    const on = act(disputed, 'buyer', 'withdraw_dispute', {}, plus(at, days(9)));
    expect(endsOf(on, 'overdue')).toBe(plus(at, days(19)));
    expect(milestone(on)).toMatchObject({ stage: 'in_progress', overdue: true });
  });
});

test('evidence says on whose side it is', () => {
  const helper = party('helper', 'seller', { access_level: { mark_as_done: false } });
  const draft = escrowOf({ parties: [...EVERYBODY, helper] });
  const disputed = play(
    draft,
    ...ACTIVE.slice(0, -1),
    'helper accept',
    'buyer fund',
    'buyer dispute',
  );
  const sideOf = (name: 'buyer' | 'seller' | 'helper' | 'broker' | 'platform') => {
    const events = eventsOf(ask(disputed, name, 'submit_evidence'));
    const { by, side } = the(events, 'evidence_added');
    return [by, side];
  };
  expect(sideOf('buyer')).toEqual(['pty_buyer', 'buyer']);
  expect(sideOf('seller')).toEqual(['pty_seller', 'seller']);
  expect(sideOf('helper')).toEqual(['pty_helper', 'seller']);
  expect(sideOf('broker')).toEqual(['pty_broker', 'broker']);
  expect(sideOf('platform')).toEqual(['platform', 'handler']);
});

test('evidence is added to what is there, with all that it says', () => {
  const disputed = play(delivered, 'buyer dispute');
  const photo = { kind: 'photo', summary: 'a scratch', url: 'https://example.com/1', sha256: SHA };
  const letter = { kind: 'letter', summary: 'it was so', url: 'https://example.com/2' };
  const once = act(disputed, 'buyer', 'submit_evidence', { evidence: [photo] });
  const twice = act(once, 'seller', 'submit_evidence', { evidence: [letter] });
  expect(disputeOf(milestone(twice))?.evidence).toEqual([
    { by: 'pty_buyer', side: 'buyer', at: AT, ...photo },
    { by: 'pty_seller', side: 'seller', at: AT, ...letter },
  ]);
});

test('who only receives money opens no dispute', () => {
  const helper = party('helper', 'seller', { access_level: { mark_as_done: false } });
  const draft = escrowOf({ parties: [...EVERYBODY, helper] });
  const escrow = play(draft, ...ACTIVE.slice(0, -1), 'helper accept', 'buyer fund');
  expect(outcome(ask(escrow, 'helper', 'dispute'))).toBe('! not_allowed');
});
