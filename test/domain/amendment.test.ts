/**
 * Owns what an amendment does to milestones and to the money, up, down and sideways; when it takes
 * effect. Expectations: `escrow.md`, section 7; `ledger.md`, section 9 (11).
 * Must not know who may propose one (`negotiation.test.ts`), nor fees (`amendment-terms.test.ts`).
 */
import { dueNow } from '../../domain/amending';
import { journalFor } from '../../domain/bookkeeping';
import { days, plus } from '../../domain/calendar';
import { shortfallOf } from '../../domain/due';
import type { Escrow } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import { amended, asked, FEES, HASH_2, priced, propose } from './amendments';
import { linesOf } from './books';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  escrowOf,
  eventsOf,
  outcome,
  play,
  the,
  waitFor,
} from './sample';

describe('an amendment up', () => {
  const first = play(escrowOf(FEES), ...ACTIVE);
  const { now, events } = amended(first, priced(12_000));

  test('waits for the difference with its fees; until then the old terms stand', () => {
    expect(events.map(({ type }) => type)).toEqual(['proposal_accepted']);
    expect(now.proposals).toMatchObject([{ stage: 'waiting', more: 2_060, paid: [] }]);
    expect([shortfallOf(now), dueNow(now), now.due]).toEqual([2_060, 32_960, 30_900]);
    expect([now.terms_hash, now.terms.amount]).toEqual([first.terms_hash, 30_000]);
  });

  test('takes effect in the step in which the difference is funded, with both journals', () => {
    const part1 = act(now, 'buyer', 'fund', { amount: 60 });
    expect(shortfallOf(part1)).toBe(2_000);
    const last = eventsOf(ask(part1, 'buyer', 'fund'));
    expect(last.map(({ type }) => type)).toEqual(['funded', 'terms_amended']);
    const after = evolveAll(part1, last);
    expect(linesOf(journalFor(part1, 9, the(last, 'terms_amended')))).toBe(
      'D unallocated 2060, C ms:1 2000, C fee 60',
    );
    expect(after).toMatchObject({
      terms_hash: HASH_2,
      due: 32_960,
      unallocated: 0,
      fee_held: 960,
      terms: { amount: 32_000 },
      milestones: [
        { price: 12_000, held: 12_000 },
        { price: 20_000, held: 20_000 },
      ],
      proposals: [{ stage: 'accepted' }],
    });
    expect(after.milestones[0]?.recipients).toMatchObject([{ net: 11_880, paid: 0 }]);
    expect(outcome(ask(after, 'buyer', 'approve'))).toBe('approved, delivery_accepted, released');
  });

  test('takes no more than is missing, and from nobody else', () => {
    expect(outcome(ask(now, 'buyer', 'fund', { amount: 2_061 }))).toBe('! limit_reached');
    expect(outcome(ask(now, 'seller', 'fund', { amount: 1 }))).toBe('! not_allowed');
    const paid = { payment: 'pay_9', payer: 'acc_buyer', amount: 5_000 };
    const events = eventsOf(ask(now, 'provider', 'fund', paid));
    expect(the(events, 'funded').amount).toBe(2_060);
  });

  test('lapses after a week: contributions go back, the old terms stay', () => {
    const some = act(now, 'buyer', 'fund', { amount: 60 });
    const { at, escrow, events: last } = waitFor(some, 'amendment_funding');
    expect(at).toBe(plus(AT, days(7)));
    expect(last.map(({ type }) => type)).toEqual(['contributions_returned', 'proposal_lapsed']);
    expect(linesOf(journalFor(some, 9, the(last, 'contributions_returned')))).toBe(
      'D unallocated 60, C wallet:buyer 60',
    );
    expect([escrow.terms_hash, escrow.unallocated, shortfallOf(escrow)]).toEqual([
      first.terms_hash,
      0,
      0,
    ]);
  });

  test('lapses with its money back when its milestone is delivered meanwhile', () => {
    const some = act(now, 'buyer', 'fund', { amount: 60 });
    expect(outcome(ask(some, 'seller', 'mark_done'))).toBe(
      'delivered, contributions_returned, proposal_lapsed',
    );
  });

  test('nobody proposes another while it waits', () => {
    expect(outcome(ask(now, 'buyer', 'propose', asked({ title: 'x' })))).toBe('! limit_reached');
  });
});

