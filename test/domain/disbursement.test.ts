/**
 * Owns decided money on its way: what a payout script reports, what the platform mends, and what
 * the statuses say meanwhile. Decided is not paid.
 * Must not know how a payout is made.
 */
import { effectsOf } from '../../domain/effects';
import type { Escrow } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import { ZERO } from '../../domain/money';
import { milestoneStatusOf, statusOf } from '../../domain/status';
import {
  ACTIVE,
  act,
  ask,
  BUYER,
  escrowOf,
  eventsOf,
  isName,
  milestone,
  outcome,
  part,
  party,
  play,
  SELLER,
  the,
  waitFor,
} from './sample';
import { isCommand, MILESTONE_COMMANDS } from './stages';
import { testTable } from './table';

const released = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE, 'buyer approve');
const settled = play(released, 'provider settle_disbursement');
const STATES: { readonly [state: string]: Escrow } = {
  pending: released,
  settled,
  failed: play(released, 'provider fail_disbursement'),
  parked: act(released, 'provider', 'fail_disbursement', { reason: 'parked' }),
  returned: play(settled, 'provider return_disbursement'),
};
const stateOf = (escrow: Escrow) => milestone(escrow).disbursements[0]?.state;

const TABLE = `
# state - by command what comes out
pending   -  provider        settle_disbursement    disbursement_settled
troubled  -  provider|clock  settle_disbursement    disbursement_settled
pending   -  clock           settle_disbursement    ! conditions_unmet
settled   -  provider|clock  settle_disbursement    ! already_done
pending   -  provider        fail_disbursement      disbursement_failed
*         -  provider        fail_disbursement      ! already_done
settled   -  provider        return_disbursement    disbursement_returned
*         -  provider        return_disbursement    ! already_done
troubled  -  platform        retry_disbursement     disbursement_retried
troubled  -  platform        redirect_disbursement  disbursement_redirected
pending   -  platform        repairing              ! conditions_unmet
settled   -  platform        repairing              ! already_done
*         -  *               *                      ! not_allowed
`;

describe('of a disbursement', () => {
  const axes = {
    situations: Object.keys(STATES).map((state) => [state, '-'] as const),
    actors: ['buyer', 'seller', 'broker', 'observer', 'platform', 'clock', 'provider'],
    commands: MILESTONE_COMMANDS.filter((command) => command.endsWith('_disbursement')),
    words: {
      troubled: ['failed', 'parked', 'returned'],
      repairing: ['retry_disbursement', 'redirect_disbursement'],
    },
  };
  testTable(TABLE, axes, ({ stage, by, command }) => {
    const escrow = STATES[stage];
    if (!escrow || !isName(by) || !isCommand(command)) throw new Error(`no ${stage}`);
    return outcome(ask(escrow, by, command));
  });
});

test('a report brings it into the state that it tells of', () => {
  for (const [state, escrow] of Object.entries(STATES)) expect(stateOf(escrow)).toBe(state);
  for (const state of ['failed', 'parked', 'returned'] as const) {
    const escrow = STATES[state] ?? released;
    expect(stateOf(play(escrow, 'platform retry_disbursement'))).toBe('pending');
    expect(stateOf(play(escrow, 'provider settle_disbursement'))).toBe('settled');
  }
});

test('a redirected disbursement goes to its new destination', () => {
  const escrow = STATES.failed ?? released;
  const after = play(escrow, 'platform redirect_disbursement');
  expect(milestone(after).disbursements[0]).toMatchObject({
    state: 'pending',
    destination: 'dst_new',
  });
  const [event] = eventsOf(ask(escrow, 'platform', 'redirect_disbursement'));
  expect(event && effectsOf(after, event)).toMatchObject([
    { how: 'again', destination: 'dst_new' },
  ]);
});

test('the escrow shows pending until all are settled, and again when one comes back', () => {
  const codes = (escrow: Escrow) => [
    statusOf(escrow).status_code,
    milestoneStatusOf(escrow, milestone(escrow)).status_code,
    milestone(escrow).stage,
  ];
  expect(codes(released)).toEqual(['cdp', 'cdp', 'releasing']);
  expect(codes(settled)).toEqual(['cdc', 'cdc', 'disbursed']);
  for (const state of ['failed', 'parked', 'returned'] as const) {
    expect(codes(STATES[state] ?? released)).toEqual(['cdp', 'cdp', 'releasing']);
  }
  const again = play(STATES.returned ?? released, 'provider settle_disbursement');
  expect(codes(again)).toEqual(['cdc', 'cdc', 'disbursed']);
});

test('of several recipients all must be settled', () => {
  const helper = party('helper', 'seller');
  const draft = escrowOf({ parties: [BUYER, SELLER, helper], milestones: [part(1)] });
  const agreed = play(draft, 'platform send', 'buyer accept', 'seller accept', 'helper accept');
  const both = play(agreed, 'buyer fund', 'buyer approve');
  expect(milestone(both).disbursements.map(({ amount }) => amount)).toEqual([5_000, 5_000]);
  const one = play(both, 'provider settle_disbursement');
  expect(statusOf(one).status_code).toBe('cdp');
  const second = milestone(one).disbursements[1]?.id;
  const done = act(one, 'provider', 'settle_disbursement', { disbursement: second });
  expect(statusOf(done).status_code).toBe('cdc');
});

