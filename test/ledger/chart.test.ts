/**
 * Owns that the program and the database have the same chart, and that every function of the
 * chart builds a code of its kind.
 * Must not test what a journal uses them for.
 */
import * as chart from '../../domain/chart';
import type { LedgerAccount } from '../../domain/journal';
import { type TestDatabase, testDatabase } from '../harness/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
});

test('the database has the rows of the chart', async () => {
  const { rows } = await database
    .pool('holdfast_app')
    .query(`select kind, code, side, floor, mode, open_item, client from ledger.chart_view`);
  const stored = rows.map(({ kind, open_item, ...row }) => [kind, { ...row, openItem: open_item }]);
  expect(Object.fromEntries(stored)).toEqual(chart.CHART);
});

const ACCOUNTS: readonly LedgerAccount[] = [
  chart.providerPending('con_1'),
  chart.providerAvailable('con_1'),
  chart.transit('con_1'),
  chart.clientBank('main'),
  chart.operatingBank('own'),
  chart.receivable('acc_1'),
  chart.openConversions(),
  chart.wallet('acc_1'),
  chart.escrowUnallocated('esc_1'),
  chart.milestoneHeld('esc_1', 1),
  chart.milestoneDisputed('esc_1', 1),
  chart.escrowFee('esc_1'),
  chart.reserve('acc_1'),
  chart.inFlight('con_1'),
  chart.unapplied('con_1'),
  chart.tax('vat'),
  chart.platformFee(),
  chart.fxMargin(),
  chart.equity(),
  chart.providerFee('con_1'),
  chart.loss(),
  chart.rounding(),
];

test('every kind has a function that builds a code the database takes for it', async () => {
  expect(ACCOUNTS.map(({ kind }) => kind)).toEqual(Object.keys(chart.CHART));
  const owner = database.pool('holdfast_owner');
  for (const { code, kind } of ACCOUNTS) {
    await owner.query(`select ledger.open_account('plt_chart', false, $1, $2, 'EUR')`, [
      code,
      kind,
    ]);
  }
  const { rows } = await owner.query(
    `select a.code, a.kind, a.owner, a.tracked, b.side, b.floor
       from ledger.accounts a left join ledger.balances b on b.account_id = a.id
      where a.platform_id = 'plt_chart' order by a.id`,
  );
  expect(rows.map(({ code, kind }) => ({ code, kind }))).toEqual(ACCOUNTS);
  expect(rows.find(({ kind }) => kind === 'wallet')).toMatchObject({ owner: 'acc_1', floor: 0 });
  expect(rows.find(({ kind }) => kind === 'escrow_milestone')).toMatchObject({ owner: 'esc_1' });
  expect(rows.find(({ kind }) => kind === 'platform_fee')).toMatchObject({
    owner: null,
    tracked: false,
    side: null,
  });
});
