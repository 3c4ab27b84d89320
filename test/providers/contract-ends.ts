/**
 * Owns the contract of ends: what an order comes to, at once and after waiting.
 * Must not know which provider keeps it.
 */
import { plus } from '../../domain/calendar';
import { toMinor } from '../../domain/money';
import type { TestTime } from '../../providers/provider';
import {
  type Given,
  giveBackOrder,
  KINDS,
  name,
  newClock,
  orderOf,
  refOf,
  sendOrder,
  takeOrder,
} from './double';

export function reachesAnEnd(given: Given): void {
  describe('reaching an end', () => {
    test.each(KINDS)('%s settles with a fact that equals the order', async (kind) => {
      const order = orderOf(kind);
      const answer = await given().give(kind, order);
      const fact = {
        reference: order.reference,
        theirs: expect.any(String),
        amount: order.amount,
        currency: order.currency,
        livemode: false,
        destination:
          kind === 'send' ? given().double.fingerprint({ reference: 'DE-0001', name: '' }) : null,
        pulledBack: null,
      };
      expect(answer).toMatchObject({ state: 'settled', fact });
      expect(await given().lookUp(kind, order)).toMatchObject({
        found: true,
        state: 'settled',
        fact,
      });
      expect(await given().double.movements(kind, order.reference)).toBe(1);
    });

    test.each(KINDS)('%s fails with a code, and says what may help', async (kind) => {
      const order = orderOf(kind);
      const failure = { code: 'compliance', again: 'later' } as const;
      await given().double.script(kind, order.reference, { type: 'fail', ...failure });
      expect(await given().give(kind, order)).toEqual({ state: 'failed', ...failure });
      expect(await given().lookUp(kind, order)).toMatchObject({
        found: true,
        state: 'failed',
        ...failure,
      });
      expect(await given().double.movements(kind, order.reference)).toBe(0);
      // The next attempt is another order under another key.
      expect(await given().give(kind, orderOf(kind))).toMatchObject({ state: 'settled' });
    });

    test('the fact of a payout tells its destination from every other', async () => {
      const here = { reference: 'DE-0001', name: 'Sal Seller' };
      const there = { reference: 'DE-0002', name: 'Sal Seller' };
      const order = sendOrder({ destination: there });
      await given().double.provider.send(order);
      const destination = given().double.fingerprint(there);
      expect(await given().lookUp('send', order)).toMatchObject({ fact: { destination } });
      expect(destination).not.toBe(given().double.fingerprint(here));
      expect(destination).not.toContain(there.reference);
    });

    test('a payout beyond the balance fails and may be tried later', async () => {
      const order = sendOrder({ currency: 'NOK', amount: toMinor(5_000) });
      const refused = { state: 'failed', code: 'balance_too_low', again: 'later' };
      expect(await given().double.provider.send(order)).toEqual(refused);
      expect(await given().lookUp('send', order)).toEqual({ found: false, complete: true });
    });

    test('live mode is refused without a call', async () => {
      for (const kind of KINDS) {
        const order = { ...orderOf(kind), livemode: true };
        const refused = { state: 'failed', code: 'not_supported', again: 'never' };
        expect(await given().give(kind, order)).toEqual(refused);
        expect(await given().lookUp(kind, order)).toEqual({ found: false, complete: true });
      }
    });
  });
}

