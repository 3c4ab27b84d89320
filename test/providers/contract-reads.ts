/**
 * Owns the contract of reading: look-ups, cancelling, webhooks, amounts.
 * Must not know which provider keeps it.
 */
import { minutes, plus } from '../../domain/calendar';
import { toMinor } from '../../domain/money';
import type { Currency, RawWebhook, Reference, TakeOrder } from '../../providers/provider';
import { type Given, KINDS, name, orderOf, refOf, sendOrder, takeOrder, until } from './double';

export function looksUp(given: Given): void {
  describe('looking up', () => {
    test.each(KINDS)('%s is absent before sending; the absence counts as proof', async (kind) => {
      expect(await given().lookUp(kind, orderOf(kind))).toEqual({ found: false, complete: true });
    });

    test.each(KINDS)('%s is found by our reference, with their id or without', async (kind) => {
      const order = orderOf(kind);
      await given().give(kind, order);
      const found = await given().lookUp(kind, order);
      const theirs = found.found ? found.fact.theirs : '';
      expect(await given().double.provider.lookUp(refOf(kind, order, theirs))).toEqual(found);
    });

    test('a reference of a payment is no reference of a payout', async () => {
      const order = takeOrder();
      await given().double.provider.take(order);
      expect(await given().lookUp('send', order)).toEqual({ found: false, complete: true });
    });

    test('references with signs of URLs are found, and nothing else', async () => {
      const order = takeOrder({ reference: `${name('pay')}/../a?b=c&reference=d#e%20f ü` });
      await given().double.provider.take(order);
      expect(await given().lookUp('take', order)).toMatchObject({ found: true });
      const other = { ...refOf('take', order), reference: 'd' };
      expect(await given().double.provider.lookUp(other)).toMatchObject({ found: false });
    });

    test('the version changes when the state does', async () => {
      const order = takeOrder();
      await given().double.script('take', order.reference, { type: 'wait_for_payer' });
      await given().double.provider.take(order);
      const before = await given().lookUp('take', order);
      await given().double.payAsPayer(order.reference);
      const after = await given().lookUp('take', order);
      expect(before.found && before.fact.version).not.toBe(after.found && after.fact.version);
    });
  });
}

export function cancels(given: Given): void {
  describe('cancelling', () => {
    const cancel = (ref: Reference) => given().double.provider.cancel?.(ref);

    test.each(KINDS)('a %s that is not final is stopped, by reference or by id', async (kind) => {
      for (const byId of [false, true]) {
        const order = orderOf(kind);
        await given().double.script(kind, order.reference, { type: 'cancellable' });
        const answer = await given().give(kind, order);
        const theirs = answer.state === 'sent' && byId ? answer.theirs : undefined;
        const stopped = { state: 'failed', code: 'cancelled', again: 'never' };
        expect(await cancel(refOf(kind, order, theirs))).toEqual(stopped);
        expect(await cancel(refOf(kind, order, theirs))).toEqual(stopped);
        expect(await given().double.movements(kind, order.reference)).toBe(0);
      }
    });

    test.each(KINDS)('a %s that has settled stays settled: losing is an answer', async (kind) => {
      const order = orderOf(kind);
      await given().give(kind, order);
      expect(await cancel(refOf(kind, order))).toMatchObject({
        state: 'settled',
        fact: { amount: order.amount },
      });
    });

    test('what was never there cannot be stopped', async () => {
      const answer = await cancel(refOf('take', takeOrder()));
      expect(answer).toMatchObject({ state: 'not_executed' });
    });
  });
}

export function readsWebhooks(given: Given): void {
  describe('webhooks', () => {
    test('a true one gives a hint: what to look up, and no fact', async () => {
      const order = takeOrder();
      const answer = await given().double.provider.take(order);
      const theirs = answer.state === 'settled' ? answer.fact.theirs : '';
      const { reference } = order;
      expect(await given().double.provider.readWebhook(await webhookOf(given, order))).toEqual({
        type: 'hint',
        webhook: expect.any(String),
        kind: 'take',
        reference,
        theirs,
      });
    });

    test('copies carry one id, so that they can be stored once', async () => {
      const order = takeOrder();
      await given().double.script('take', order.reference, { type: 'copies', count: 10 });
      await given().double.provider.take(order);
      await until(() => given().double.webhooks(order.reference).length === 10);
      const hints = await Promise.all(
        given()
          .double.webhooks(order.reference)
          .map((raw) => given().double.provider.readWebhook(raw)),
      );
      expect(new Set(hints.map((hint) => hint.type === 'hint' && hint.webhook)).size).toBe(1);
    });

    test('a lost one is made up for by a look-up', async () => {
      const order = takeOrder();
      await given().double.script('take', order.reference, { type: 'drop_webhook' });
      await given().double.provider.take(order);
      expect(await given().lookUp('take', order)).toMatchObject({ found: true, state: 'settled' });
      expect(given().double.webhooks(order.reference)).toEqual([]);
    });
  });
}

export function refusesForgedWebhooks(given: Given): void {
  describe('webhooks that prove nothing', () => {
    test('one with another body, signature, secret or age is forged', async () => {
      const order = takeOrder();
      await given().double.provider.take(order);
      const raw = await webhookOf(given, order);
      const body = Buffer.from(raw.body);
      body.writeUInt8((body.at(-5) ?? 0) ^ 1, body.length - 5);
      const headers = Object.fromEntries(
        Object.entries(raw.headers).map(([key, value]) => [
          key,
          value?.replace(/[0-9a-f]{2}$/, (end) => (end === '00' ? '11' : '00')),
        ]),
      );
      const old = plus(raw.receivedAt, minutes(6));
      const early = plus(raw.receivedAt, -minutes(6));
      for (const forged of [
        { ...raw, body },
        { ...raw, headers },
        { ...raw, headers: {} },
        { ...raw, receivedAt: old },
        { ...raw, receivedAt: early },
      ]) {
        expect(await given().double.provider.readWebhook(forged)).toMatchObject({ type: 'forged' });
      }
      expect(await given().double.stranger.readWebhook(raw)).toMatchObject({ type: 'forged' });
      expect(await given().double.provider.readWebhook(raw)).toMatchObject({ type: 'hint' });
    });
  });
}

async function webhookOf(given: Given, order: TakeOrder): Promise<RawWebhook> {
  await until(() => given().double.webhooks(order.reference).length > 0);
  const [raw] = given().double.webhooks(order.reference);
  if (raw === undefined) throw new Error('none came');
  return raw;
}

export function keepsAmounts(given: Given): void {
  describe('amounts', () => {
    const amounts: readonly [Currency, number][] = [
      ['JPY', 1],
      ['JPY', 123_457],
      ['EUR', 1],
      ['EUR', 99_999_999],
      ['KWD', 1_234_567],
      ['ETH@mainnet', 1_000_000_001],
      ['XAU', Number.MAX_SAFE_INTEGER],
    ];
    test.each(amounts)('go there and back exactly: %s %d', async (currency, minor) => {
      const amount = toMinor(minor);
      const taken = await given().double.provider.take(takeOrder({ currency, amount }));
      expect(taken).toMatchObject({ state: 'settled', fact: { amount, currency } });
      const order = sendOrder({ currency, amount });
      await given().double.provider.send(order);
      expect(await given().lookUp('send', order)).toMatchObject({ fact: { amount, currency } });
    });

    test('one step can be paid out', async () => {
      const amount = given().double.provider.capabilities.step('EUR');
      const answer = await given().double.provider.send(sendOrder({ amount }));
      expect(answer).toMatchObject({ state: 'settled', fact: { amount } });
    });
  });
}
