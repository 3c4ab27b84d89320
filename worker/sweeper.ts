/**
 * Owns what was accepted and then lost on its way: commands that nobody handed over, scripts that
 * nobody started. Runs in every worker; rows are claimed, so that many do no more than one.
 * Must not decide anything. Source: `reliability.md`, section 3.
 */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import type { Pool } from 'pg';
import { type Message, QUEUES, WORKFLOWS } from '../workflows/messages';
import { type Done, eachClaimed, limited } from './claims';
import { scriptInput } from './relay';
import { startFromRow } from './start-escrow';

/** As long as the API may still be handing it over itself. */
const PATIENCE = '10 seconds';

type LostCommand = Message & {
  readonly escrow: string;
  readonly version: number;
  readonly is_closed: boolean;
};

/** Hands lost commands over, oldest first; one that fails holds up its own escrow alone. */
export const sweepCommands = (pool: Pool, temporal: Client): Promise<number> =>
  eachClaimed<LostCommand>(pool, {
    select: LOST_COMMANDS,
    keyOf: ({ escrow }) => escrow,
    work: (row, done) => handOver(pool, temporal, row, done),
  });

const LOST_COMMANDS = `
  select c.id, c.type, c.actor, c.body, c.signature, c.expected_version, c.escrow_id as escrow,
         e.version, e.state -> 'agreement' ->> 'stage' = 'closed' as is_closed
    from holdfast.commands c join holdfast.escrows e on e.id = c.escrow_id
   where c.handed_over_at is null and c.answered_at is null and c.escrow_id <> all ($1::text[])
     and c.created_at < clock_timestamp() - interval '${PATIENCE}'
   order by c.created_at, c.id limit 1
     for update of c skip locked`;

/** By signal, or by starting the workflow for the first command of an escrow. */
async function handOver(
  pool: Pool,
  temporal: Client,
  { escrow, version, is_closed, ...message }: LostCommand,
  done: Done,
): Promise<void> {
  if (version === 0 && message.type === 'send') {
    const isStarted = await limited(temporal, () => startFromRow(pool, temporal, escrow, message));
    if (isStarted) {
      await done(HANDED_OVER, [message.id, 'start']);
      return;
    }
  }
  try {
    const handle = temporal.workflow.getHandle(escrow);
    await limited(temporal, () => handle.signal(message.type, message));
    await done(HANDED_OVER, [message.id, 'signal']);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // Ended, and its outcome stands in the rows; or not begun. Anything else is for people.
    if (is_closed) await done(REFUSED, [message.id, ESCROW_CLOSED]);
    else if (version === 0) await done(REFUSED, [message.id, NOT_SENT]);
    else throw error;
  }
}

const HANDED_OVER = `
  update holdfast.commands set handed_over_at = clock_timestamp(), handed_over_by = $2
   where id = $1`;

const ESCROW_CLOSED = { code: 'escrow_closed', detail: 'The escrow is closed.' };
const NOT_SENT = { code: 'wrong_status', detail: 'The escrow has not been sent yet.' };

/** The answer of nobody but the rows; a hold that came with it is lifted. */
const REFUSED = `
  with refused as (
    update holdfast.commands c
       set answered_at = clock_timestamp(), outcome = 'refused', refusal = $2,
           version = (select version from holdfast.escrows where id = c.escrow_id)
     where c.id = $1 and c.answered_at is null
    returning c.id, c.escrow_id, c.platform_id, c.livemode, c.type, c.actor, c.request_id
  ), lifted as (
    delete from holdfast.holds h using refused r where h.command_id = r.id
  ), noted as (
    insert into holdfast.audit (platform_id, livemode, stream, action, object, actor, command_id,
      request_id, decision)
    select platform_id, livemode, escrow_id, type, escrow_id, actor, id, request_id,
           $2::jsonb ->> 'code' from refused
  )
  select pg_notify('holdfast_answers', id) from refused`;

type LostEffect = {
  readonly id: string;
  readonly kind: string;
  readonly escrow: string | null;
  readonly clock: string | null;
  readonly offset_ms: number | null;
};

/** Starts scripts of planned rows that have none; answers how many. */
export const sweepEffects = (pool: Pool, temporal: Client): Promise<number> =>
  eachClaimed<LostEffect>(pool, {
    select: LOST_EFFECTS,
    keyOf: ({ id }) => id,
    work: async ({ id, kind, escrow, clock, offset_ms }, done) => {
      const input = scriptInput(id, escrow, clock, offset_ms);
      await limited(temporal, () => startScript(temporal, kind, input));
      await done('update holdfast.effects set started_at = clock_timestamp() where id = $1', [id]);
    },
  });

const LOST_EFFECTS = `
  select e.id, e.kind, e.escrow_id as escrow, e.test_clock_id as clock, c.offset_ms
    from holdfast.effects e left join holdfast.test_clocks c on c.id = e.test_clock_id
   where e.started_at is null and e.state = 'planned' and e.id <> all ($1::text[])
     and e.created_at < clock_timestamp() - interval '${PATIENCE}'
   order by e.created_at limit 1
     for update of e skip locked`;

/** Doing it twice is doing it once: the id of the workflow is the id of the effect. */
async function startScript(
  temporal: Client,
  kind: string,
  input: ReturnType<typeof scriptInput>,
): Promise<void> {
  try {
    await temporal.workflow.start(kind === 'payment' ? WORKFLOWS.payment : WORKFLOWS.payout, {
      workflowId: input.effect,
      taskQueue: QUEUES.money,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      args: [input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
