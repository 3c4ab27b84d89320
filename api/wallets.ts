/**
 * Owns what an account has: balances per currency, and the statement of its wallet.
 * Must not know how money moves.
 */
import { z } from 'zod';
import { wallet } from '../domain/chart';
import { negate, sum } from '../domain/money';
import { type StatementLine, statement, walletBalances } from '../ledger/balances';
import { readAccount } from './account-row';
import { type AnyCall, type Endpoint, endpoint } from './endpoint';
import { pageOf, unknownCursor } from './lists';
import { fieldProblem, isProblem, type Problem } from './problem';
import { accountParams, balancesAnswer, statementEntry } from './schemas/accounts';
import { currency, listOf, pageFields } from './schemas/fields';
import { rowsOf, sql } from './sql';

const tag = 'Accounts';

const balances = endpoint({
  method: 'get',
  path: '/v1/accounts/{id}/balances',
  operationId: 'getBalances',
  tag,
  summary: 'The wallet, per currency',
  right: 'account',
  params: accountParams,
  answers: { 200: { about: 'Sums per currency.', schema: balancesAnswer } },
  problems: ['not_found'],
  handle: async (call) => {
    const { api, caller, params } = call;
    const account = await readAccount(api.database, caller, params.id);
    if (isProblem(account)) return account;
    const [wallets, planned] = await Promise.all([
      walletBalances(api.database, scopeOf(call), account.id),
      plannedOut(call, account.id),
    ]);
    const data = wallets.map(({ reserved, ...money }) => ({
      ...money,
      reserved: sum([
        reserved,
        ...planned.filter((p) => p.currency === money.currency).map((p) => p.amount),
      ]),
    }));
    return { status: 200, body: { object: 'balances', account: account.id, data } };
  },
});

type Planned = { readonly currency: string; readonly amount: ReturnType<typeof negate> };

/**
 * Open disbursements and withdrawals that have not left the wallet. A failed or returned
 * withdrawal is over: unlike a disbursement nobody sends it again.
 */
const plannedOut = ({ api, caller }: AnyCall, account: string): Promise<readonly Planned[]> =>
  rowsOf<Planned>(
    api.database,
    sql`select currency, sum(amount)::bigint as amount from holdfast.effects
         where account_id = ${account} and platform_id = ${caller.platform}
           and livemode = ${caller.livemode}
           and (kind = 'disbursement' and state in ('planned', 'parked', 'failed', 'returned')
             or kind = 'withdrawal' and state in ('planned', 'parked'))
         group by currency`,
  );

const CSV_LINES_MAX = 10_000;

const getStatement = endpoint({
  method: 'get',
  path: '/v1/accounts/{id}/statement',
  operationId: 'getStatement',
  tag,
  summary: 'What came into a wallet and left it',
  description:
    'Newest first, with the balance after each entry. `Accept: text/csv` or `format=csv` gives a ' +
    `file with up to ${CSV_LINES_MAX} entries.`,
  right: 'account',
  params: accountParams,
  query: z.strictObject({
    ...pageFields,
    currency: currency.optional().meta({ description: 'May be left out while there is one.' }),
    format: z.enum(['json', 'csv']).optional(),
  }),
  answers: { 200: { about: 'A page of entries.', schema: listOf(statementEntry) } },
  problems: ['not_found'],
  handle: async (call) => {
    const { api, caller, params, query, request } = call;
    const account = await readAccount(api.database, caller, params.id);
    if (isProblem(account)) return account;
    const money = query.currency ?? (await onlyCurrency(call, account.id));
    if (isProblem(money)) return money;
    const before = query.starting_after;
    if (before !== undefined && !/^\d{1,15}$/.test(before)) return unknownCursor();
    const wantsCsv =
      query.format === undefined && /^text\/csv/.test(request.header('accept') ?? '');
    const asCsv = query.format === 'csv' || wantsCsv;
    const limit = asCsv ? CSV_LINES_MAX : query.limit;
    const lines = await statement(api.database, scopeOf(call), {
      code: wallet(account.id).code,
      currency: money,
      ...(before !== undefined && { before: Number(before) }),
      limit: limit + 1,
    });
    const found = pageOf(
      lines,
      limit,
      (line) => entryOf(line, money),
      ({ position }) => String(position),
    );
    if (!asCsv) return { status: 200, body: found };
    return { status: 200, body: csvOf(found.data), headers: CSV };
  },
});

/** The currency of an account that has one; any will do when it has none. */
async function onlyCurrency(call: AnyCall, account: string): Promise<string | Problem> {
  const wallets = await walletBalances(call.api.database, scopeOf(call), account);
  const currencies = wallets.map((each) => each.currency);
  if (currencies.length > 1) {
    const detail = `one of ${currencies.join(', ')}`;
    return fieldProblem('malformed_parameter', '/currency', detail, 'required');
  }
  return currencies[0] ?? 'USD';
}

/** A wallet is what we owe: a credit is money that it has. */
const entryOf = (line: StatementLine, money: string): Entry => ({
  journal: line.journal.id,
  at: line.effective_at,
  type: line.journal.type,
  subject: line.subject,
  currency: money,
  amount: negate(line.amount),
  balance: negate(line.balance_after),
});

const CSV = {
  'Content-Type': 'text/csv; charset=utf-8',
  'Content-Disposition': 'attachment; filename="statement.csv"',
};

type Entry = z.input<typeof statementEntry>;
const COLUMNS = ['at', 'type', 'subject', 'currency', 'amount', 'balance', 'journal'] as const;

/** RFC 4180; our values have neither commas nor quotes, and none begins a formula. */
const csvOf = (entries: readonly Entry[]): string =>
  [COLUMNS, ...entries.map((entry) => COLUMNS.map((name) => entry[name]))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');

const scopeOf = ({ caller }: AnyCall) => ({ platform: caller.platform, livemode: caller.livemode });

export const walletRoutes: readonly Endpoint[] = [balances, getStatement];
