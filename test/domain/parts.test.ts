/**
 * Owns parts of a milestone that are released early: who, how much, when, and that their money
 * goes its own way while the milestone stays open.
 * Must not know the table. Source: `escrow.md`, section 5, `release_part`.
 */
import type { Draft } from '../../domain/draft';
import { effectsOf } from '../../domain/effects';
import type { Escrow } from '../../domain/escrow';
import { statusOf } from '../../domain/status';
import {
  ACTIVE,
  AGREED,
  act,
  ask,
  type Body,
  EVERYBODY,
  escrowOf,
  eventsOf,
  milestone,
  outcome,
  PARTNER,
  part,
  play,
  the,
  waitFor,
} from './sample';

const started = play(escrowOf(), ...ACTIVE);
const of = (amount: number, more: Body = {}): Body => ({ amount, ...more });
const PART = 'part_approved, part_released';
const parted = act(started, 'buyer', 'release_part', of(4_000));
const money = (escrow: Escrow) => {
  const { stage, held, released, refunded } = milestone(escrow);
  return [stage, held, released, refunded];
};

test('a part goes to the recipients early, and the milestone stays open', () => {
  expect(outcome(ask(started, 'buyer', 'release_part', of(4_000)))).toBe(PART);
  expect(money(parted)).toEqual(['in_progress', 6_000, 4_000, 0]);
  expect(milestone(parted).disbursements).toMatchObject([{ amount: 4_000, state: 'pending' }]);
  expect(statusOf(parted).status_code).toBe('ip');
});

test('its payout is begun at once', () => {
  const events = eventsOf(ask(started, 'buyer', 'release_part', of(4_000)));
  expect(effectsOf(parted, the(events, 'part_released'))).toMatchObject([
    { type: 'pay_out', how: 'begin', account: 'acc_seller', amount: 4_000 },
  ]);
});

test('less than what is held, at least one unit', () => {
  expect(outcome(ask(started, 'buyer', 'release_part', of(9_999)))).toBe(PART);
  expect(outcome(ask(started, 'buyer', 'release_part', of(1)))).toBe(PART);
  expect(ask(started, 'buyer', 'release_part', of(10_000))).toMatchObject({
    refusal: { code: 'limit_reached', detail: 'less than 10000: all of it is an approval' },
  });
  expect(outcome(ask(started, 'buyer', 'release_part', of(0)))).toBe('! malformed');
  expect(outcome(ask(parted, 'buyer', 'release_part', of(6_000)))).toBe('! limit_reached');
  const last = act(started, 'buyer', 'release_part', of(9_999));
  expect(outcome(ask(last, 'buyer', 'release_part', of(1)))).toBe('! conditions_unmet');
});

test('only of an escrow of type milestone', () => {
  const one = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE);
  expect(outcome(ask(one, 'buyer', 'release_part', of(1)))).toBe('! conditions_unmet');
});

test('in progress, delivered, rejected and accepted, as often as there is something left', () => {
  const draft = escrowOf({ release: { mode: 'manual' } });
  const acts = ['seller mark_done', 'buyer reject_delivery', 'seller mark_done', 'buyer approve'];
  let now = act(play(draft, ...ACTIVE), 'buyer', 'release_part', of(100));
  for (const each of acts) now = act(play(now, each), 'buyer', 'release_part', of(100));
  expect(money(now)).toEqual(['accepted', 9_500, 500, 0]);
  expect(new Set(milestone(now).disbursements.map(({ id }) => id)).size).toBe(5);
});

test('not while the milestone is in dispute', () => {
  const disputed = play(started, 'seller dispute');
  expect(outcome(ask(disputed, 'buyer', 'release_part', of(1)))).toBe('! in_dispute');
});

test('the recipients and the fees get their parts, and the rest with the release', () => {
  const fees: Partial<Draft> = {
    fees: [
      { kind: 'platform', rate_bps: 300, paid_by: { buyer: 10_000 } },
      { kind: 'broker_commission', rate_bps: 100, paid_by: { seller: 10_000 } },
    ],
  };
  const first = act(play(escrowOf(fees), ...ACTIVE), 'buyer', 'release_part', of(3_333));
  expect(milestone(first).fees.map(({ earned }) => earned)).toEqual([99, 33]);
  expect(milestone(first).recipients).toMatchObject([{ net: 9_900, paid: 3_300 }]);
  const done = milestone(play(first, 'buyer approve'));
  expect(done.fees.map(({ earned }) => earned)).toEqual([300, 100]);
  expect(done.recipients).toMatchObject([{ paid: 9_900 }]);
});

