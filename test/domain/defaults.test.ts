/**
 * Owns what happens when a deadline passes: the default of each, what comes too late, what becomes
 * of a default that is refused, and that whoever only waits comes to an end.
 * Must not know how long deadlines are (`deadlines.test.ts`).
 */
import { days, hours, plus } from '../../domain/calendar';
import type { CommandType } from '../../domain/commands';
import { commandOf, deadlinesOf, nextAlarm } from '../../domain/deadlines';
import { decide } from '../../domain/decide';
import { defaultRefused, waitsForPayments } from '../../domain/defaults';
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import { evolve } from '../../domain/evolve';
import { statusOf } from '../../domain/status';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  escrowOf,
  type Name,
  outcome,
  part,
  play,
  SENT,
  tick,
  waitFor,
} from './sample';
import { inSituation, SITUATIONS } from './stages';

const one: Partial<Draft> = { milestones: [part(1)] };
const manual: Partial<Draft> = { ...one, release: { mode: 'manual' } };
const any: Partial<Draft> = { ...one, funding: { order: 'any' } };
const PAID = [...SENT, 'buyer accept', 'buyer fund'];
const DELIVERED = [...ACTIVE, 'seller mark_done'];
const DISPUTED = [...DELIVERED, 'buyer dispute'];
const code = (escrow: Escrow): string => statusOf(escrow).status_code;

/** deadline, what happens, terms, acts before it, command of the clock, what comes out, status */
const DEFAULTS: readonly (readonly [
  string,
  string,
  Partial<Draft>,
  readonly string[],
  CommandType,
  string,
  string,
])[] = [
  ['funding', 'nobody has paid: it closes', one, AGREED, 'expire', 'cancelled, closed', 'c'],
  ['acceptance', 'nobody has accepted: it closes', one, SENT, 'expire', 'cancelled, closed', 'c'],
  ['acceptance', 'paid before: all goes back', any, PAID, 'expire', 'refunded, closed', 'cr'],
  ['delivery', 'it is marked overdue', one, ACTIVE, 'mark_overdue', 'delivery_overdue', 'ip'],
  ['overdue', 'it is refunded', one, ACTIVE, 'cancel', 'refunded, closed', 'cr'],
  [
    'inspection',
    'it is approved and released',
    one,
    DELIVERED,
    'approve',
    'approved, delivery_accepted, released, closed',
    'cdp',
  ],
  [
    'inspection',
    'it is approved and waits for its release',
    manual,
    DELIVERED,
    'approve',
    'approved, delivery_accepted',
    'da',
  ],
  [
    'rework',
    'there is a dispute for the buyer',
    one,
    [...DELIVERED, 'buyer reject_delivery'],
    'dispute',
    'disputed',
    'dr',
  ],
  [
    'release',
    'it is released',
    manual,
    [...DELIVERED, 'buyer approve'],
    'release',
    'released, closed',
    'cdp',
  ],
  [
    'response',
    'the dispute goes to the handler',
    one,
    DISPUTED,
    'escalate',
    'dispute_escalated',
    'd',
  ],
  [
    'negotiation',
    'the dispute goes to the handler',
    one,
    [...DISPUTED, 'seller answer_dispute'],
    'escalate',
    'dispute_escalated',
    'd',
  ],
  ['ruling', 'the clock rules', one, DISPUTED, 'resolve', 'ruled, closed', 'cd'],
  [
    'payout',
    'the money stays in the wallet',
    one,
    [...DELIVERED, 'buyer approve', 'provider fail_disbursement'],
    'settle_disbursement',
    'disbursement_settled',
    'cdc',
  ],
  [
    'hold_review',
    'there is a reminder',
    one,
    [...ACTIVE, 'platform hold'],
    'remind',
    'reminded',
    'ip',
  ],
];

test.each(DEFAULTS)('when %s passes, %s', (name, _, terms, acts, type, out, end) => {
  const { command, events, escrow } = waitFor(play(escrowOf(terms), ...acts), name);
  expect([command, events.map((e) => e.type).join(', '), code(escrow)]).toEqual([type, out, end]);
  expect(events.every((event) => event.actor === 'clock')).toBe(true);
});

