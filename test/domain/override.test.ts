/**
 * Owns overrides: two operators, different ones, on hold alone; what comes of them.
 * Must not know the table. Source: `escrow.md`, section 5, override.
 */
import { deadlinesOf } from '../../domain/deadlines';
import type { Escrow } from '../../domain/escrow';
import { statusOf } from '../../domain/status';
import { ACTIVE, act, ask, type Body, escrowOf, milestone, outcome, part, play } from './sample';

const HELD = [...ACTIVE, 'platform hold'];
const held = play(escrowOf(), ...HELD);
const by = (operator: string, act_: 'release' | 'refund', more: Body = {}): Body => ({
  operator,
  act: act_,
  ...more,
});
const give = (escrow: Escrow, body: Body): string =>
  outcome(ask(escrow, 'platform', 'override', body));
const asked = act(held, 'platform', 'override', by('ann', 'release'));

test('one operator asks, another one carries it out', () => {
  expect(give(held, by('ann', 'release'))).toBe('override_requested');
  expect(milestone(asked).override).toMatchObject({ operator: 'ann', act: 'release' });
  expect(milestone(asked).held).toBe(10_000);
  expect(give(asked, by('bob', 'release'))).toBe('overridden, released');
  const done = milestone(act(asked, 'platform', 'override', by('bob', 'release')));
  expect(done).toMatchObject({ stage: 'releasing', released: 10_000, override: null });
});

test('nobody confirms what he has asked for himself', () => {
  expect(ask(asked, 'platform', 'override', by('ann', 'release'))).toMatchObject({
    refusal: { code: 'already_done', detail: 'another operator must confirm it' },
  });
});

test('who asks for something else begins anew', () => {
  expect(give(asked, by('bob', 'refund'))).toBe('override_requested');
  const other = act(asked, 'platform', 'override', by('bob', 'refund'));
  expect(give(other, by('bob', 'refund'))).toBe('! already_done');
  expect(give(other, by('ann', 'refund'))).toBe('overridden, refunded');
});

test('it is about one milestone', () => {
  expect(give(asked, by('bob', 'release', { milestone: 'mil_2' }))).toBe('override_requested');
});

test('only on hold, and with the hold what was asked is forgotten', () => {
  expect(give(play(escrowOf(), ...ACTIVE), by('ann', 'refund'))).toBe('! conditions_unmet');
  const again = play(asked, 'platform unhold', 'platform hold');
  expect(give(again, by('bob', 'release'))).toBe('override_requested');
});

test('only the platform itself', () => {
  expect(outcome(ask(held, 'buyer', 'override', by('ann', 'refund')))).toBe('! not_allowed');
});

test('of a disputed milestone it is a ruling: all of it to one side', () => {
  const disputed = play(play(escrowOf(), ...ACTIVE), 'buyer dispute', 'platform hold');
  for (const [act_, released] of [
    ['release', 10_000],
    ['refund', 0],
  ] as const) {
    const first = act(disputed, 'platform', 'override', by('ann', act_));
    expect(give(first, by('bob', act_))).toBe('overridden, ruled');
    const ruled = milestone(act(first, 'platform', 'override', by('bob', act_)));
    expect(ruled).toMatchObject({ stage: 'ruled', held: 0, released, refunded: 10_000 - released });
  }
});

test('what waits can be refunded, but not released', () => {
  const draft = escrowOf({ milestones: [part(1), part(2, { after: [0] })] });
  const queued = { milestone: 'mil_2' };
  const both = play(draft, ...HELD);
  expect(give(both, by('ann', 'release', queued))).toBe('! conditions_unmet');
  const first = act(both, 'platform', 'override', by('ann', 'refund', queued));
  expect(give(first, by('bob', 'refund', queued))).toBe('overridden, refunded');
});

test('what waits for a milestone that is released so starts, with its clock stopped', () => {
  const draft = escrowOf({ milestones: [part(1), part(2, { after: [0] })] });
  const first = act(play(draft, ...HELD), 'platform', 'override', by('ann', 'release'));
  expect(give(first, by('bob', 'release'))).toBe('overridden, released, started');
  const done = act(first, 'platform', 'override', by('bob', 'release'));
  expect(deadlinesOf(done).map(({ name }) => name)).toEqual(['hold_review']);
});

test('the last milestone closes the escrow, and the hold stays until it is lifted', () => {
  const one = play(escrowOf({ milestones: [part(1)] }), ...HELD);
  const first = act(one, 'platform', 'override', by('ann', 'release'));
  expect(give(first, by('bob', 'release'))).toBe('overridden, released, closed');
  const closed = act(first, 'platform', 'override', by('bob', 'release'));
  expect([statusOf(closed).status_code, closed.hold !== null]).toEqual(['cdp', true]);
  expect(give(closed, by('ann', 'refund'))).toBe('! escrow_closed');
});
