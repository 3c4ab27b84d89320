/**
 * Owns what holds when many write at once: one journal per key, floors at every version, a serial
 * order, no deadlock (`ledger.md`, section 13, invariants 1 to 6, 10 and 11).
 * Must not test what one call alone is refused for: `refusals.test.ts` does.
 */
import type { Pool } from 'pg';
import type { Journal } from '../../domain/journal';
import { takeCheckpoints } from '../../ledger/keeper';
import { postJournals } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { openPool } from '../../runtime/database';
import { type TestDatabase, testDatabase } from '../harness/database';
import { fill, journal, line, outcomeOf, SCOPE, transfer } from './bookkeeper';
import { type Chance, chanceFrom, someOf } from './chance';

const WRITERS = 16;
const WALLETS = Array.from({ length: 20 }, (_, n) => `liab:wallet:acc_${n}`);
const [first, second] = ['liab:wallet:acc_first', 'liab:wallet:acc_second'];

let database: TestDatabase;
let writers: Pool;

beforeAll(async () => {
  database = await testDatabase();
  const broken = (error: Error) => {
    throw error;
  };
  const login = { url: database.url, role: 'holdfast_app', name: 'writers' } as const;
  writers = openPool({ ...login, max: WRITERS, onError: broken });
  await fill(writers, [...WALLETS, first, second], 2_000);
});
afterAll(async () => {
  expect((await verify(writers, null)).checks.filter(({ ok }) => !ok)).toEqual([]);
  await writers.end();
  await database.close();
});

const post = (...journals: readonly Journal[]) => postJournals(writers, SCOPE, journals);

test('fifty times the same request at once is one journal', async () => {
  const again = () => post(transfer('fifty', first, second, 10));
  const posted = (await Promise.all(Array.from({ length: 50 }, again))).flat();
  expect(new Set(posted.map(({ id }) => id)).size).toBe(1);
  expect(posted.filter(({ created }) => created)).toHaveLength(1);
});

test('fifty different requests under one key at once are one journal and 49 refusals', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, n) => outcomeOf(post(transfer('one', first, second, n + 1)))),
  );
  expect(outcomes.filter((outcome) => outcome === 'LJ002')).toHaveLength(49);
  expect(outcomes.filter((outcome) => typeof outcome === 'number')).toHaveLength(1);
});

test('settled and failed at once: one of them', async () => {
  const of = (key: string, from: string, to: string) =>
    outcomeOf(post({ ...transfer(key, from, to, 1), terminal: 'payout:1' }));
  const outcomes = await Promise.all([
    ...Array.from({ length: 10 }, () => of('payout:1:settled', first, second)),
    ...Array.from({ length: 10 }, () => of('payout:1:failed', second, first)),
  ]);
  expect(outcomes.filter((outcome) => outcome === 'LJ007')).toHaveLength(10);
  expect(new Set(outcomes).size).toBe(2);
});

test('what a wallet holds can be spent once, by whoever comes first', async () => {
  const purse = 'liab:wallet:acc_purse';
  await fill(writers, [purse], 100);
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, n) => outcomeOf(post(transfer(`purse:${n}`, purse, second, 7)))),
  );
  expect(outcomes.filter((outcome) => outcome === 'LJ004')).toHaveLength(40 - 14);
});

test('a ledger account that many open at once exists once', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      outcomeOf(
        post(
          journal(`open:${n}`, [
            line(first, 3),
            line('liab:wallet:acc_new', -1),
            line('rev:platform_fee', -1),
            line('liab:tax:vat', -1),
          ]),
        ),
      ),
    ),
  );
  expect(outcomes.filter((outcome) => typeof outcome === 'string')).toEqual([]);
});

/** A random call: one to three journals over wallets, new ledger accounts, fees and rest lines. */
function randomCall(chance: Chance, name: string): readonly Journal[] {
  return Array.from({ length: 1 + chance(3) }, (_, n) => {
    const [from, ...to] = someOf(chance, WALLETS, 2 + chance(3));
    const fresh = chance(4) === 0 ? [`liab:wallet:acc_${name}_${n}`] : [];
    const fee = chance(2) === 0 ? ['rev:platform_fee'] : [];
    const targets = [...to, ...fresh, ...fee];
    const credits = targets.map((target) => line(target, -1 - chance(150)));
    const total = -credits.reduce((sum, { amount }) => sum + amount, 0);
    const source = line(from ?? first, total);
    const owing = line(`asset:receivable:acc_${chance(9)}`, 0);
    const upTo = [{ ...source, rest: 1 }, owing, ...credits];
    return journal(`${name}:${n}`, chance(3) === 0 ? upTo : [source, ...credits]);
  });
}

test('16 writers over the same ledger accounts never deadlock and leave sound books', async () => {
  const outcomes = new Map<string, number>();
  const write = async (writer: number) => {
    const chance = chanceFrom(writer + 1);
    for (let call = 0; call < 40; call += 1) {
      const outcome = await outcomeOf(post(...randomCall(chance, `w${writer}_${call}`)));
      const said = typeof outcome === 'number' ? 'posted' : outcome;
      outcomes.set(said, (outcomes.get(said) ?? 0) + 1);
      if (writer === 0 && call % 5 === 0) await takeCheckpoints(database.pool('holdfast_keeper'));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  expect([...outcomes.keys()].sort()).toEqual(['LJ004', 'posted']); // no 40P01, no 55P03
  expect(outcomes.get('posted')).toBeGreaterThan(100);
}, 60_000);

test('there is a serial order of all journals that gives the same balances', async () => {
  const { rows } = await database.pool('holdfast_owner').query<Posting>(
    `select journal_id, account_id, version, amount, balance_after from ledger.postings
      where version is not null order by account_id, version`,
  );
  const order = serialOrder(rows);
  const balances = new Map<number, number>();
  for (const { account_id, amount, balance_after } of order) {
    const balance = (balances.get(account_id) ?? 0) + amount;
    expect(balance).toBe(balance_after);
    balances.set(account_id, balance);
  }
  expect(order).toHaveLength(rows.length);
});

type Posting = {
  journal_id: number;
  account_id: number;
  version: number;
  amount: number;
  balance_after: number;
};

/** Journals in an order in which every ledger account's versions rise; short when there is none. */
function serialOrder(postings: readonly Posting[]): readonly Posting[] {
  const ofJournal = new Map<number, Posting[]>();
  for (const one of postings) {
    ofJournal.set(one.journal_id, [...(ofJournal.get(one.journal_id) ?? []), one]);
  }
  const next = new Map<number, number>();
  const done = new Set<number>();
  const order: Posting[] = [];
  for (let moved = true; moved; ) {
    moved = false;
    for (const [id, lines] of ofJournal) {
      const ready = lines.every((one) => one.version === (next.get(one.account_id) ?? 1));
      if (done.has(id) || !ready) continue;
      done.add(id);
      for (const one of lines) next.set(one.account_id, one.version + 1);
      order.push(...lines);
      moved = true;
    }
  }
  return order;
}
