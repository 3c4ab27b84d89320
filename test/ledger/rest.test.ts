/**
 * Owns `rest` lines: a line takes what lies above the floor, another one takes the shortfall.
 * Must not test exact lines.
 */
import type { Journal, Line } from '../../domain/journal';
import { balancesOf } from '../../ledger/balances';
import { booksOfSubjects } from '../../ledger/books';
import { postJournals } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import { fill, journal, line, outcomeOf, SCOPE, transfer } from './bookkeeper';

let database: TestDatabase;
const app = () => database.pool('holdfast_app');
const post = (...journals: readonly Journal[]) => postJournals(app(), SCOPE, journals);

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  expect((await verify(app(), null)).checks.filter(({ ok }) => !ok)).toEqual([]);
  await database.close();
});

/** What the journal under a key has posted, as `code amount`. */
async function linesOf(key: string): Promise<readonly string[]> {
  const { journals } = await booksOfSubjects(app(), SCOPE, [key]);
  return journals.flatMap(({ lines }) =>
    lines.map(({ account, amount }) => `${account} ${amount}`),
  );
}

/** A chargeback of 100: from the wallet, what it lacks from a receivable. */
const chargeback = (key: string, wallet: string): Journal =>
  journal(key, [
    line(wallet, 100, { rest: 1 }),
    line(wallet.replace('liab:wallet', 'asset:receivable'), 0),
    line('asset:provider:con_1:available', -100),
  ]);

test.each([
  ['enough', 250, ['asset:provider:con_1:available -100', 'liab:wallet:acc_enough 100']],
  [
    'some',
    30,
    [
      'asset:provider:con_1:available -100',
      'asset:receivable:acc_some 70',
      'liab:wallet:acc_some 30',
    ],
  ],
  ['none', 0, ['asset:provider:con_1:available -100', 'asset:receivable:acc_none 100']],
])('with %s in the wallet it takes what is there', async (name, amount, lines) => {
  const wallet = `liab:wallet:acc_${name}`;
  if (amount > 0) await fill(app(), [wallet], amount);
  await post(chargeback(name, wallet));
  expect(await linesOf(name)).toEqual(lines);
});

test('posting it again gives the first journal, whatever the wallet holds by then', async () => {
  const wallet = 'liab:wallet:acc_again';
  await fill(app(), [wallet], 10);
  const [first] = await post(chargeback('again', wallet));
  const refill = journal('refill', [line('asset:bank:main', 500), line(wallet, -500)]);
  await post(refill);
  expect(await post(chargeback('again', wallet))).toEqual([{ ...first, created: false }]);
});

/** Reserve, then wallet, then receivable, of names that sort in any order. */
function chain(key: string, turned: boolean): Journal {
  const lines: Line[] = [
    line(`liab:reserve:acc_${key}`, 100, { rest: 1 }),
    line(`liab:wallet:acc_${key}`, 0, { rest: 2 }),
    line(`asset:receivable:acc_${key}`, 0),
    line('asset:provider:con_1:available', -100),
  ];
  if (!turned) return journal(key, lines);
  // The wallet first: in order of codes its turn would come before the reserve's shortfall.
  return journal(key, [
    line(`liab:wallet:acc_${key}`, 100, { rest: 1 }),
    line(`liab:reserve:acc_${key}`, 0, { rest: 2 }),
    line(`asset:receivable:acc_${key}`, 0),
    line('asset:provider:con_1:available', -100),
  ]);
}

test.each([
  ['in order of codes', false, { reserve: 20, wallet: 50 }, [30, 20, 50]],
  ['against the order of codes', true, { reserve: 20, wallet: 50 }, [30, 20, 50]],
  ['when the first has all', false, { reserve: 120, wallet: 50 }, [100]],
  ['when the second has all', true, { reserve: 500, wallet: 50 }, [50, 50]],
])('a chain of rests %s', async (name, turned, has, taken) => {
  const key = name.replaceAll(' ', '_');
  await fill(app(), [`liab:reserve:acc_${key}`], has.reserve);
  await fill(app(), [`liab:wallet:acc_${key}`], has.wallet);
  await post(chain(key, turned));
  const amounts = (await linesOf(key)).slice(1).map((text) => Number(text.split(' ')[1]));
  expect(amounts).toEqual(taken);
});

test('a rest looks at what the earlier journals of its call have left', async () => {
  const [wallet, other] = ['liab:wallet:acc_before', 'liab:wallet:acc_other'];
  await fill(app(), [wallet], 100);
  await post(transfer('before', wallet, other, 60), chargeback('after', wallet));
  expect(await linesOf('after')).toEqual([
    'asset:provider:con_1:available -100',
    'asset:receivable:acc_before 60',
    'liab:wallet:acc_before 40',
  ]);
});

test('a credit may be "up to" as well: what is owed first, the rest to the wallet', async () => {
  await post(chargeback('owes', 'liab:wallet:acc_owes'));
  const wonBack = journal('won', [
    line('asset:provider:con_1:available', 130),
    line('asset:receivable:acc_owes', -130, { rest: 2 }),
    line('liab:wallet:acc_owes', 0),
  ]);
  await post(wonBack);
  expect(await linesOf('won')).toEqual([
    'asset:provider:con_1:available 130',
    'asset:receivable:acc_owes -100',
    'liab:wallet:acc_owes -30',
  ]);
});

test('a journal of which nothing is left is refused', async () => {
  const nothing = journal('nothing', [
    line('liab:wallet:acc_empty', 10, { rest: 1 }),
    line('asset:receivable:acc_empty', -10),
  ]);
  expect(await outcomeOf(post(nothing))).toBe('LJ001');
});

test('many at once take together what is there, and owe the rest', async () => {
  const wallet = 'liab:wallet:acc_many';
  await fill(app(), [wallet], 1_050);
  await Promise.all(Array.from({ length: 30 }, (_, n) => post(chargeback(`many:${n}`, wallet))));
  const balances = await balancesOf(app(), SCOPE, [wallet, 'asset:receivable:acc_many']);
  expect(balances.map(({ balance }) => balance)).toEqual([1_950, 0]);
});
