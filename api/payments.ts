/**
 * Owns money coming in: payments for an escrow, top-ups of a wallet, and looking at both.
 * Must not know how a provider is called.
 */
import { z } from 'zod';
import { isFundedAlone, shortfallOf } from '../domain/due';
import type { Escrow } from '../domain/escrow';
import { type AccountId, type MilestoneId, suffixOf } from '../domain/ids';
import { refusal } from '../domain/refusals';
import { readAccount } from './account-row';
import { byOfCaller } from './actor';
import { refusedBy } from './command-answer';
import { EFFECT_COLUMNS, type EffectRow, readEffect } from './effect-row';
import { type Call, type Endpoint, endpoint, type Given } from './endpoint';
import { type EscrowRow, escrowOf, readEscrow } from './escrow-row';
import { newId } from './ids';
import { bounded, page } from './lists';
import { mayNotView } from './permissions';
import { begin, connectionTo, type Plan } from './planning';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { accountParams } from './schemas/accounts';
import { paymentAnswer, paymentBody, topUpBody } from './schemas/effects';
import { escrowParams, idOf, instant, listOf, pageFields } from './schemas/fields';
import { type Queryable, sql } from './sql';
import { paymentView } from './views/effect';

const tag = 'Money';
const answers = {
  201: { about: 'The payment: what the payer does next, or settled.', schema: paymentAnswer },
  202: { about: 'Planned; the provider has not answered yet.', schema: paymentAnswer },
};

const payIn = endpoint({
  method: 'post',
  path: '/v1/escrows/{id}/payments',
  operationId: 'createPayment',
  tag,
  summary: 'Bring money in for an escrow',
  description: 'What is not due yet, and what is too much, waits in the wallet of the payer.',
  right: 'party',
  params: escrowParams,
  body: paymentBody,
  answers,
  problems: [
    'not_found',
    'not_a_party',
    'not_allowed',
    'wrong_status',
    'escrow_closed',
    'limit_reached',
    'not_supported',
    'unknown_milestone',
  ],
  example: { body: { provider: 'sandbox' } },
  handle: (call) => {
    const command = newId('cmd');
    return begin(call, 'create_payment', command, (db) =>
      planOf(db, call, `pay_${suffixOf(command)}`),
    );
  },
});

type PayIn = Call<unknown, unknown, Given<typeof paymentBody>> & {
  readonly params: { readonly id: string };
};

async function planOf(db: Queryable, call: PayIn, id: Plan['id']): Promise<Plan | Problem> {
  const { caller, body, params } = call;
  const row = await readEscrow(db, caller, params.id);
  if (isProblem(row)) return row;
  const escrow = escrowOf(row);
  const hidden = mayNotView(escrow, caller);
  if (hidden) return hidden;
  const payer = payerOf(escrow, caller.account, body.payer);
  if (isProblem(payer)) return payer;
  const closed = takesNoPayment(call, row, escrow);
  if (closed) return closed;
  const place = placeOf(escrow, body.milestone);
  if (isProblem(place)) return place;
  const amount = body.amount ?? shortfallOf(escrow, place ?? undefined);
  if (amount === 0)
    return refusedBy(refusal('limit_reached', 'Nothing is due.'), row, byOfCaller(caller));
  const connection = await connectionTo(db, caller, body.provider);
  if (connection === null) return noConnection;
  return {
    id,
    kind: 'payment',
    connection,
    escrow: row.id,
    milestone: place,
    account: payer,
    currency: escrow.terms.currency,
    amount,
    destination: null,
    test_clock: row.test_clock_id,
  };
}

const noConnection = fieldProblem('not_supported', '/provider', 'no connection to this provider');

/** The milestone that the money is for, where each is funded alone. */
function placeOf(escrow: Escrow, milestone: MilestoneId | undefined): MilestoneId | null | Problem {
  if (!isFundedAlone(escrow)) {
    if (milestone === undefined) return null;
    return fieldProblem('malformed', '/milestone', 'all milestones are funded together');
  }
  if (milestone === undefined) {
    return fieldProblem('malformed', '/milestone', 'name the milestone that it is for', 'required');
  }
  const isThere = escrow.milestones.some(({ id }) => id === milestone);
  return isThere ? milestone : problem('unknown_milestone');
}

