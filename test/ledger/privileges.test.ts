/**
 * Owns what each database role may do, tried with raw SQL: an unbalanced, edited or overdrawn
 * entry is refused by the database itself, whoever asks (`ledger.md`, sections 3 and 13).
 * Must not test what `post_journal` refuses: `refusals.test.ts` does.
 */
import { balancesOf } from '../../ledger/balances';
import { prove, setAccountStatus, takeCheckpoints } from '../../ledger/keeper';
import { postJournals } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import { failureOf, fill, journal, line, SCOPE, transfer, undone } from './bookkeeper';

let database: TestDatabase;
const app = () => database.pool('holdfast_app');
const keeper = () => database.pool('holdfast_keeper');
const auditor = () => database.pool('holdfast_auditor');
const owner = () => database.pool('holdfast_owner');
const superuser = () => database.pool();
const [alice, bob] = ['liab:wallet:acc_alice', 'liab:wallet:acc_bob'];

beforeAll(async () => {
  database = await testDatabase();
  await fill(app(), [alice, bob], 1_000);
  await postJournals(app(), SCOPE, [
    journal('fee', [line(alice, 5), line('rev:platform_fee', -5)]),
  ]);
  await takeCheckpoints(keeper());
  await prove(keeper(), SCOPE);
});
afterAll(async () => {
  expect((await verify(app(), null)).checks.filter(({ ok }) => !ok)).toEqual([]);
  await database.close();
});

/** Every statement that could spoil a table, without any rows being needed for it. */
const writesTo = (table: string, column: string): readonly string[] => [
  `update ledger.${table} set ${column} = ${column}`,
  `update ledger.${table} set ${column} = ${column} where false`,
  `delete from ledger.${table}`,
  `delete from ledger.${table} where false`,
  `truncate ledger.${table} cascade`,
];
const WRITTEN_ONCE = [
  ...writesTo('journals', 'meta'),
  ...writesTo('postings', 'amount'),
  ...writesTo('checkpoints', 'amount'),
  ...writesTo('proofs', 'ok'),
];
const FIXED = [
  'delete from ledger.accounts',
  'truncate ledger.accounts cascade',
  'update ledger.accounts set code = code',
  'update ledger.accounts set currency = currency',
  'update ledger.accounts set platform_id = platform_id',
  'update ledger.accounts set livemode = not livemode',
  'update ledger.accounts set kind = kind',
  'delete from ledger.balances',
  'truncate ledger.balances',
  'update ledger.balances set floor = null',
  'update ledger.balances set side = -side',
  'update ledger.currencies set exponent = 3',
  'delete from ledger.currencies',
  'update ledger.chart set floor = null',
  'delete from ledger.chart',
];

test.each([...WRITTEN_ONCE, ...FIXED])(
  'the owner and the superuser are refused: %s',
  async (sql) => {
    expect(await failureOf(owner().query(sql))).toBe('LJ010');
    expect(await failureOf(superuser().query(sql))).toBe('LJ010');
  },
);

const INSERTS = [
  `insert into ledger.journals (key, req_hash, type, platform_id, livemode, effective_at, asked_at,
     subject) values ('raw', sha256('raw'), 'raw', 'plt_test', false, now(), now(), 'raw')`,
  `insert into ledger.postings (journal_id, line, account_id, currency, amount)
     values (1, 9, 1, 'EUR', 5), (1, 10, 2, 'EUR', -5)`,
  `insert into ledger.checkpoints (account_id, horizon, amount, count) values (1, '9', 1, 1)`,
  `insert into ledger.balances (account_id, side) values (1, 1)`,
  `insert into ledger.accounts (platform_id, livemode, code, currency, kind, tracked)
     values ('plt_test', false, 'liab:wallet:acc_x', 'EUR', 'wallet', true)`,
  `insert into ledger.currencies values ('ZZZ', null, 2, 'asset', now(), 18)`,
  `insert into ledger.chart values ('z', 'z', 1, null, 'accumulate', false, null)`,
  `update ledger.balances set amount = -1000000`,
  `update ledger.accounts set status = 'closed'`,
];
const READS = ['accounts', 'balances', 'journals', 'postings', 'checkpoints', 'proofs'];

test.each([...INSERTS, ...WRITTEN_ONCE, ...FIXED])(
  'application, keeper and auditor are refused: %s',
  async (sql) => {
    for (const role of [app(), keeper(), auditor()]) {
      expect(await failureOf(role.query(sql))).toBe('42501');
    }
  },
);

test('application and keeper read views, the auditor also tables', async () => {
  for (const table of READS) {
    const sql = `select * from ledger.${table} limit 1`;
    expect(await failureOf(app().query(sql))).toBe('42501');
    expect(await failureOf(keeper().query(sql))).toBe('42501');
    expect(await failureOf(auditor().query(sql))).toBe('none');
  }
  const views = ['account', 'journal', 'posting', 'chart', 'currency', 'checkpoint', 'proof'];
  for (const view of [...views, 'proof_check', 'proof_break']) {
    const sql = `select * from ledger.${view}_view limit 1`;
    expect(await failureOf(app().query(sql))).toBe('none');
    expect(await failureOf(keeper().query(sql))).toBe('none');
    expect(await failureOf(auditor().query(sql))).toBe('none');
  }
});

