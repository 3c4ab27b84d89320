/**
 * Owns the order of milestones: what `after` may name, when a waiting milestone starts and until
 * when it has time, what is done, and what becomes of those that wait for something that failed.
 * Must not know the tables. Source: `escrow.md`, section 3.
 */
import { days, hours, type Instant, plus } from '../../domain/calendar';
import { deadlinesOf } from '../../domain/deadlines';
import type { Draft, DraftMilestone } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import type { MilestoneId } from '../../domain/ids';
import { milestoneStatusOf, statusOf } from '../../domain/status';
import { WAITS } from '../../domain/waits';
import { faultsOf } from './faults';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  EVERYBODY,
  escrowOf,
  eventsOf,
  milestone,
  outcome,
  part,
  party,
  play,
  the,
  waitFor,
} from './sample';

const inDays = (count: number): Instant => plus(AT, days(count));
const stages = (escrow: Escrow): string => escrow.milestones.map(({ stage }) => stage).join(' ');
const codes = (escrow: Escrow): string =>
  escrow.milestones.map((each) => milestoneStatusOf(escrow, each).status_code).join(' ');
const code = (escrow: Escrow): string => statusOf(escrow).status_code;
const due = (escrow: Escrow, id: MilestoneId): Instant | undefined =>
  deadlinesOf(escrow).find((d) => d.name === 'delivery' && d.subject.milestone === id)?.at;
const of = (id: MilestoneId) => ({ milestone: id });

/** Each waits for the one before it. */
const chain = (...more: readonly Partial<DraftMilestone>[]): Partial<Draft> => ({
  milestones: more.map((each, n) =>
    part(n + 1, { ...(n > 0 && { after: [n - 1] }), due_at: inDays(10 * (n + 1)), ...each }),
  ),
});
const three = play(escrowOf(chain({}, {}, {})), ...ACTIVE);
const manual = { release: { mode: 'manual' } } as const;

describe('what a milestone waits for', () => {
  const waits = (...lists: readonly DraftMilestone['after'][]): Partial<Draft> => ({
    milestones: lists.map((list, n) => part(n + 1, list && { after: list })),
  });

  test.each<[string, Partial<Draft>, readonly string[]]>([
    ['itself', waits([0], []), ['malformed /milestones/0/after']],
    [
      'one that waits for it',
      waits([1], [0]),
      ['malformed /milestones/0/after', 'malformed /milestones/1/after'],
    ],
    [
      'a long way round, of which others only wait',
      waits([2], ['mil_1'], [1], [0]),
      [0, 1, 2].map((n) => `malformed /milestones/${n}/after`),
    ],
    ['a place that is none', waits([], [2]), ['malformed /milestones/1/after/0']],
    ['an id that is none', waits([], [0, 'mil_x']), ['malformed /milestones/1/after/1']],
    ['the same one twice', waits([], [0, 'mil_1']), ['malformed /milestones/1/after/1']],
    ['itself, of a one-off', waits([0]), ['malformed /milestones/0/after']],
  ])('is not %s', (_, changes, faults) => expect(faultsOf(changes)).toEqual(faults));

  test('is named by place or by id, and may meet again', () => {
    const made = escrowOf(waits([], [0], ['mil_1'], [1, 2]));
    expect(made.terms.milestones.map((each) => each.after)).toEqual([
      [],
      ['mil_1'],
      ['mil_1'],
      ['mil_2', 'mil_3'],
    ]);
  });
});