test('an escrow that is not paid in time gives back what came in', () => {
  const some = act(play(escrowOf(one), ...AGREED), 'buyer', 'fund', { amount: 1 });
  const { escrow, events } = waitFor(some, 'funding');
  expect(events.map((event) => event.type)).toEqual(['contributions_returned', 'closed']);
  expect([escrow.agreement, code(escrow)]).toEqual([{ stage: 'closed', reason: 'unfunded' }, 'cr']);
});

test('the reason of the end is the deadline that passed; of two, the first of the table', () => {
  const unaccepted = waitFor(play(escrowOf(one), ...SENT), 'acceptance').escrow;
  expect(unaccepted.agreement).toMatchObject({ reason: 'unaccepted' });
  const both = escrowOf({ ...one, funding: { order: 'any', due_at: plus(AT, days(7)) } });
  expect(waitFor(play(both, ...SENT), 'funding').escrow.agreement).toMatchObject({
    reason: 'unfunded',
  });
});

test('an unanswered dispute says so when the clock escalates it; an answered one does not', () => {
  const unanswered = waitFor(play(escrowOf(one), ...DISPUTED), 'response').events;
  expect(unanswered).toMatchObject([{ unanswered: true, handler: 'platform' }]);
  const answered = play(escrowOf(one), ...DISPUTED, 'seller answer_dispute');
  expect(waitFor(answered, 'negotiation').events).toMatchObject([{ unanswered: false }]);
});

test('the end of the return window is the end of the workflow, and no command', () => {
  const paid = act(
    play(escrowOf(one), ...DELIVERED, 'buyer approve'),
    'provider',
    'settle_disbursement',
    { returnable_until: plus(AT, days(9)) },
  );
  const alarm = nextAlarm(paid);
  expect(alarm?.deadline.name).toBe('return_window');
  expect(alarm && commandOf(paid, alarm)).toBeNull();
});

/** deadline, acts before it, who comes too late with what, the answer */
const LATE: readonly (readonly [string, readonly string[], Name, CommandType, string])[] = [
  ['acceptance', SENT, 'buyer', 'accept', '! deadline_passed'],
  ['acceptance', SENT, 'seller', 'reject', '! deadline_passed'],
  ['funding', AGREED, 'buyer', 'fund', '! deadline_passed'],
  ['delivery', ACTIVE, 'seller', 'mark_done', 'delivered'],
  ['delivery', ACTIVE, 'buyer', 'reject_delivery', '! wrong_status'],
  ['overdue', ACTIVE, 'seller', 'mark_done', '! deadline_passed'],
  ['inspection', DELIVERED, 'buyer', 'reject_delivery', '! deadline_passed'],
  ['inspection', DELIVERED, 'buyer', 'approve', '! deadline_passed'],
  ['inspection', DELIVERED, 'buyer', 'dispute', '! release_is_final'],
  ['rework', [...DELIVERED, 'buyer reject_delivery'], 'seller', 'mark_done', '! in_dispute'],
  ['response', DISPUTED, 'seller', 'answer_dispute', '! deadline_passed'],
  ['ruling', DISPUTED, 'platform', 'resolve', '! deadline_passed'],
];

test.each(LATE)('after %s, acts %j, %s %s: %s', (name, acts, who, command, out) => {
  const { escrow } = waitFor(play(escrowOf(), ...acts), name);
  expect(outcome(ask(escrow, who, command))).toBe(out);
});

test('a command at the deadline, before its default, is decided as any other', () => {
  const delivered = play(escrowOf(), ...DELIVERED);
  const late = plus(AT, days(5)); // inspection has ended two days ago; nobody has recorded it
  expect(outcome(ask(delivered, 'buyer', 'reject_delivery', {}, late))).toBe('delivery_rejected');
});

