/**
 * Owns simulated time: making a clock, moving it on, and waiting until everything attached to it
 * has done what was due.
 * Must not know deadlines: workflows publish what they wait for. Source: `contracts.md`, section 4.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { DATES_END, type Instant } from '../domain/calendar';
import type { TestClockId } from '../domain/ids';
import { readAdvance } from '../workflows/messages';
import type { Caller } from './actor';
import { type AnyCall, type Endpoint, endpoint, type Given, type Result } from './endpoint';
import { advance as tell } from './engine';
import { atOnce, audit, earlierOf, insertAnswered, keep, repeated } from './idempotency';
import { newId } from './ids';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { moveSandbox, sandboxIsDue } from './sandbox-clock';
import { commonFields, idOf, nearInstant, time } from './schemas/fields';
import { inTransaction, type Queryable, rowOf, rowsOf, type Sql, sql } from './sql';

const tag = 'Test mode';

const clockAnswer = z
  .object({
    ...commonFields('test_clock', 'clk'),
    now: time,
    status: z.enum(['ready', 'advancing']).meta({ description: 'Advancing: something is due.' }),
  })
  .meta({ id: 'TestClock', description: 'Runs at normal speed; jumps forward, never back.' });

type ClockRow = {
  readonly id: TestClockId;
  readonly version: number;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  readonly now: Instant;
};
const COLUMNS = sql`t.id, t.version, t.created_at, t.updated_at, holdfast.escrow_now(t.id) as now`;

const create = endpoint({
  method: 'post',
  path: '/v1/test_clocks',
  operationId: 'createTestClock',
  tag,
  summary: 'Make a test clock',
  right: 'test',
  body: z
    .strictObject({ now: nearInstant.optional().meta({ description: 'Left out: the real time.' }) })
    .meta({ id: 'TestClockRequest' }),
  answers: { 201: { about: 'The clock.', schema: clockAnswer } },
  problems: [],
  example: { body: { now: '2027-01-04T09:00:00.000Z' } },
  handle: (call) =>
    atOnce(call, 'create_test_clock', async (db) => {
      const { caller, body } = call;
      const row = await rowOf<ClockRow>(
        db,
        sql`insert into holdfast.test_clocks as t (id, platform_id, livemode, offset_ms)
            values (${newId('clk')}, ${caller.platform}, false, ${offsetTo(body.now)})
            returning t.id, t.version, t.created_at, t.updated_at,
              (clock_timestamp() + make_interval(secs => t.offset_ms / 1000.0)) as now`,
      );
      if (!row) return problem('internal');
      return {
        answer: { status: 201, body: clockView(row, 'ready') },
        stream: row.id,
        object: row.id,
        version: row.version,
      };
    }),
});

/** Milliseconds from real time to an instant, by the clock that all processes share. */
const offsetTo = (to: Instant | undefined) =>
  to === undefined
    ? sql`0`
    : sql`round(1000 * extract(epoch from ${to}::timestamptz - clock_timestamp()))::bigint`;

const params = z.object({ id: idOf('clk') });

const get = endpoint({
  method: 'get',
  path: '/v1/test_clocks/{id}',
  operationId: 'getTestClock',
  tag,
  summary: 'Get a test clock',
  right: 'test',
  params,
  answers: { 200: { about: 'The clock.', schema: clockAnswer } },
  problems: ['not_found'],
  handle: async (call) => {
    const row = await readClock(call.api.database, call.caller, call.params.id);
    if (isProblem(row)) return row;
    return {
      status: 200,
      body: clockView(row, (await isQuiet(call, row)) ? 'ready' : 'advancing'),
    };
  },
});

const advanceBody = z
  .union([
    z.strictObject({ to: nearInstant }).meta({ id: 'AdvanceTo' }),
    z.strictObject({ to_next_deadline: z.literal(true) }).meta({ id: 'AdvanceToNextDeadline' }),
  ])
  .meta({ id: 'Advance' });

const advance = endpoint({
  method: 'post',
  path: '/v1/test_clocks/{id}/advance',
  operationId: 'advanceTestClock',
  tag,
  summary: 'Move a test clock on',
  description:
    'Answers when every escrow on the clock has settled down; after 8 seconds 202, and it goes on.',
  right: 'test',
  params,
  body: advanceBody,
  answers: {
    200: { about: 'Nothing is due any more.', schema: clockAnswer },
    202: { about: 'Still advancing; look at the clock.', schema: clockAnswer },
  },
  problems: ['not_found', 'conditions_unmet', 'malformed'],
  example: { body: { to_next_deadline: true } },
  handle: (call) => moveOn(call, call.params.id, call.body),
});

async function moveOn(
  call: AnyCall,
  id: string,
  asked: Given<typeof advanceBody>,
): Promise<Result> {
  const { api, caller } = call;
  const before = await earlierOf(call);
  if (before) return repeated(call, before, () => settle(call, id, before.id));
  const command = newId('cmd');
  const moved = await inTransaction(
    api.database,
    async (db): Promise<ClockRow | Problem | null> => {
      if (!(await insertAnswered(db, call, { id: command, type: 'advance_test_clock' })))
        return null;
      await rowOf(db, sql`select id from holdfast.test_clocks where id = ${id} for update`);
      const row = await readClock(db, caller, id);
      if (isProblem(row)) return row;
      const to = 'to' in asked ? asked.to : await nextWake(db, row);
      if (to === null || to >= DATES_END) {
        return problem('conditions_unmet', 'Nothing waits for a deadline.');
      }
      if (to < row.now && 'to' in asked) {
        return fieldProblem('malformed', '/to', 'the clock is past it', 'out_of_range');
      }
      await setOffset(db, id, to);
      await audit(db, call, {
        stream: id,
        action: 'advance_test_clock',
        object: id,
        version: row.version + 1,
        command,
      });
      return readClock(db, caller, id);
    },
    (result) => result !== null && !isProblem(result),
  );
  if (isProblem(moved)) return moved;
  if (moved) return settle(call, id, command);
  const other = await earlierOf(call); // another request under this key was faster
  return other ? repeated(call, other, () => settle(call, id, other.id)) : problem('in_flight');
}

