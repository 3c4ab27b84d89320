/**
 * Owns money leaving a wallet by the wish of its owner.
 * Must not know how a payout goes.
 */
import { z } from 'zod';
import { suffixOf } from '../domain/ids';
import { walletBalances } from '../ledger/balances';
import { readAccount, readDestination } from './account-row';
import { EFFECT_COLUMNS, type EffectRow, readEffect } from './effect-row';
import { type AnyCall, type Endpoint, endpoint, type Given } from './endpoint';
import { newId } from './ids';
import { page } from './lists';
import { begin, connectionTo, type Plan } from './planning';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { accountParams } from './schemas/accounts';
import { withdrawalAnswer, withdrawalBody } from './schemas/effects';
import { idOf, listOf, pageFields } from './schemas/fields';
import { type Queryable, sql } from './sql';
import { withdrawalView } from './views/effect';

const tag = 'Money';

const create = endpoint({
  method: 'post',
  path: '/v1/accounts/{id}/withdrawals',
  operationId: 'createWithdrawal',
  tag,
  summary: 'Pay out of a wallet',
  right: 'account',
  params: accountParams,
  body: withdrawalBody,
  answers: {
    201: { about: 'On its way, or parked with its reason.', schema: withdrawalAnswer },
    202: { about: 'Planned; the provider has not answered yet.', schema: withdrawalAnswer },
  },
  problems: ['not_found', 'insufficient_funds', 'malformed'],
  example: {
    body: { amount: 20_000, currency: 'USD', destination: 'dst_01k9z6b0w2e8ra5m3q7t4n1xvc' },
  },
  handle: (call) => {
    const command = newId('cmd');
    const id = `wdr_${suffixOf(command)}` as const;
    return begin(call, 'create_withdrawal', command, (db) =>
      planOf(db, call, id, call.params.id, call.body),
    );
  },
});

/** The wallet is looked at here so that most mistakes are told at once; the books decide. */
async function planOf(
  db: Queryable,
  { caller }: AnyCall,
  id: Plan['id'],
  owner: string,
  { amount, currency, destination }: Given<typeof withdrawalBody>,
): Promise<Plan | Problem> {
  const account = await readAccount(db, caller, owner);
  if (isProblem(account)) return account;
  const place = await readDestination(db, caller, owner, destination);
  if (isProblem(place)) return fieldProblem('not_found', '/destination', 'not of this account');
  if (place.currency !== currency) {
    return fieldProblem('malformed', '/destination', `takes ${place.currency}, not ${currency}`);
  }
  const connection = await connectionTo(db, caller, place.provider);
  if (connection === null) return fieldProblem('not_supported', '/destination', 'no connection');
  const scope = { platform: caller.platform, livemode: caller.livemode };
  const wallets = await walletBalances(db, scope, owner);
  const available = wallets.find((wallet) => wallet.currency === currency)?.available ?? 0;
  if (available < amount) {
    return problem('insufficient_funds', `The wallet holds ${available} of ${amount}.`);
  }
  return {
    id,
    kind: 'withdrawal',
    connection,
    escrow: null,
    milestone: null,
    account: account.id,
    currency,
    amount,
    destination,
    test_clock: null,
  };
}

const get = endpoint({
  method: 'get',
  path: '/v1/accounts/{id}/withdrawals/{withdrawal}',
  operationId: 'getWithdrawal',
  tag,
  summary: 'Get a withdrawal',
  right: 'account',
  params: accountParams.extend({ withdrawal: idOf('wdr') }),
  answers: { 200: { about: 'The withdrawal as it stands.', schema: withdrawalAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await readEffect(api.database, caller, 'withdrawal', params.withdrawal);
    if (isProblem(row)) return row;
    if (row.account_id !== params.id) return problem('not_found');
    return { status: 200, body: withdrawalView(row) };
  },
});

const find = endpoint({
  method: 'get',
  path: '/v1/withdrawals/{id}',
  operationId: 'findWithdrawal',
  tag,
  summary: 'Get a withdrawal by its id alone',
  right: 'platform',
  params: z.object({ id: idOf('wdr') }),
  answers: { 200: { about: 'The withdrawal as it stands.', schema: withdrawalAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await readEffect(api.database, caller, 'withdrawal', params.id);
    return isProblem(row) ? row : { status: 200, body: withdrawalView(row) };
  },
});

const list = endpoint({
  method: 'get',
  path: '/v1/accounts/{id}/withdrawals',
  operationId: 'listWithdrawals',
  tag,
  summary: 'List withdrawals of an account',
  right: 'account',
  params: accountParams,
  query: z.strictObject(pageFields),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(withdrawalAnswer) } },
  problems: ['not_found'],
  handle: async ({ api, caller, params, query }) => {
    const account = await readAccount(api.database, caller, params.id);
    if (isProblem(account)) return account;
    const found = await page<EffectRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: EFFECT_COLUMNS,
        from: sql`holdfast.effects t`,
        where: [sql`t.kind = 'withdrawal'`, sql`t.account_id = ${account.id}`],
      },
      withdrawalView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

export const withdrawalRoutes: readonly Endpoint[] = [create, get, find, list];
