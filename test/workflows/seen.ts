/**
 * Owns what workflow tests look at: rows, events, wallets, the bank's own book, histories.
 * Must not change anything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { temporal } from '@temporalio/proto';
import type { Instant } from '../../domain/calendar';
import { wallet } from '../../domain/chart';
import type { Escrow } from '../../domain/escrow';
import type { AccountId, EscrowId } from '../../domain/ids';
import type { World } from './world';

type Subject = { readonly id: EscrowId };

export type Row = {
  readonly status: string;
  readonly version: number;
  readonly deadline_at: Instant | null;
  readonly stuck: string | null;
  readonly state: Omit<Escrow, 'terms'>;
};

export async function rowOf({ pool }: World, { id }: Subject): Promise<Row> {
  const { rows } = await pool.query<Row>(
    'select status, version, deadline_at, stuck, state from holdfast.escrows where id = $1',
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`no escrow ${id}`);
  return row;
}

/** The only milestone of an escrow. */
export function onlyMilestone({ state }: Row): Escrow['milestones'][number] {
  const [milestone] = state.milestones;
  if (!milestone || state.milestones.length > 1) throw new Error('not one milestone');
  return milestone;
}

/** The dispute of its only milestone. */
export async function disputeIn(world: World, subject: Subject): Promise<string> {
  const milestone = onlyMilestone(await rowOf(world, subject));
  if (!('dispute' in milestone) || !milestone.dispute) throw new Error('no dispute');
  return milestone.dispute.id;
}

export const untilStatus = (
  world: World,
  subject: Subject,
  status: string,
  withinMs?: number,
): Promise<Row> =>
  eventually(
    `${subject.id} to be ${status}`,
    async () => {
      const row = await rowOf(world, subject);
      return row.status === status ? row : null;
    },
    withinMs,
  );

export async function eventsOf({ pool }: World, { id }: Subject): Promise<readonly string[]> {
  const { rows } = await pool.query<{ type: string }>(
    'select type from holdfast.events where escrow_id = $1 order by number',
    [id],
  );
  return rows.map((row) => row.type);
}

export const untilEvent = (world: World, subject: Subject, type: string): Promise<true> =>
  eventually(`${type} in ${subject.id}`, async () =>
    (await eventsOf(world, subject)).includes(type) ? true : null,
  );

/** What an account can spend, in minor units. */
export async function walletOf({ database }: World, account: AccountId): Promise<number> {
  const { rows } = await database.pool().query<{ amount: number }>(
    `select -b.amount as amount from ledger.balances b join ledger.accounts a on a.id = b.account_id
      where a.code = $1`,
    [wallet(account).code],
  );
  return rows[0]?.amount ?? 0;
}

/** What `look` finds, as soon as it finds something. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null>,
  withinMs = 30_000,
): Promise<T> {
  for (const until = Date.now() + withinMs; ; await sleep(25)) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > until) throw new Error(`waited in vain for ${what}`);
  }
}

/** Σ of all postings: nothing, or the books are broken. */
export async function trialBalance({ database }: World): Promise<number> {
  const { rows } = await database
    .pool()
    .query<{ total: number }>(
      'select coalesce(sum(amount), 0)::bigint as total from ledger.postings',
    );
  return rows[0]?.total ?? Number.NaN;
}

/** Effects for which the bank, by its own book, has moved money more often than came back. */
export async function doublePayouts({ database }: World): Promise<readonly string[]> {
  const { rows } = await database.pool().query<{ id: string }>(
    `select regexp_replace(reference, '-[0-9]+$', '') as id from sandbox.objects
      where kind = 'payout' and state in ('pending', 'sent', 'settled') group by 1
     having count(*) > 1`,
  );
  return rows.map(({ id }) => id);
}

const TYPES = temporal.api.enums.v1.EventType;
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The history of the newest run of a workflow. */
export async function historyOf({ engine }: World, id: string): Promise<readonly HistoryEvent[]> {
  const { events } = await engine.client.workflow.getHandle(id).fetchHistory();
  return events ?? [];
}

export const typeOf = ({ eventType }: HistoryEvent): string => TYPES[eventType ?? 0] ?? '';

/** Workflows of this world whose tasks have failed, or that have failed themselves. */
export async function failedTasks(world: World): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { workflowId, runId, status } of world.engine.client.workflow.list()) {
    if (status.name === 'FAILED' || status.name === 'TERMINATED') {
      found.push(`${workflowId} is ${status.name}`);
    }
    const handle = world.engine.client.workflow.getHandle(workflowId, runId);
    const { events } = await handle.fetchHistory();
    for (const event of events ?? []) {
      if (typeOf(event) !== 'EVENT_TYPE_WORKFLOW_TASK_FAILED') continue;
      const { cause, failure } = event.workflowTaskFailedEventAttributes ?? {};
      if (HARMLESS.has(cause ?? 0)) continue;
      found.push(`a task of ${workflowId} failed: ${failure?.message ?? cause}`);
    }
  }
  return found;
}

const CAUSES = temporal.api.enums.v1.WorkflowTaskFailedCause;
/** Something new came while the task was about to end the run: the server has it done again. */
const HARMLESS: ReadonlySet<number> = new Set([
  CAUSES.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  CAUSES.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
]);

/** Every line of the books of an escrow, in order, without what is different in each life. */
export async function booksOf({ database }: World, { id }: Subject): Promise<readonly string[]> {
  const { rows } = await database.pool().query<{ line: string }>(
    `select j.type || ' ' || replace(p.code, $2, 'it') || ' ' || p.amount as line
       from ledger.journal_view j join ledger.posting_view p on p.journal_id = j.id
      where j.key like $1 or j.subject in (select id from holdfast.effects where escrow_id = $3)
      order by j.id, p.line`,
    [`${id}:%`, id.slice(4), id],
  );
  return rows.map(({ line }) => line.replaceAll(/dsb_\w+|mil_\w+/g, 'id'));
}