describe('a waiting milestone', () => {
  test('starts in the step in which the last that it waits for is done', () => {
    expect([stages(three), code(three)]).toEqual(['in_progress waiting waiting', 'ip']);
    const step = ask(three, 'buyer', 'approve');
    expect(outcome(step)).toBe('approved, delivery_accepted, released, started');
    expect(the(eventsOf(step), 'started').milestones).toMatchObject([{ milestone: 'mil_2' }]);
  });

  test('waits for all that it names', () => {
    const both = { milestones: [part(1), part(2), part(3, { after: [0, 1] })] };
    const one = play(play(escrowOf(both), ...ACTIVE), 'buyer approve');
    expect(stages(one)).toBe('releasing in_progress waiting');
    expect(outcome(ask(one, 'buyer', 'approve', of('mil_2')))).toBe(
      'approved, delivery_accepted, released, started',
    );
  });

  test('starts when what it waits for is accepted, also when it is not released yet', () => {
    const draft = escrowOf({ ...chain({}, {}), ...manual });
    const step = ask(play(draft, ...ACTIVE), 'buyer', 'approve');
    expect(outcome(step)).toBe('approved, delivery_accepted, started');
  });

  test('starts after a ruling that gives the recipients something, however little', () => {
    const disputed = play(three, 'platform dispute');
    const rule = (recipients: number) =>
      ask(disputed, 'platform', 'resolve', {
        split: { recipients, payers: 10_000 - recipients },
      });
    expect(outcome(rule(1))).toBe('ruled, started');
    expect(outcome(rule(0))).toBe('ruled, refunded, refunded, closed');
  });

  test('shows as accepted_funded, and the escrow as in progress while there is one', () => {
    const draft = escrowOf({ ...chain({}, {}, {}), ...manual });
    expect(codes(three)).toBe('ip af af');
    const delivered = play(play(draft, ...ACTIVE), 'seller mark_done');
    expect([codes(delivered), code(delivered)]).toEqual(['d af af', 'ip']);
  });

  test('is not delivered, approved or disputed; only its only recipient may give it up', () => {
    for (const [name, command] of [
      ['seller', 'mark_done'],
      ['buyer', 'approve'],
      ['buyer', 'dispute'],
    ] as const) {
      expect(outcome(ask(three, name, command, of('mil_2')))).toBe('! wrong_status');
    }
    expect(outcome(ask(three, 'buyer', 'cancel', of('mil_2')))).toBe('! not_allowed');
    expect(outcome(ask(three, 'seller', 'cancel', of('mil_2')))).toBe('refunded, refunded');
  });

  test('holds up complete', () => {
    const accepted = play(
      play(escrowOf({ ...chain({}, {}), ...manual }), ...ACTIVE),
      'buyer approve',
    );
    const step = ask(accepted, 'buyer', 'complete');
    expect(step).toMatchObject({ refusal: { detail: 'not accepted yet: mil_2' } });
  });

  test('that starts on hold begins with its clock stopped', () => {
    const held = play(play(three, 'platform dispute'), 'platform hold');
    expect(deadlinesOf(held).map(({ name }) => name)).toEqual(['hold_review']);
  });
});

describe('the due date of what waited', () => {
  const startedAt = (at: Instant): Escrow => act(three, 'buyer', 'approve', {}, at);

  test('is the agreed one when what came before was in time', () => {
    expect(due(startedAt(inDays(10)), 'mil_2')).toBe(inDays(20));
    expect(due(startedAt(inDays(1)), 'mil_2')).toBe(inDays(20));
  });

  test('moves by the delay of what came last before it', () => {
    const late = startedAt(plus(inDays(13), hours(5)));
    expect(due(late, 'mil_2')).toBe(plus(inDays(23), hours(5)));
    expect(milestone(late, 'mil_2').due_at).toBe(plus(inDays(23), hours(5)));
    expect(deadlinesOf(late).find(({ name }) => name === 'delivery')?.rule).toBe(
      'due date, moved by the delay before it',
    );
  });

  test('moves all along the chain while nobody catches up', () => {
    const late = startedAt(inDays(13));
    const onTime = act(late, 'buyer', 'approve', of('mil_2'), inDays(23));
    expect(due(onTime, 'mil_3')).toBe(inDays(33));
    const caughtUp = act(late, 'buyer', 'approve', of('mil_2'), inDays(20));
    expect(due(caughtUp, 'mil_3')).toBe(inDays(30));
  });

  test('does not move by the delay of one that was late but not last', () => {
    const draft = {
      milestones: [
        part(1, { due_at: inDays(2) }),
        part(2, { due_at: inDays(20) }),
        part(3, { after: [0, 1], due_at: inDays(30) }),
      ],
    };
    const first = act(play(escrowOf(draft), ...ACTIVE), 'buyer', 'approve', {}, inDays(9));
    const second = act(first, 'buyer', 'approve', of('mil_2'), inDays(21));
    expect(due(second, 'mil_3')).toBe(inDays(31));
  });

  test('is at least a day away', () => {
    const draft = chain({}, { due_at: inDays(10) });
    const started = act(play(escrowOf(draft), ...ACTIVE), 'buyer', 'approve', {}, inDays(10));
    expect(due(started, 'mil_2')).toBe(inDays(11));
  });
});

