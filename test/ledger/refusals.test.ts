/**
 * Owns what a call is refused for: shape, transaction, funds, status, chart.
 * Must not test roles; `privileges.test.ts` does.
 */
import { BrokenInvariant } from '../../domain/journal';
import { negate, toMinor } from '../../domain/money';
import { setAccountStatus } from '../../ledger/keeper';
import {
  ledgerErrorOf,
  type PostingArguments,
  postingArguments,
  postJournals,
} from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import {
  countRows,
  failureOf,
  fill,
  journal,
  line,
  outcomeOf,
  SCOPE,
  transfer,
  undone,
} from './bookkeeper';

let database: TestDatabase;
const app = () => database.pool('holdfast_app');
const post = (...journals: Parameters<typeof postJournals>[2]) =>
  postJournals(app(), SCOPE, journals);
const [alice, bob] = ['liab:wallet:acc_alice', 'liab:wallet:acc_bob'];

beforeAll(async () => {
  database = await testDatabase();
  await fill(app(), [alice, bob], 1_000);
});
afterAll(async () => {
  expect((await verify(app(), null)).checks.filter(({ ok }) => !ok)).toEqual([]);
  await database.close();
});

const CALL = `select * from ledger.post_journal(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;

/** Two journals of two lines, to be spoilt by one argument. */
const SOUND = postingArguments(SCOPE, [
  transfer('shape:1', alice, bob, 5),
  transfer('shape:2', bob, alice, 3),
]);
const ARGUMENT = { code: 2, kind: 3, currency: 4, key: 5, hash: 6, at: 8, journal: 14 } as const;
const LINE = { account: 15, amount: 16, rest: 18 } as const;

test.each<[string, number, unknown]>([
  ['ledger accounts that are not ascending', ARGUMENT.code, [bob, alice]],
  ['a ledger account named twice', ARGUMENT.code, [alice, alice]],
  ['fewer kinds than codes', ARGUMENT.kind, ['wallet']],
  ['fewer currencies than codes', ARGUMENT.currency, ['EUR']],
  ['no journal', ARGUMENT.key, []],
  ['fewer hashes than keys', ARGUMENT.hash, [Buffer.alloc(32)]],
  ['no dates', ARGUMENT.at, null],
  ['a journal of one line', ARGUMENT.journal, [1, 2, 2, 2]],
  ['a journal without lines', ARGUMENT.journal, [1, 1, 1, 1]],
  ['lines of journals that are mixed', ARGUMENT.journal, [1, 2, 1, 2]],
  ['a journal that begins at two', ARGUMENT.journal, [2, 2, 3, 3]],
  ['a line on no ledger account', LINE.account, [1, 3, 1, 2]],
  ['two lines on one ledger account', LINE.account, [1, 1, 1, 2]],
  ['lines that are not ascending', LINE.account, [2, 1, 1, 2]],
  ['a line of zero', LINE.amount, [0, 0, -3, 3]],
  ['a line without an amount', LINE.amount, [5, null, -3, 3]],
  ['lines that do not add up', LINE.amount, [5, -4, -3, 3]],
  ['journals that only add up together', LINE.amount, [5, -4, -4, 3]],
  ['an amount beyond 2^53 − 1', LINE.amount, ['9007199254740992', '-9007199254740992', -3, 3]],
  ['a rest for itself', LINE.rest, [1, null, null, null]],
  ['a rest for a line of another journal', LINE.rest, [3, null, null, null]],
  ['a rest for no line', LINE.rest, [9, null, null, null]],
  ['rests in a circle', LINE.rest, [2, 1, null, null]],
])('a call with %s is malformed', async (_, position, value) => {
  const spoilt = SOUND.map((argument, at) => (at === position ? value : argument));
  const before = await countRows(database.pool('holdfast_owner'));
  expect(await failureOf(app().query(CALL, spoilt))).toBe('LJ001');
  expect(await countRows(database.pool('holdfast_owner'))).toEqual(before);
});

test('the call that the spoilt ones come from is sound', async () => {
  expect(await failureOf(undone(app(), (client) => client.query(CALL, [...SOUND])))).toBe('none');
});

test('a key is 1 to 200 characters without a blank, here and in the database', async () => {
  for (const key of ['', 'k'.repeat(201), 'two words']) {
    await expect(post(transfer(key, alice, bob, 1))).rejects.toThrow(BrokenInvariant);
    const spoilt = SOUND.map((argument, at) => (at === ARGUMENT.key ? ['shape:1', key] : argument));
    expect(await failureOf(app().query(CALL, spoilt))).toBe('23514');
  }
});

test('a journal with a ledger account twice is a bug of ours', async () => {
  const twice = journal('twice', [line(alice, 1), line(alice, 2, { ref: 'x' }), line(bob, -3)]);
  await expect(post(twice)).rejects.toThrow(BrokenInvariant);
});

test('what is not there is said with code, required and available', async () => {
  const error = await post(transfer('much', alice, bob, 1_001)).catch(ledgerErrorOf);
  expect(error).toMatchObject({
    code: 'insufficient_funds',
    sqlstate: 'LJ004',
    detail: { code: alice, currency: 'EUR', required: 1_001, available: 1_000 },
  });
});

test('a wallet can be emptied, and not by one unit more', async () => {
  const carol = 'liab:wallet:acc_carol';
  await post(transfer('carol', alice, carol, 10), transfer('carol2', carol, bob, 10));
  expect(await outcomeOf(post(transfer('carol3', carol, bob, 1)))).toBe('LJ004');
});

test('a balance beyond 2^53 − 1 is refused', async () => {
  const whale = 'liab:wallet:acc_whale';
  const most = toMinor(Number.MAX_SAFE_INTEGER);
  const brought = (key: string, amount: number) =>
    post(journal(key, [line('asset:bank:main', amount), line(whale, -amount)]));
  await undone(app(), async (client) => {
    const whole = journal('w1', [line('asset:bank:w', most), line(whale, negate(most))]);
    expect(await outcomeOf(postJournals(client, SCOPE, [whole]))).toEqual(expect.any(Number));
  });
  await brought('w2', most - 1_000_000);
  expect(await outcomeOf(brought('w3', 1_000_001))).toBe('LJ001');
  await post(
    journal('w4', [line(whale, most - 1_000_000), line('asset:bank:main', 1_000_000 - most)]),
  );
});

test('a frozen ledger account may grow and may not shrink; a closed one does neither', async () => {
  const keeper = database.pool('holdfast_keeper');
  const [cold, bank] = ['liab:wallet:acc_cold', 'asset:bank:cold'];
  await post(transfer('c1', alice, cold, 10), journal('c2', [line(bank, 5), line(cold, -5)]));
  const tries = async (key: string) => [
    await outcomeOf(post(transfer(`${key}:grow`, alice, cold, 1))),
    await outcomeOf(post(transfer(`${key}:shrink`, cold, alice, 1))),
    await outcomeOf(post(journal(`${key}:bank`, [line(bank, -1), line(cold, 1)]))),
  ];
  const done = expect.any(Number);
  const set = async (status: 'open' | 'frozen' | 'closed') => {
    await setAccountStatus(keeper, SCOPE, { code: cold, currency: 'EUR' }, status);
  };
  await set('frozen');
  expect(await tries('frozen')).toEqual([done, 'LJ005', 'LJ005']);
  await set('closed');
  expect(await tries('closed')).toEqual(['LJ005', 'LJ005', 'LJ005']);
  await set('open');
  await setAccountStatus(keeper, SCOPE, { code: bank, currency: 'EUR' }, 'frozen');
  expect(await tries('bank')).toEqual([done, done, 'LJ005']);
  const error = await post(journal('b', [line(bank, -1), line(cold, 1)])).catch(ledgerErrorOf);
  expect(error).toMatchObject({ code: 'frozen', detail: { code: bank, status: 'frozen' } });
});

test('only kinds of the chart, with codes of their kind, in currencies of the list', async () => {
  const into = (changed: object) =>
    outcomeOf(post(journal('chart', [line(alice, 1), { ...line(bob, -1), ...changed }])));
  expect(await into({ account: 'liab:wallet:acc_x', kind: 'purse' })).toBe('LJ003');
  expect(await into({ account: 'liab:purse:acc_x', kind: 'wallet' })).toBe('LJ003');
  expect(await into({ account: 'liab:wallet:acc_x:y', kind: 'wallet' })).toBe('LJ003');
  expect(await into({ kind: 'reserve' })).toBe('LJ003'); // bob's code exists, as a wallet
  const lost = { currency: 'XXX' };
  expect(await outcomeOf(post(journal('xxx', [line(alice, 1, lost), line(bob, -1, lost)])))).toBe(
    'LJ003',
  );
});

test.each(['repeatable read', 'serializable'])('posting under %s is refused', async (level) => {
  await undone(app(), async (client) => {
    await client.query(`set transaction isolation level ${level}`);
    expect(await outcomeOf(postJournals(client, SCOPE, [transfer('iso', alice, bob, 1)]))).toBe(
      'LJ008',
    );
  });
});

test('a transaction posts once; after a savepoint was rolled back it has not posted', async () => {
  await undone(app(), async (client) => {
    await client.query('savepoint before');
    await postJournals(client, SCOPE, [transfer('s1', alice, bob, 1)]);
    await client.query('rollback to savepoint before');
    expect(await postJournals(client, SCOPE, [transfer('s2', alice, bob, 1)])).toHaveLength(1);
    await client.query('savepoint after');
    expect(await outcomeOf(postJournals(client, SCOPE, [transfer('s3', alice, bob, 1)]))).toBe(
      'LJ008',
    );
  });
});

test('a function that posts in a block of its own leaves nothing when it is refused', async () => {
  const owner = database.pool('holdfast_owner');
  const parameters = ['text', 'boolean', 'text[]', 'text[]', 'text[]', 'text[]', 'bytea[]'];
  const more = ['text[]', 'timestamptz[]', ...Array(4).fill('text[]'), 'jsonb[]', 'int[]', 'int[]'];
  const types = [...parameters, ...more, 'bigint[]', 'text[]', 'int[]'];
  await owner.query(
    `create function ledger.step(${types.join(', ')}) returns text
     language plpgsql security definer as $$
     begin
       begin
         perform ledger.post_journal(${types.map((_, at) => `$${at + 1}`).join(', ')});
         return 'posted';
       exception when sqlstate 'LJ004' then return 'refused';
       end;
     end $$`,
  );
  await owner.query('grant execute on all functions in schema ledger to holdfast_app');
  const step = async (values: PostingArguments) => {
    const places = values.map((_, at) => `$${at + 1}`).join(', ');
    const { rows } = await app().query(`select ledger.step(${places}) as said`, [...values]);
    return rows[0].said;
  };
  const before = await countRows(owner);
  expect(await step(postingArguments(SCOPE, [transfer('sub1', alice, bob, 1e9)]))).toBe('refused');
  expect(await countRows(owner)).toEqual(before);
  expect(await step(postingArguments(SCOPE, [transfer('sub2', alice, bob, 1)]))).toBe('posted');
  const { rows } = await owner.query(
    `select count(distinct xid)::int as n from ledger.postings p
      where journal_id = (select id from ledger.journals where key = 'sub2')`,
  );
  expect(rows).toEqual([{ n: 1 }]);
});