describe('an amendment down', () => {
  test('gives the difference back in one step with its journal', () => {
    const { now, before, events } = amended(play(escrowOf(FEES), ...ACTIVE), priced(9_000));
    expect(events.map(({ type }) => type)).toEqual(['proposal_accepted', 'terms_amended']);
    expect(linesOf(journalFor(before, 9, the(events, 'terms_amended')))).toBe(
      'D ms:1 1000, D fee 30, C wallet:buyer 1030',
    );
    expect(now).toMatchObject({ due: 29_870, contributions: [{ amount: 30_900, left: 29_870 }] });
  });

  test('and sideways moves it from one milestone to the other, nothing else', () => {
    const change = {
      milestones: [
        { milestone: 'mil_1', amount: 9_000 },
        { milestone: 'mil_2', amount: 21_000 },
      ],
    };
    const { before, events } = amended(play(escrowOf(), ...ACTIVE), change);
    expect(linesOf(journalFor(before, 9, the(events, 'terms_amended')))).toBe(
      'D ms:1 1000, C ms:2 1000',
    );
  });
});

describe('before anything has started', () => {
  test('a higher price is due with the rest, and starts the work when it is paid', () => {
    const some = act(play(escrowOf(), ...AGREED), 'buyer', 'fund', { amount: 900 });
    const { now, events } = amended(some, priced(12_000));
    expect(events.map(({ type }) => type)).toEqual(['proposal_accepted', 'terms_amended']);
    expect([now.due, shortfallOf(now)]).toEqual([32_000, 31_100]);
    expect(outcome(ask(now, 'buyer', 'fund'))).toBe('funded, due_completed, started');
  });

  test('what is more than the lower price goes back, and the work starts', () => {
    const some = act(play(escrowOf(), ...AGREED), 'buyer', 'fund', { amount: 28_000 });
    const { now, before, events } = amended(some, priced(5_000));
    const change = the(events, 'terms_amended');
    expect(linesOf(journalFor(before, 9, change))).toBe('D unallocated 3000, C wallet:buyer 3000');
    expect(events.map(({ type }) => type).slice(2)).toEqual(['due_completed', 'started']);
    expect(now.milestones).toMatchObject([{ held: 5_000 }, { held: 20_000 }]);
  });
});

describe('milestones', () => {
  const on = play(escrowOf(), ...ACTIVE);
  const due_at = plus(AT, days(50));

  test('that are added get the next number and start; those taken away are closed', () => {
    const add = [{ id: 'mil_3', title: 'More', amount: 10_000, due_at }];
    const { now, events } = amended(on, { add, remove: ['mil_1'] });
    expect(events.map(({ type }) => type)).toEqual([
      'proposal_accepted',
      'terms_amended',
      'started',
    ]);
    expect(now.milestones).toMatchObject([
      { id: 'mil_1', number: 1, stage: 'cancelled', price: 0, held: 0 },
      { id: 'mil_2', number: 2, stage: 'in_progress' },
      { id: 'mil_3', number: 3, stage: 'in_progress', held: 10_000, due: { ends: due_at } },
    ]);
    expect(now.terms).toMatchObject({ amount: 30_000, type: 'milestone' });
  });

  test('a new due date runs anew and clears the mark of an overdue one', () => {
    const late = waitFor(on, 'delivery').escrow;
    const { now } = amended(late, { milestones: [{ milestone: 'mil_1', due_at }] });
    expect(now.milestones[0]).toMatchObject({ overdue: false, due: { ends: due_at } });
  });

  const delivered = play(on, 'seller mark_done');
  const manual = escrowOf({ release: { mode: 'manual' } });
  const accepted = play(manual, ...ACTIVE, 'buyer approve');
  /** escrow, change, what comes out */
  const ROWS: readonly (readonly [string, Escrow, object, string])[] = [
    ['delivered', delivered, priced(12_000), '! wrong_status'],
    ['delivered: the other one', delivered, priced(12_000, 'mil_2'), 'proposal_made'],
    ['delivered: the title of all', delivered, { title: 'x' }, 'proposal_made'],
    ['accepted', accepted, priced(12_000), '! wrong_status'],
    ['disputed', play(on, 'buyer dispute'), priced(12_000), '! in_dispute'],
    ['released', play(on, 'buyer approve'), priced(12_000), '! wrong_status'],
    ['unknown', on, priced(12_000, 'mil_9'), '! unknown_milestone'],
    ['the same', on, priced(10_000), '! already_done'],
    ['nothing', on, {}, '! already_done'],
    ['a past date', on, { milestones: [{ milestone: 'mil_1', due_at: AT }] }, '! conditions_unmet'],
    ['too long', on, { title: 'x'.repeat(201) }, '! malformed'],
    ['all away', on, { remove: ['mil_1', 'mil_2'] }, '! malformed'],
    ['named twice', on, { remove: ['mil_1', 'mil_1'] }, '! malformed'],
    [
      'shares that do not add up',
      on,
      { milestones: [{ milestone: 'mil_1', recipients: [{ party: 'pty_seller', amount: 1 }] }] },
      '! amount_mismatch',
    ],
  ];
  test.each(ROWS)('%s', (_, escrow, change, out) => {
    expect(outcome(propose(escrow, change))).toBe(out);
  });
});