test('every function of the ledger is closed, but for the doors of each role', async () => {
  const { rows } = await superuser().query(
    `select p.proname as name, r.rolname as role
       from pg_proc p cross join pg_roles r
      where p.pronamespace = 'ledger'::regnamespace and not r.rolsuper
        and (r.rolname ~ '^holdfast_' and r.rolname <> 'holdfast_owner')
        and has_function_privilege(r.oid, p.oid, 'execute')
      order by 1, 2`,
  );
  expect(rows.map(({ name, role }) => `${role} ${name}`)).toEqual([
    'holdfast_app post_journal',
    'holdfast_keeper prove',
    'holdfast_keeper set_account_status',
    'holdfast_keeper take_checkpoint',
  ]);
  const open = await superuser().query(
    `select proname from pg_proc where pronamespace = 'ledger'::regnamespace
        and (proacl is null or has_function_privilege('public', oid, 'execute'))`,
  );
  expect(open.rows).toEqual([]);
});

test('everything in the schemas belongs to an owner that cannot log in', async () => {
  const { rows } = await superuser().query(
    `select c.relname as name from pg_class c
      where c.relnamespace in ('ledger'::regnamespace, 'holdfast'::regnamespace,
                               'sandbox'::regnamespace)
        and c.relowner <> 'holdfast_owner'::regrole
     union all
     select p.proname from pg_proc p
      where p.pronamespace in ('ledger'::regnamespace, 'holdfast'::regnamespace,
                               'sandbox'::regnamespace)
        and p.proowner <> 'holdfast_owner'::regrole`,
  );
  expect(rows).toEqual([]);
  const login = await superuser().query(
    `select rolname from pg_roles where rolname ~ '^holdfast_' and (rolcanlogin or rolsuper)`,
  );
  expect(login.rows).toEqual([]);
});

test('the owner cannot write an unbalanced journal', async () => {
  for (const amounts of [[5], [5, -4], [5, 5]]) {
    const state = await undone(owner(), async (client) => {
      await client.query(INSERTS[0] ?? '');
      const journal = `(select id from ledger.journals where key = 'raw')`;
      const lines = amounts.map((amount, at) => `(${journal}, ${at}, ${at + 1}, 'EUR', ${amount})`);
      return failureOf(
        client.query(
          `insert into ledger.postings (journal_id, line, account_id, currency, amount)
           values ${lines.join(', ')}`,
        ),
      );
    });
    expect(state).toBe('LJ001');
  }
});

test('the owner cannot add lines to a journal of an earlier transaction, or to none', async () => {
  for (const id of ['(select min(id) from ledger.journals)', '999999']) {
    const adding = owner().query(
      `insert into ledger.postings (journal_id, line, account_id, currency, amount)
       values (${id}, 90, 1, 'EUR', 5), (${id}, 91, 2, 'EUR', -5)`,
    );
    expect(await failureOf(adding)).toBe('LJ010');
  }
});

test('the owner cannot overdraw a balance, nor write a line of zero or out of range', async () => {
  const overdraw = `update ledger.balances set amount = 1 where side = -1`;
  expect(await failureOf(owner().query(overdraw))).toBe('23514');
  const huge = `update ledger.balances set amount = -9007199254740992 where side = -1`;
  expect(await failureOf(owner().query(huge))).toBe('23514');
  for (const amount of ['0', '9007199254740992']) {
    const written = owner().query(
      `insert into ledger.postings (journal_id, line, account_id, currency, amount)
       values (1, 9, 1, 'EUR', ${amount}), (1, 10, 2, 'EUR', -${amount})`,
    );
    expect(await failureOf(written)).toBe('23514');
  }
});

test('a balance that the owner edits by hand is found by the proof', async () => {
  const client = await owner().connect();
  try {
    await client.query('begin');
    await client.query(`update ledger.balances set amount = amount - 1 where version = 1`);
    const { rows } = await client.query(
      `select distinct name from ledger.proof_break_view order by name`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['balances', 'trial_balance']);
  } finally {
    await client.query('rollback');
    client.release();
  }
});

test('tables that the application makes for itself do not stand in the way', async () => {
  const client = await app().connect();
  try {
    await client.query('begin');
    await client.query('create temporary table journals (id int)');
    await client.query('create temporary table balances (id int)');
    await client.query('set local search_path = pg_temp, ledger');
    await postJournals(client, SCOPE, [transfer('shadow', alice, bob, 1)]);
    await client.query('commit');
  } finally {
    client.release(true);
  }
  expect(await balancesOf(app(), SCOPE, [bob])).toMatchObject([{ balance: 1_001 }]);
});

test('the keeper changes a status and nothing else', async () => {
  const wallet = { code: bob, currency: 'EUR' };
  await setAccountStatus(keeper(), SCOPE, wallet, 'frozen');
  const { rows } = await owner().query(
    `select a.status as of_account, b.status as of_balance
       from ledger.accounts a join ledger.balances b on b.account_id = a.id where a.code = $1`,
    [bob],
  );
  expect(rows).toEqual([{ of_account: 'frozen', of_balance: 'frozen' }]);
  await setAccountStatus(keeper(), SCOPE, wallet, 'open');
  const none = setAccountStatus(keeper(), SCOPE, { ...wallet, currency: 'USD' }, 'open');
  expect(await failureOf(none)).toBe('LJ003');
  expect(await failureOf(postJournals(keeper(), SCOPE, [transfer('k', alice, bob, 1)]))).toBe(
    '42501',
  );
});
