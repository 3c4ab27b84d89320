/**
 * Owns payout destinations: where an account's money goes. A payout fixes its destination when it
 * is planned, so one is never edited, only made and taken away.
 * Must not know how money gets there.
 */
import { z } from 'zod';
import type { AccountId } from '../domain/ids';
import { DESTINATION_COLUMNS, type DestinationRow, readAccount } from './account-row';
import type { Caller } from './actor';
import { type Endpoint, endpoint, type Given } from './endpoint';
import { atOnce } from './idempotency';
import { newId } from './ids';
import { page } from './lists';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { accountParams, destinationAnswer, destinationBody } from './schemas/accounts';
import { idOf, listOf, pageFields } from './schemas/fields';
import { type Queryable, rowOf, sql } from './sql';
import { destinationView } from './views/account';

const tag = 'Accounts';
const example = {
  provider: 'sandbox',
  reference: 'DE-0001',
  name: 'Sal Seller',
  currency: 'USD',
  default: true,
};

const create = endpoint({
  method: 'post',
  path: '/v1/accounts/{id}/payout_destinations',
  operationId: 'createPayoutDestination',
  tag,
  summary: 'Say where money of an account goes',
  right: 'account',
  params: accountParams,
  body: destinationBody,
  answers: { 201: { about: 'The destination.', schema: destinationAnswer } },
  problems: ['not_found', 'not_supported'],
  example: { body: example },
  handle: (call) =>
    atOnce(call, 'create_payout_destination', async (db) => {
      const account = await readAccount(db, call.caller, call.params.id);
      if (isProblem(account)) return account;
      const row = await insertDestination(db, call.caller, account.id, call.body, '');
      if (isProblem(row)) return row;
      return {
        answer: { status: 201, body: destinationView(row) },
        stream: account.id,
        object: row.id,
        version: 1,
      };
    }),
});

const list = endpoint({
  method: 'get',
  path: '/v1/accounts/{id}/payout_destinations',
  operationId: 'listPayoutDestinations',
  tag,
  summary: 'List where money of an account goes',
  right: 'account',
  params: accountParams,
  query: z.strictObject(pageFields),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(destinationAnswer) } },
  problems: ['not_found'],
  handle: async ({ api, caller, params, query }) => {
    const account = await readAccount(api.database, caller, params.id);
    if (isProblem(account)) return account;
    const found = await page<DestinationRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: DESTINATION_COLUMNS,
        from: sql`holdfast.payout_destinations t`,
        where: [sql`t.account_id = ${account.id}`, sql`t.deleted_at is null`],
      },
      destinationView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

const get = endpoint({
  method: 'get',
  path: '/v1/payout_destinations/{id}',
  operationId: 'getPayoutDestination',
  tag,
  summary: 'Get a payout destination',
  description: 'One that was taken away is not there. On behalf of an account: its own.',
  right: 'party',
  params: z.object({ id: idOf('dst') }),
  answers: { 200: { about: 'The destination.', schema: destinationAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await rowOf<DestinationRow>(
      api.database,
      sql`select ${DESTINATION_COLUMNS} from holdfast.payout_destinations t
           where t.id = ${params.id} and t.deleted_at is null
             and t.platform_id = ${caller.platform} and t.livemode = ${caller.livemode}
             and (${caller.account}::text is null or t.account_id = ${caller.account})`,
    );
    return row ? { status: 200, body: destinationView(row) } : problem('not_found');
  },
});

const remove = endpoint({
  method: 'delete',
  path: '/v1/accounts/{id}/payout_destinations/{destination}',
  operationId: 'deletePayoutDestination',
  tag,
  summary: 'Take a destination away',
  description: 'A payout that is planned for it and not yet sent is parked.',
  right: 'account',
  params: accountParams.extend({ destination: idOf('dst') }),
  answers: { 204: { about: 'It is gone.', schema: null } },
  problems: ['not_found'],
  handle: (call) =>
    atOnce(call, 'delete_payout_destination', async (db) => {
      const { caller, params } = call;
      const row = await rowOf(
        db,
        sql`update holdfast.payout_destinations
               set deleted_at = clock_timestamp(), is_default = false
             where id = ${params.destination} and account_id = ${params.id}
               and platform_id = ${caller.platform} and livemode = ${caller.livemode}
               and deleted_at is null returning id`,
      );
      if (!row) return problem('not_found');
      return {
        answer: { status: 204, body: null },
        stream: params.id,
        object: params.destination,
        version: 2,
      };
    }),
});

/**
 * Writes a destination; `pointer` is where it stands in the body. The first for a currency is its
 * default unless the body says no; a new default takes the place of the old one.
 */
export async function insertDestination(
  db: Queryable,
  { platform, livemode }: Caller,
  account: AccountId,
  asked: Given<typeof destinationBody>,
  pointer: string,
): Promise<DestinationRow | Problem> {
  const connection = await rowOf(
    db,
    sql`select id from holdfast.connections where platform_id = ${platform}
           and livemode = ${livemode} and provider = ${asked.provider}`,
  );
  if (!connection) {
    return fieldProblem('not_supported', `${pointer}/provider`, 'no connection to this provider');
  }
  // One after the other: two new defaults at once would each miss the other.
  await rowOf(db, sql`select id from holdfast.accounts where id = ${account} for no key update`);
  const known = await rowOf(
    db,
    sql`select id from holdfast.payout_destinations where account_id = ${account}
           and currency = ${asked.currency} and is_default and deleted_at is null for update`,
  );
  const isDefault = asked.default ?? known === null;
  if (isDefault && known) {
    await rowOf(
      db,
      sql`update holdfast.payout_destinations set is_default = false where id = ${known.id}`,
    );
  }
  const row = await rowOf<DestinationRow>(
    db,
    sql`insert into holdfast.payout_destinations as t (id, platform_id, livemode, account_id,
          provider, reference, name, currency, is_default)
        values (${newId('dst')}, ${platform}, ${livemode}, ${account}, ${asked.provider},
          ${asked.reference}, ${asked.name}, ${asked.currency}, ${isDefault})
        on conflict do nothing returning ${DESTINATION_COLUMNS}`,
  );
  return row ?? problem('in_flight'); // another request has just made a default of its own
}

export const destinationRoutes: readonly Endpoint[] = [create, list, get, remove];
