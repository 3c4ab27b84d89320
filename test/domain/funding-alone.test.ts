/**
 * Owns what holds where each milestone is funded alone: what is due for each, its own deadline,
 * what starts, what goes back, what status is shown.
 * Must not know who pays (`payers.test.ts`). Source: `escrow.md`, sections 1, 4, 5, 6 and 8.
 */
import { days, plus } from '../../domain/calendar';
import { deadlinesOf } from '../../domain/deadlines';
import type { Draft } from '../../domain/draft';
import { shortfallOf } from '../../domain/due';
import type { Escrow } from '../../domain/escrow';
import { canTake } from '../../domain/funding';
import { waitingFund } from '../../domain/reports';
import { milestoneStatusOf, statusOf } from '../../domain/status';
import { journalsOf } from './books';
import {
  AGREED,
  AT,
  act,
  ask,
  draftOf,
  escrowOf,
  eventsOf,
  instant,
  milestone,
  outcome,
  PARTNER,
  part,
  play,
  playAt,
  SENT,
  the,
  waitFor,
} from './sample';

const alone = (changes: Partial<Draft> = {}): Escrow =>
  escrowOf({
    milestones: [part(1), part(2, { due_at: plus(AT, days(60)) }), part(3)],
    ...changes,
    funding: { mode: 'per_milestone', ...changes.funding },
  });
const agreed = play(alone(), ...AGREED);
const fund = (escrow: Escrow, n: number, amount = n * 10_000) =>
  act(escrow, 'buyer', 'fund', { milestone: `mil_${n}`, amount });
const codes = (escrow: Escrow): string =>
  [statusOf(escrow), ...escrow.milestones.map((each) => milestoneStatusOf(escrow, each))]
    .map(({ status_code }) => status_code)
    .join(' ');
test("each milestone has its own due amount, with the payers' fees on it", () => {
  const draft = alone({
    fees: [{ kind: 'platform', rate_bps: 250, paid_by: { buyer: 10_000 } }],
  });
  expect(draft.milestones.map(({ id }) => shortfallOf(draft, id))).toEqual([
    10_250, 20_500, 30_750,
  ]);
  const active = fund(play(draft, ...AGREED), 1, 10_250);
  expect([active.fee_held, milestone(active).held]).toEqual([250, 10_000]);
  expect(active.agreement.stage).toBe('active');
});

/** body, what comes out */
const BODIES = [
  [{ milestone: undefined }, '! malformed'],
  [{ milestone: 'mil_9' }, '! unknown_milestone'],
  [{ milestone: 'mil_1', amount: 10_001 }, '! limit_reached'],
  [{ milestone: 'mil_1', amount: 10_000 }, 'funded, due_completed, started'],
  [{ milestone: 'mil_1', amount: 9_999 }, 'funded'],
  [{ milestone: 'mil_2', amount: 20_000 }, 'funded, due_completed, started'],
] as const;

test.each(BODIES)('fund names the milestone: %j → %s', (body, out) => {
  expect(outcome(ask(agreed, 'buyer', 'fund', body))).toBe(out);
});

test('where all are funded together none is named', () => {
  const together = play(escrowOf(), ...AGREED);
  expect(outcome(ask(together, 'buyer', 'fund', { milestone: 'mil_1', amount: 5 }))).toBe(
    '! malformed',
  );
});

test('the first that is funded starts and with it the escrow; others while it is active', () => {
  const one = fund(agreed, 2);
  expect(codes(one)).toBe('ip anf ip anf');
  expect(one.agreement.stage).toBe('active');
  const more = fund(fund(one, 1, 4_000), 1, 6_000);
  expect(codes(more)).toBe('ip ip ip anf');
  expect(outcome(ask(more, 'buyer', 'fund', { milestone: 'mil_1', amount: 1 }))).toBe(
    '! limit_reached',
  );
});

test('status: nothing started is anf; a part of one changes nothing', () => {
  expect(codes(agreed)).toBe('anf anf anf anf');
  expect(codes(fund(agreed, 1, 9_999))).toBe('anf anf anf anf');
  const sent = play(alone({ funding: { order: 'any' } }), ...SENT, 'buyer accept');
  expect(codes(sent)).toBe('sac sac sac sac');
  expect(codes(fund(sent, 1))).toBe('af af af af');
});

