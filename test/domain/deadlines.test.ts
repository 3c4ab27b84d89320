/**
 * Owns how long every wait is, in which order deadlines fire, and when they remind.
 * Must not know what happens when they pass (`defaults.test.ts`).
 * The table is that of `escrow.md`, section 6.
 */
import { days, hours, type Instant, plus } from '../../domain/calendar';
import { deadlinesOf, nextAlarm } from '../../domain/deadlines';
import type { Draft } from '../../domain/draft';
import { DEADLINE_NAMES, type Escrow } from '../../domain/escrow';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  BUYER,
  escrowOf,
  instant,
  part,
  party,
  play,
  playAt,
  SELLER,
  SENT,
  tick,
  waitFor,
} from './sample';

const endOf = (escrow: Escrow, name: string): Instant | undefined =>
  deadlinesOf(escrow).find((deadline) => deadline.name === name)?.at;
const namesOf = (escrow: Escrow) => deadlinesOf(escrow).map(({ name }) => name);
const inDays = (count: number): Instant => plus(AT, days(count));
const manual = { release: { mode: 'manual' } } as const;
const DELIVERED = [...ACTIVE, 'seller mark_done'];

/** name, since when, terms, acts that begin it (at AT, due date AT + 30 days), days to its end */
const LENGTHS: readonly (readonly [string, string, Partial<Draft>, readonly string[], number])[] = [
  ['acceptance', 'from sending', {}, SENT, 7],
  ['funding', 'from agreement until the due date', {}, AGREED, 30],
  ['funding', 'under any from sending', { funding: { order: 'any' } }, SENT, 30],
  ['funding', 'under fund_first from sending', { funding: { order: 'fund_first' } }, SENT, 7],
  [
    'funding',
    'until the day that the terms name',
    { funding: { due_at: plus(AT, days(4)) } },
    AGREED,
    4,
  ],
  ['delivery', 'from the start until the due date', {}, ACTIVE, 30],
  ['inspection', 'from the delivery', {}, DELIVERED, 3],
  ['rework', 'from the rejection', {}, [...DELIVERED, 'buyer reject_delivery'], 7],
  ['release', 'from the acceptance', manual, [...DELIVERED, 'buyer approve'], 3],
  ['response', 'from the opening', {}, [...DELIVERED, 'buyer dispute'], 5],
  [
    'negotiation',
    'from the answer',
    {},
    [...DELIVERED, 'buyer dispute', 'seller answer_dispute'],
    14,
  ],
  ['ruling', 'of a dispute of the handler', {}, [...DELIVERED, 'platform dispute'], 30],
  [
    'payout',
    'from its failure',
    {},
    [...DELIVERED, 'buyer approve', 'provider fail_disbursement'],
    30,
  ],
  [
    'reserve',
    'from the release',
    { release: { reserve_bps: 1 } },
    [...DELIVERED, 'buyer approve', 'provider settle_disbursement'],
    90,
  ],
  ['hold_review', 'from the hold', {}, [...ACTIVE, 'platform hold'], 14],
];

test.each(LENGTHS)('%s, %s: it ends after its length', (name, _, terms, acts, count) => {
  expect(endOf(play(escrowOf(terms), ...acts), name)).toBe(inDays(count));
});

test('overdue ends 14 days after the due date', () => {
  const { escrow } = waitFor(play(escrowOf(), ...ACTIVE), 'delivery');
  expect(endOf(escrow, 'overdue')).toBe(inDays(44));
});

test('a dispute of the handler waits for the ruling, an escalated one as well', () => {
  const escalated = ['buyer dispute', 'seller answer_dispute', 'seller escalate'];
  expect(endOf(play(escrowOf(), ...DELIVERED, ...escalated), 'ruling')).toBe(inDays(30));
});

test('the terms may set every period', () => {
  const deadlines = { acceptance: 'P2D', rework: 'P1D', response: 'PT5H' };
  const escrow = escrowOf({ deadlines, milestones: [part(1, { inspection_period: 10 })] });
  expect(endOf(play(escrow, ...SENT), 'acceptance')).toBe(inDays(2));
  expect(endOf(play(escrow, ...DELIVERED), 'inspection')).toBe(inDays(10));
  expect(endOf(play(escrow, ...DELIVERED, 'buyer reject_delivery'), 'rework')).toBe(inDays(1));
  expect(endOf(play(escrow, ...DELIVERED, 'buyer dispute'), 'response')).toBe(plus(AT, hours(5)));
});

