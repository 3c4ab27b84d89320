/**
 * Owns refunds to where the money came from: which payments bear them, what is started, and what a
 * script's report changes.
 * Must not know how a refund is shared (`payers.test.ts`), nor the books of a payout.
 * Source: `escrow.md`, sections 8 and 9; invariant 17 of `ledger.md`.
 */
import { decide } from '../../domain/decide';
import type { Draft } from '../../domain/draft';
import { effectsOf } from '../../domain/effects';
import { type Escrow, isSettledUp } from '../../domain/escrow';
import { evolve } from '../../domain/evolve';
import { toMinor } from '../../domain/money';
import { type EffectFacts, reportOf } from '../../domain/reports';
import { statusOf } from '../../domain/status';
import {
  AGREED,
  AT,
  act,
  ask,
  byOf,
  escrowOf,
  eventsOf,
  outcome,
  PAYER,
  play,
  the,
} from './sample';

const toSource = (changes: Partial<Draft> = {}): Escrow =>
  play(escrowOf({ refund_to: 'source', ...changes }), ...AGREED);
const paid = (escrow: Escrow, n: number, amount: number, payer = 'acc_buyer'): Escrow =>
  act(escrow, 'provider', 'fund', { payment: `pay_${n}`, payer, amount });
/** Three payments of 10000 each. */
const thrice = (escrow: Escrow): Escrow =>
  [1, 2, 3].reduce((now, n) => paid(now, n, 10_000), escrow);
const partsOf = (escrow: Escrow, milestone: string) =>
  the(eventsOf(ask(escrow, 'seller', 'cancel', { milestone })), 'refunded').sources.map(
    ({ payment, amount }) => [payment, amount],
  );

test('the newest payment of a payer goes back first, each at most what was taken of it', () => {
  const escrow = thrice(toSource());
  expect(partsOf(escrow, 'mil_2')).toEqual([
    ['pay_3', 10_000],
    ['pay_2', 10_000],
  ]);
  const then = act(escrow, 'seller', 'cancel', { milestone: 'mil_2' });
  expect(partsOf(then, 'mil_1')).toEqual([['pay_1', 10_000]]);
});

test("the excess of a payment is the wallet's and does not go back", () => {
  const escrow = paid(paid(toSource(), 1, 25_000), 2, 9_000);
  expect(escrow.sources).toEqual([
    { payment: 'pay_1', account: 'acc_buyer', left: 25_000 },
    { payment: 'pay_2', account: 'acc_buyer', left: 5_000 },
  ]);
});

test('what was paid out of a wallet stays in a wallet', () => {
  const some = act(toSource(), 'buyer', 'fund', { amount: 25_000 });
  expect(partsOf(paid(some, 1, 5_000), 'mil_1')).toEqual([['pay_1', 5_000]]);
  const all = act(toSource(), 'buyer', 'fund', { amount: 30_000 });
  expect(partsOf(all, 'mil_1')).toEqual([]);
});

test('each payer gets his own payments back', () => {
  const some = paid(toSource({ funding: { by: [PAYER] } }), 1, 20_000);
  expect(partsOf(paid(some, 2, 10_000, 'acc_payer'), 'mil_1')).toEqual([
    ['pay_1', 6_667],
    ['pay_2', 3_333],
  ]);
});

test('where the terms want the wallet nothing is sent back', () => {
  expect(partsOf(thrice(play(escrowOf(), ...AGREED)), 'mil_2')).toEqual([]);
});

test('each part is a refund of its own, started by the event that books it', () => {
  const escrow = thrice(toSource());
  const [event] = eventsOf(ask(escrow, 'seller', 'cancel', { milestone: 'mil_2' }));
  if (!event) throw new Error('nothing happened');
  const started = effectsOf(evolve(escrow, event), event);
  expect(started).toMatchObject([
    { type: 'send_back', how: 'begin', payment: 'pay_3', amount: 10_000, account: 'acc_buyer' },
    { type: 'send_back', how: 'begin', payment: 'pay_2', amount: 10_000, milestone: 'mil_2' },
  ]);
  expect(new Set(started.map(({ id }) => id)).size).toBe(2);
});

