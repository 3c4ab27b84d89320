/**
 * Owns what is read from the books: wallets, statements, a subject's accounts and journals, sums,
 * the trial balance.
 * Must not test how the journals came to be.
 */
import { toInstant } from '../../domain/calendar';
import * as chart from '../../domain/chart';
import { credit, debit, type Journal, journalOf } from '../../domain/journal';
import { toMinor } from '../../domain/money';
import { balancesOfOwner, statement, walletBalances } from '../../ledger/balances';
import { booksOfSubjects, sumsOfSubjects, trialBalance } from '../../ledger/books';
import { prove, takeCheckpoints } from '../../ledger/keeper';
import { postJournals } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { type TestDatabase, testDatabase } from '../harness/database';
import { SCOPE } from './bookkeeper';

const day = (number: number) => toInstant(Date.UTC(2026, 0, number));
const eur = (amount: number) => toMinor(amount);
const [connection, escrow] = ['con_1', 'esc_1'] as const;
const [buyer, seller] = ['acc_buyer', 'acc_seller'] as const;

/** One escrow of 1000 with a fee of 30, from payment to a payout that is on its way. */
const STORY: readonly (Journal | null)[] = [
  journalOf({ key: 'pay_1:settled', type: 'payment_settled', at: day(1), subject: 'pay_1' }, [
    debit(chart.providerAvailable(connection), 'EUR', eur(1_190)),
    debit(chart.providerFee(connection), 'EUR', eur(10)),
    credit(chart.wallet(buyer), 'EUR', eur(1_200)),
  ]),
  journalOf({ key: 'esc_1:1', type: 'funded', at: day(2), subject: escrow }, [
    debit(chart.wallet(buyer), 'EUR', eur(1_030)),
    credit(chart.escrowUnallocated(escrow), 'EUR', eur(1_030)),
  ]),
  journalOf({ key: 'esc_1:2', type: 'due_completed', at: day(3), subject: escrow }, [
    debit(chart.escrowUnallocated(escrow), 'EUR', eur(1_030)),
    credit(chart.milestoneHeld(escrow, 1), 'EUR', eur(1_000)),
    credit(chart.escrowFee(escrow), 'EUR', eur(30)),
  ]),
  journalOf({ key: 'esc_1:3', type: 'released', at: day(4), subject: escrow }, [
    debit(chart.milestoneHeld(escrow, 1), 'EUR', eur(1_000)),
    debit(chart.escrowFee(escrow), 'EUR', eur(30)),
    credit(chart.wallet(seller), 'EUR', eur(1_000)),
    credit(chart.platformFee(), 'EUR', eur(30)),
  ]),
  journalOf({ key: 'dsb_1:1:started', type: 'payout_started', at: day(5), subject: 'dsb_1' }, [
    debit(chart.wallet(seller), 'EUR', eur(700)),
    credit(chart.inFlight(connection), 'EUR', eur(700), 'dsb_1:1'),
  ]),
  journalOf({ key: 'dsb_0:1:started', type: 'payout_started', at: day(5), subject: 'dsb_0' }, [
    debit(chart.wallet(seller), 'EUR', eur(100)),
    credit(chart.inFlight(connection), 'EUR', eur(100), 'dsb_0:1'),
  ]),
  journalOf({ key: 'dsb_0:1:settled', type: 'payout_settled', at: day(6), subject: 'dsb_0' }, [
    debit(chart.inFlight(connection), 'EUR', eur(100), 'dsb_0:1'),
    credit(chart.providerAvailable(connection), 'EUR', eur(100)),
  ]),
];

let database: TestDatabase;
const app = () => database.pool('holdfast_app');

beforeAll(async () => {
  database = await testDatabase();
  for (const journal of STORY) if (journal) await postJournals(app(), SCOPE, [journal]);
});
afterAll(async () => {
  await database.close();
});

test('a wallet shows what can be spent and what is on its way', async () => {
  expect(await walletBalances(app(), SCOPE, seller)).toEqual([
    { currency: 'EUR', available: 200, in_flight: 700, reserved: 0 },
  ]);
  expect(await walletBalances(app(), SCOPE, buyer)).toEqual([
    { currency: 'EUR', available: 170, in_flight: 0, reserved: 0 },
  ]);
  expect(await walletBalances(app(), SCOPE, 'acc_nobody')).toEqual([]);
  expect(await walletBalances(app(), { ...SCOPE, livemode: true }, seller)).toEqual([]);
});

test('all ledger accounts of an escrow are zero at its end', async () => {
  const balances = await balancesOfOwner(app(), SCOPE, escrow);
  expect(balances.map(({ code, balance }) => [code, balance])).toEqual([
    ['liab:escrow:esc_1:fee', 0],
    ['liab:escrow:esc_1:ms:1', 0],
    ['liab:escrow:esc_1:unallocated', 0],
  ]);
});

