/**
 * Owns whose acceptance a proposal needs, how it is superseded, what an extension moves, and why a
 * proposal lapses. Expectations: `escrow.md`, section 7.
 * Must not know the table that is asked, nor what an amendment does (`amendment.test.ts`).
 */
import { days, plus } from '../../domain/calendar';
import { nextAlarm } from '../../domain/deadlines';
import { disputeOf, type Escrow } from '../../domain/escrow';
import type { ProposalKind } from '../../domain/proposal';
import { askedOf } from './proposing';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  type Body,
  BUYER,
  EVERYBODY,
  escrowOf,
  eventsOf,
  type Name,
  outcome,
  PARTNER,
  part,
  party,
  play,
  SELLER,
  SENT,
  the,
  waitFor,
} from './sample';
import { inSituation } from './stages';

const propose = (escrow: Escrow, by: Name, kind: ProposalKind, at = AT) => {
  const content = askedOf(escrow, { kind, milestone: 'mil_1', by });
  return ask(escrow, by, 'propose', { content }, at);
};
const proposed = (escrow: Escrow, by: Name, kind: ProposalKind): Escrow =>
  act(escrow, by, 'propose', { content: askedOf(escrow, { kind, milestone: 'mil_1', by }) });

const OFFERED = (): Escrow => proposed(play(escrowOf(), ...ACTIVE), 'seller', 'extension');

describe('whose acceptance it needs', () => {
  const bea = party('helper', 'buyer');
  const sue = party('judge', 'seller');
  const shared = [
    part(1, {
      recipients: [
        { party: 'pty_seller', share_bps: 5_000 },
        { party: 'pty_judge', share_bps: 5_000 },
      ],
    }),
    part(2),
  ];
  const two = play(
    escrowOf({ parties: [BUYER, SELLER, sue], milestones: shared }),
    ...SENT,
    'buyer accept',
    'seller accept',
    'judge accept',
    'buyer fund',
  );

  test('one of the approvers is enough for an extension', () => {
    const escrow = OFFERED();
    expect(escrow.proposals[0]?.needs).toEqual([{ parties: ['pty_buyer'], required: 1 }]);
    expect(bea.role).toBe('buyer');
  });

  test('every seller who is a recipient, when the buyer proposes', () => {
    const escrow = proposed(two, 'buyer', 'cancellation');
    const once = play(escrow, 'seller accept_proposal');
    expect(once.proposals[0]).toMatchObject({ stage: 'open' });
    const events = eventsOf(ask(once, 'judge', 'accept_proposal'));
    expect(events.map(({ type }) => type)).toEqual([
      'proposal_accepted',
      'part_released',
      'refunded',
      'part_released',
      'refunded',
      'closed',
    ]);
  });

  test('a seller cannot give away what another seller was promised', () => {
    const escrow = play(proposed(two, 'seller', 'cancellation'), 'buyer accept_proposal');
    expect(escrow.proposals[0]).toMatchObject({
      stage: 'open',
      accepted_by: ['pty_seller', 'pty_buyer'],
    });
    expect(play(escrow, 'judge accept_proposal').agreement).toMatchObject({ stage: 'closed' });
  });

  test('a buyer who would lose what he paid accepts himself', () => {
    const parties = [...EVERYBODY, PARTNER];
    const agreed = play(escrowOf({ parties }), ...AGREED, 'partner accept');
    const shared = act(agreed, 'partner', 'fund', { amount: 20_000 });
    const escrow = proposed(play(shared, 'buyer fund'), 'seller', 'cancellation');
    const once = play(escrow, 'buyer accept_proposal');
    expect(once.proposals[0]).toMatchObject({ stage: 'open' });
    const done = play(once, 'partner accept_proposal');
    expect(done.proposals[0]).toMatchObject({ stage: 'accepted' });
  });

  test('a broker who would lose his commission accepts himself', () => {
    const fees = [{ kind: 'broker_commission', rate_bps: 1_000 }] as const;
    const escrow = proposed(play(escrowOf({ fees }), ...ACTIVE), 'buyer', 'cancellation');
    expect(play(escrow, 'seller accept_proposal').proposals[0]).toMatchObject({ stage: 'open' });
    const done = play(escrow, 'seller accept_proposal', 'broker accept_proposal');
    expect(done.proposals[0]).toMatchObject({ stage: 'accepted' });
  });
});

