/**
 * Owns looking at the books of the whole platform: ledger accounts, a journal, the trial balance,
 * and whether they can be proved.
 * Must not know what a journal was for.
 */
import { z } from 'zod';
import { balancesOf, balancesOfOwner } from '../ledger/balances';
import { type AsOf, trialBalance } from '../ledger/books';
import { verify } from '../ledger/proof';
import { type AnyCall, type Endpoint, endpoint } from './endpoint';
import { doneThenWritten } from './idempotency';
import { wholeList } from './lists';
import { problem } from './problem';
import {
  journalAnswer,
  ledgerAccountAnswer,
  proofAnswer,
  trialBalanceAnswer,
} from './schemas/events';
import { instant, listOf, text } from './schemas/fields';
import { rowsOf, sql } from './sql';
import { eventOf } from './views/journal';

const tag = 'Books';
const scopeOf = ({ caller }: AnyCall) => ({ platform: caller.platform, livemode: caller.livemode });

const accounts = endpoint({
  method: 'get',
  path: '/v1/ledger/accounts',
  operationId: 'listLedgerAccounts',
  tag,
  summary: 'Ledger accounts with their balances',
  description: 'Those of an owner (an account, an escrow, a connection), or one by its code.',
  right: 'platform',
  query: z
    .strictObject({ owner: text(200).optional(), code: text(200).optional() })
    .refine(
      (query) => (query.owner === undefined) !== (query.code === undefined),
      'owner or code, one of them',
    ),
  answers: { 200: { about: 'All of them.', schema: listOf(ledgerAccountAnswer) } },
  problems: [],
  handle: async (call) => {
    const { owner, code } = call.query;
    const { database } = call.api;
    const found =
      owner === undefined
        ? await balancesOf(database, scopeOf(call), [code ?? ''])
        : await balancesOfOwner(database, scopeOf(call), owner);
    const data = found.map(({ amount: _, ...account }) => ({
      object: 'ledger_account' as const,
      ...account,
    }));
    return { status: 200, body: wholeList<z.input<typeof ledgerAccountAnswer>>(data) };
  },
});

type Posting = {
  readonly id: number;
  readonly key: string;
  readonly type: string;
  readonly subject: string;
  readonly at: string;
  readonly account: string;
  readonly currency: string;
  readonly amount: number;
};

const journal = endpoint({
  method: 'get',
  path: '/v1/ledger/journals/{id}',
  operationId: 'getJournal',
  tag,
  summary: 'A journal with its lines',
  right: 'platform',
  params: z.object({ id: z.string().regex(/^\d{1,15}$/) }),
  answers: { 200: { about: 'The journal.', schema: journalAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, params }) => {
    const rows = await rowsOf<Posting>(
      api.database,
      sql`select j.id, j.key, j.type, j.subject, j.effective_at as at, p.code as account,
                 p.currency, p.amount
            from ledger.journal_view j join ledger.posting_view p on p.journal_id = j.id
           where j.id = ${params.id}::bigint and j.platform_id = ${caller.platform}
             and j.livemode = ${caller.livemode} order by p.line`,
    );
    const [first] = rows;
    if (!first) return problem('not_found');
    const { id, key, type, subject, at } = first;
    const lines = rows.map(({ account, currency, amount }) => ({ account, currency, amount }));
    return { status: 200, body: { id, key, type, subject, at, event: eventOf(key), lines } };
  },
});

const trial = endpoint({
  method: 'get',
  path: '/v1/ledger/trial_balance',
  operationId: 'getTrialBalance',
  tag,
  summary: 'The trial balance, per currency',
  right: 'platform',
  query: z.strictObject({
    at: instant.optional().meta({ description: 'Left out: now.' }),
    by: z
      .enum(['effective', 'posted'])
      .optional()
      .meta({ description: 'When it counted (default), or when it was written down.' }),
  }),
  answers: { 200: { about: 'One per currency.', schema: listOf(trialBalanceAnswer) } },
  problems: [],
  handle: async (call) => {
    const { at, by = 'effective' } = call.query;
    const asOf: AsOf = at === undefined ? { type: 'now' } : { type: by, at };
    const found = await trialBalance(call.api.database, scopeOf(call), asOf);
    const data = found.map((balance) => ({
      object: 'trial_balance' as const,
      ...balance,
      accounts: balance.accounts.map(({ code, debit, credit }) => ({ code, debit, credit })),
    }));
    return { status: 200, body: wholeList<z.input<typeof trialBalanceAnswer>>(data) };
  },
});

const check = endpoint({
  method: 'post',
  path: '/v1/ledger/verify',
  operationId: 'verifyLedger',
  tag,
  summary: 'Prove the books',
  description: 'Reads everything that was ever posted; it may take its time.',
  right: 'platform',
  answers: { 200: { about: 'Every check, with the first break.', schema: proofAnswer } },
  problems: [],
  handle: (call) =>
    doneThenWritten(call, 'verify_ledger', 'ledger', async () => {
      const found = await verify(call.api.database, scopeOf(call));
      return { status: 200, body: { object: 'proof', ...found } };
    }),
});

export const ledgerRoutes: readonly Endpoint[] = [accounts, journal, trial, check];
