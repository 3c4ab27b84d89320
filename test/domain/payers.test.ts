/**
 * Owns who may pay into an escrow, and how what comes back is shared among those who did.
 * Must not know when money is due (`funding.test.ts`). Source: `escrow.md`, sections 1, 2 and 8.
 */
import { mayView, nextActionsOf } from '../../domain/actions';
import type { Draft } from '../../domain/draft';
import { drafted } from '../../domain/drafting';
import type { Escrow } from '../../domain/escrow';
import {
  ACTIVE,
  AGREED,
  ARBITER,
  AT,
  act,
  ask,
  BROKER,
  BUYER,
  byOf,
  draftOf,
  escrowOf,
  eventsOf,
  OBSERVER,
  outcome,
  PARTNER,
  PAYER,
  party,
  play,
  SELLER,
  SENT,
  the,
} from './sample';

const OBSERVING = { party: 'pty_observer' } as const;
const shared = (changes: Partial<Draft> = {}): Escrow =>
  escrowOf({
    parties: [BUYER, PARTNER, SELLER, BROKER, ARBITER, OBSERVER],
    funding: { by: [PAYER, OBSERVING] },
    ...changes,
  });
const ALL_IN = [...AGREED, 'partner accept'];
const agreed = play(shared(), ...ALL_IN);
const pay = (escrow: Escrow, payer: string, amount: number, payment = `pay_${payer}`) =>
  ask(escrow, 'provider', 'fund', { payment, payer: `acc_${payer}`, amount });

const faultsOf = (changes: Partial<Draft>): readonly string[] => {
  const made = drafted(draftOf(changes));
  return made.ok ? [] : made.problems.map(({ code, pointer }) => `${code} ${pointer}`);
};

test('one to five buyers may be in an escrow', () => {
  const buyers = (count: number) => ({
    parties: [
      ...Array.from({ length: count }, (_, n) => party(`b${n}`, 'buyer')),
      SELLER,
      BROKER,
      ARBITER,
      OBSERVER,
    ],
  });
  expect(faultsOf(buyers(1))).toEqual([]);
  expect(faultsOf(buyers(5))).toEqual([]);
  expect(faultsOf(buyers(0))).toContain('malformed /parties');
  expect(faultsOf(buyers(6))).toContain('malformed /parties');
});

type Named = NonNullable<NonNullable<Draft['funding']>['by']>;
type Case = readonly [string, Named, readonly string[], Partial<Draft>];
const BY: readonly Case[] = [
  ['a broker', [{ party: 3 }], [], { parties: [BUYER, PARTNER, SELLER, BROKER] }],
  ['an observer', [OBSERVING], [], {}],
  ['an account that is no party', [PAYER], [], {}],
  ['a buyer', [{ account_id: 'acc_buyer' }], ['malformed /funding/by/0'], {}],
  ['nobody', [{ party: 9 }], ['malformed /funding/by/0'], {}],
  ['one twice', [PAYER, OBSERVING, PAYER], ['malformed /funding/by/2'], {}],
  ['a seller', [{ party: 'pty_seller' }], ['conflict_of_interest /funding/by/0'], {}],
  ['an arbiter', [PAYER, { party: 'pty_arbiter' }], ['conflict_of_interest /funding/by/1'], {}],
  [
    'the external handler',
    [PAYER],
    ['conflict_of_interest /funding/by/0'],
    { dispute_handler: { kind: 'arbitration', handler: 'acc_payer' } },
  ],
  [
    'a broker with a commission',
    [{ party: 'pty_broker' }],
    ['conflict_of_interest /funding/by/0'],
    { fees: [{ kind: 'broker_commission', rate_bps: 100 }] },
  ],
];

test.each(BY)('beside the buyers may pay, or may not: %s', (_, by, faults, changes) => {
  expect(faultsOf({ ...changes, funding: { by } })).toEqual(faults);
});

test('a recipient is no payer', () => {
  const milestones = draftOf().milestones.map((milestone) => ({
    ...milestone,
    recipients: [
      { party: 'pty_seller' as const, share_bps: 9_000 },
      { party: 'pty_broker' as const, remainder: true as const },
    ],
  }));
  expect(faultsOf({ milestones, funding: { by: [{ party: 'pty_broker' }] } })).toEqual([
    'conflict_of_interest /funding/by/0',
  ]);
});

const WHO_PAYS = [
  ['buyer', 'funded'],
  ['partner', 'funded'],
  ['payer', 'funded'],
  ['observer', 'funded'],
  ['seller', '! not_allowed'],
  ['broker', '! not_allowed'],
  ['arbiter', '! not_allowed'],
  ['platform', '! not_allowed'],
  ['stranger', '! not_a_party'],
] as const;