describe('one is open per kind and milestone', () => {
  test('of the same side a second one is refused, of the other it supersedes', () => {
    const first = proposed(inSituation('delivered', 'open'), 'buyer', 'settlement');
    expect(outcome(propose(first, 'buyer', 'settlement'))).toBe('! limit_reached');
    const events = eventsOf(propose(first, 'seller', 'settlement'));
    const lapsed = the(events, 'proposal_lapsed');
    expect(lapsed).toMatchObject({ proposal: first.proposals[0]?.id });
    expect(lapsed.reason).toBe(`superseded by ${the(events, 'proposal_made').proposal}`);
  });

  test('another kind, or another milestone, stands beside it', () => {
    const first = proposed(OFFERED(), 'seller', 'cancellation');
    const content = askedOf(first, { kind: 'extension', milestone: 'mil_2', by: 'seller' });
    const both = act(first, 'seller', 'propose', { content });
    expect(both.proposals.map(({ stage }) => stage)).toEqual(['open', 'open', 'open']);
  });
});

describe('an extension', () => {
  const extend = (escrow: Escrow, inDays: number): Escrow => {
    const content = { kind: 'extension', milestone: 'mil_1', due_at: plus(AT, days(inDays)) };
    return play(act(escrow, 'seller', 'propose', { content }), 'buyer accept_proposal');
  };

  test('moves the due date and clears the mark of an overdue milestone', () => {
    const late = waitFor(play(escrowOf(), ...ACTIVE), 'delivery');
    const due_at = plus(late.at, days(5));
    const content = { kind: 'extension', milestone: 'mil_1', due_at };
    const made = act(late.escrow, 'seller', 'propose', { content }, late.at);
    const done = act(made, 'buyer', 'accept_proposal', {}, late.at);
    expect(done.milestones[0]).toMatchObject({
      stage: 'in_progress',
      overdue: false,
      due_at,
      due: { ends: due_at },
    });
  });

  test('of a rejected milestone moves the end of the rework, not the due date', () => {
    const escrow = extend(
      play(escrowOf(), ...ACTIVE, 'seller mark_done', 'buyer reject_delivery'),
      20,
    );
    expect(escrow.milestones[0]).toMatchObject({
      stage: 'rejected',
      due_at: escrowOf().milestones[0]?.due_at,
      due: { ends: plus(AT, days(20)) },
    });
  });

  test('goes later only, at most five times and a year in all', () => {
    let escrow = play(escrowOf(), ...ACTIVE);
    const at = (inDays: number) =>
      outcome(
        ask(escrow, 'seller', 'propose', {
          content: { kind: 'extension', milestone: 'mil_1', due_at: plus(AT, days(inDays)) },
        }),
      );
    expect([at(29), at(30), at(30 + 366)]).toEqual([
      '! conditions_unmet',
      '! conditions_unmet',
      '! limit_reached',
    ]);
    for (const inDays of [40, 50, 60, 70, 80]) escrow = extend(escrow, inDays);
    expect(at(90)).toBe('! limit_reached');
  });
});

/** what is proposed of 10000: recipients, payers, what comes out */
const SPLITS = [
  ['all to one side', 10_000, 0, 'proposal_made'],
  ['a unit less than there is', 5_000, 4_999, '! amount_mismatch'],
  ['a unit more than there is', 5_000, 5_001, '! amount_mismatch'],
  ['less than nothing for one side', 10_001, -1, '! malformed'],
] as const;

test.each(SPLITS)('a split adds up exactly: %s', (_, recipients, payers, out) => {
  const split = { recipients, payers };
  const disputed = inSituation('delivered', 'open');
  const [open] = disputed.milestones.flatMap((here) => disputeOf(here) ?? []);
  const settlement = { content: { kind: 'settlement', dispute: open?.id, split } };
  expect(outcome(ask(disputed, 'buyer', 'propose', settlement))).toBe(out);
  const active = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE);
  const cancellation = { content: { kind: 'cancellation', split } };
  expect(outcome(ask(active, 'buyer', 'propose', cancellation))).toBe(out);
});

