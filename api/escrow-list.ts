/**
 * Owns finding escrows: the list with its filters, and the sums of several at once.
 * Must not know how one escrow is shown.
 */
import { z } from 'zod';
import { STATUSES } from '../domain/status';
import { ROLES } from '../domain/terms';
import type { Caller } from './actor';
import { type Endpoint, endpoint, type Given } from './endpoint';
import { ESCROW_COLUMNS, type EscrowRow, escrowOf } from './escrow-row';
import { bounded, page, wholeList } from './lists';
import { fieldProblem, isProblem } from './problem';
import { escrowAnswer, escrowBalances } from './schemas/escrow-answers';
import {
  currency,
  flag,
  idOf,
  instant,
  listOf,
  pageFields,
  queryInteger,
  text,
} from './schemas/fields';
import { rowsOf, type Sql, sql } from './sql';
import { escrowView } from './views/escrow';
import { moneyOf } from './views/money';

const WORDS: readonly string[] = Object.values(STATUSES);
const CODES: readonly string[] = Object.keys(STATUSES);

const statuses = z
  .string()
  .transform((words) => words.split(','))
  .refine(
    (words) => words.every((word) => WORDS.includes(word) || CODES.includes(word)),
    'statuses or their codes, by commas',
  )
  .meta({ type: 'string', examples: ['in_progress,delivered'] });

const filters = z.strictObject({
  ...pageFields,
  status: statuses.optional(),
  engagement_id: text(100).optional(),
  account: idOf('acc').optional().meta({ description: 'Takes part.' }),
  role: z.enum(ROLES).optional().meta({ description: 'Of the account; needs `account`.' }),
  currency: currency.optional(),
  type: z.enum(['one_off', 'milestone']).optional(),
  'amount[gt]': queryInteger.optional(),
  'amount[gte]': queryInteger.optional(),
  'amount[lt]': queryInteger.optional(),
  'amount[lte]': queryInteger.optional(),
  'created_at[gt]': instant.optional(),
  'created_at[gte]': instant.optional(),
  'created_at[lt]': instant.optional(),
  'created_at[lte]': instant.optional(),
  due_before: instant.optional().meta({ description: 'Some milestone is due before it.' }),
  disputed: flag.optional(),
  on_hold: flag.optional(),
  query: text(100)
    .optional()
    .meta({ description: 'In the title; or a whole id, of a milestone or party too.' }),
});
type Filters = Given<typeof filters>;

