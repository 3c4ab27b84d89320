/**
 * Owns what an amendment does: to terms and their hash, to milestones, to fees, and to the money,
 * up, down and sideways; when it takes effect. Expectations: `escrow.md`, section 7; `ledger.md`,
 * sections 9 (11) and 10 (rule 8).
 * Must not know who may propose one (`negotiation.test.ts`).
 */
import fc from 'fast-check';
import { asDraft } from '../../domain/amended-terms';
import { dueNow } from '../../domain/amending';
import { journalFor } from '../../domain/bookkeeping';
import { days, plus } from '../../domain/calendar';
import { decide } from '../../domain/decide';
import type { Draft } from '../../domain/draft';
import { drafted } from '../../domain/drafting';
import { type Escrow, shortfallOf } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import { toMinor } from '../../domain/money';
import { readCommand } from '../../domain/reading';
import { linesOf } from './books';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  byOf,
  escrowOf,
  eventsOf,
  type Name,
  outcome,
  part,
  play,
  the,
  waitFor,
} from './sample';

const HASH_2 = 'b'.repeat(64);
const FEES: Partial<Draft> = {
  fees: [
    { kind: 'platform', rate_bps: 300, paid_by: { buyer: 10_000 } },
    { kind: 'broker_commission', rate_bps: 100, paid_by: { seller: 10_000 } },
  ],
};
const EVERYBODY: readonly Name[] = ['buyer', 'seller', 'broker'];

const asked = (change: object) => ({
  content: { kind: 'amendment', change, terms_hash: HASH_2 },
});
const priced = (amount: number, milestone = 'mil_1') => ({ milestones: [{ milestone, amount }] });
const propose = (escrow: Escrow, change: object) => ask(escrow, 'seller', 'propose', asked(change));

/** Proposed by the seller and accepted by whoever is asked; the last step's events beside it. */
function amended(escrow: Escrow, change: object) {
  let now = act(escrow, 'seller', 'propose', asked(change));
  let before = now;
  let events = eventsOf(propose(escrow, change));
  for (const name of EVERYBODY) {
    const decision = ask(now, name, 'accept_proposal');
    if (!decision.ok) continue;
    before = now;
    events = decision.events;
    now = evolveAll(now, events);
  }
  return { now, before, events };
}

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
  /** escrow, change, what comes out */
  const ROWS: readonly (readonly [string, Escrow, object, string])[] = [
    ['delivered', delivered, priced(12_000), '! wrong_status'],
    ['delivered: the other one', delivered, priced(12_000, 'mil_2'), 'proposal_made'],
    ['delivered: the title of all', delivered, { title: 'x' }, 'proposal_made'],
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

describe('fees', () => {
  test('a fixed fee keeps its total: what a closed milestone has of it stays', () => {
    const fees = [{ kind: 'platform', fixed: toMinor(900), paid_by: { seller: 10_000 } }] as const;
    const done = play(escrowOf({ fees }), ...ACTIVE, 'buyer approve');
    expect(done.milestones[0]?.fees).toMatchObject([{ amount: 300, earned: 300 }]);
    const { now } = amended(done, priced(40_000, 'mil_2'));
    const paid = act(now, 'buyer', 'fund');
    expect(paid.milestones[1]?.fees).toMatchObject([{ amount: 600 }]);
    expect(paid.milestones[1]?.recipients).toMatchObject([{ net: 39_400 }]);
  });
});

describe('who must accept', () => {
  const needed = (change: object) => {
    const escrow = act(play(escrowOf(FEES), ...ACTIVE), 'buyer', 'propose', asked(change));
    return [...new Set(escrow.proposals[0]?.needs.flatMap(({ parties }) => parties))].sort();
  };

  test('all whose money or duty changes: the broker too when his commission does', () => {
    const due_at = plus(AT, days(40));
    expect(needed({ title: 'x' })).toEqual(['pty_buyer', 'pty_seller']);
    expect(needed({ milestones: [{ milestone: 'mil_1', due_at }] })).toEqual([
      'pty_buyer',
      'pty_seller',
    ]);
    expect(needed(priced(12_000))).toEqual(['pty_broker', 'pty_buyer', 'pty_seller']);
  });
});

test('terms that are drafted again are the same terms', () => {
  const { terms } = escrowOf({
    ...FEES,
    description: 'All of it',
    files: [],
    milestones: [part(1)],
  });
  expect(drafted(asDraft(terms))).toMatchObject({ ok: true, terms });
});

test('terms that have changed meanwhile are not amended by what was made from the old ones', () => {
  const { now } = amended(play(escrowOf(), ...ACTIVE), { title: 'x' });
  const body = { ...asked({ title: 'y' }), terms_hash: 'a'.repeat(64) };
  expect(outcome(ask(now, 'seller', 'propose', body))).toBe('! terms_changed');
});

test('whatever can be read as an amendment, the rules can answer', () => {
  const escrow = play(escrowOf(FEES), ...ACTIVE);
  const amount = fc.constantFrom(1, 10_000, Number.MAX_SAFE_INTEGER);
  const id = fc.constantFrom('mil_1', 'mil_2', 'mil_3');
  const due_at = fc.constantFrom('1970-01-01T00:00:00.000Z', '2200-01-01T00:00:00.000Z');
  const share = fc.record(
    { party: fc.constantFrom('pty_seller', 'pty_buyer', 0, 19), amount, share_bps: fc.nat(9_999) },
    { requiredKeys: ['party'] },
  );
  const recipients = fc.array(share, { maxLength: 3 });
  const change = fc.record(
    {
      title: fc.constantFrom('x', 'x'.repeat(3_000)),
      milestones: fc.array(
        fc.record({ milestone: id, amount, due_at, recipients }, { requiredKeys: ['milestone'] }),
        { maxLength: 3 },
      ),
      add: fc.array(
        fc.record(
          { id, title: fc.constant('x'), amount, due_at, recipients },
          {
            requiredKeys: ['id', 'title', 'amount', 'due_at'],
          },
        ),
        { maxLength: 2 },
      ),
      remove: fc.array(id, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(change, (of) => {
      const command = readCommand('propose', 'cmd_1', asked(of));
      if (!command) return;
      const decision = decide(escrow, command, byOf('seller'), AT);
      if (decision.ok) evolveAll(escrow, decision.events);
    }),
    { numRuns: 300 },
  );
  expect(readCommand('propose', 'cmd_1', asked({ title: 'x' }))).not.toBeNull();
});