test('a ruling keeps its status while it is paid out', () => {
  const ruled = play(
    escrowOf({ milestones: [part(1)] }),
    ...ACTIVE,
    'platform dispute',
    'platform resolve',
  );
  expect(statusOf(ruled).status_code).toBe('cd');
  const failed = play(ruled, 'provider fail_disbursement');
  expect([milestone(failed).stage, statusOf(failed).status_code]).toEqual(['ruled', 'cd']);
  const done = play(failed, 'provider settle_disbursement');
  expect([milestone(done).stage, statusOf(done).status_code]).toEqual(['ruled', 'cd']);
});

describe('a destination', () => {
  const paidTo = (payout_destination: 'wallet' | 'dst_1' | undefined) => {
    const seller = payout_destination ? { ...SELLER, payout_destination } : SELLER;
    const draft = escrowOf({ parties: [BUYER, seller], milestones: [part(1)] });
    const agreed = play(draft, 'platform send', 'buyer accept', 'seller accept', 'buyer fund');
    const events = eventsOf(ask(agreed, 'buyer', 'approve'));
    return { agreed, events, effects: events.flatMap((event) => effectsOf(agreed, event)) };
  };

  test('of the party goes with the payout', () => {
    const { effects, events } = paidTo('dst_1');
    expect(the(events, 'released').payees).toMatchObject([{ destination: 'dst_1' }]);
    expect(effects).toMatchObject([{ how: 'begin', destination: 'dst_1', amount: 10_000 }]);
  });

  test('that nobody named is looked up by the payout', () => {
    expect(paidTo(undefined).effects).toMatchObject([{ how: 'begin', destination: null }]);
  });

  test('that is the wallet is reached at once; pending is shown before complete', () => {
    const { agreed, events, effects } = paidTo('wallet');
    expect(effects).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual([
      'approved',
      'delivery_accepted',
      'released',
      'disbursement_settled',
      'closed',
    ]);
    const shown = events.map((_, n) => statusOf(evolveAll(agreed, events.slice(0, n + 1))));
    expect(shown.map((each) => each.status_code)).toEqual(['ip', 'da', 'cdp', 'cdc', 'cdc']);
  });
});

test('what the account has used before it was sent stays in its wallet', () => {
  const events = eventsOf(
    ask(released, 'provider', 'settle_disbursement', { destination: 'wallet' }),
  );
  expect(the(events, 'disbursement_settled').destination).toBe('wallet');
  const asSent = ask(released, 'provider', 'settle_disbursement', { destination: undefined });
  expect(the(eventsOf(asSent), 'disbursement_settled').destination).toBeNull();
});

test('what cannot be paid out for 30 days stays in the wallet: that is its destination', () => {
  for (const state of ['failed', 'parked', 'returned'] as const) {
    const { escrow, events } = waitFor(STATES[state] ?? released, 'payout');
    expect(the(events, 'disbursement_settled').destination).toBe('wallet');
    expect(milestone(escrow).disbursements[0]).toMatchObject({
      state: 'settled',
      destination: 'wallet',
    });
  }
});

test('a commission stays in the wallet of the broker', () => {
  const fees = [{ kind: 'broker_commission', rate_bps: 500 }] as const;
  const released = play(escrowOf({ milestones: [part(1)], fees }), ...ACTIVE, 'buyer approve');
  expect(milestone(released).fees).toMatchObject([{ beneficiary: 'acc_broker', earned: 500 }]);
  expect(milestone(released).disbursements).toMatchObject([
    { account: 'acc_seller', amount: 9_500 },
  ]);
});

test('a share of nothing is no disbursement', () => {
  const recipients = [
    { account_id: 'acc_seller' as const, remainder: true as const },
    { account_id: 'acc_broker' as const, amount: ZERO },
  ];
  const draft = escrowOf({ milestones: [part(1, { recipients })] });
  const done = play(draft, ...ACTIVE, 'buyer approve');
  expect(milestone(done).disbursements.map(({ account }) => account)).toEqual(['acc_seller']);
});

test('a recipient with two parties is paid as the party that the terms name', () => {
  const broker = party('seller', 'broker', { id: 'pty_agent', payout_destination: 'dst_agent' });
  const seller = { ...SELLER, payout_destination: 'dst_seller' as const };
  const recipients = [{ party: 'pty_agent' as const, share_bps: 10_000 }];
  const draft = escrowOf({
    parties: [BUYER, seller, broker],
    milestones: [part(1, { recipients })],
  });
  const agreed = play(draft, 'platform send', 'buyer accept', 'seller accept', 'buyer fund');
  const done = play(agreed, 'buyer approve');
  expect(milestone(done).disbursements).toMatchObject([
    { party: 'pty_agent', destination: 'dst_agent' },
  ]);
});
