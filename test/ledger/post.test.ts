/**
 * Owns the promises of posting one call: keys, replays, what a journal may need and reverse.
 * Must not test concurrency; `concurrency.test.ts` does.
 */
import { reversalOf } from '../../domain/journal';
import { balancesOf } from '../../ledger/balances';
import { postJournals, requestHash } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import { AT, countRows, fill, journal, line, outcomeOf, SCOPE, transfer } from './bookkeeper';

let database: TestDatabase;
const app = () => database.pool('holdfast_app');
const owner = () => database.pool('holdfast_owner');
const post = (...journals: Parameters<typeof postJournals>[2]) =>
  postJournals(app(), SCOPE, journals);
const [alice, bob] = ['liab:wallet:acc_alice', 'liab:wallet:acc_bob'];

beforeAll(async () => {
  database = await testDatabase();
  await fill(app(), [alice, bob], 10_000);
});
afterAll(async () => {
  expect((await verify(app(), null)).checks.filter(({ ok }) => !ok)).toEqual([]);
  await database.close();
});

/** What a refused call must not change: no row, no version. */
async function leavesNothing(posting: () => Promise<unknown>): Promise<void> {
  const before = await countRows(owner());
  await posting();
  expect(await countRows(owner())).toEqual(before);
}

test('a journal moves what its lines say and gets an id', async () => {
  const [posted] = await post(transfer('move', alice, bob, 300));
  expect(posted).toEqual({ key: 'move', id: expect.any(Number), created: true });
  const balances = await balancesOf(app(), SCOPE, [alice, bob]);
  expect(balances.map(({ code, balance }) => [code, balance])).toEqual([
    [alice, 9_700],
    [bob, 10_300],
  ]);
});

test('the same key with the same request returns the first journal', async () => {
  const [first] = await post(transfer('again', alice, bob, 1));
  await leavesNothing(async () => {
    const [second] = await post(transfer('again', alice, bob, 1));
    expect(second).toEqual({ key: 'again', id: first?.id, created: false });
  });
});

test('the order in which lines are given is no other request', async () => {
  const lines = [line(alice, 5), line(bob, -5)];
  const turned = [...lines].reverse();
  expect(requestHash(journal('k', lines))).toEqual(requestHash(journal('k', turned)));
  const [first] = await post(journal('turned', lines));
  expect(await post(journal('turned', turned))).toEqual([
    { key: 'turned', id: first?.id, created: false },
  ]);
});

test.each([
  ['amount', transfer('other', alice, bob, 3)],
  ['ledger account', transfer('other', alice, 'liab:wallet:acc_carol', 2)],
  ['type', { ...transfer('other', alice, bob, 2), type: 'gift' }],
  ['date', { ...transfer('other', alice, bob, 2), at: '2026-01-16T12:00:00.000Z' as typeof AT }],
  ['reference', journal('other', [line(alice, 2, { ref: 'x' }), line(bob, -2)])],
])('a used key with another %s is refused', async (_, changed) => {
  await post(transfer('other', alice, bob, 2));
  await leavesNothing(async () => expect(await outcomeOf(post(changed))).toBe('LJ002'));
});

test('a used key of another platform or mode is refused', async () => {
  await post(transfer('mine', alice, bob, 2));
  const theirs = { platform: 'plt_other', livemode: false };
  const live = { ...SCOPE, livemode: true };
  for (const scope of [theirs, live]) {
    const posting = postJournals(app(), scope, [transfer('mine', alice, bob, 2)]);
    expect(await outcomeOf(posting)).toBe('LJ002');
  }
});

test('several journals of a call are posted all or not at all', async () => {
  await leavesNothing(async () => {
    const poor = transfer('poor', 'liab:wallet:acc_poor', bob, 1);
    expect(await outcomeOf(post(transfer('rich', alice, bob, 1), poor))).toBe('LJ004');
  });
  const posted = await post(transfer('one', alice, bob, 1), transfer('two', bob, alice, 1));
  expect(posted.map(({ key, created }) => [key, created])).toEqual([
    ['one', true],
    ['two', true],
  ]);
});

