/**
 * Owns the arbiter's queue, by due date, and the case.
 * Must not know how a dispute goes on (`escrow-commands.ts`).
 */
import { z } from 'zod';
import type { Caller } from './actor';
import { DISPUTE_COLUMNS, type DisputeRow, readDisputed } from './dispute-row';
import { type Endpoint, endpoint } from './endpoint';
import { escrowOf, readEscrow } from './escrow-row';
import { pageOf, unknownCursor } from './lists';
import { mayNotView } from './permissions';
import { isProblem } from './problem';
import { disputeFields } from './schemas/escrow-answers';
import { commonFields, idOf, instant, listOf, pageFields, text } from './schemas/fields';
import { every, rowOf, rowsOf, type Sql, sql } from './sql';

const tag = 'Disputes';

const disputeAnswer = z
  .object({ ...commonFields('dispute', 'dis'), escrow: z.string(), ...disputeFields })
  .meta({ id: 'Dispute' });
type Shown = z.input<typeof disputeAnswer>;

const get = endpoint({
  method: 'get',
  path: '/v1/disputes/{id}',
  operationId: 'getDispute',
  tag,
  summary: 'Get a dispute',
  right: 'party',
  params: z.object({ id: idOf('dis') }),
  answers: { 200: { about: 'The case.', schema: disputeAnswer } },
  problems: ['not_found', 'not_a_party'],
  handle: async ({ api, caller, params }) => {
    const row = await readDisputed(api.database, caller, params.id);
    if (isProblem(row)) return row;
    const escrow = await readEscrow(api.database, caller, row.escrow_id);
    if (isProblem(escrow)) return escrow;
    const isHandler = caller.account !== null && row.handler === caller.account;
    const hidden = isHandler ? null : mayNotView(escrowOf(escrow), caller);
    return hidden ?? { status: 200, body: disputeView(row) };
  },
});

const STATUSES = ['open', 'negotiating', 'with_handler', 'withdrawn', 'ruled'] as const;

const list = endpoint({
  method: 'get',
  path: '/v1/disputes',
  operationId: 'listDisputes',
  tag,
  summary: "The arbiter's queue",
  description:
    'What is due first comes first; what waits for nobody comes last. On behalf of an account: ' +
    'those that it handles or takes part in.',
  right: 'party',
  query: z.strictObject({
    ...pageFields,
    status: z.enum(STATUSES).optional(),
    handler: text(200).optional().meta({ description: '`platform`, or an account.' }),
    escrow: idOf('esc').optional(),
    due_before: instant.optional(),
  }),
  answers: { 200: { about: 'A page, by due date.', schema: listOf(disputeAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const { status, handler, escrow, due_before, limit, starting_after } = query;
    const last =
      starting_after === undefined ? null : await placeOf(api.database, caller, starting_after);
    if (starting_after !== undefined && !last) return unknownCursor();
    const rows = await rowsOf<DisputeRow>(
      api.database,
      sql`select ${DISPUTE_COLUMNS} from holdfast.disputes t
           where t.platform_id = ${caller.platform} and t.livemode = ${caller.livemode}
             and ${every([
               ...ofAccount(caller),
               ...(status === undefined ? [] : [sql`t.status = ${status}`]),
               ...(handler === undefined ? [] : [sql`t.handler = ${handler}`]),
               ...(escrow === undefined ? [] : [sql`t.escrow_id = ${escrow}`]),
               ...(due_before === undefined ? [] : [sql`t.due_at < ${due_before}`]),
               ...(last ? [sql`(${DUE}, t.id) > (${last.due}::timestamptz, ${last.id})`] : []),
             ])}
           order by ${DUE}, t.id limit ${limit + 1}`,
    );
    return { status: 200, body: pageOf(rows, limit, disputeView, ({ id }) => id) };
  },
});

const DUE: Sql = sql`coalesce(t.due_at, 'infinity'::timestamptz)`;

const placeOf = (
  db: Parameters<typeof rowOf>[0],
  { platform, livemode }: Caller,
  id: string,
): Promise<{ id: string; due: string } | null> =>
  rowOf(
    db,
    sql`select t.id, ${DUE}::text as due from holdfast.disputes t
         where t.id = ${id} and t.platform_id = ${platform} and t.livemode = ${livemode}`,
  );

const ofAccount = ({ account }: Caller): readonly Sql[] =>
  account === null
    ? []
    : [
        sql`(t.handler = ${account} or exists (select from holdfast.parties p
              where p.escrow_id = t.escrow_id and p.account_id = ${account}))`,
      ];

/** The row's own part of the case is kept as the recording step wrote it. */
function disputeView(row: DisputeRow): Shown {
  const { side, by, reason, amount, opened_at, answer, unanswered, evidence, ruling } =
    row.view as Partial<Shown>; // as the recording step wrote it
  return {
    id: row.id,
    object: 'dispute',
    livemode: row.livemode,
    created_at: row.created_at,
    updated_at: row.updated_at,
    version: row.version,
    metadata: {},
    escrow: row.escrow_id,
    milestone: row.milestone_id,
    status: row.status,
    side: side ?? 'handler',
    by: by ?? '',
    reason: reason ?? '',
    amount: amount ?? 0,
    opened_at: opened_at ?? row.created_at,
    answer: answer ?? null,
    unanswered: unanswered ?? false,
    handler: row.handler,
    evidence: evidence ?? [],
    due_at: row.due_at,
    ruling: ruling ?? null,
  };
}

export const disputeRoutes: readonly Endpoint[] = [get, list];
