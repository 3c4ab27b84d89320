/**
 * Owns proposals about milestones that wait for one another, ask for several approvals or keep a
 * part of each release back, and the policy that their terms were made under.
 * Must not know either alone (`proposals.test.ts`, `order.test.ts`, `approvals.test.ts`,
 * `reserves.test.ts`). Source: `escrow.md`, sections 2, 3, 6 and 7.
 */
import { days, plus } from '../../domain/calendar';
import type { Draft, DraftMilestone } from '../../domain/draft';
import { disputeOf, type Escrow } from '../../domain/escrow';
import type { PartyId } from '../../domain/ids';
import { DEFAULT_POLICY } from '../../domain/policy';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  type Body,
  EVERYBODY,
  escrowOf,
  eventsOf,
  outcome,
  PARTNER,
  part,
  party,
  play,
  waitFor,
} from './sample';

const HASH_2 = 'b'.repeat(64);
const to = (name: PartyId) => ({ recipients: [{ party: name, share_bps: 10_000 }] as const });
const extension = (inDays: number) => ({
  content: { kind: 'extension', milestone: 'mil_1', due_at: plus(AT, days(inDays)) },
});
const amendment = (change: object) => ({
  content: { kind: 'amendment', change, terms_hash: HASH_2 },
});
const cancellation = (recipients: number, payers: number, ...milestones: string[]) => ({
  content: { kind: 'cancellation', split: { recipients, payers }, milestones },
});
const agree = (escrow: Escrow, body: Body): Escrow =>
  play(act(escrow, 'seller', 'propose', body), 'buyer accept_proposal');

describe('milestones that wait for one another', () => {
  const chain = (more: Partial<DraftMilestone> = {}): Partial<Draft> => ({
    milestones: [part(1, to('pty_seller')), part(2, { after: [0], ...more })],
  });

  test('whose work comes to nothing with what is cancelled must accept as well', () => {
    const parties = [...EVERYBODY.filter(({ id }) => id !== 'pty_judge'), party('judge', 'seller')];
    const terms = { ...chain(to('pty_judge')), parties };
    const escrow = play(escrowOf(terms), ...AGREED, 'judge accept', 'buyer fund');
    const needs = (body: Body) =>
      act(escrow, 'buyer', 'propose', body).proposals[0]?.needs.flatMap((need) => need.parties);
    expect(needs(cancellation(0, 10_000, 'mil_1'))).toContain('pty_judge');
    expect(needs(cancellation(1, 9_999, 'mil_1'))).not.toContain('pty_judge');
  });

  test('what has not started can be cancelled with something for its recipients', () => {
    const done = agree(play(escrowOf(chain()), ...ACTIVE), cancellation(5, 19_995, 'mil_2'));
    expect(done.milestones[1]).toMatchObject({ stage: 'refunded', released: 5, refunded: 19_995 });
  });

  test('an extension moves the due date, and the date of what waits moves when it is late', () => {
    const terms = chain({ due_at: plus(AT, days(60)) });
    const later = agree(play(escrowOf(terms), ...ACTIVE), extension(40));
    expect(later.milestones[0]?.due_at).toBe(plus(AT, days(40)));
    const at = plus(AT, days(38)); // 8 days after the date that was agreed first
    const done = act(act(later, 'seller', 'mark_done', {}, at), 'buyer', 'approve', {}, at);
    expect(done.milestones[1]).toMatchObject({ due_at: plus(AT, days(68)) });
  });

  test('an amendment may change the order, in no circle', () => {
    const escrow = play(
      escrowOf({ milestones: [part(1), part(2, { after: [0] }), part(3)] }),
      ...ACTIVE,
    );
    const wait = (milestone: string, after: readonly string[]) =>
      amendment({ milestones: [{ milestone, after }] });
    expect(agree(escrow, wait('mil_2', [])).milestones[1]?.stage).toBe('in_progress');
    expect(outcome(ask(escrow, 'seller', 'propose', wait('mil_1', ['mil_2'])))).toBe('! malformed');
  });
});

