/**
 * Owns what failpoints do inside a living process; those that end it: `test/house/faults.test.ts`.
 * Must not know where they stand.
 */
import { armFailpoints, FailpointError, failpoint } from '../../../runtime/failpoints';
import * as production from '../../../runtime/failpoints.production';

afterEach(() => armFailpoints(''));

async function outcomes(count: number): Promise<string> {
  const all: string[] = [];
  for (let hit = 0; hit < count; hit += 1) {
    all.push(
      await failpoint('record.after_commit').then(
        () => '.',
        (error: unknown) => (error instanceof FailpointError ? 'x' : '?'),
      ),
    );
  }
  return all.join('');
}

test('a failpoint that is not armed does nothing', async () => {
  armFailpoints('effect.after_send=throw');
  expect(await outcomes(3)).toBe('...');
});

test('an armed one acts on each hit, or on the n-th alone', async () => {
  armFailpoints('record.after_commit=throw');
  expect(await outcomes(3)).toBe('xxx');
  armFailpoints('record.after_commit=throw@2');
  expect(await outcomes(4)).toBe('.x..');
});

test('a probability is in per cent', async () => {
  armFailpoints('record.after_commit=throw%0,effect.after_send=delay:1');
  expect(await outcomes(20)).toBe('.'.repeat(20));
  armFailpoints('record.after_commit=throw%50');
  expect(await outcomes(200)).toMatch(/x.*\.|\..*x/);
});

test('a delay delays', async () => {
  armFailpoints('record.after_commit=delay:30');
  const before = performance.now();
  await outcomes(1);
  expect(performance.now() - before).toBeGreaterThan(25);
});

test.each(['nowhere=kill', 'record.after_commit=explode', 'record.after_commit', 'x'])(
  'an unknown place or action is refused: %s',
  (text) => expect(() => armFailpoints(text)).toThrow(/no such failpoint/),
);

test('a production build has none', async () => {
  expect(() => production.armFailpoints('record.after_commit=kill')).toThrow(/no failpoints/);
  production.armFailpoints('');
  await production.failpoint('record.after_commit');
});