describe('a milestone that ends with nothing for its recipients', () => {
  test('takes along what waits for it, and theirs in turn, in the same step', () => {
    const step = ask(three, 'seller', 'cancel', of('mil_1'));
    expect(outcome(step)).toBe('refunded, refunded, refunded, closed');
    const [own, next, last] = eventsOf(step);
    expect([own, next, last]).toMatchObject([
      { milestone: 'mil_1', reason: 'because' },
      { milestone: 'mil_2', reason: 'mil_1, which it waits for, came to nothing' },
      { milestone: 'mil_3', reason: 'mil_2, which it waits for, came to nothing' },
    ]);
    const ended = act(three, 'seller', 'cancel', of('mil_1'));
    expect([stages(ended), code(ended)]).toEqual(['refunded refunded refunded', 'cr']);
    expect(ended.contributions).toEqual([{ account: 'acc_buyer', amount: 60_000, left: 0 }]);
  });

  test('also by the clock, when it is overdue', () => {
    const { escrow } = waitFor(three, 'delivery');
    expect(waitFor(escrow, 'overdue').events.map(({ type }) => type)).toEqual([
      'refunded',
      'refunded',
      'refunded',
      'closed',
    ]);
    const overdue = deadlinesOf(escrow).find(({ name }) => name === 'overdue');
    expect(overdue && WAITS.overdue.moves(escrow, overdue.subject)).toBe(60_000);
  });

  test('leaves the others alone', () => {
    const draft = { milestones: [part(1), part(2), part(3, { after: [0] })] };
    const ended = act(play(escrowOf(draft), ...ACTIVE), 'seller', 'cancel', of('mil_1'));
    expect(stages(ended)).toBe('refunded in_progress refunded');
  });

  test('takes along what waits for something else as well, done or not', () => {
    const draft = { milestones: [part(1), part(2), part(3, { after: [0, 1] })] };
    const started = play(escrowOf(draft), ...ACTIVE);
    const ended = act(play(started, 'buyer approve'), 'seller', 'cancel', of('mil_2'));
    expect(stages(ended)).toBe('releasing refunded refunded');
  });

  test('does not stop what has started', () => {
    const accepted = play(
      play(escrowOf({ ...chain({}, {}), ...manual }), ...ACTIVE),
      'buyer approve',
    );
    expect(stages(act(accepted, 'seller', 'cancel', of('mil_1')))).toBe('refunded in_progress');
  });

  test('is not given up by its only recipient when another is to be paid for what waits', () => {
    const helper = party('helper', 'seller');
    const draft = escrowOf({
      parties: [...EVERYBODY, helper],
      milestones: [
        part(1, { recipients: [{ party: 'pty_seller', remainder: true }] }),
        part(2, { after: [0], recipients: [{ party: 'pty_helper', remainder: true }] }),
      ],
    });
    const started = play(draft, ...AGREED, 'helper accept', 'buyer fund');
    expect(outcome(ask(started, 'seller', 'cancel', of('mil_1')))).toBe('! not_allowed');
    expect(outcome(ask(started, 'helper', 'cancel', of('mil_2')))).toBe('refunded');
  });
});

test('retention is a last milestone after the others with a late due date', () => {
  const draft = {
    milestones: [
      part(1, { due_at: inDays(10) }),
      part(2, { due_at: inDays(20) }),
      part(3, { title: 'Retention', after: [0, 1], due_at: inDays(365), inspection_period: 30 }),
    ],
  };
  const built = act(
    act(play(escrowOf(draft), ...ACTIVE), 'buyer', 'approve', {}, inDays(9)),
    'buyer',
    'approve',
    of('mil_2'),
    inDays(20),
  );
  expect([stages(built), code(built)]).toEqual(['releasing releasing in_progress', 'ip']);
  expect(due(built, 'mil_3')).toBe(inDays(365));
  const paid = waitFor(act(built, 'seller', 'mark_done', of('mil_3'), inDays(360)), 'inspection');
  expect([paid.at, code(paid.escrow)]).toEqual([inDays(390), 'cdp']);
});