describe('milestones that ask for several approvals', () => {
  const pair: Partial<Draft> = {
    parties: [...EVERYBODY, PARTNER],
    milestones: [part(1, { approvals_required: 2 }), part(2)],
  };
  const started = play(escrowOf(pair), ...AGREED, 'partner accept', 'buyer fund');

  test('as many buyers accept a proposal about it as approve it', () => {
    const escrow = act(started, 'seller', 'propose', extension(40));
    expect(escrow.proposals[0]?.needs).toEqual([
      { parties: ['pty_buyer', 'pty_partner'], required: 2 },
    ]);
    const once = play(escrow, 'partner accept_proposal');
    expect(once.proposals[0]?.stage).toBe('open');
    expect(play(once, 'buyer accept_proposal').proposals[0]?.stage).toBe('accepted');
  });

  test('an amendment clears what was approved of the milestones that it changes', () => {
    const named = act(started, 'buyer', 'release_part', { amount: 500 });
    const change = {
      milestones: [{ milestone: 'mil_1', title: 'Another', approvals_required: 1 }],
    };
    const escrow = play(agree(named, amendment(change)), 'partner accept_proposal');
    expect(escrow.terms.milestones[0]).toMatchObject({ title: 'Another', approvals_required: 1 });
    expect(escrow.milestones[0]).toMatchObject({ approvals: [], part_approvals: [] });
  });
});

describe('what is kept back', () => {
  const escrow = play(escrowOf({ release: { reserve_bps: 2_500 } }), ...ACTIVE);
  const kept = (now: Escrow) => now.milestones[0]?.reserves.map(({ amount }) => amount);

  test('of a settlement', () => {
    const disputed = play(escrow, 'buyer dispute');
    const [open] = disputed.milestones.flatMap((here) => disputeOf(here) ?? []);
    const split = { recipients: 4_000, payers: 6_000 };
    const done = agree(disputed, { content: { kind: 'settlement', dispute: open?.id, split } });
    expect(done.milestones[0]?.stage).toBe('ruled');
    expect(kept(done)).toEqual([1_000]);
  });

  test('of a cancellation with a split', () => {
    expect(kept(agree(escrow, cancellation(4_000, 6_000, 'mil_1')))).toEqual([1_000]);
  });
});

test('a part that is released lapses a cancellation', () => {
  const open = act(
    play(escrowOf(), ...ACTIVE),
    'seller',
    'propose',
    cancellation(0, 10_000, 'mil_1'),
  );
  const types = eventsOf(ask(open, 'buyer', 'release_part', { amount: 500 })).map((e) => e.type);
  expect(types).toEqual(['part_approved', 'part_released', 'proposal_lapsed']);
});

describe('the policy of the terms', () => {
  test('says how far a milestone is extended in all', () => {
    const escrow = escrowOf({}, { ...DEFAULT_POLICY, extension_days_max: 10 });
    const started = play(escrow, ...ACTIVE);
    expect(outcome(ask(started, 'seller', 'propose', extension(41)))).toBe('! limit_reached');
    expect(outcome(ask(started, 'seller', 'propose', extension(40)))).toBe('proposal_made');
  });

  test('has the calendar, whose days count until a proposal lapses', () => {
    const five = { weekend: ['saturday', 'sunday'] as const, holidays: [] };
    const policy = { ...DEFAULT_POLICY, business_days: { five } };
    const started = play(escrowOf({ business_days: 'five' }, policy), ...ACTIVE);
    const escrow = act(started, 'seller', 'propose', amendment({ title: 'Another' }));
    expect(waitFor(escrow, 'proposal').at).toBe(plus(AT, days(9))); // seven from a Monday
    expect(play(escrow, 'buyer accept_proposal').terms.business_days?.name).toBe('five');
  });
});
