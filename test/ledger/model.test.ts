/**
 * Owns the comparison of the ledger with a model of thirty lines: the same calls, the same
 * answers, the same balances (`ledger.md`, section 13, invariant 11).
 * Must not share anything with the code that it compares with.
 */
import fc from 'fast-check';
import type { Journal } from '../../domain/journal';
import { balancesOf } from '../../ledger/balances';
import { postJournals } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import { journal, line, outcomeOf } from './bookkeeper';

let database: TestDatabase;
const app = () => database.pool('holdfast_app');

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  expect((await verify(app(), null)).checks.filter(({ ok }) => !ok)).toEqual([]);
  await database.close();
});

const NAMES = ['a', 'b', 'c', 'd'];
const walletOf = (name: string): string => `liab:wallet:acc_${name}`;
const debtOf = (name: string): string => `asset:receivable:acc_${name}`;
const BANK = 'asset:bank:main';

type Act =
  | { type: 'pay_in'; key: number; to: string; amount: number }
  | { type: 'transfer'; key: number; from: string; to: string; amount: number }
  | { type: 'take_back'; key: number; from: string; amount: number };

const name = fc.constantFrom(...NAMES);
const amount = fc.integer({ min: 1, max: 100 });
const key = fc.integer({ min: 0, max: 30 }); // few, so that keys are used twice
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ type: fc.constant('pay_in' as const), key, to: name, amount }),
  fc.record({ type: fc.constant('transfer' as const), key, from: name, to: name, amount }),
  fc.record({ type: fc.constant('take_back' as const), key, from: name, amount }),
);
/** A call is one act or two; the two may stand on the same wallets and the same key. */
const calls = fc.array(fc.array(act, { minLength: 1, maxLength: 2 }), { maxLength: 25 });

function journalFor(act: Act): Journal {
  const under = `k${act.key}`;
  switch (act.type) {
    case 'pay_in':
      return journal(under, [line(BANK, act.amount), line(walletOf(act.to), -act.amount)]);
    case 'transfer': {
      const to = act.to === act.from ? BANK : walletOf(act.to);
      return journal(under, [line(walletOf(act.from), act.amount), line(to, -act.amount)]);
    }
    case 'take_back':
      return journal(under, [
        line(walletOf(act.from), act.amount, { rest: 1 }),
        line(debtOf(act.from), 0),
        line(BANK, -act.amount),
      ]);
    default:
      return act satisfies never;
  }
}

type Books = { balances: Map<string, number>; known: Map<string, string> };

/** What should come of a call: `posted`, `replayed`, or the SQLSTATE; the books change with it. */
function expected(books: Books, journals: readonly Journal[]): string {
  const balances = new Map(books.balances);
  const known = new Map(books.known);
  let replayed = 0;
  for (const { key, lines } of journals) {
    const before = known.get(key);
    if (before !== undefined && before !== JSON.stringify(lines)) return 'LJ002';
    if (before !== undefined) replayed += 1;
    known.set(key, JSON.stringify(lines));
  }
  if (replayed > 0) return replayed === journals.length ? 'replayed' : 'LJ002';
  for (const { lines } of journals) {
    const amounts = lines.map((one) => Number(one.amount));
    for (const [at, one] of lines.entries()) {
      if (one.rest === undefined) continue;
      const asked = amounts[at] ?? 0;
      const taken = Math.min(asked, -(balances.get(one.account) ?? 0));
      amounts[at] = taken;
      amounts[one.rest] = (amounts[one.rest] ?? 0) + asked - taken;
    }
    for (const [at, { account }] of lines.entries()) {
      const after = (balances.get(account) ?? 0) + (amounts[at] ?? 0);
      const side = account.startsWith('liab') ? -1 : 1;
      if (account !== BANK && side * after < 0) return 'LJ004';
      balances.set(account, after);
    }
  }
  books.balances = balances;
  books.known = known;
  return 'posted';
}

test('any calls get the answers and leave the balances that the model says', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(calls, async (acts) => {
      runs += 1;
      // Keys are for ever and for all platforms: each run has its own.
      const scope = { platform: `plt_model_${runs}`, livemode: false };
      const books: Books = { balances: new Map(), known: new Map() };
      for (const call of acts) {
        const journals = call.map(journalFor);
        const asked = journals.map((one) => ({ ...one, key: `${runs}:${one.key}` }));
        const outcome = await outcomeOf(postJournals(app(), scope, asked));
        const should = expected(books, journals);
        if (typeof outcome === 'string') expect(outcome).toBe(should);
        else expect(['posted', 'replayed']).toContain(should);
      }
      const codes = [...NAMES.flatMap((of) => [walletOf(of), debtOf(of)]), BANK];
      const stored = await balancesOf(app(), scope, codes);
      expect(new Map(stored.map((one) => [one.code, Number(one.amount)]))).toEqual(books.balances);
    }),
    { numRuns: 40 },
  );
}, 60_000);