describe('acceptance ends', () => {
  const near = { milestones: [part(1, { due_at: inDays(5) })] };

  test('at the latest with the funding deadline', () => {
    expect(endOf(play(escrowOf(near), ...SENT), 'acceptance')).toBe(inDays(5));
    const funding = { order: 'any', due_at: inDays(3) } as const;
    expect(endOf(play(escrowOf({ ...near, funding }), ...SENT), 'acceptance')).toBe(inDays(3));
  });

  test('under fund_first 7 days after full funding, at the latest on the earliest due date', () => {
    const draft = escrowOf({ funding: { order: 'fund_first' } });
    const sent = play(draft, ...SENT, 'buyer accept');
    expect(namesOf(sent)).toEqual(['funding']);
    const funded = act(sent, 'buyer', 'fund', {}, inDays(6));
    expect(namesOf(funded)).toEqual(['acceptance']);
    expect(endOf(funded, 'acceptance')).toBe(inDays(13));
    const soon = escrowOf({ ...near, funding: { order: 'fund_first' } });
    const paid = act(play(soon, ...SENT, 'buyer accept'), 'buyer', 'fund', {}, inDays(2));
    expect(endOf(paid, 'acceptance')).toBe(inDays(5));
  });
});

describe('funding', () => {
  test('under fund_first ends at the latest on the earliest due date', () => {
    const milestones = [part(1), part(2, { due_at: inDays(5) })];
    const draft = escrowOf({ milestones, funding: { order: 'fund_first' } });
    expect(endOf(play(draft, ...SENT), 'funding')).toBe(inDays(5));
  });

  test('under any goes on when all have accepted, and stops with the last of the money', () => {
    const agreed = playAt(inDays(2), escrowOf({ funding: { order: 'any' } }), AGREED);
    expect(namesOf(agreed)).toEqual(['funding']);
    expect(endOf(agreed, 'funding')).toBe(inDays(30));
    expect(namesOf(play(agreed, 'buyer fund'))).toEqual(['delivery', 'delivery']);
  });

  test('under any both waits run, and full funding leaves the acceptance alone', () => {
    const sent = play(escrowOf({ funding: { order: 'any' } }), ...SENT);
    expect(namesOf(sent)).toEqual(['acceptance', 'funding']);
    expect(namesOf(play(sent, 'buyer accept', 'buyer fund'))).toEqual(['acceptance']);
  });
});

test('a milestone has at least a day to deliver', () => {
  const milestones = [part(1, { due_at: plus(AT, hours(30)) })];
  const agreed = play(escrowOf({ milestones }), ...AGREED);
  const started = act(agreed, 'buyer', 'fund', {}, plus(AT, hours(20)));
  expect(endOf(started, 'delivery')).toBe(plus(AT, hours(44)));
});

test('days are those of the zone: the same local time, also over a change of clocks', () => {
  const zone = { time_zone: 'Europe/Berlin' };
  const before = instant('2026-03-28T09:00:00Z'); // 10:00 in Berlin, winter
  const milestones = [part(1, { due_at: instant('2026-05-01T00:00:00Z') })];
  const draft = escrowOf({ ...zone, milestones });
  const done = playAt(before, draft, DELIVERED);
  expect(endOf(done, 'inspection')).toBe('2026-03-31T08:00:00.000Z'); // 10:00, summer
});

test('a deadline says which rule it came from', () => {
  const [acceptance] = deadlinesOf(play(escrowOf(), ...SENT));
  expect(acceptance).toMatchObject({ rule: 'deadlines.acceptance P7D', subject: {} });
  const [inspection] = deadlinesOf(play(escrowOf(), ...DELIVERED));
  expect(inspection).toMatchObject({
    rule: 'inspection_period P3D',
    subject: { milestone: 'mil_1' },
    key: 'inspection_1',
  });
});