test('an accepted settlement splits what is disputed to the unit, and closes the dispute', () => {
  const disputed = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE, 'buyer dispute');
  const [open] = disputed.milestones.flatMap((here) => disputeOf(here) ?? []);
  const split = { recipients: 3_333, payers: 6_667 };
  const body = { content: { kind: 'settlement', dispute: open?.id, split } };
  const done = play(act(disputed, 'seller', 'propose', body), 'buyer accept_proposal');
  expect(done.milestones[0]).toMatchObject({
    stage: 'ruled',
    held: 0,
    released: 3_333,
    refunded: 6_667,
    disbursements: [{ account: 'acc_seller', amount: 3_333 }],
  });
  expect(done.contributions).toMatchObject([{ amount: 10_000, left: 3_333 }]);
  expect(done.agreement).toMatchObject({ stage: 'closed' });
});

test('a cancellation is not about what is in dispute', () => {
  const disputed = play(escrowOf(), ...ACTIVE, 'buyer dispute');
  const asked = (milestone: string, recipients: number) => ({
    content: {
      kind: 'cancellation',
      milestones: [milestone],
      split: { recipients, payers: 0 },
    },
  });
  const propose = (body: Body) => outcome(ask(disputed, 'seller', 'propose', body));
  expect(propose(asked('mil_1', 10_000))).toBe('! in_dispute');
  expect(propose(asked('mil_2', 20_000))).toBe('proposal_made');
});

describe('a proposal lapses in the step that makes it unfit', () => {
  const on = play(escrowOf({ release: { mode: 'manual' } }), ...ACTIVE);

  /** kind, act, reason */
  const ROWS: readonly (readonly [ProposalKind, string, string])[] = [
    ['cancellation', 'seller mark_done', 'a milestone of it has been delivered'],
    ['cancellation', 'buyer approve', 'a milestone of it has been approved'],
    ['cancellation', 'buyer dispute', 'a milestone of it is in dispute'],
    ['extension', 'seller mark_done', 'the milestone is no longer open to it'],
    ['extension', 'buyer dispute', 'the milestone is in dispute'],
  ];
  test.each(ROWS)('%s after %s: %s', (kind, text, reason) => {
    const before = proposed(on, 'seller', kind);
    const after = play(before, text);
    expect(after.proposals).toMatchObject([{ stage: 'lapsed', why: reason }]);
  });

  test('a settlement with its dispute', () => {
    const before = proposed(play(on, 'buyer dispute'), 'seller', 'settlement');
    expect(play(before, 'buyer withdraw_dispute').proposals).toMatchObject([
      { stage: 'lapsed', why: 'the dispute is no longer open' },
    ]);
  });

  test('with the end of the escrow, before it closes', () => {
    const agreed = proposed(play(escrowOf(), ...AGREED), 'seller', 'amendment');
    const types = eventsOf(ask(agreed, 'buyer', 'cancel')).map(({ type }) => type);
    expect(types).toEqual(['cancelled', 'proposal_lapsed', 'closed']);
  });

  test('or when nobody has answered for a week, for a settlement three days', () => {
    const alarms = (escrow: Escrow, name: string) => waitFor(escrow, name).at;
    expect(alarms(OFFERED(), 'proposal')).toBe(plus(AT, days(7)));
    const disputed = proposed(play(on, 'buyer dispute'), 'seller', 'settlement');
    expect(alarms(disputed, 'proposal')).toBe(plus(AT, days(3)));
    expect(nextAlarm(disputed)).toMatchObject({ share: 50, deadline: { name: 'proposal' } });
  });

  test('its clock stops while the escrow is on hold', () => {
    const held = play(OFFERED(), 'platform hold');
    expect(outcome(ask(held, 'buyer', 'accept_proposal'))).toBe('! on_hold');
    expect(held.proposals[0]).toMatchObject({ due: { left: days(7) } });
  });
});

test('before the start both sides cancel the whole, and money goes back to who paid it', () => {
  const some = act(play(escrowOf(), ...AGREED), 'buyer', 'fund', { amount: 900 });
  const escrow = proposed(some, 'seller', 'cancellation');
  const events = eventsOf(ask(escrow, 'buyer', 'accept_proposal'));
  expect(events.map(({ type }) => type)).toEqual([
    'proposal_accepted',
    'contributions_returned',
    'closed',
  ]);
});