test('contributions that were never complete go back to their source too', () => {
  const some = paid(toSource(), 1, 7);
  const events = eventsOf(ask(some, 'buyer', 'cancel'));
  expect(the(events, 'contributions_returned').sources).toMatchObject([
    { payment: 'pay_1', amount: 7 },
  ]);
});

const closed = act(paid(toSource(), 1, 30_000), 'seller', 'cancel');
const first = closed.refunds[0]?.id ?? 'ref_none';

test('cr stands however the refund ends, and on its way it is not over', () => {
  expect([statusOf(closed).status_code, isSettledUp(closed)]).toEqual(['cr', false]);
  const ends = closed.refunds.map(({ id }) => id);
  for (const type of ['settle_refund', 'fail_refund'] as const) {
    const over = ends.reduce((now, refund) => act(now, 'provider', type, { refund }), closed);
    expect([statusOf(over).status_code, isSettledUp(over)]).toEqual(['cr', true]);
  }
});

test('an escrow can be held until its refunds are settled', () => {
  expect(outcome(ask(closed, 'platform', 'hold'))).toBe('put_on_hold');
  const ends = closed.refunds.map(({ id }) => id);
  const one = act(closed, 'provider', 'settle_refund', { refund: first });
  expect(ends.length).toBeGreaterThan(1);
  expect(outcome(ask(one, 'platform', 'hold'))).toBe('put_on_hold');
  const all = ends
    .slice(1)
    .reduce((now, refund) => act(now, 'provider', 'settle_refund', { refund }), one);
  expect(outcome(ask(all, 'platform', 'hold'))).toBe('! escrow_closed');
});

test('a script reports it once; what failed may still settle', () => {
  const settled = act(closed, 'provider', 'settle_refund', { refund: first });
  expect(outcome(ask(settled, 'provider', 'settle_refund'))).toBe('! already_done');
  const failed = act(closed, 'provider', 'fail_refund', { refund: first });
  expect(outcome(ask(failed, 'provider', 'fail_refund'))).toBe('! already_done');
  expect(outcome(ask(failed, 'provider', 'settle_refund'))).toBe('refund_settled');
  expect(outcome(ask(closed, 'buyer', 'settle_refund'))).toBe('! not_allowed');
});

/** what the row says, what the escrow knows, what it is told */
const REPORTS = [
  ['planned', 'pending', null],
  ['sent', 'pending', null],
  ['unknown', 'pending', null],
  ['parked', 'pending', null],
  ['settled', 'pending', 'settle_refund'],
  ['failed', 'pending', 'fail_refund'],
  ['settled', 'settled', null],
  ['returned', 'settled', 'fail_refund'],
  ['settled', 'failed', 'settle_refund'],
  ['failed', 'failed', null],
] as const;

test.each(REPORTS)('a row that is %s where %s is known: %s', (state, known, told) => {
  const refunds = closed.refunds.map((refund) => ({ ...refund, state: known }));
  const escrow: Escrow = { ...closed, refunds };
  const facts: EffectFacts = {
    kind: 'refund',
    id: first,
    state,
    attempt: 1,
    amount: toMinor(10_000),
    account: 'acc_buyer',
    reason: null,
    returnable_until: null,
  };
  const command = reportOf(escrow, facts);
  expect(command?.type ?? null).toBe(told);
  if (command) expect(decide(escrow, command, byOf('provider'), AT).ok).toBe(true);
});

test('on hold it stands, and goes on when the hold is lifted', () => {
  const held = act(closed, 'platform', 'hold');
  const [lifted] = eventsOf(ask(held, 'platform', 'unhold'));
  if (!lifted) throw new Error('nothing happened');
  expect(effectsOf(evolve(held, lifted), lifted)).toMatchObject([
    { type: 'send_back', how: 'wake', id: first },
    { type: 'send_back', how: 'wake' },
  ]);
});