describe('of a milestone with two approvals', () => {
  const draft = escrowOf({
    parties: [...EVERYBODY, PARTNER],
    milestones: [part(1, { approvals_required: 2 }), part(2)],
  });
  const both = play(draft, ...AGREED, 'partner accept', 'buyer fund');
  const one = act(both, 'buyer', 'release_part', of(4_000));

  test('two distinct parties name the same amount', () => {
    expect(outcome(ask(both, 'buyer', 'release_part', of(4_000)))).toBe('part_approved');
    expect(money(one)).toEqual(['in_progress', 10_000, 0, 0]);
    expect(outcome(ask(one, 'buyer', 'release_part', of(4_000)))).toBe('! already_done');
    expect(outcome(ask(one, 'partner', 'release_part', of(3_999)))).toBe('part_approved');
    const released = act(one, 'partner', 'release_part', of(4_000));
    expect(money(released)).toEqual(['in_progress', 6_000, 4_000, 0]);
    expect(milestone(released).part_approvals).toEqual([]);
  });

  test('who names another amount has changed his mind', () => {
    const other = act(one, 'buyer', 'release_part', of(500));
    expect(milestone(other).part_approvals).toEqual([{ party: 'pty_buyer', amount: 500 }]);
    expect(outcome(ask(other, 'partner', 'release_part', of(4_000)))).toBe('part_approved');
  });

  test('a delivery and a rejection clear what was named', () => {
    const delivered = play(one, 'seller mark_done');
    expect(milestone(delivered).part_approvals).toEqual([]);
    const named = act(delivered, 'partner', 'release_part', of(4_000));
    expect(milestone(play(named, 'buyer reject_delivery')).part_approvals).toEqual([]);
  });

  test('it says nothing about the approval of the whole', () => {
    expect(milestone(one).approvals).toEqual([]);
    expect(milestone(play(one, 'buyer approve')).part_approvals).toHaveLength(1);
  });
});

describe('the payout of a part', () => {
  test('settles, comes back, is tried again and redirected while the milestone is open', () => {
    for (const more of [[], ['seller mark_done'], ['seller dispute']]) {
      const here = play(parted, ...more);
      const settled = play(here, 'provider settle_disbursement');
      const returned = play(settled, 'provider return_disbursement');
      expect(milestone(returned).disbursements).toMatchObject([{ state: 'returned' }]);
      const again = play(returned, 'platform retry_disbursement', 'provider fail_disbursement');
      const away = play(again, 'platform redirect_disbursement');
      expect(milestone(away).disbursements).toMatchObject([
        { state: 'pending', destination: 'dst_new' },
      ]);
      expect(milestone(away).stage).toBe(milestone(here).stage);
    }
  });

  test('has a deadline of its own, after which it stays in the wallet', () => {
    const failed = play(parted, 'provider fail_disbursement', 'seller mark_done');
    const waited = waitFor(play(failed, 'buyer dispute', 'seller answer_dispute'), 'payout');
    expect(waited.events).toMatchObject([
      { type: 'disbursement_settled', destination: 'wallet', milestone: 'mil_1' },
    ]);
  });

  test('that has settled before the release does not hold up what follows', () => {
    const settled = play(parted, 'provider settle_disbursement');
    const released = play(settled, 'buyer approve');
    expect(milestone(released)).toMatchObject({ stage: 'releasing', held: 0, released: 10_000 });
    const [, second] = milestone(released).disbursements;
    const body = { disbursement: second?.id };
    const paid = act(released, 'provider', 'settle_disbursement', body);
    expect(milestone(paid).stage).toBe('disbursed');
  });

  test('goes on when the rest is refunded, and the escrow shows it as pending', () => {
    const first = act(parted, 'seller', 'cancel', { milestone: 'mil_1' });
    expect(money(first)).toEqual(['refunded', 0, 4_000, 6_000]);
    const ended = act(first, 'seller', 'cancel', { milestone: 'mil_2' });
    expect(statusOf(ended).status_code).toBe('cdp');
    const paid = play(ended, 'provider settle_disbursement');
    expect(statusOf(paid).status_code).toBe('cdc');
    expect(statusOf(play(paid, 'provider return_disbursement')).status_code).toBe('cdp');
  });
});

test('a dispute after it is about what is still held', () => {
  const ruled = play(parted, 'platform dispute', 'platform resolve');
  expect(money(ruled)).toEqual(['ruled', 0, 7_000, 3_000]);
});

test('what waits for a milestone may start when only a part of it was ever released', () => {
  const draft = escrowOf({ milestones: [part(1), part(2, { after: [0] })] });
  const some = act(play(draft, ...ACTIVE), 'buyer', 'release_part', of(1));
  expect(milestone(some, 'mil_2').stage).toBe('waiting');
  const ended = act(some, 'seller', 'cancel', { milestone: 'mil_1' });
  expect(milestone(ended, 'mil_2').stage).toBe('in_progress');
});