const list = endpoint({
  method: 'get',
  path: '/v1/escrows',
  operationId: 'listEscrows',
  tag: 'Escrows',
  summary: 'Find escrows',
  description: 'On behalf of an account: those that it may look at.',
  right: 'party',
  query: filters,
  answers: { 200: { about: 'A page, newest first.', schema: listOf(escrowAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    if (query.role !== undefined && query.account === undefined) {
      return fieldProblem('malformed_parameter', '/role', 'goes with account', 'wrong_value');
    }
    const found = await page<EscrowRow, unknown>(
      api.database,
      caller,
      query,
      {
        select: ESCROW_COLUMNS,
        from: sql`holdfast.escrows t`,
        where: [...visibleTo(caller), ...conditionsOf(query)],
      },
      escrowView,
    );
    return isProblem(found) ? found : { status: 200, body: found };
  },
});

/** What `mayView` says of an escrow, as a condition on its row. */
export function visibleTo({ account }: Caller): readonly Sql[] {
  if (account === null) return [];
  const sees = JSON.stringify({
    parties: [{ account_id: account, access_level: { can_view: true } }],
  });
  return [
    sql`((t.terms @> ${sees}::jsonb and exists (
            select from holdfast.parties p where p.escrow_id = t.id and p.account_id = ${account}))
         or t.terms -> 'dispute_handler' ->> 'handler' = ${account}
         or t.terms -> 'funding' -> 'by' ? ${account})`,
  ];
}

function conditionsOf(query: Filters): readonly Sql[] {
  const { status, engagement_id, account, role, type, due_before, disputed, on_hold } = query;
  const when = <T>(value: T | undefined, condition: (value: T) => Sql): readonly Sql[] =>
    value === undefined ? [] : [condition(value)];
  return [
    ...when(status, (words) => sql`(t.status = any (${words}) or t.status_code = any (${words}))`),
    ...when(engagement_id, (id) => sql`t.engagement_id = ${id}`),
    ...when(
      account,
      (id) => sql`exists (select from holdfast.parties p where p.escrow_id = t.id
        and p.account_id = ${id} and (${role ?? null}::text is null or p.role = ${role ?? null}))`,
    ),
    ...when(query.currency, (code) => sql`t.currency = ${code}`),
    ...when(type, (kind) => sql`t.type = ${kind}`),
    ...bounded(sql`t.amount`, {
      gt: query['amount[gt]'],
      gte: query['amount[gte]'],
      lt: query['amount[lt]'],
      lte: query['amount[lte]'],
    }),
    ...bounded(sql`t.created_at`, {
      gt: query['created_at[gt]'],
      gte: query['created_at[gte]'],
      lt: query['created_at[lt]'],
      lte: query['created_at[lte]'],
    }),
    ...when(
      due_before,
      (at) => sql`exists (select from holdfast.milestones m
        where m.escrow_id = t.id and m.due_at < ${at})`,
    ),
    ...when(disputed, (isSo) => sql`t.disputed = ${isSo}`),
    ...when(on_hold, (isSo) => sql`t.on_hold = ${isSo}`),
    ...when(
      query.query,
      (words) => sql`(position(lower(${words}) in lower(t.title)) > 0
        or t.id = ${words} or t.engagement_id = ${words}
        or exists (select from holdfast.milestones m
                    where m.escrow_id = t.id and m.id = ${words})
        or exists (select from holdfast.parties p
                    where p.escrow_id = t.id and p.id = ${words}))`,
    ),
  ];
}

const ESCROWS_MAX = 100;

const balances = endpoint({
  method: 'get',
  path: '/v1/balances',
  operationId: 'getBalancesOfEscrows',
  tag: 'Books',
  summary: 'The money of several escrows at once',
  description: 'In the order in which they were asked for. One that is not there: 404.',
  right: 'party',
  query: z.strictObject({
    escrows: z
      .string()
      .transform((ids) => [...new Set(ids.split(','))])
      .refine((ids) => ids.length <= ESCROWS_MAX, `at most ${ESCROWS_MAX} ids, by commas`)
      .meta({ type: 'string', examples: ['esc_1,esc_2'] }),
  }),
  answers: { 200: { about: 'Sums of each.', schema: listOf(escrowBalances) } },
  problems: ['not_found'],
  handle: async ({ api, caller, query }) => {
    const rows = await rowsOf<EscrowRow>(
      api.database,
      sql`select ${ESCROW_COLUMNS} from holdfast.escrows t
           where t.id = any (${query.escrows}) and t.platform_id = ${caller.platform}
             and t.livemode = ${caller.livemode}
             ${visibleTo(caller).reduce((all, one) => sql`${all} and ${one}`, sql``)}`,
    );
    const byId = new Map<string, EscrowRow>(rows.map((row) => [row.id, row]));
    const missing = query.escrows.find((id) => !byId.has(id));
    if (missing !== undefined) {
      return fieldProblem('not_found', '/escrows', `there is no ${missing.slice(0, 60)} here`);
    }
    const data = query.escrows.flatMap((id) => sumsOf(byId.get(id)));
    return { status: 200, body: wholeList(data) };
  },
});

function sumsOf(row: EscrowRow | undefined): z.input<typeof escrowBalances>[] {
  if (!row) return [];
  const { charged_back: _, ...sums } = moneyOf(escrowOf(row));
  return [{ escrow: row.id, currency: row.terms.currency, ...sums }];
}

export const escrowListRoutes: readonly Endpoint[] = [list, balances];