test('under any order what is funded before all have accepted starts when they have', () => {
  const sent = play(alone({ funding: { order: 'any' } }), ...SENT, 'buyer accept');
  const now = play(fund(sent, 1), 'seller accept', 'broker accept');
  expect(codes(now)).toBe('ip ip anf anf');
});

test('under fund_first the others accept once a milestone is funded', () => {
  const sent = play(alone({ funding: { order: 'fund_first' } }), ...SENT, 'buyer accept');
  expect(outcome(ask(sent, 'seller', 'accept'))).toBe('! conditions_unmet');
  expect(outcome(ask(fund(sent, 1), 'seller', 'accept'))).toBe('party_accepted');
});

describe('each waits for its money by its own deadline', () => {
  const endsOf = (escrow: Escrow) => deadlinesOf(escrow).map(({ key, at }) => [key, at] as const);

  test('a week before its due date', () => {
    expect(endsOf(agreed)).toEqual([
      ['milestone_funding_1', plus(AT, days(23))],
      ['milestone_funding_3', plus(AT, days(23))],
      ['milestone_funding_2', plus(AT, days(53))],
    ]);
  });

  test('at the earliest three days after agreement', () => {
    const soon = alone({ milestones: [part(1, { due_at: plus(AT, days(9)) }), part(2)] });
    const now = play(soon, ...AGREED);
    expect(endsOf(now)[0]).toEqual(['milestone_funding_1', plus(AT, days(3))]);
    const later = alone({ milestones: [part(1, { due_at: plus(AT, days(10)) }), part(2)] });
    expect(endsOf(play(later, ...AGREED))[0]?.[1]).toBe(plus(AT, days(3)));
  });

  test('by the calendar of its zone', () => {
    const draft = alone({
      time_zone: 'Europe/Berlin', // the clocks go forward on 29 March
      milestones: [part(1, { due_at: instant('2026-04-01T10:00:00Z') }), part(2)],
    });
    const ends = deadlinesOf(play(draft, ...AGREED)).find(({ key }) => key.endsWith('_1'));
    expect(ends?.at).toBe('2026-03-25T11:00:00.000Z');
  });

  test('of the whole only where the terms name a day', () => {
    const due_at = plus(AT, days(5));
    const draft = alone({ funding: { mode: 'per_milestone', due_at } });
    const now = play(draft, ...AGREED);
    expect(endsOf(now)[0]).toEqual(['funding', due_at]);
    expect(waitFor(now, 'funding').escrow.agreement).toMatchObject({ reason: 'unfunded' });
    expect(endsOf(fund(now, 1)).some(([key]) => key === 'funding')).toBe(false);
  });

  test('which ends when it is funded, and stops while the escrow is on hold', () => {
    const one = fund(agreed, 1);
    expect(endsOf(one).map(([key]) => key)).toEqual([
      'milestone_funding_3',
      'delivery_1',
      'milestone_funding_2',
    ]);
    const held = play(agreed, 'platform hold');
    expect(endsOf(held).map(([key]) => key)).toEqual(['hold_review']);
    expect(endsOf(playAt(plus(AT, days(2)), held, ['platform unhold']))[0]).toEqual([
      'milestone_funding_1',
      plus(AT, days(25)),
    ]);
  });
});

describe('one that is not funded in time', () => {
  test('ends alone, and what came in for it goes back to each his own', () => {
    const some = fund(fund(agreed, 2), 1, 4_000);
    const { escrow, command, events } = waitFor(some, 'milestone_funding');
    expect([command, events.map(({ type }) => type)]).toEqual([
      'cancel',
      ['contributions_returned'],
    ]);
    expect(the(events, 'contributions_returned')).toMatchObject({
      payers: [{ account: 'acc_buyer', amount: 4_000 }],
      milestones: ['mil_1'],
    });
    expect(codes(escrow)).toBe('ip c ip anf');
    expect(escrow.unallocated).toBe(0);
    expect(outcome(ask(escrow, 'buyer', 'fund', { milestone: 'mil_1', amount: 1 }))).toBe(
      '! limit_reached',
    );
    expect(outcome(ask(escrow, 'seller', 'mark_done', { milestone: 'mil_1' }))).toBe(
      '! deadline_passed',
    );
  });

  test('without money in it is cancelled', () => {
    const { escrow, events } = waitFor(fund(agreed, 2), 'milestone_funding');
    expect(events.map(({ type }) => type)).toEqual(['cancelled']);
    expect(codes(escrow)).toBe('ip c ip anf');
  });

  test('and the last of them closes the escrow, unfunded', () => {
    const one = waitFor(agreed, 'milestone_funding').escrow;
    const two = waitFor(one, 'milestone_funding').escrow;
    expect(two.agreement.stage).toBe('agreed');
    const all = waitFor(two, 'milestone_funding');
    expect(all.events.map(({ type }) => type)).toEqual(['cancelled', 'closed']);
    expect(all.escrow.agreement).toEqual({ stage: 'closed', reason: 'unfunded' });
    expect(codes(all.escrow)).toBe('c c c c');
  });

  test('does not stop the others: the escrow ends when none is open', () => {
    const one = fund(agreed, 2);
    const rest = waitFor(waitFor(one, 'milestone_funding').escrow, 'milestone_funding').escrow;
    const events = eventsOf(ask(rest, 'buyer', 'approve', { milestone: 'mil_2' }));
    expect(the(events, 'closed')).toMatchObject({ reason: 'completed' });
  });
});