test('a later journal of a call may spend what an earlier one brought', async () => {
  const through = 'liab:wallet:acc_through';
  await post(transfer('in', alice, through, 40), transfer('out', through, bob, 40));
  expect(await balancesOf(app(), SCOPE, [through])).toMatchObject([{ balance: 0 }]);
});

test('a call of which a part stands in the books is refused', async () => {
  await post(transfer('half', alice, bob, 1));
  await leavesNothing(async () => {
    const whole = post(transfer('half', alice, bob, 1), transfer('new', alice, bob, 1));
    expect(await outcomeOf(whole)).toBe('LJ002');
  });
});

test('a journal that needs another is refused without it', async () => {
  const settled = { ...transfer('p1:settled', alice, bob, 1), needs: ['p1:started'] };
  await leavesNothing(async () => expect(await outcomeOf(post(settled))).toBe('LJ006'));
  await post(transfer('p1:started', bob, alice, 1));
  expect(await post(settled)).toMatchObject([{ created: true }]);
});

test('what is needed may be posted earlier in the call, not later', async () => {
  const started = transfer('p2:started', bob, alice, 1);
  const settled = { ...transfer('p2:settled', alice, bob, 1), needs: ['p2:started'] };
  expect(await outcomeOf(post(settled, started))).toBe('LJ006');
  expect(await post(started, settled)).toHaveLength(2);
});

test('of settled and failed only one can ever exist', async () => {
  await post({ ...transfer('p3:settled', alice, bob, 1), terminal: 'p3' });
  const failed = { ...transfer('p3:failed', bob, alice, 1), terminal: 'p3' };
  await leavesNothing(async () => expect(await outcomeOf(post(failed))).toBe('LJ007'));
});

test('a reversal is the exact opposite, once, and never reversed itself', async () => {
  const original = transfer('wrong', alice, bob, 25);
  await post(original);
  const reversal = reversalOf(original, AT);
  const less = { ...transfer('less', bob, alice, 24), reverses: 'wrong' };
  expect(await outcomeOf(post(less))).toBe('LJ006');
  expect(await outcomeOf(post({ ...less, reverses: 'nothing' }))).toBe('LJ006');
  expect(await post(reversal)).toMatchObject([{ key: 'rev:wrong', created: true }]);
  expect(await outcomeOf(post({ ...reversal, key: 'rev:again' }))).toBe('LJ007');
  expect(await outcomeOf(post(reversalOf(reversal, AT)))).toBe('LJ006');
});

test('a ledger account is opened by the first journal that names it', async () => {
  await post(journal('fee', [line(alice, 9), line('rev:platform_fee', -9)]));
  expect(await balancesOf(app(), SCOPE, ['rev:platform_fee'])).toMatchObject([
    { kind: 'platform_fee', owner: null, status: 'open', amount: -9, balance: 9 },
  ]);
  expect(await balancesOf(app(), SCOPE, [alice])).toMatchObject([{ owner: 'acc_alice' }]);
});

test('currencies, and test and live money, never meet', async () => {
  const dollars = { currency: 'USD' };
  const mixed = journal('mixed', [line(alice, 5), line(bob, -5, dollars)]);
  expect(await outcomeOf(post(mixed))).toBe('LJ001');
  // Alice has euros in test mode; she has no dollars, and nothing live.
  const spent = journal('usd', [line(alice, 5, dollars), line(bob, -5, dollars)]);
  expect(await outcomeOf(post(spent))).toBe('LJ004');
  const live = postJournals(app(), { ...SCOPE, livemode: true }, [transfer('l', alice, bob, 5)]);
  expect(await outcomeOf(live)).toBe('LJ004');
});

test('one journal may move two currencies when each of them adds up', async () => {
  const usd = { currency: 'USD' };
  const lines = [
    line('asset:bank:main', 7, usd),
    line(alice, -7, usd),
    line(alice, 6),
    line('asset:bank:main', -6),
  ];
  expect(await post(journal('fx', lines))).toMatchObject([{ created: true }]);
});
