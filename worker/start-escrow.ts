/**
 * Owns starting the workflow of an escrow from its row, when the API that made the row could not.
 * Must not know what the first command does.
 */
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Pool } from 'pg';
import { type EscrowInput, type Message, WORKFLOWS } from '../workflows/messages';
import { escrowStart } from '../workflows/start';

type Row = Pick<EscrowInput, 'platform' | 'livemode' | 'escrow' | 'clock'>;

/** Starts the workflow with its first command. False when it runs already, or has: then the
 * command may be another than the one that it began with. */
export async function startFromRow(
  pool: Pick<Pool, 'query'>,
  temporal: Client,
  escrow: string,
  first: Message,
): Promise<boolean> {
  const { rows } = await pool.query<Row>(
    `select e.platform_id as platform, e.livemode,
            e.state || jsonb_build_object('terms', e.terms) as escrow,
            case when c.id is not null
              then jsonb_build_object('id', c.id, 'offset_ms', c.offset_ms) end as clock
       from holdfast.escrows e left join holdfast.test_clocks c on c.id = e.test_clock_id
      where e.id = $1 and e.version = 0`,
    [escrow],
  );
  const [row] = rows;
  if (!row) return false; // recorded by now
  try {
    await temporal.workflow.start(WORKFLOWS.escrow, escrowStart({ ...row, first, known: [] }));
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
