/**
 * Owns how money comes into an escrow: partly, too much, too early, twice, and when it is complete.
 * Must not know journals (`bookkeeping.test.ts`).
 */
import { shortfallOf } from '../../domain/due';
import { type Escrow, receivedOf } from '../../domain/escrow';
import { canTake } from '../../domain/funding';
import { AGREED, act, ask, escrowOf, eventsOf, outcome, play, SENT, the } from './sample';

const agreed = play(escrowOf(), ...AGREED);
const pay = (escrow: Escrow, payment: string, amount: number) =>
  ask(escrow, 'provider', 'fund', { payment, payer: 'acc_buyer', amount });

test('what is due is the price and the fees that the payers bear on top', () => {
  const draft = escrowOf({
    fees: [
      { kind: 'platform', rate_bps: 250, paid_by: { buyer: 10_000 } },
      { kind: 'broker_commission', rate_bps: 100, paid_by: { seller: 10_000 } },
    ],
  });
  expect(draft.terms.amount).toBe(30_000);
  expect(shortfallOf(draft)).toBe(30_750);
});

test('partial funding leaves a shortfall; each contribution is remembered', () => {
  const some = act(agreed, 'buyer', 'fund', { amount: 10_000 });
  expect([receivedOf(some), shortfallOf(some), some.unallocated]).toEqual([10_000, 20_000, 10_000]);
  const more = act(some, 'buyer', 'fund', { amount: 5_000 });
  expect(more.contributions).toEqual([{ account: 'acc_buyer', amount: 15_000, left: 15_000 }]);
  expect(more.agreement.stage).toBe('agreed');
});

test('funding that completes what is due spreads it and starts the work in its step', () => {
  const some = act(agreed, 'buyer', 'fund', { amount: 10_000 });
  const events = eventsOf(ask(some, 'buyer', 'fund', { amount: 20_000 }));
  expect(events.map(({ type }) => type)).toEqual(['funded', 'due_completed', 'started']);
  expect(the(events, 'due_completed')).toMatchObject({
    held: [
      { milestone: 'mil_1', amount: 10_000 },
      { milestone: 'mil_2', amount: 20_000 },
    ],
    fee_held: 0,
  });
});

test('a person funds at most what is due; nobody funds nothing', () => {
  expect(outcome(ask(agreed, 'buyer', 'fund', { amount: 30_001 }))).toBe('! limit_reached');
  const early = play(escrowOf({ funding: { order: 'any' } }), ...SENT, 'buyer accept');
  expect(outcome(ask(early, 'buyer', 'fund', { amount: 30_001 }))).toBe('! limit_reached');
  expect(outcome(ask(agreed, 'buyer', 'fund', { amount: 0 }))).toBe('! malformed');
  expect(outcome(ask(agreed, 'buyer', 'fund', { amount: -1 }))).toBe('! malformed');
});

test('the excess of a payment stays in the wallet', () => {
  const events = eventsOf(pay(agreed, 'pay_1', 40_000));
  expect(the(events, 'funded')).toMatchObject({ amount: 30_000, payment: 'pay_1' });
});

test('a payment that comes too early waits, and is taken when it may be', () => {
  const sent = play(escrowOf(), ...SENT);
  const waiting = act(sent, 'provider', 'fund', { payment: 'pay_1', amount: 30_000 });
  expect(waiting.payments_waiting).toEqual([
    { payment: 'pay_1', payer: 'acc_buyer', amount: 30_000 },
  ]);
  expect([receivedOf(waiting), canTake(waiting, 'acc_buyer')]).toEqual([0, false]);
  const now = play(waiting, 'buyer accept', 'seller accept', 'broker accept');
  expect(canTake(now, 'acc_buyer')).toBe(true);
  const taken = act(now, 'provider', 'fund', { payment: 'pay_1', amount: 30_000 });
  expect([taken.payments_waiting, taken.agreement.stage]).toEqual([[], 'active']);
});

test('under fund_first a payment waits only until who paid it has accepted', () => {
  const sent = play(escrowOf({ funding: { order: 'fund_first' } }), ...SENT);
  expect(outcome(pay(sent, 'pay_1', 30_000))).toBe('payment_waiting');
  const accepted = play(sent, 'buyer accept');
  expect(outcome(pay(accepted, 'pay_1', 30_000))).toBe('funded, due_completed');
});

test('money of somebody who is no payer waits in his wallet', () => {
  const by = { payment: 'pay_1', payer: 'acc_seller', amount: 30_000 };
  expect(outcome(ask(agreed, 'provider', 'fund', by))).toBe('payment_waiting');
});

test('a payment is taken once, however often it is reported', () => {
  const once = act(agreed, 'provider', 'fund', { payment: 'pay_1', amount: 10_000 });
  expect(outcome(pay(once, 'pay_1', 10_000))).toBe('! already_done');
  expect(outcome(pay(once, 'pay_2', 10_000))).toBe('funded');
  const early = act(play(escrowOf(), ...SENT), 'provider', 'fund', { payment: 'pay_1' });
  expect(outcome(pay(early, 'pay_1', 30_000))).toBe('! already_done');
});

test('a report names the payment and who has paid', () => {
  const nobody = { payment: 'pay_1', payer: undefined, amount: 1 };
  expect(outcome(ask(agreed, 'provider', 'fund', nobody))).toBe('! malformed');
  const nothing = { payment: undefined, payer: 'acc_buyer', amount: 1 };
  expect(outcome(ask(agreed, 'provider', 'fund', nothing))).toBe('! malformed');
});

test('a person who names a payment funds from his wallet all the same', () => {
  const asked = { payment: 'pay_1', payer: 'acc_seller', amount: 5 };
  const events = eventsOf(ask(agreed, 'buyer', 'fund', asked));
  expect(the(events, 'funded')).toMatchObject({ payer: 'acc_buyer', payment: null });
});

test('on hold a person does not fund, and a payment waits', () => {
  const held = play(agreed, 'platform hold');
  expect(outcome(ask(held, 'buyer', 'fund'))).toBe('! on_hold');
  expect(outcome(pay(held, 'pay_1', 30_000))).toBe('payment_waiting');
  const waiting = act(held, 'provider', 'fund', { payment: 'pay_1', amount: 30_000 });
  expect(canTake(waiting, 'acc_buyer')).toBe(false);
  expect(canTake(play(waiting, 'platform unhold'), 'acc_buyer')).toBe(true);
});

test('once everything is paid no payment waits any more: it is free money', () => {
  const full = play(
    escrowOf({ funding: { order: 'fund_first' } }),
    ...SENT,
    'buyer accept',
    'buyer fund',
  );
  expect(outcome(pay(full, 'pay_2', 5))).toBe('! limit_reached');
});
