/**
 * Owns handing stored webhooks on: each wakes the payment or payout script that its reference
 * names. A webhook is a hint; the script reads.
 * Must not believe anything that stands in one. Source: `providers.md`, section 4.
 */
import type { Client } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { Pool } from 'pg';
import { HINT, QUEUES, type ScriptInput, WORKFLOWS } from '../workflows/messages';
import { eachClaimed, limited } from './claims';

type Waiting = {
  readonly connection_id: string;
  readonly webhook_id: string;
  readonly effect: string | null;
  readonly kind: string | null;
  readonly escrow: ScriptInput['escrow'];
  readonly clock: string | null;
  readonly offset_ms: number | null;
};

/** Wakes the scripts of webhooks that nobody has been told of; answers how many it took. */
export const relayWebhooks = (pool: Pool, temporal: Client): Promise<number> =>
  eachClaimed<Waiting>(pool, {
    select: WAITING,
    keyOf: ({ webhook_id }) => webhook_id,
    work: async (row, done) => {
      await wake(temporal, row);
      await done(WOKEN, [row.connection_id, row.webhook_id]);
    },
  });

/** The reference is the id of the effect and the number of the attempt. */
const WAITING = `
  select w.connection_id, w.webhook_id, e.id as effect, e.kind, e.escrow_id as escrow,
         e.test_clock_id as clock, c.offset_ms
    from holdfast.webhook_inbox w
    left join holdfast.effects e on e.id = regexp_replace(w.reference, '-[0-9]+$', '')
                                and e.connection_id = w.connection_id
    left join holdfast.test_clocks c on c.id = e.test_clock_id
   where w.woken_at is null and w.webhook_id <> all ($1::text[])
   order by w.received_at limit 1
     for update of w skip locked`;

const WOKEN = `
  update holdfast.webhook_inbox set woken_at = clock_timestamp()
   where connection_id = $1 and webhook_id = $2`;

/** A script that had ended goes on from its rows; one that runs hears the signal. */
async function wake(temporal: Client, row: Waiting): Promise<void> {
  if (!row.effect || !row.kind) return; // no such effect of ours: nothing to look at
  const type = row.kind === 'payment' ? WORKFLOWS.payment : WORKFLOWS.payout;
  const options = {
    workflowId: row.effect,
    taskQueue: QUEUES.money,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    args: [scriptInput(row.effect, row.escrow, row.clock, row.offset_ms)],
    signal: HINT,
    signalArgs: [{ kind: type, id: row.effect }],
  };
  await limited(temporal, () => temporal.workflow.signalWithStart(type, options));
}

/** Where a script begins that is started from its row. */
export const scriptInput = (
  effect: string,
  escrow: string | null,
  clock: string | null,
  offsetMs: number | null,
): ScriptInput =>
  ({
    effect,
    escrow,
    clock: clock && { id: clock, offset_ms: offsetMs ?? 0 },
  }) as ScriptInput; // ids as the database has them
