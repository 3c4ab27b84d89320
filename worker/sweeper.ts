/**
 * Owns what was accepted and then lost on its way: commands that nobody handed over, scripts that
 * nobody started. Runs in every worker; rows are claimed, so that many do no more than one.
 * Must not decide anything. Source: `reliability.md`, section 3.
 */

import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/common';
import type { Pool } from 'pg';
import { type Message, QUEUES, WORKFLOWS } from '../workflows/messages';
import { scriptInput } from './relay';

/** As long as the API may still be handing it over itself. */
const PATIENCE = '10 seconds';

type LostCommand = Message & { readonly escrow: string; readonly version: number };
type LostEffect = {
  readonly id: string;
  readonly kind: string;
  readonly escrow: string | null;
  readonly clock: string | null;
  readonly offset_ms: number | null;
};

/** Starts the workflow of an escrow whose first command was lost; given by the API's code. */
export type StartEscrow = (escrow: string, first: Message) => Promise<void>;

/** Hands lost commands over, oldest first; returns how many. */
export async function sweepCommands(
  pool: Pool,
  temporal: Client,
  startEscrow: StartEscrow,
): Promise<number> {
  return claimed(pool, LOST_COMMANDS, async (rows: readonly LostCommand[], done) => {
    for (const { escrow, version, ...message } of rows) {
      const handedOver = await handOver(temporal, startEscrow, escrow, version, message);
      if (handedOver) await done(HANDED_OVER, [message.id, handedOver]);
    }
  });
}

const LOST_COMMANDS = `
  select c.id, c.type, c.actor, c.body, c.signature, c.expected_version, c.escrow_id as escrow,
         e.version
    from holdfast.commands c join holdfast.escrows e on e.id = c.escrow_id
   where c.handed_over_at is null and c.answered_at is null
     and c.created_at < clock_timestamp() - interval '${PATIENCE}'
   order by c.created_at, c.id limit 50
     for update of c skip locked`;

const HANDED_OVER = `
  update holdfast.commands set handed_over_at = clock_timestamp(), handed_over_by = $2
   where id = $1`;

/** By signal, or by starting the workflow for the first command of an escrow. */
async function handOver(
  temporal: Client,
  startEscrow: StartEscrow,
  escrow: string,
  version: number,
  message: Message,
): Promise<'start' | 'signal' | null> {
  try {
    if (version === 0 && message.type === 'send') {
      await startEscrow(escrow, message);
      return 'start';
    }
    await temporal.workflow.getHandle(escrow).signal(message.type, message);
    return 'signal';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'start';
    if (error instanceof WorkflowNotFoundError) return null; // the API answers it when asked
    throw error;
  }
}

/** Starts scripts of planned rows that have none; returns how many. */
export async function sweepEffects(pool: Pool, temporal: Client): Promise<number> {
  return claimed(pool, LOST_EFFECTS, async (rows: readonly LostEffect[], done) => {
    for (const { id, kind, escrow, clock, offset_ms } of rows) {
      await startScript(temporal, kind, scriptInput(id, escrow, clock, offset_ms));
      await done('update holdfast.effects set started_at = clock_timestamp() where id = $1', [id]);
    }
  });
}

const LOST_EFFECTS = `
  select e.id, e.kind, e.escrow_id as escrow, e.test_clock_id as clock, c.offset_ms
    from holdfast.effects e left join holdfast.test_clocks c on c.id = e.test_clock_id
   where e.started_at is null and e.state = 'planned'
     and e.created_at < clock_timestamp() - interval '${PATIENCE}'
   order by e.created_at limit 50
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

type Done = (sql: string, values: readonly unknown[]) => Promise<unknown>;

/** Claims rows for the length of a transaction, so that two sweepers never share one. */
async function claimed<R extends object>(
  pool: Pool,
  select: string,
  work: (rows: readonly R[], done: Done) => Promise<void>,
): Promise<number> {
  const connection = await pool.connect();
  try {
    await connection.query('begin');
    const { rows } = await connection.query<R>(select);
    await work(rows, (sql, values) => connection.query(sql, [...values]));
    await connection.query('commit');
    return rows.length;
  } catch (error) {
    await connection.query('rollback');
    throw error;
  } finally {
    connection.release();
  }
}
