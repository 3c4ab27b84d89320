/**
 * Owns that no statement of posting or reading scans a large table (`ledger.md`, section 14). The
 * server itself counts the scans of a transaction.
 * Must not measure time: `bench/` does.
 */
import type { PoolClient } from 'pg';
import { balancesOf, balancesOfOwner, statement, walletBalances } from '../../ledger/balances';
import { booksOfSubjects, sumsOfSubjects } from '../../ledger/books';
import { postJournals } from '../../ledger/post';
import { transactionIdsGoOn } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import { fill, journal, line, outcomeOf, SCOPE, transfer, undone } from './bookkeeper';

const LARGE = 20_000;
let database: TestDatabase;
const app = () => database.pool('holdfast_app');
const [alice, bob] = ['liab:wallet:acc_1', 'liab:wallet:acc_2'];

/** Many ledger accounts with one journal each, as a migration of old books would write them. */
beforeAll(async () => {
  database = await testDatabase();
  await postJournals(app(), SCOPE, [transfer('early', alice, bob, 1)]).catch(() => undefined);
  await fill(app(), [alice, bob], 1_000);
  const client = await database.pool().connect();
  try {
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    await client.query(
      `insert into ledger.accounts (platform_id, livemode, code, currency, kind, tracked, owner)
       select 'plt_test', false, 'liab:wallet:old_' || n, 'EUR', 'wallet', true, 'old_' || n
         from generate_series(1, ${LARGE}) n`,
    );
    await client.query(
      `insert into ledger.journals (key, req_hash, type, platform_id, livemode, effective_at,
         asked_at, subject)
       select 'old:' || n, sha256('x'), 'old', 'plt_test', false, now(), now(), 'old_' || n
         from generate_series(1, ${LARGE}) n`,
    );
    await client.query(
      `with pair as (
         select a.id as account, j.id as journal, row_number() over (order by a.id) as n
           from ledger.accounts a join ledger.journals j on j.subject = a.owner
       ), bank as (select id from ledger.accounts where code = 'asset:bank:main'),
       rows as (
         insert into ledger.balances (account_id, side, floor, amount, version)
         select account, -1, 0, -5, 1 from pair)
       insert into ledger.postings
         (journal_id, line, account_id, currency, amount, balance_after, version)
       select journal, 1, account, 'EUR', -5, -5, 1 from pair
       union all select journal, 2, bank.id, 'EUR', 5, null, null from pair, bank`,
    );
    await client.query('commit');
    for (const table of ['accounts', 'balances', 'journals', 'postings']) {
      await client.query(`analyze ledger.${table}`);
    }
  } finally {
    client.release();
  }
}, 60_000);
afterAll(async () => {
  await database.close();
});

/**
 * Scans of whole tables that some work made in its transaction. The server's counters also hold
 * what this connection did in the second before, until it reports that: only the rise counts.
 */
const scansOf = (work: (client: PoolClient) => Promise<unknown>) =>
  undone(app(), async (client) => {
    const before = await countersOf(client);
    await work(client);
    const risen = [...(await countersOf(client))].map(([table, scans]) => ({
      table,
      scans: scans - (before.get(table) ?? 0),
    }));
    return risen.filter(({ scans }) => scans > 0);
  });

async function countersOf(client: PoolClient): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ table: string; scans: number }>(
    `select relname as table, seq_scan::int as scans from pg_stat_xact_user_tables
      where schemaname = 'ledger' and relname not in ('chart', 'currencies')`,
  );
  return new Map(rows.map(({ table, scans }) => [table, scans]));
}

test('the server counts the scans of a statement that does scan', async () => {
  const scans = await scansOf((client) =>
    client.query(`select count(*) from ledger.journal_view where type = 'old'`),
  );
  expect(scans).toContainEqual({ table: 'journals', scans: expect.any(Number) });
});

const upTo = journal('rest', [
  line(alice, 5_000, { rest: 1 }),
  line('asset:receivable:acc_1', 0),
  line('asset:bank:main', -5_000),
]);
const opening = journal('new', [
  line(alice, 3),
  line('liab:wallet:acc_new', -1),
  line('rev:platform_fee', -1),
  line('liab:tax:vat', -1),
]);
const needing = {
  ...transfer('p:settled', alice, bob, 1),
  needs: ['old:7', 'old:8'],
  terminal: 'p',
};
const reversing = journal(
  'rev:old:7',
  [line('liab:wallet:old_7', 5), line('asset:bank:main', -5)],
  { reverses: 'old:7' },
);

test.each([
  ['two lines', [transfer('t', alice, bob, 1)]],
  ['several journals', [transfer('t1', alice, bob, 1), transfer('t2', bob, alice, 1)]],
  ['rest lines', [upTo]],
  ['ledger accounts that it opens', [opening]],
  ['needs and a terminal', [needing]],
  ['a reversal', [reversing]],
  ['no funds', [transfer('poor', alice, bob, 1e9)]],
])('posting %s scans no table', async (_, journals) => {
  for (let run = 0; run < 7; run += 1) {
    // Seven times: a prepared statement changes its plan after five.
    expect(
      await scansOf(async (client) => {
        await client.query('savepoint before');
        await outcomeOf(postJournals(client, SCOPE, journals));
        await client.query('rollback to savepoint before');
      }),
    ).toEqual([]);
  }
});

test('posting a key again scans no table', async () => {
  await postJournals(app(), SCOPE, [transfer('again', alice, bob, 1)]);
  const scans = await scansOf((client) =>
    postJournals(client, SCOPE, [transfer('again', alice, bob, 1)]),
  );
  expect(scans).toEqual([]);
});

test.each<[string, (client: PoolClient) => Promise<unknown>]>([
  ['balances by code', (client) => balancesOf(client, SCOPE, [alice, 'asset:bank:main'])],
  ['balances of an owner', (client) => balancesOfOwner(client, SCOPE, 'acc_1')],
  ['a wallet', (client) => walletBalances(client, SCOPE, 'acc_1')],
  [
    'a statement',
    (client) => statement(client, SCOPE, { code: alice, currency: 'EUR', limit: 10 }),
  ],
  ['the books of a subject', (client) => booksOfSubjects(client, SCOPE, ['old_77'])],
  ['the sums of a subject', (client) => sumsOfSubjects(client, SCOPE, ['old_77', 'old_78'])],
  ['the transaction ids', (client) => transactionIdsGoOn(client)],
])('reading %s scans no table', async (_, read) => {
  expect(await scansOf(read)).toEqual([]);
});