/** It never goes back, not even by the moment that passed since the request came in. */
const setOffset = (db: Queryable, id: string, to: Instant) =>
  rowOf(
    db,
    sql`update holdfast.test_clocks set offset_ms = greatest(offset_ms, ${offsetTo(to)}),
           version = version + 1, updated_at = clock_timestamp() where id = ${id}`,
  );

async function nextWake(db: Queryable, { id }: ClockRow): Promise<Instant | null> {
  const row = await rowOf<{ next: Instant | null }>(
    db,
    sql`select min(deadline_at) as next from holdfast.escrows
         where test_clock_id = ${id} and deadline_at is not null`,
  );
  return row?.next ?? null;
}

const LOOK_MS = 50;

/** Tells everything on the clock, and waits until nothing is due; what was started meanwhile is
 * told again. */
async function settle(call: AnyCall, id: string, command: `cmd_${string}`): Promise<Result> {
  const { api, caller } = call;
  const deadline = Date.now() + api.limits.answerMs;
  const row = await readClock(api.database, caller, id);
  if (isProblem(row)) return row;
  await moveSandbox(call, row.id, row.now);
  const told = new Set<string>();
  for (;;) {
    await tellAll(call, row, told);
    if (await isQuiet(call, row)) {
      return keep(call, command, { status: 200, body: clockView(row, 'ready') });
    }
    if (Date.now() > deadline) break;
    await sleep(LOOK_MS);
  }
  await rowOf(
    api.database,
    sql`update holdfast.commands set status = 202 where id = ${command} and status is null`,
  );
  const headers = { Location: `/v1/test_clocks/${id}` };
  return { status: 202, body: clockView(row, 'advancing'), headers };
}

/** Workflows of escrows that are open, or whose money may come back, and scripts under way. */
async function tellAll({ api }: AnyCall, { id, now }: ClockRow, told: Set<string>): Promise<void> {
  const rows = await rowsOf<{ id: string }>(
    api.database,
    sql`select id from holdfast.escrows where test_clock_id = ${id} and version > 0
        union all
        select id from holdfast.effects where test_clock_id = ${id} and state <> 'cancelled'`,
  );
  const to = readAdvance({ to: now });
  if (!to) throw new RangeError(`not an instant: ${now}`);
  const untold = rows.filter((row) => !told.has(row.id));
  // One that has ended, or cannot be reached, shows by what is still due.
  await Promise.all(untold.map((row) => tell(api, row.id, { to })));
  for (const row of untold) told.add(row.id);
}

/** Is there nothing left that this clock's time would have brought about? */
async function isQuiet(call: AnyCall, { id, now }: ClockRow): Promise<boolean> {
  const row = await rowOf<{ is_busy: boolean }>(
    call.api.database,
    sql`select exists (
          select from holdfast.commands c join holdfast.escrows e on e.id = c.escrow_id
           where e.test_clock_id = ${id} and c.answered_at is null
        ) or exists (
          select from holdfast.escrows e
           where e.test_clock_id = ${id} and e.stuck is null and e.wake_at <= ${now}
        ) or exists (
          select from holdfast.effects f where f.test_clock_id = ${id} and f.state = 'planned'
        ) or exists (${untold(id)}) as is_busy`,
  );
  return !row?.is_busy && !(await sandboxIsDue(call, id));
}

/** Scripts that have just recorded what their escrow does not know yet: their hint is on its way.
 * One that nobody will hear (the escrow has ended) is waited for no longer than a hint takes. */
const untold = (id: string): Sql => sql`
  select from holdfast.effects f join holdfast.escrows e on e.id = f.escrow_id
   where f.test_clock_id = ${id} and f.updated_at > clock_timestamp() - interval '3 seconds'
     and case f.kind
       when 'payment' then f.state = 'settled' and f.applied is null
       else f.state in ('settled', 'failed', 'parked', 'returned') and not jsonb_path_exists(
         e.state, '$.milestones[*].disbursements[*] ? (@.id == $id && @.state == $state)',
         jsonb_build_object('id', f.id, 'state', f.state))
     end`;

async function readClock(
  db: Queryable,
  { platform }: Caller,
  id: string,
): Promise<ClockRow | Problem> {
  const row = await rowOf<ClockRow>(
    db,
    sql`select ${COLUMNS} from holdfast.test_clocks t
         where t.id = ${id} and t.platform_id = ${platform} and not t.livemode`,
  );
  return row ?? problem('not_found');
}

const clockView = (row: ClockRow, status: 'ready' | 'advancing'): z.input<typeof clockAnswer> => ({
  id: row.id,
  object: 'test_clock',
  livemode: false,
  created_at: row.created_at,
  updated_at: row.updated_at,
  version: row.version,
  metadata: {},
  now: row.now,
  status,
});

export const testClockRoutes: readonly Endpoint[] = [create, get, advance];
