/**
 * Owns what an amendment does to fees and terms, who must accept it, and that whatever can be read
 * as one is answered. Expectations: `escrow.md`, section 7; `ledger.md`,
 * sections 9 (11) and 10 (rule 8).
 * Must not know who may propose one (`negotiation.test.ts`).
 */
import fc from 'fast-check';
import { asDraft } from '../../domain/amended-terms';
import { days, plus } from '../../domain/calendar';
import { decide } from '../../domain/decide';
import { drafted } from '../../domain/drafting';
import { evolveAll } from '../../domain/evolve';
import { toMinor } from '../../domain/money';
import { readCommand } from '../../domain/reading';
import { amended, asked, FEES, priced } from './amendments';
import { ACTIVE, AT, act, ask, byOf, escrowOf, outcome, part, play } from './sample';

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