/** A payer for himself, or the platform for one that it names; before he accepts it waits. */
function payerOf(
  { parties, terms }: Escrow,
  actor: AccountId | null,
  named: AccountId | undefined,
): AccountId | Problem {
  const payer = named ?? actor;
  if (payer === null) return fieldProblem('malformed', '/payer', 'name who pays', 'required');
  if (actor !== null && payer !== actor) return problem('not_allowed', 'Only for oneself.');
  const isBuyer = parties.some((p) => p.account_id === payer && p.role === 'buyer');
  const isPayer = isBuyer || (terms.funding.by?.includes(payer) ?? false);
  return isPayer ? payer : problem('not_allowed', 'Only a buyer, or whom the terms name, pays.');
}

function takesNoPayment(call: PayIn, row: EscrowRow, { agreement }: Escrow): Problem | null {
  const by = byOfCaller(call.caller);
  if (agreement.stage === 'draft') return refusedBy(refusal('wrong_status'), row, by);
  return agreement.stage === 'closed' ? refusedBy(refusal('escrow_closed'), row, by) : null;
}

const topUp = endpoint({
  method: 'post',
  path: '/v1/accounts/{id}/payments',
  operationId: 'createTopUp',
  tag,
  summary: 'Bring money into a wallet',
  right: 'account',
  params: accountParams,
  body: topUpBody,
  answers,
  problems: ['not_found', 'not_supported'],
  example: { body: { provider: 'sandbox', amount: 50_000, currency: 'USD' } },
  handle: (call) => {
    const { caller, body, params } = call;
    const command = newId('cmd');
    return begin(call, 'create_top_up', command, async (db) => {
      const account = await readAccount(db, caller, params.id);
      if (isProblem(account)) return account;
      const connection = await connectionTo(db, caller, body.provider);
      if (connection === null) return noConnection;
      return {
        id: `pay_${suffixOf(command)}`,
        kind: 'payment',
        connection,
        escrow: null,
        milestone: null,
        account: account.id,
        currency: body.currency,
        amount: body.amount,
        destination: null,
        test_clock: null,
      };
    });
  },
});

const get = endpoint({
  method: 'get',
  path: '/v1/payments/{id}',
  operationId: 'getPayment',
  tag,
  summary: 'Get a payment',
  right: 'party',
  params: z.object({ id: idOf('pay') }),
  answers: { 200: { about: 'The payment as it stands.', schema: paymentAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const row = await readEffect(api.database, caller, 'payment', params.id);
    return isProblem(row) ? row : { status: 200, body: paymentView(row) };
  },
});

const IS_EXPIRED = sql`t.reason is not distinct from 'expired'`;
const STATUSES = {
  pending: sql`t.state in ('planned', 'sent', 'unknown', 'parked')`,
  settled: sql`t.state = 'settled'`,
  failed: sql`t.state in ('failed', 'cancelled') and not ${IS_EXPIRED}`,
  expired: sql`t.state in ('failed', 'cancelled') and ${IS_EXPIRED}`,
  charged_back: sql`t.state = 'returned'`,
} as const;

const list = endpoint({
  method: 'get',
  path: '/v1/payments',
  operationId: 'listPayments',
  tag,
  summary: 'List payments',
  description: 'On behalf of an account: its own.',
  right: 'party',
  query: z.strictObject({
    ...pageFields,
    escrow: idOf('esc').optional(),
    payer: idOf('acc').optional(),
    status: z.enum(['pending', 'settled', 'failed', 'expired', 'charged_back']).optional(),
    'created_at[gte]': instant.optional(),
    'created_at[lt]': instant.optional(),
  }),
  answers: { 200: { about: 'A page, newest first.', schema: listOf(paymentAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const { escrow, payer, status } = query;
    const found = await page<EffectRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: EFFECT_COLUMNS,
        from: sql`holdfast.effects t`,
        where: [
          sql`t.kind = 'payment'`,
          ...(caller.account === null ? [] : [sql`t.account_id = ${caller.account}`]),
          ...(escrow === undefined ? [] : [sql`t.escrow_id = ${escrow}`]),
          ...(payer === undefined ? [] : [sql`t.account_id = ${payer}`]),
          ...(status === undefined ? [] : [STATUSES[status]]),
          ...bounded(sql`t.created_at`, {
            gte: query['created_at[gte]'],
            lt: query['created_at[lt]'],
          }),
        ],
      },
      paymentView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

export const paymentRoutes: readonly Endpoint[] = [payIn, topUp, get, list];