describe('a default that is refused', () => {
  const delivered = play(escrowOf(one), ...DELIVERED);
  const first = plus(AT, days(3));

  const refuse = (escrow: Escrow): Escrow => {
    const alarm = nextAlarm(escrow);
    const command = alarm && commandOf(escrow, alarm);
    if (!alarm || !command) throw new Error('nothing to refuse');
    const event = defaultRefused(alarm.deadline, command, 'insufficient_funds', alarm.at);
    return evolve(escrow, event);
  };
  const due = tick(tick(delivered).escrow).escrow; // both reminders have been given

  test('moves its deadline by 1, 6, then 24 hours each time', () => {
    const ends: string[] = [];
    let now = due;
    for (let n = 0; n < 5; n += 1) {
      now = refuse(now);
      ends.push(deadlinesOf(now)[0]?.at ?? '');
    }
    const steps = [1, 7, 31, 55, 79].map((count) => plus(first, hours(count)));
    expect(ends).toEqual(steps);
    expect(deadlinesOf(now)[0]).toMatchObject({ refused: 5, first_at: first });
  });

  test('is asked again with the same default and without reminders', () => {
    const again = nextAlarm(refuse(due));
    expect(again).toMatchObject({ share: 100, at: plus(first, hours(1)) });
    expect(again && commandOf(refuse(due), again)?.type).toBe('approve');
    expect(deadlinesOf(refuse(due))[0]?.remind_at).toEqual([]);
  });

  test('names command and code, and changes no other deadline', () => {
    const two = play(escrowOf(), ...DELIVERED);
    const [inspection] = deadlinesOf(two);
    if (!inspection) throw new Error('no deadline');
    const asked = commandOf(two, { at: inspection.at, deadline: inspection, share: 100 });
    if (!asked) throw new Error('no default');
    const event = defaultRefused(inspection, asked, 'on_hold', inspection.at);
    expect(event).toMatchObject({ type: 'default_refused', command: 'approve', code: 'on_hold' });
    const [, other] = deadlinesOf(two);
    expect(deadlinesOf(evolve(two, event))[1]).toEqual(other);
  });

  test('is no trouble when the deadline has meanwhile stopped or gone', () => {
    const alarm = nextAlarm(due);
    const command = alarm && commandOf(due, alarm);
    if (!alarm || !command) throw new Error('nothing to refuse');
    const event = defaultRefused(alarm.deadline, command, 'in_dispute', alarm.at);
    for (const next of ['buyer dispute', 'buyer reject_delivery', 'buyer approve']) {
      const now = play(due, next);
      expect({ ...evolve(now, event), version: now.version }).toEqual(now);
    }
  });

  test('waits for a payment on its way at most 5 days after the first deadline', () => {
    const agreed = play(escrowOf(), ...AGREED);
    const [funding] = deadlinesOf(agreed);
    if (!funding) throw new Error('no funding deadline');
    expect(waitsForPayments(agreed, funding, funding.at)).toBe(true);
    expect(waitsForPayments(agreed, funding, plus(funding.at, days(5) - 1))).toBe(true);
    expect(waitsForPayments(agreed, funding, plus(funding.at, days(5)))).toBe(false);
    const [inspection] = deadlinesOf(delivered);
    expect(inspection && waitsForPayments(delivered, inspection, AT)).toBe(false);
  });
});

test('the id of a default follows from escrow, version and deadline', () => {
  const escrow = play(escrowOf(), ...DELIVERED);
  const alarm = nextAlarm(escrow);
  const command = alarm && commandOf(escrow, alarm);
  expect(command?.id).toBe(`cmd_1_${escrow.version}_inspection_1_50`);
});

test.each(SITUATIONS)('from %s, %s, who only waits comes to an end', (stage, dispute) => {
  let now = inSituation(stage, dispute);
  for (let n = 0; nextAlarm(now) && n < 60; n += 1) now = tick(now).escrow;
  expect(now.agreement.stage).toBe('closed');
  expect(now.milestones.map(({ held }) => held)).toEqual([0, 0]);
});

test('every default that the clock gives is one that the rules take', () => {
  for (const [stage, dispute] of SITUATIONS) {
    const escrow = inSituation(stage, dispute);
    for (const deadline of deadlinesOf(escrow)) {
      const command = commandOf(escrow, { at: deadline.at, deadline, share: 100 });
      const decision = command && decide(escrow, command, { kind: 'clock' }, deadline.at);
      expect([stage, deadline.name, decision?.ok]).toEqual([stage, deadline.name, true]);
    }
  }
});
