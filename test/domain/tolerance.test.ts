/**
 * Owns what may be missing of what is due, and who bears it.
 * Must not know what is due. Source: `escrow.md`, section 1; template 5 of `ledger.md`.
 */
import type { Draft } from '../../domain/draft';
import { drafted } from '../../domain/drafting';
import { toMinor } from '../../domain/money';
import { journalsOf } from './books';
import {
  AGREED,
  act,
  ask,
  draftOf,
  escrowOf,
  eventsOf,
  milestone,
  outcome,
  play,
  the,
} from './sample';

const faultsOf = (changes: Partial<Draft>): readonly string[] => {
  const made = drafted(draftOf(changes));
  return made.ok ? [] : made.problems.map(({ code, pointer }) => `${code} ${pointer}`);
};

describe('a shortfall within the tolerance', () => {
  const short = play(escrowOf({ funding: { tolerance: toMinor(5) } }), ...AGREED);
  const EDGES = [
    [29_994, 'funded'],
    [29_995, 'funded, due_completed, started'],
    [29_999, 'funded, due_completed, started'],
  ] as const;

  test.each(EDGES)('of 5 on 30000: %d → %s', (amount, out) => {
    expect(outcome(ask(short, 'buyer', 'fund', { amount }))).toBe(out);
  });

  test('is borne by the platform', () => {
    const events = eventsOf(ask(short, 'buyer', 'fund', { amount: 29_996 }));
    expect(the(events, 'due_completed').rounding).toBe(4);
    expect(journalsOf(short, events)).toEqual([
      'D wallet:buyer 29996, C unallocated 29996',
      'D unallocated 29996, D exp:rounding 4, C ms:1 10000, C ms:2 20000',
    ]);
  });

  test('comes back to it when all is refunded: nobody gets more than he has paid', () => {
    const active = act(short, 'buyer', 'fund', { amount: 29_996 });
    const events = eventsOf(ask(active, 'seller', 'cancel'));
    expect(journalsOf(active, events)).toEqual([
      'D ms:1 10000, C wallet:buyer 10000',
      'D ms:2 20000, C wallet:buyer 19996, C exp:rounding 4',
    ]);
    expect(act(active, 'seller', 'cancel').rounding).toBe(0);
  });

  test('counts for each milestone where each is funded alone', () => {
    const funding = { mode: 'per_milestone', tolerance: toMinor(5) } as const;
    const agreed = play(escrowOf({ funding }), ...AGREED);
    const active = act(agreed, 'buyer', 'fund', { milestone: 'mil_1', amount: 9_995 });
    expect([milestone(active).held, active.rounding]).toEqual([10_000, 5]);
  });

  test('is less than half of what is due at once', () => {
    const with_ = (tolerance: number, mode: 'full' | 'per_milestone' = 'full') =>
      faultsOf({ funding: { mode, tolerance: toMinor(tolerance) } });
    expect(with_(14_999)).toEqual([]);
    expect(with_(15_000)).toEqual(['malformed /funding/tolerance']);
    expect(with_(-1)).toEqual(['malformed /funding/tolerance']);
    expect(with_(4_999, 'per_milestone')).toEqual([]);
    expect(with_(5_000, 'per_milestone')).toEqual(['malformed /funding/tolerance']);
  });
});
