/**
 * Owns approvals by more than one: how many are needed, whose count, what clears them.
 * Must not know parts that are released early (`parts.test.ts`). Source: `escrow.md`, section 2.
 */
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import { faultsOf, many } from './faults';
import {
  AGREED,
  AT,
  act,
  ask,
  EVERYBODY,
  escrowOf,
  eventsOf,
  HASH,
  milestone,
  outcome,
  PARTNER,
  part,
  party,
  play,
  the,
  waitFor,
} from './sample';

const pair = (more: Partial<Draft> = {}): Partial<Draft> => ({
  parties: [...EVERYBODY, PARTNER],
  milestones: [part(1, { approvals_required: 2 }), part(2)],
  ...more,
});
const started = play(escrowOf(pair()), ...AGREED, 'partner accept', 'buyer fund');
const delivered = play(started, 'seller mark_done');
const ACCEPTED = 'approved, delivery_accepted, released';

describe('the approvals that a milestone needs', () => {
  const asked = (approvals_required: number): Partial<Draft> =>
    pair({ milestones: [part(1, { approvals_required }), part(2)] });
  const pointer = 'malformed /milestones/0/approvals_required';

  test.each([[0], [3], [1.5], [-1]])('are not %d of two buyers', (count) => {
    expect(faultsOf(asked(count))).toEqual([pointer]);
  });

  test('are one unless the terms say more, and at most as many as may approve', () => {
    expect(faultsOf(asked(2))).toEqual([]);
    expect(escrowOf(pair()).terms.milestones.map((each) => each.approvals_required)).toEqual([
      2, 1,
    ]);
    const blind = party('partner', 'buyer', { access_level: { approve: false } });
    expect(faultsOf({ ...asked(2), parties: [...EVERYBODY, blind] })).toEqual([pointer]);
  });

  test('may be those of five buyers', () => {
    const buyers = many(4, (n) => party(`b${n}`, 'buyer'));
    const draft = { ...asked(5), parties: [...EVERYBODY, ...buyers] };
    expect(faultsOf(draft)).toEqual([]);
    expect(faultsOf({ ...draft, parties: [...draft.parties, PARTNER] })).toContain(
      'malformed /parties',
    );
  });
});

test('the first is counted, the last one that is needed accepts and releases', () => {
  expect(outcome(ask(delivered, 'buyer', 'approve'))).toBe('approved');
  const one = play(delivered, 'buyer approve');
  expect([milestone(one).stage, milestone(one).approvals]).toEqual(['delivered', ['pty_buyer']]);
  expect(outcome(ask(one, 'partner', 'approve'))).toBe(ACCEPTED);
  expect(outcome(ask(one, 'partner', 'approve', { milestone: 'mil_2' }))).toBe(ACCEPTED);
});

test('the same party is not counted twice, before the release or after it', () => {
  const one = play(delivered, 'buyer approve');
  expect(outcome(ask(one, 'buyer', 'approve'))).toBe('! already_done');
  const both = play(one, 'partner approve');
  expect(outcome(ask(both, 'buyer', 'approve'))).toBe('! already_done');
});

test('one buyer of several cannot move the money of all', () => {
  for (const stage of [started, delivered, play(delivered, 'buyer reject_delivery')]) {
    expect(milestone(play(stage, 'buyer approve')).held).toBe(10_000);
  }
});

test('the approval of the clock accepts whatever the count', () => {
  const kinds = (escrow: Escrow): readonly string[] =>
    waitFor(escrow, 'inspection').events.map(({ type }) => type);
  expect(kinds(delivered)).toEqual(['approved', 'delivery_accepted', 'released']);
  expect(kinds(play(delivered, 'partner approve'))).toEqual(kinds(delivered));
});

test('an inspection period of 0 days accepts with the delivery whatever the count', () => {
  const milestones = [part(1, { approvals_required: 2, inspection_period: 0 }), part(2)];
  const draft = escrowOf(pair({ milestones }));
  const step = ask(play(draft, ...AGREED, 'partner accept', 'buyer fund'), 'seller', 'mark_done');
  expect(outcome(step)).toBe('delivered, delivery_accepted, released');
});

test('one rejection rejects, also by who has approved', () => {
  const one = play(delivered, 'buyer approve');
  for (const name of ['buyer', 'partner'] as const) {
    const rejected = act(one, name, 'reject_delivery');
    expect([milestone(rejected).stage, milestone(rejected).approvals]).toEqual(['rejected', []]);
  }
});

test('a rejection and a delivery clear what was approved before', () => {
  const early = play(started, 'buyer approve');
  expect(milestone(early).approvals).toEqual(['pty_buyer']);
  expect(milestone(play(early, 'seller mark_done')).approvals).toEqual([]);
  const rejected = play(delivered, 'partner reject_delivery', 'buyer approve');
  expect(milestone(rejected).approvals).toEqual(['pty_buyer']);
  const again = play(rejected, 'seller mark_done');
  expect(milestone(again).approvals).toEqual([]);
  expect(outcome(ask(again, 'buyer', 'approve'))).toBe('approved');
});

test('an approval is bound to the terms hash', () => {
  expect(the(eventsOf(ask(delivered, 'buyer', 'approve')), 'approved')).toEqual({
    type: 'approved',
    at: AT,
    actor: 'account',
    milestone: 'mil_1',
    by: 'pty_buyer',
    terms_hash: HASH,
  });
  expect(outcome(ask(delivered, 'buyer', 'approve', { terms_hash: 'b'.repeat(64) }))).toBe(
    '! terms_changed',
  );
});