/** who asks, in which stage, what comes out */
const CANCELS = [
  ['seller', 'agreed', '! wrong_status'],
  ['buyer', 'agreed', '! not_allowed'],
  ['seller', 'active', 'cancelled'],
  ['buyer', 'active', '! not_allowed'],
  ['broker', 'active', '! not_allowed'],
  ['platform', 'active', '! not_allowed'],
] as const;

test.each(CANCELS)('cancel of one that waits for its money by %s, %s: %s', (name, stage, out) => {
  const now = stage === 'agreed' ? agreed : fund(agreed, 2);
  expect(outcome(ask(now, name, 'cancel', { milestone: 'mil_1' }))).toBe(out);
});

test('a refund of one goes to those who paid for it', () => {
  const draft = alone({ parties: [...draftOf().parties, PARTNER] });
  const both = play(draft, ...AGREED, 'partner accept');
  const paid = act(fund(both, 1), 'partner', 'fund', { milestone: 'mil_2', amount: 20_000 });
  const events = eventsOf(ask(paid, 'seller', 'cancel', { milestone: 'mil_2' }));
  expect(the(events, 'refunded').payers).toEqual([{ account: 'acc_partner', amount: 20_000 }]);
});

test('given up as a whole, each ends as it stands', () => {
  const some = fund(fund(agreed, 2), 1, 4_000);
  expect(outcome(ask(some, 'seller', 'cancel'))).toBe(
    'contributions_returned, refunded, cancelled, closed',
  );
  const before = fund(agreed, 1, 4_000);
  expect(outcome(ask(before, 'buyer', 'cancel'))).toBe(
    'contributions_returned, cancelled, cancelled, closed',
  );
});

test('money goes from unallocated to the milestone that it completes, its fee with it', () => {
  const draft = alone({ fees: [{ kind: 'platform', rate_bps: 250, paid_by: { buyer: 10_000 } }] });
  const some = fund(play(draft, ...AGREED), 1, 4_000);
  const last = eventsOf(ask(some, 'buyer', 'fund', { milestone: 'mil_1', amount: 6_250 }));
  expect(journalsOf(some, last)).toEqual([
    'D wallet:buyer 6250, C unallocated 6250',
    'D unallocated 10250, C ms:1 10000, C fee 250',
  ]);
});

test('a payment names the milestone: too early it waits, and is taken for that one alone', () => {
  const body = { payment: 'pay_1', payer: 'acc_buyer', milestone: 'mil_2', amount: 25_000 };
  const waiting = act(play(alone(), ...SENT), 'provider', 'fund', body);
  expect(canTake(waiting, 'acc_buyer', 'mil_2')).toBe(false);
  const now = play(waiting, 'buyer accept', 'seller accept', 'broker accept');
  expect(waitingFund(now)?.body).toEqual({
    payment: 'pay_1',
    payer: 'acc_buyer',
    milestone: 'mil_2',
    amount: 25_000,
  });
  const events = eventsOf(ask(now, 'provider', 'fund', body));
  expect(the(events, 'funded')).toMatchObject({ amount: 20_000, milestone: 'mil_2' });
  const paid = act(now, 'provider', 'fund', body);
  expect(outcome(ask(paid, 'provider', 'fund', { ...body, payment: 'pay_2' }))).toBe(
    '! limit_reached',
  );
});

test('complete waits for those that wait for their money', () => {
  expect(outcome(ask(fund(agreed, 2), 'buyer', 'complete'))).toBe('! conditions_unmet');
});