test.each(WHO_PAYS)('once all have accepted, fund by %s: %s', (name, out) => {
  expect(outcome(ask(agreed, name, 'fund', { amount: 5 }))).toBe(out);
});

test('who must accept pays only then; who has nothing to accept at once', () => {
  const sent = play(shared({ funding: { order: 'any', by: [PAYER, OBSERVING] } }), ...SENT);
  expect(outcome(ask(sent, 'partner', 'fund', { amount: 5 }))).toBe('! not_allowed');
  expect(outcome(pay(sent, 'partner', 5))).toBe('payment_waiting');
  expect(outcome(ask(sent, 'payer', 'fund', { amount: 5 }))).toBe('funded');
  expect(outcome(pay(sent, 'observer', 5))).toBe('funded');
});

test('who may pay sees the escrow, and is told that he may', () => {
  expect(mayView(agreed, 'acc_payer')).toBe(true);
  expect(mayView(agreed, 'acc_stranger')).toBe(false);
  const fund = nextActionsOf(agreed, AT).find(({ action }) => action === 'fund');
  expect(fund?.roles).toEqual(['buyer', 'observer', 'payer']);
  expect(fund?.parties).toEqual(['pty_buyer', 'pty_partner', 'pty_observer']);
});

const several = [
  ['buyer', 10_000],
  ['payer', 5_000],
  ['partner', 14_998],
  ['buyer', 2],
] as const;
const funded = several.reduce((now, [name, amount]) => act(now, name, 'fund', { amount }), agreed);

test('each contribution is remembered, and the last one starts the work', () => {
  expect(funded.agreement.stage).toBe('active');
  expect(Object.fromEntries(funded.contributions.map((c) => [c.account, c.amount]))).toEqual({
    acc_buyer: 10_002,
    acc_payer: 5_000,
    acc_partner: 14_998,
  });
});

test('a person pays at most what the others have left; of a payment the rest stays his', () => {
  const some = act(agreed, 'partner', 'fund', { amount: 29_999 });
  expect(outcome(ask(some, 'payer', 'fund', { amount: 2 }))).toBe('! limit_reached');
  const events = eventsOf(pay(some, 'payer', 400));
  expect(the(events, 'funded')).toMatchObject({ payer: 'acc_payer', amount: 1 });
});

test('refunds are shared pro rata to what is left of the contributions', () => {
  const first = eventsOf(ask(funded, 'seller', 'cancel', { milestone: 'mil_1' }));
  const back = Object.fromEntries(the(first, 'refunded').payers.map((p) => [p.account, p.amount]));
  // 10000 by 10002 : 5000 : 14998
  expect(back).toEqual({ acc_buyer: 3_334, acc_payer: 1_667, acc_partner: 4_999 });
  const then = act(funded, 'seller', 'cancel', { milestone: 'mil_1' });
  const rest = eventsOf(ask(then, 'seller', 'cancel', { milestone: 'mil_2' }));
  expect(
    the(rest, 'refunded')
      .payers.map((p) => p.amount)
      .sort(),
  ).toEqual([3_333, 6_668, 9_999]);
});

test('before the due amount is complete each gets his own back', () => {
  const some = act(act(agreed, 'buyer', 'fund', { amount: 7 }), 'payer', 'fund', { amount: 3 });
  const events = eventsOf(ask(some, 'seller', 'cancel'));
  expect(the(events, 'contributions_returned').payers).toEqual([
    { account: 'acc_buyer', amount: 7 },
    { account: 'acc_payer', amount: 3 },
  ]);
});

test('payments of two who pay too early wait side by side and are taken one by one', () => {
  const sent = play(shared(), ...SENT);
  const one = act(sent, 'provider', 'fund', { payment: 'pay_1', payer: 'acc_payer', amount: 3 });
  const two = act(one, 'provider', 'fund', { payment: 'pay_2', payer: 'acc_buyer', amount: 4 });
  expect(two.payments_waiting.map(({ payer }) => payer)).toEqual(['acc_payer', 'acc_buyer']);
});

test('one payer acts for no other: a named payer neither approves nor cancels', () => {
  const active = play(escrowOf({ funding: { by: [PAYER] } }), ...ACTIVE);
  expect(outcome(ask(active, 'payer', 'approve', { milestone: 'mil_1' }))).toBe('! not_allowed');
  expect(outcome(ask(active, 'payer', 'cancel'))).toBe('! not_allowed');
  expect(outcome(ask(active, 'payer', 'dispute'))).toBe('! not_allowed');
  expect(byOf('payer')).toEqual({ kind: 'account', account: 'acc_payer' });
});
