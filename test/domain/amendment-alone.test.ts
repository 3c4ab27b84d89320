/**
 * Owns what an amendment does to prices where each milestone is funded alone, and that what it
 * gives back goes to where it came from. Source: `escrow.md`, sections 1, 7 and 8.
 * Must not know amendments where all is funded together (`amendment.test.ts`).
 */
import { journalFor } from '../../domain/bookkeeping';
import { days, plus } from '../../domain/calendar';
import { deadlinesOf } from '../../domain/deadlines';
import type { Draft } from '../../domain/draft';
import { shortfallOf } from '../../domain/due';
import { effectsOf } from '../../domain/effects';
import type { Escrow } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import { toMinor } from '../../domain/money';
import { amended, FEES, HASH_2, priced } from './amendments';
import { linesOf } from './books';
import {
  AGREED,
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

const agreed = (changes: Partial<Draft> = {}): Escrow =>
  play(
    escrowOf({
      milestones: [part(1), part(2), part(3)],
      ...changes,
      funding: { mode: 'per_milestone', ...changes.funding },
    }),
    ...AGREED,
  );
const fund = (escrow: Escrow, n: number, amount?: number): Escrow =>
  act(escrow, 'buyer', 'fund', {
    milestone: `mil_${n}`,
    amount: amount ?? shortfallOf(escrow, `mil_${n}`),
  });
const missing = (escrow: Escrow): readonly number[] =>
  escrow.milestones.map(({ id }) => shortfallOf(escrow, id));
const at = (escrow: Escrow): number => escrow.version + 1;

describe('a higher price of a milestone that is funded', () => {
  const started = fund(agreed(FEES), 1);
  const { now, events } = amended(started, priced(12_000));

  test('waits for the difference with its fees, due for that milestone alone', () => {
    expect(events.map(({ type }) => type)).toEqual(['proposal_accepted']);
    expect(now.proposals).toMatchObject([
      { stage: 'waiting', more: 2_060, parts: [{ milestone: 'mil_1', amount: 2_060 }], paid: [] },
    ]);
    expect(missing(now)).toEqual([2_060, 20_600, 30_900]);
    expect(milestone(now).price).toBe(10_000);
  });

  test('takes effect in the step in which it is funded, with its journal', () => {
    const some = fund(now, 1, 60);
    expect(missing(some)).toEqual([2_000, 20_600, 30_900]);
    const last = eventsOf(ask(some, 'buyer', 'fund', { milestone: 'mil_1', amount: 2_000 }));
    expect(last.map(({ type }) => type)).toEqual(['funded', 'terms_amended']);
    const after = evolveAll(some, last);
    expect(linesOf(journalFor(some, at(some), the(last, 'terms_amended')))).toBe(
      'D unallocated 2060, C ms:1 2000, C fee 60',
    );
    expect(after).toMatchObject({ terms_hash: HASH_2, unallocated: 0, fee_held: 360 });
    expect(milestone(after)).toMatchObject({ price: 12_000, held: 12_000, unallocated: 0 });
    expect(missing(after)).toEqual([0, 20_600, 30_900]);
  });

  test('another milestone is funded meanwhile, and counts for itself', () => {
    const other = fund(now, 2);
    expect(other.proposals).toMatchObject([{ stage: 'waiting', paid: [] }]);
    expect(milestone(other, 'mil_2').stage).toBe('in_progress');
    expect(missing(other)).toEqual([2_060, 0, 30_900]);
  });

  test('takes no more than is missing, and only for the milestone that it names', () => {
    const asked = (body: object) => outcome(ask(now, 'buyer', 'fund', { ...body }));
    expect(asked({ milestone: 'mil_1', amount: 2_061 })).toBe('! limit_reached');
    expect(asked({ milestone: undefined, amount: 5 })).toBe('! malformed');
  });

  test('lapses after a week: what was put in goes back to whom it was, the old terms stay', () => {
    const { escrow, events: last } = waitFor(fund(now, 1, 60), 'amendment_funding');
    expect(last.map(({ type }) => type)).toEqual(['contributions_returned', 'proposal_lapsed']);
    expect(the(last, 'contributions_returned').payers).toEqual([
      { account: 'acc_buyer', amount: 60, milestone: 'mil_1' },
    ]);
    expect(milestone(escrow)).toMatchObject({
      price: 10_000,
      unallocated: 0,
      stage: 'in_progress',
    });
    expect(escrow.contributions).toMatchObject([{ amount: 10_360, left: 10_300 }]);
  });

  test('its money goes back to whom it was, also when the milestone is refunded meanwhile', () => {
    const paid = act(agreed({ funding: { by: [{ account_id: 'acc_payer' }] } }), 'buyer', 'fund', {
      milestone: 'mil_1',
      amount: 10_000,
    });
    const waiting = amended(paid, priced(11_000)).now;
    const some = act(waiting, 'payer', 'fund', { milestone: 'mil_1', amount: 900 });
    const last = eventsOf(ask(some, 'seller', 'cancel', { milestone: 'mil_1' }));
    expect(last.map(({ type }) => type)).toEqual([
      'refunded',
      'contributions_returned',
      'proposal_lapsed',
    ]);
    expect(the(last, 'refunded').payers).toEqual([{ account: 'acc_buyer', amount: 10_000 }]);
    expect(evolveAll(some, last).contributions).toMatchObject([{ left: 0 }, { left: 0 }]);
  });

  test('also when all is cancelled before anything has started', () => {
    const waits = agreed({ milestones: [part(1), part(2, { after: [0] })] });
    const some = fund(amended(fund(waits, 2), priced(21_000, 'mil_2')).now, 2, 400);
    expect(some.agreement.stage).toBe('agreed');
    const last = eventsOf(ask(some, 'buyer', 'cancel'));
    expect(last.map(({ type }) => type).slice(-3)).toEqual([
      'contributions_returned',
      'proposal_lapsed',
      'closed',
    ]);
    expect(evolveAll(some, last).unallocated).toBe(0);
  });
});

describe('a price of a milestone that is not funded yet', () => {
  const started = fund(agreed(), 1);

  test.each([
    [25_000, 25_000],
    [15_000, 15_000],
  ])('takes effect at once: %d are due', (amount, due) => {
    const { now, events } = amended(started, priced(amount, 'mil_2'));
    expect(events.map(({ type }) => type)).toEqual(['proposal_accepted', 'terms_amended']);
    expect(journalFor(now, 9, the(events, 'terms_amended'))).toBeNull();
    expect(missing(now)).toEqual([0, due, 30_000]);
    expect(outcome(ask(now, 'buyer', 'fund', { milestone: 'mil_2', amount: due }))).toBe(
      'funded, due_completed, started',
    );
  });

  test('what has come in for it is not due again; more than that goes back, and it starts', () => {
    const some = fund(started, 2, 8_000);
    expect(missing(amended(some, priced(25_000, 'mil_2')).now)).toEqual([0, 17_000, 30_000]);
    const { now, before, events } = amended(some, priced(5_000, 'mil_2'));
    expect(events.map(({ type }) => type)).toEqual([
      'proposal_accepted',
      'terms_amended',
      'due_completed',
      'started',
    ]);
    expect(linesOf(journalFor(before, 9, the(events, 'terms_amended')))).toBe(
      'D unallocated 3000, C wallet:buyer 3000',
    );
    expect(milestone(now, 'mil_2')).toMatchObject({ held: 5_000, unallocated: 0 });
    expect(milestone(now, 'mil_1').held).toBe(10_000);
  });

  test('with a later due date it is funded later', () => {
    const due_at = plus(AT, days(50));
    const { now } = amended(started, { milestones: [{ milestone: 'mil_2', due_at }] });
    const [, wait] = deadlinesOf(now).filter(({ name }) => name === 'milestone_funding');
    expect(wait).toMatchObject({ subject: { milestone: 'mil_2' }, at: plus(AT, days(43)) });
  });
});

describe('a lower price of a milestone that is funded', () => {
  test('gives the difference with its fees to those who have funded it', () => {
    const two = fund(
      fund(agreed({ ...FEES, funding: { by: [{ account_id: 'acc_payer' }] } }), 1),
      3,
    );
    const { now, before, events } = amended(two, priced(9_000));
    expect(linesOf(journalFor(before, at(before), the(events, 'terms_amended')))).toBe(
      'D ms:1 1000, D fee 30, C wallet:buyer 1030',
    );
    expect(now.contributions).toMatchObject([
      { milestone: 'mil_1', left: 9_270 },
      { milestone: 'mil_3', left: 30_900 },
    ]);
    expect(missing(now)).toEqual([0, 20_600, 0]);
  });

  test('pays for no other milestone: up is funded before it takes effect', () => {
    const two = fund(fund(agreed(), 1), 2);
    const change = {
      milestones: [
        { milestone: 'mil_1', amount: 9_000 },
        { milestone: 'mil_2', amount: 21_000 },
      ],
    };
    const { now } = amended(two, change);
    expect(missing(now)).toEqual([0, 1_000, 30_000]);
    const last = eventsOf(ask(now, 'buyer', 'fund', { milestone: 'mil_2', amount: 1_000 }));
    expect(linesOf(journalFor(now, at(now), the(last, 'terms_amended')))).toBe(
      'D unallocated 1000, D ms:1 1000, C ms:2 1000, C wallet:buyer 1000',
    );
  });

  test('what the platform had added within the tolerance goes back to it, not to payers', () => {
    const short = fund(agreed({ funding: { tolerance: toMinor(7) } }), 1, 9_993);
    expect(short.rounding).toBe(7);
    const { now, before, events } = amended(short, { remove: ['mil_1'] });
    expect(linesOf(journalFor(before, at(before), the(events, 'terms_amended')))).toBe(
      'D ms:1 10000, C wallet:buyer 9993, C exp:rounding 7',
    );
    expect([now.rounding, now.contributions[0]?.left]).toEqual([0, 0]);
  });
});

describe('milestones', () => {
  const one = fund(agreed(), 1);

  test('that are added are due for themselves, with a deadline of their own', () => {
    const due_at = plus(AT, days(50));
    const add = [{ id: 'mil_4', title: 'More', amount: 4_000, due_at }];
    const { now } = amended(one, { add });
    expect(missing(now)).toEqual([0, 20_000, 30_000, 4_000]);
    expect(milestone(now, 'mil_4')).toMatchObject({ stage: 'waiting', held: 0, number: 4 });
    expect(deadlinesOf(now).find(({ subject }) => subject.milestone === 'mil_4')).toMatchObject({
      name: 'milestone_funding',
      at: plus(AT, days(43)),
    });
    expect(outcome(ask(now, 'buyer', 'fund', { milestone: 'mil_4', amount: 4_000 }))).toBe(
      'funded, due_completed, started',
    );
  });

  test.each([
    ['funded', 'mil_1', 'D ms:1 10000, C wallet:buyer 10000'],
    ['funded in part', 'mil_2', 'D unallocated 300, C wallet:buyer 300'],
  ])('that are taken away and were %s give that back', (_how, id, lines) => {
    const { now, before, events } = amended(fund(one, 2, 300), { remove: [id] });
    expect(linesOf(journalFor(before, at(before), the(events, 'terms_amended')))).toBe(lines);
    expect(milestone(now, id as 'mil_1')).toMatchObject({ stage: 'cancelled', unallocated: 0 });
  });
});

describe('with refund_to: source', () => {
  const paid = (escrow: Escrow, payment: string, body: object): Escrow =>
    act(escrow, 'provider', 'fund', { payment, payer: 'acc_buyer', ...body });

  test('the difference goes back through the payments for that milestone, newest first', () => {
    const draft = agreed({ refund_to: 'source' });
    const first = paid(draft, 'pay_1', { milestone: 'mil_1', amount: 9_600 });
    const two = paid(paid(first, 'pay_2', { milestone: 'mil_1', amount: 400 }), 'pay_3', {
      milestone: 'mil_2',
      amount: 20_000,
    });
    const { now, events } = amended(two, priced(9_000));
    const change = the(events, 'terms_amended');
    expect(change.sources).toMatchObject([
      { payment: 'pay_2', account: 'acc_buyer', amount: 400, milestone: 'mil_1' },
      { payment: 'pay_1', account: 'acc_buyer', amount: 600, milestone: 'mil_1' },
    ]);
    expect(effectsOf(now, change)).toMatchObject([
      { type: 'send_back', how: 'begin', payment: 'pay_2', amount: 400 },
      { type: 'send_back', how: 'begin', payment: 'pay_1', amount: 600 },
    ]);
    expect(now.refunds).toMatchObject([{ state: 'pending' }, { state: 'pending' }]);
    expect(now.sources.map(({ left }) => left)).toEqual([9_000, 0, 20_000]);
  });

  test('also where all is funded together; what came out of a wallet stays in it', () => {
    const draft = play(escrowOf({ refund_to: 'source' }), ...AGREED);
    const part1 = act(draft, 'buyer', 'fund', { amount: 29_000 });
    const active = paid(part1, 'pay_1', { amount: 1_000 });
    const { events } = amended(active, priced(7_000));
    const { payers, sources } = the(events, 'terms_amended');
    expect(payers).toEqual([{ account: 'acc_buyer', amount: 3_000 }]);
    expect(sources).toMatchObject([{ payment: 'pay_1', amount: 1_000, milestone: 'mil_1' }]);
  });
});
