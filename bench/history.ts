/**
 * Owns the third row of the bench: history events and billed actions of a one-milestone happy
 * path, counted from the history itself (`temporal.md`, section 4).
 * Must not time anything.
 */
import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { commandsOf, get, makeDeal, type People, post } from './people';
import type { Stack } from './stack';

export type HistoryBench = {
  /** Of the escrow workflow. */
  readonly events: number;
  /** Of the escrow workflow, without timers and upserts. */
  readonly actions: number;
  readonly timers: number;
  readonly upserts: number;
  /** Of the payout script of the same life. */
  readonly payout: { readonly events: number; readonly actions: number };
};

/** Plays one life over HTTP and counts. */
export async function benchHistory(stack: Stack, people: People): Promise<HistoryBench> {
  const deal = await makeDeal(stack, people);
  const [accept, fund, markDone] = commandsOf(deal);
  for (const { path, body, by } of [accept, fund, markDone]) await post(stack, path, body, by);
  const approve = `/escrows/${deal.id}/milestones/${deal.milestone}/approve`;
  await post(stack, approve, {}, people.buyer);
  await untilPaid(stack, deal.id);
  const { data } = await get<{ data: { id: string }[] }>(stack, `/disbursements?escrow=${deal.id}`);
  const connection = await Connection.connect({ address: stack.temporalAddress });
  try {
    const client = new Client({ connection, namespace: stack.namespace });
    const escrow = await countedOf(client, deal.id);
    const payout = await countedOf(client, data[0]?.id ?? '');
    const { events, actions, timers, upserts } = escrow;
    return {
      events,
      actions,
      timers,
      upserts,
      payout: {
        events: payout.events,
        actions: payout.actions + payout.timers + payout.upserts,
      },
    };
  } finally {
    await connection.close();
  }
}

type Counted = Pick<HistoryBench, 'events' | 'actions' | 'timers' | 'upserts'>;

const TYPES = temporal.api.enums.v1.EventType;

/** Start 1, message 1, local activities of a task 1 together, child 2, activity attempt 1. */
const ACTIONS: Readonly<Record<number, number>> = {
  [TYPES.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED]: 1,
  [TYPES.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED]: 1,
  [TYPES.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED]: 1,
  [TYPES.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED]: 2,
  [TYPES.EVENT_TYPE_ACTIVITY_TASK_STARTED]: 1,
  [TYPES.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED]: 1,
};

async function countedOf(client: Client, id: string): Promise<Counted> {
  const { events } = await client.workflow.getHandle(id).fetchHistory();
  const all = events ?? [];
  const count = (type: number): number => all.filter((e) => e.eventType === type).length;
  const tasksWithLocals = new Set(
    all
      .filter((e) => e.eventType === TYPES.EVENT_TYPE_MARKER_RECORDED)
      .map((e) => String(e.markerRecordedEventAttributes?.workflowTaskCompletedEventId)),
  );
  const plain = Object.entries(ACTIONS).map(([type, each]) => count(Number(type)) * each);
  return {
    events: all.length,
    actions: tasksWithLocals.size + plain.reduce((a, b) => a + b, 0),
    timers: count(TYPES.EVENT_TYPE_TIMER_STARTED),
    upserts: count(TYPES.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES),
  };
}

async function untilPaid(stack: Stack, id: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { status } = await get<{ status: string }>(stack, `/escrows/${id}`);
    if (status === 'closed_disbursement_complete') return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${id} was not paid out`);
}