test('reminders come at 50 and 90 percent, then the deadline itself', () => {
  const shares: (readonly [Instant, number])[] = [];
  let now = play(escrowOf(), ...SENT);
  for (let n = 0; n < 3; n += 1) {
    const { alarm, escrow } = tick(now);
    shares.push([alarm.at, alarm.share]);
    now = escrow;
  }
  expect(shares).toEqual([
    [plus(AT, days(3.5)), 50],
    [plus(AT, days(6.3)), 90],
    [inDays(7), 100],
  ]);
});

test('a reminder changes nothing but that it has been given', () => {
  const sent = play(escrowOf(), ...SENT);
  const { escrow, decision } = tick(sent);
  expect(decision).toMatchObject({ ok: true, events: [{ type: 'reminded', share: 50 }] });
  expect({ ...escrow, version: sent.version, agreement: sent.agreement }).toEqual(sent);
  expect(endOf(escrow, 'acceptance')).toBe(endOf(sent, 'acceptance'));
});

test('each of several payouts has a deadline of its own name', () => {
  const helper = party('helper', 'seller');
  const draft = escrowOf({ milestones: [part(1)], parties: [BUYER, SELLER, helper] });
  const acts = ['platform send', 'buyer accept', 'seller accept', 'helper accept', 'buyer fund'];
  const both = play(draft, ...acts, 'buyer approve');
  const failed = both.milestones
    .flatMap((each) => each.disbursements)
    .reduce((now, { id }) => act(now, 'provider', 'fail_disbursement', { disbursement: id }), both);
  expect(deadlinesOf(failed).map(({ key }) => key)).toEqual(['payout_1_1', 'payout_1_2']);
});

describe('at one instant deadlines fire', () => {
  test('in the order of the table, which is', () => {
    const before = ['funding', 'milestone_funding', 'acceptance'];
    const work = ['delivery', 'overdue', 'inspection', 'rework'];
    const disputed = ['release', 'response', 'negotiation', 'ruling'];
    const after = [
      'proposal',
      'amendment_funding',
      'payout',
      'reserve',
      'hold_review',
      'return_window',
    ];
    expect(DEADLINE_NAMES).toEqual([...before, ...work, ...disputed, ...after]);
  });

  test('then by milestone', () => {
    const escrow = play(escrowOf(), ...ACTIVE);
    expect(deadlinesOf(escrow).map(({ key }) => key)).toEqual(['delivery_1', 'delivery_2']);
    const funding = { order: 'any', due_at: inDays(7) } as const;
    expect(namesOf(play(escrowOf({ funding }), ...SENT))).toEqual(['funding', 'acceptance']);
  });

  test('soonest first in any case', () => {
    const milestones = [part(1), part(2, { due_at: inDays(20) })];
    const escrow = play(escrowOf({ milestones }), ...ACTIVE);
    expect(deadlinesOf(escrow).map(({ key }) => key)).toEqual(['delivery_2', 'delivery_1']);
    expect(nextAlarm(escrow)).toMatchObject({ at: inDays(10), share: 50 });
  });
});

describe('the return window', () => {
  const one = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE, 'buyer approve');
  const settle = (escrow: Escrow, disbursement: string | undefined) =>
    act(escrow, 'provider', 'settle_disbursement', {
      disbursement,
      returnable_until: inDays(60),
    });
  const first = one.milestones[0]?.disbursements[0]?.id;

  test('is open after closing, once a payout has settled, until its provider says', () => {
    expect(namesOf(one)).toEqual([]);
    expect(deadlinesOf(settle(one, first))).toMatchObject([
      { name: 'return_window', at: inDays(60), remind_at: [] },
    ]);
  });

  test('ends no escrow that has still something to do', () => {
    const draft = escrowOf({
      milestones: [
        part(1, {
          recipients: [
            { party: 1, share_bps: 5_000 },
            { party: 2, remainder: true },
          ],
        }),
      ],
    });
    const both = play(draft, ...ACTIVE, 'buyer approve');
    const [a, b] = both.milestones[0]?.disbursements ?? [];
    const half = settle(both, a?.id);
    expect(namesOf(half)).toEqual([]);
    const failed = act(half, 'provider', 'fail_disbursement', { disbursement: b?.id }, inDays(50));
    expect(namesOf(failed)).toEqual(['payout']);
    expect(namesOf(play(half, 'platform hold'))).toEqual(['hold_review']);
    expect(namesOf(settle(half, b?.id))).toEqual(['return_window']);
  });
});