test('a statement runs backwards with the balance after each line, page by page', async () => {
  const asked = { code: `liab:wallet:${seller}`, currency: 'EUR', limit: 2 };
  const page = await statement(app(), SCOPE, asked);
  expect(
    page.map(({ position, amount, balance_after }) => [position, amount, balance_after]),
  ).toEqual([
    [3, 100, -200],
    [2, 700, -300],
  ]);
  expect(page[0]).toMatchObject({
    journal: { key: 'dsb_0:1:started', type: 'payout_started' },
    subject: 'dsb_0',
    effective_at: day(5),
  });
  const rest = await statement(app(), SCOPE, { ...asked, before: 2 });
  expect(rest.map(({ position }) => position)).toEqual([1]);
});

test('the statement of an accumulate ledger account adds up to its balance', async () => {
  const code = `liab:payout_in_flight:${connection}`;
  const lines = await statement(app(), SCOPE, { code, currency: 'EUR', limit: 10 });
  expect(lines.map(({ position, ref, balance_after }) => [position, ref, balance_after])).toEqual([
    [3, 'dsb_0:1', -700],
    [2, 'dsb_0:1', -800],
    [1, 'dsb_1:1', -700],
  ]);
});

test('the books of an escrow are its T-accounts and its journals', async () => {
  const books = await booksOfSubjects(app(), SCOPE, [escrow]);
  expect(books.accounts.find(({ code }) => code === 'liab:escrow:esc_1:ms:1')).toEqual({
    code: 'liab:escrow:esc_1:ms:1',
    kind: 'escrow_milestone',
    currency: 'EUR',
    debit: 1_000,
    credit: 1_000,
    balance: 0,
  });
  expect(books.journals.map(({ key, type, at }) => [key, type, at])).toEqual([
    ['esc_1:1', 'funded', day(2)],
    ['esc_1:2', 'due_completed', day(3)],
    ['esc_1:3', 'released', day(4)],
  ]);
  expect(books.journals[0]?.lines).toEqual([
    { account: 'liab:escrow:esc_1:unallocated', currency: 'EUR', amount: -1_030, ref: null },
    { account: `liab:wallet:${buyer}`, currency: 'EUR', amount: 1_030, ref: null },
  ]);
});

test('sums per subject, type and ledger account come from postings alone', async () => {
  const sums = await sumsOfSubjects(app(), SCOPE, [escrow, 'dsb_0']);
  const held = sums.filter(({ kind }) => kind === 'escrow_milestone');
  expect(held.map(({ type, debit, credit }) => [type, debit, credit])).toEqual([
    ['due_completed', 0, 1_000],
    ['released', 1_000, 0],
  ]);
  expect(new Set(sums.map(({ subject }) => subject))).toEqual(new Set([escrow, 'dsb_0']));
});

test('the trial balance has equal sides: now, with checkpoints, and as of any day', async () => {
  const now = await trialBalance(app(), SCOPE, { type: 'now' });
  expect(now).toMatchObject([{ currency: 'EUR', debit: 1_100, credit: 1_100 }]);
  expect(now[0]?.accounts).toContainEqual({
    code: 'asset:provider:con_1:available',
    kind: 'provider_available',
    debit: 1_090,
    credit: 0,
  });
  await takeCheckpoints(database.pool('holdfast_keeper'));
  expect(await trialBalance(app(), SCOPE, { type: 'now' })).toEqual(now);
  const later = { type: 'posted', at: toInstant(Date.now() + 60_000) } as const;
  expect(await trialBalance(app(), SCOPE, later)).toEqual(now);
  const third = await trialBalance(app(), SCOPE, { type: 'effective', at: day(3) });
  expect(third).toMatchObject([{ debit: 1_200, credit: 1_200 }]);
  expect(await trialBalance(app(), SCOPE, { type: 'effective', at: toInstant(0) })).toEqual([]);
});

test('the proof asks every question and all of them hold', async () => {
  const proof = await verify(app(), SCOPE);
  expect(proof.ok).toBe(true);
  expect(proof.checks).toHaveLength(12);
  expect(proof.checks.find(({ name }) => name === 'floors')).toEqual({
    name: 'floors',
    ok: true,
    detail: 'no ledger account ever passed its floor',
  });
});

test('the keeper stores the result of a proof', async () => {
  expect(await prove(database.pool('holdfast_keeper'), SCOPE)).toEqual({
    ok: true,
    first_break: null,
  });
  const { rows } = await app().query('select ok, result from ledger.proof_view');
  expect(rows).toMatchObject([{ ok: true, result: { zero_sum: 0, balances: 0 } }]);
});

test('a shortfall of client money is found in live mode', async () => {
  const live = { ...SCOPE, livemode: true };
  const shortfall = STORY.slice(0, 1).map((one) => one && { ...one, key: `live:${one.key}` });
  for (const journal of shortfall) if (journal) await postJournals(app(), live, [journal]);
  const proof = await verify(app(), live);
  expect(proof.checks.filter(({ ok }) => !ok)).toEqual([
    { name: 'safeguarding', ok: false, detail: 'short of 10 EUR (1 in all)' },
  ]);
  // The platform puts in the ten that the provider kept.
  const own = journalOf({ key: 'own', type: 'own_money', at: day(9), subject: 'platform' }, [
    debit(chart.clientBank('main'), 'EUR', eur(10)),
    credit(chart.equity(), 'EUR', eur(10)),
  ]);
  if (own) await postJournals(app(), live, [own]);
  expect((await verify(app(), live)).ok).toBe(true);
});
