/**
 * Owns balances of ledger accounts that no posting locks: checkpoint and what came since
 * (`ledger.md`, section 7 and section 13, invariant 4).
 * Must not test tracked ledger accounts.
 */
import type { Pool } from 'pg';
import { balancesOf } from '../../ledger/balances';
import { takeCheckpoints } from '../../ledger/keeper';
import { postJournals, type Queryable } from '../../ledger/post';
import { transactionIdsGoOn, verify } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import { fill, journal, line, SCOPE } from './bookkeeper';

const FEES = 'rev:platform_fee';
const WALLETS = Array.from({ length: 10 }, (_, n) => `liab:wallet:acc_${n}`);

let database: TestDatabase;
const app = (): Pool => database.pool('holdfast_app');
const keeper = (): Pool => database.pool('holdfast_keeper');
const owner = (): Pool => database.pool('holdfast_owner');

beforeEach(async () => {
  database = await testDatabase();
  await fill(app(), WALLETS, 1_000);
});
afterEach(async () => {
  try {
    expect((await verify(app(), null)).checks.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await database.close();
  }
});

const charge = (db: Queryable, key: string, wallet = WALLETS[0] ?? '') =>
  postJournals(db, SCOPE, [journal(key, [line(wallet, 1), line(FEES, -1)])]);

const feesTaken = async (): Promise<number | undefined> =>
  (await balancesOf(app(), SCOPE, [FEES]))[0]?.balance;

/**
 * Takes checkpoints until so many were taken. A transaction that is open in any database of the
 * cluster holds the horizon back, and other test files have some.
 */
async function untilTaken(count: number): Promise<void> {
  for (let taken = 0, tries = 0; taken < count; tries += 1) {
    if (tries === 100) throw new Error(`${taken} of ${count} checkpoints were taken`);
    if (tries > 0) await new Promise((next) => setTimeout(next, 50));
    taken += await takeCheckpoints(keeper());
  }
}

test('a balance is the same before and after a checkpoint', async () => {
  for (let n = 0; n < 3; n += 1) await charge(app(), `a${n}`);
  expect(await feesTaken()).toBe(3);
  await untilTaken(2); // the fees and the bank
  expect(await feesTaken()).toBe(3);
  await charge(app(), 'b');
  expect(await feesTaken()).toBe(4);
});

test('a checkpoint is only taken where something was posted since the last one', async () => {
  await charge(app(), 'a');
  await untilTaken(2);
  expect(await takeCheckpoints(keeper())).toBe(0);
  await charge(app(), 'b');
  expect(await takeCheckpoints(keeper(), 2)).toBe(0);
  await untilTaken(1);
  expect(await takeCheckpoints(keeper())).toBe(0);
});

test('what commits after a checkpoint, begun before it, is not missed', async () => {
  await charge(app(), 'first'); // opens the ledger account; who opens one makes others wait
  const slow = await app().connect();
  try {
    await slow.query('begin');
    await charge(slow, 'slow', WALLETS[1]);
    const { rows } = await slow.query(`select pg_current_xact_id() as xid`);
    await charge(app(), 'fast', WALLETS[2]); // later id, committed before
    await takeCheckpoints(keeper());
    const horizons = await owner().query(
      `select count(*)::int as beyond from ledger.checkpoints where horizon > $1`,
      [rows[0].xid],
    );
    expect(horizons.rows).toEqual([{ beyond: 0 }]);
    expect(await feesTaken()).toBe(2);
    await slow.query('commit');
    expect(await feesTaken()).toBe(3);
    await takeCheckpoints(keeper());
    expect(await feesTaken()).toBe(3);
  } finally {
    slow.release(true);
  }
});

test('checkpoints under ten writers miss nothing and count nothing twice', async () => {
  let writing = true;
  const seen: number[] = [];
  const checkpointing = (async () => {
    while (writing) {
      await Promise.all([takeCheckpoints(keeper()), takeCheckpoints(keeper())]);
      seen.push((await feesTaken()) ?? 0);
    }
  })();
  const write = async (wallet: string) => {
    for (let n = 0; n < 60; n += 1) await charge(app(), `${wallet}:${n}`, wallet);
  };
  await Promise.all(WALLETS.map(write));
  writing = false;
  await checkpointing;
  expect(await feesTaken()).toBe(600);
  expect(seen).toEqual([...seen].sort((a, b) => a - b)); // it never falls back
  await charge(app(), 'last');
  await untilTaken(1);
  expect(await feesTaken()).toBe(601);
}, 60_000);

test('books whose transaction ids lie ahead of the cluster are not to be posted to', async () => {
  expect(await transactionIdsGoOn(app())).toBe(true);
  await charge(app(), 'a');
  expect(await transactionIdsGoOn(app())).toBe(true);
  const client = await owner().connect();
  try {
    await client.query('begin');
    await client.query(
      `insert into ledger.journals (key, req_hash, type, platform_id, livemode, effective_at,
         asked_at, subject, xid)
       values ('copied', sha256('x'), 't', 'p', false, now(), now(), 's', '99999999')`,
    );
    const { rows } = await client.query(
      `select count(*)::int as breaks from ledger.proof_break_view where name = 'transaction_ids'`,
    );
    expect(rows).toEqual([{ breaks: 1 }]);
  } finally {
    await client.query('rollback');
    client.release();
  }
});
