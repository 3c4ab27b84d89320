/**
 * Owns the contract of doubts: sending twice, lost answers, no connection.
 * Must not know which provider keeps it.
 */
import { toMinor } from '../../domain/money';
import type { Answer, Found } from '../../providers/provider';
import { type Given, giveBy, KINDS, orderOf, refOf, takeOrder } from './double';

export function doesThingsOnce(given: Given): void {
  describe('doing a thing twice', () => {
    test.each(KINDS)('%s twice with one key moves money once', async (kind) => {
      const order = orderOf(kind);
      const first = await given().give(kind, order);
      expect(await given().give(kind, order)).toEqual(first);
      expect(await given().double.movements(kind, order.reference)).toBe(1);
    });

    test.each(KINDS)('%s eight times in parallel with one key moves money once', async (kind) => {
      const order = orderOf(kind);
      const answers = await Promise.all(Array.from({ length: 8 }, () => given().give(kind, order)));
      expect(answers.filter(({ state }) => state === 'settled').length).toBeGreaterThan(0);
      for (const { state } of answers) expect(['settled', 'unknown']).toContain(state);
      expect(await given().give(kind, order)).toMatchObject({ state: 'settled' });
      expect(await given().double.movements(kind, order.reference)).toBe(1);
    });

    test.each(KINDS)('%s with another order under the key is no success', async (kind) => {
      const order = orderOf(kind);
      await given().give(kind, order);
      const other = { ...order, amount: toMinor(order.amount + 1) };
      expect(await given().give(kind, other)).toMatchObject({ state: 'unknown' });
      expect(await given().lookUp(kind, order)).toMatchObject({ fact: { amount: order.amount } });
    });

    test.each(KINDS)('a failed %s with the same key stays failed', async (kind) => {
      const order = orderOf(kind);
      const fault = { type: 'fail', code: 'declined', again: 'later' } as const;
      await given().double.script(kind, order.reference, fault);
      const first = await given().give(kind, order);
      expect(await given().give(kind, order)).toEqual(first);
    });
  });
}

export function doubtsUntilItHasRead(given: Given): void {
  describe('not knowing', () => {
    const lost = KINDS.flatMap((kind) => [[kind, 'cut'] as const, [kind, 'hang'] as const]);
    test.each(lost)('%s that is carried out, then %s, is unknown and found', async (kind, type) => {
      const order = orderOf(kind);
      await given().double.script(kind, order.reference, { type });
      expect(await given().give(kind, order)).toMatchObject({ state: 'unknown' });
      expect(await given().lookUp(kind, order)).toMatchObject({ found: true, state: 'settled' });
      expect(await given().give(kind, order)).toMatchObject({ state: 'settled' });
      expect(await given().double.movements(kind, order.reference)).toBe(1);
    });

    test.each(KINDS)(
      '%s without a connection, or with a wrong login, is not executed',
      async (kind) => {
        const order = orderOf(kind);
        for (const provider of [given().double.stranger, given().double.unreachable]) {
          const answer = await giveBy(provider, kind, order);
          expect(answer).toMatchObject({ state: 'not_executed' });
        }
        expect(await given().lookUp(kind, order)).toEqual({ found: false, complete: true });
      },
    );

    test('a look-up that cannot be made throws, and never says "not there"', async () => {
      const ref = refOf('take', takeOrder());
      const failed = (reason: string) => expect.objectContaining({ name: 'ReadFailed', reason });
      await expect(given().double.stranger.lookUp(ref)).rejects.toEqual(failed('login'));
      await expect(given().double.unreachable.lookUp(ref)).rejects.toEqual(failed('unreachable'));
    });
  });
}

export function comesToAnEndInAllDoubt(given: Given): void {
  describe('many at once', () => {
    test('many orders with lost answers, pushed to an end: one movement each', async () => {
      const orders = Array.from({ length: 60 }, (_, at) => ({
        kind: KINDS[at % KINDS.length] ?? 'take',
        fault: (['cut', 'fail', 'none', 'drop_webhook'] as const)[at % 4] ?? 'none',
        at,
      }));
      const push = async ({ kind, fault }: (typeof orders)[number]) => {
        const order = orderOf(kind);
        if (fault === 'fail') {
          await given().double.script(kind, order.reference, {
            type: fault,
            code: 'declined',
            again: 'later',
          });
        } else if (fault !== 'none') {
          await given().double.script(kind, order.reference, { type: fault });
        }
        const end = await pushToEnd(
          () => given().give(kind, order),
          () => given().lookUp(kind, order),
        );
        expect(end).toBe(fault === 'fail' ? 'failed' : 'settled');
        expect(await given().double.movements(kind, order.reference)).toBe(
          fault === 'fail' ? 0 : 1,
        );
      };
      const queue = [...orders];
      const worker = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await push(next);
      };
      await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(worker));
    });
  });
}

/** What the core does with an unknown answer, in short: look up, and only then send again. */
async function pushToEnd(
  give: () => Promise<Answer>,
  lookUp: () => Promise<Found>,
): Promise<'settled' | 'failed'> {
  for (let sends = 0; sends < 5; sends += 1) {
    const answer = await give();
    if (answer.state === 'settled' || answer.state === 'failed') return answer.state;
    const found = await lookUp();
    if (found.found && (found.state === 'settled' || found.state === 'failed')) return found.state;
  }
  throw new Error('the order never ends');
}