export function waits(given: Given): void {
  describe('waiting', () => {
    const fundOn = (clock: TestTime) => given().double.provider.take(takeOrder({ clock }));

    test.each(KINDS)('%s stays sent until its delay is over', async (kind) => {
      const clock = newClock();
      await fundOn(clock);
      const order = orderOf(kind, { clock });
      await given().double.script(kind, order.reference, { type: 'settle_after_days', days: 3 });
      expect(await given().give(kind, order)).toMatchObject({ state: 'sent' });
      expect(await given().lookUp(kind, order)).toMatchObject({ found: true, state: 'sent' });
      await given().double.advance(clock.id, plus(clock.now, 4 * 86_400_000));
      expect(await given().lookUp(kind, order)).toMatchObject({ found: true, state: 'settled' });
      expect(await given().double.movements(kind, order.reference)).toBe(1);
    });

    test('the time that a look-up brings is enough to find what has become due', async () => {
      const clock = newClock();
      const order = takeOrder({ clock });
      await given().double.script('take', order.reference, { type: 'settle_after_days', days: 3 });
      await given().double.provider.take(order);
      const later = { ...clock, now: plus(clock.now, 4 * 86_400_000) };
      const found = await given().double.provider.lookUp({ ...refOf('take', order), clock: later });
      expect(found).toMatchObject({ found: true, state: 'settled' });
    });

    test('a payment that waits for its payer gives him something to do', async () => {
      const order = takeOrder();
      await given().double.script('take', order.reference, { type: 'wait_for_payer' });
      const answer = await given().double.provider.take(order);
      expect(answer).toMatchObject({ state: 'sent', theirs: expect.any(String) });
      expect(answer.state === 'sent' && answer.payer).toBeTruthy();
      await given().double.payAsPayer(order.reference);
      expect(await given().lookUp('take', order)).toMatchObject({ found: true, state: 'settled' });
    });

    test('a partial payment says what came, not what was asked for', async () => {
      const order = takeOrder();
      await given().double.script('take', order.reference, {
        type: 'partial',
        amount: toMinor(6_000),
      });
      const fact = { amount: 6_000 };
      expect(await given().double.provider.take(order)).toMatchObject({ state: 'settled', fact });
      expect(await given().lookUp('take', order)).toMatchObject({ found: true, fact });
    });

    test('a payout that comes back is found as returned, with what was pulled back', async () => {
      const clock = newClock();
      await fundOn(clock);
      const order = sendOrder({ clock });
      await given().double.script('send', order.reference, { type: 'return_after_days', days: 5 });
      expect(await given().double.provider.send(order)).toMatchObject({ state: 'settled' });
      await given().double.advance(clock.id, plus(clock.now, 6 * 86_400_000));
      expect(await given().lookUp('send', order)).toMatchObject({
        found: true,
        state: 'returned',
        fact: { pulledBack: { amount: order.amount, at: expect.any(String) } },
      });
    });
  });
}

export function givesBack(given: Given): void {
  describe('giving back', () => {
    const back = (payment: string, amount: number) =>
      given().give('give_back', giveBackOrder({ payment, amount: toMinor(amount) }));

    test('of a payment in parts, and never more than it brought', async () => {
      const order = takeOrder({ amount: toMinor(10_000) });
      await given().give('take', order);
      expect(await back(order.reference, 6_000)).toMatchObject({
        state: 'settled',
        fact: { amount: 6_000, currency: order.currency },
      });
      expect(await back(order.reference, 4_001)).toMatchObject({ state: 'failed' });
      expect(await back(order.reference, 4_000)).toMatchObject({ state: 'settled' });
      expect(await back(order.reference, 1)).toMatchObject({ state: 'failed' });
    });

    test('in parallel no more than it brought either', async () => {
      const order = takeOrder({ amount: toMinor(10_000) });
      await given().give('take', order);
      const all = await Promise.all([1, 2, 3, 4].map(() => back(order.reference, 4_000)));
      expect(all.filter(({ state }) => state === 'settled')).toHaveLength(2);
      expect(all.filter(({ state }) => state === 'failed')).toHaveLength(2);
    });

    test('of a payment that is not there nothing is given, whenever it is tried', async () => {
      const order = giveBackOrder({ payment: name('pay') });
      expect(await given().give('give_back', order)).toMatchObject({
        state: 'failed',
        again: 'never',
      });
      expect(await given().double.movements('give_back', order.reference)).toBe(0);
    });

    test('one that fails leaves the payment to be given back again', async () => {
      const order = takeOrder();
      await given().give('take', order);
      const first = giveBackOrder({ payment: order.reference, amount: order.amount });
      const fault = { type: 'fail', code: 'declined', again: 'later' } as const;
      await given().double.script('give_back', first.reference, fault);
      expect(await given().give('give_back', first)).toMatchObject({ state: 'failed' });
      expect(await back(order.reference, order.amount)).toMatchObject({ state: 'settled' });
    });
  });
}
