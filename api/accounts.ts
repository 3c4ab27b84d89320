/**
 * Owns accounts: people and companies that a platform knows. An e-mail exists once per platform
 * and mode.
 * Must not know wallets (`balances.ts`).
 */
import { z } from 'zod';
import { ACCOUNT_COLUMNS, type AccountRow, readAccount } from './account-row';
import type { Caller } from './actor';
import { insertDestination } from './destinations';
import { type Endpoint, endpoint } from './endpoint';
import { atOnce } from './idempotency';
import { newId } from './ids';
import { bounded, page } from './lists';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { publish } from './publish';
import { accountAnswer, accountBody, accountParams, accountPatch } from './schemas/accounts';
import { email, instant, listOf, pageFields } from './schemas/fields';
import { type Queryable, rowOf, sql, violatesUnique } from './sql';
import { accountView } from './views/account';

const tag = 'Accounts';
const example = {
  kind: 'person',
  name: 'Bea Buyer',
  email: 'bea@example.com',
  payout_destinations: [
    { provider: 'sandbox', reference: 'DE-0001', name: 'Bea Buyer', currency: 'USD' },
  ],
};

const create = endpoint({
  method: 'post',
  path: '/v1/accounts',
  operationId: 'createAccount',
  tag,
  summary: 'Make an account',
  right: 'platform',
  body: accountBody,
  answers: { 201: { about: 'The account.', schema: accountAnswer } },
  problems: ['already_exists', 'not_supported'],
  example: { body: example },
  handle: (call) =>
    atOnce(call, 'create_account', async (db) => {
      const { caller, body } = call;
      const made = await insertAccount(db, caller, body);
      if (!made) return taken;
      for (const [at, destination] of (body.payout_destinations ?? []).entries()) {
        const pointer = `/payout_destinations/${at}`;
        const row = await insertDestination(db, caller, made, destination, pointer);
        if (isProblem(row)) return row;
      }
      const account = await readAccount(db, caller, made);
      if (isProblem(account)) return account;
      return {
        answer: { status: 201, body: accountView(account) },
        stream: account.id,
        object: account.id,
        version: account.version,
      };
    }),
});

const get = endpoint({
  method: 'get',
  path: '/v1/accounts/{id}',
  operationId: 'getAccount',
  tag,
  summary: 'Get an account',
  right: 'account',
  params: accountParams,
  answers: { 200: { about: 'The account.', schema: accountAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const account = await readAccount(api.database, caller, params.id);
    return isProblem(account) ? account : { status: 200, body: accountView(account) };
  },
});

const list = endpoint({
  method: 'get',
  path: '/v1/accounts',
  operationId: 'listAccounts',
  tag,
  summary: 'List accounts',
  right: 'platform',
  query: z.strictObject({
    ...pageFields,
    email: email.optional(),
    kind: z.enum(['person', 'company']).optional(),
    'created_at[gte]': instant.optional(),
    'created_at[lt]': instant.optional(),
  }),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(accountAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const { kind, email: address } = query;
    const found = await page<AccountRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: ACCOUNT_COLUMNS,
        from: sql`holdfast.accounts t`,
        where: [
          ...(address === undefined ? [] : [sql`lower(t.email) = ${address.toLowerCase()}`]),
          ...(kind === undefined ? [] : [sql`t.kind = ${kind}`]),
          ...bounded(sql`t.created_at`, {
            gte: query['created_at[gte]'],
            lt: query['created_at[lt]'],
          }),
        ],
      },
      accountView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

const patch = endpoint({
  method: 'patch',
  path: '/v1/accounts/{id}',
  operationId: 'updateAccount',
  tag,
  summary: 'Change an account',
  right: 'account',
  params: accountParams,
  body: accountPatch,
  answers: { 200: { about: 'The account.', schema: accountAnswer } },
  problems: ['not_found', 'already_exists', 'stale_version'],
  example: { body: { name: 'Beatrix Buyer', metadata: { crm: '4711' } } },
  handle: (call) =>
    atOnce(call, 'update_account', async (db) => {
      const { caller, body, params, request } = call;
      const before = await lockAccount(db, caller, params.id);
      if (isProblem(before)) return before;
      const { expectedVersion } = request;
      if (expectedVersion !== null && expectedVersion !== before.version) {
        return problem('stale_version');
      }
      const changed = await updateAccount(db, { ...before, ...body });
      if (!changed) return taken;
      const account = await readAccount(db, caller, before.id);
      if (isProblem(account)) return account;
      return {
        answer: { status: 200, body: accountView(account) },
        stream: account.id,
        object: account.id,
        version: account.version,
      };
    }),
});

const taken = fieldProblem('already_exists', '/email', 'another account has this e-mail');

/** A new account; null when the e-mail is another's. */
export async function insertAccount(
  db: Queryable,
  caller: Caller,
  asked: Pick<AccountRow, 'kind' | 'name' | 'email'> & {
    readonly phone?: string;
    readonly country?: string;
    readonly metadata?: AccountRow['metadata'];
  },
): Promise<AccountRow['id'] | null> {
  const { kind, name, email: address, phone = null, country = null, metadata = {} } = asked;
  const row = await rowOf<Pick<AccountRow, 'id'>>(
    db,
    sql`insert into holdfast.accounts (id, platform_id, livemode, kind, name, email, phone,
          country, metadata)
        values (${newId('acc')}, ${caller.platform}, ${caller.livemode}, ${kind}, ${name},
          ${address}, ${phone}, ${country}, ${JSON.stringify(metadata)})
        on conflict do nothing returning id`,
  );
  if (!row) return null;
  const { id } = row;
  const data = { id, kind };
  await publish(db, caller, {
    subject: id,
    sequence: 1,
    type: 'account.created',
    escrow: null,
    data,
  });
  return id;
}

async function lockAccount(
  db: Queryable,
  caller: Caller,
  id: string,
): Promise<AccountRow | Problem> {
  await rowOf(
    db,
    sql`select id from holdfast.accounts where id = ${id} and platform_id = ${caller.platform}
           and livemode = ${caller.livemode} for update`,
  );
  return readAccount(db, caller, id);
}

/** False when the e-mail is another's. */
async function updateAccount(db: Queryable, account: AccountRow): Promise<boolean> {
  const { id, kind, name, phone, country, metadata } = account;
  const change = rowOf(
    db,
    sql`update holdfast.accounts set kind = ${kind}, name = ${name}, email = ${account.email},
           phone = ${phone}, country = ${country}, metadata = ${JSON.stringify(metadata)},
           version = version + 1, updated_at = clock_timestamp() where id = ${id}`,
  );
  return !(await violatesUnique(change));
}

export const accountRoutes: readonly Endpoint[] = [create, get, list, patch];
