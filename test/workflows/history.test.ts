/**
 * Owns what a straight life costs the engine: events of history, and actions as they are billed
 * (`temporal.md`, section 4).
 * Must not know how it could cost less.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { advance, complete, draftOf, inDays, openEscrow } from './escrows';
import { disbursementOf } from './money';
import { closeWorld } from './proof';
import { type HistoryEvent, historyOf, typeOf, untilStatus } from './seen';
import { giveSeller, openWorld, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

const EVENTS_MAX = 60;
const ACTIONS_MAX = 14;

type Bill = Readonly<
  Record<'start' | 'messages' | 'records' | 'children' | 'activities', number>
> & {
  readonly timers: number;
  readonly upserts: number;
};

/** Local activities of one workflow task are one action together. */
function billOf(history: readonly HistoryEvent[]): Bill {
  const count = (...types: string[]): number =>
    history.filter((event) => types.includes(typeOf(event).slice('EVENT_TYPE_'.length))).length;
  const tasks = history
    .filter((event) => typeOf(event) === 'EVENT_TYPE_MARKER_RECORDED')
    .map((event) => String(event.markerRecordedEventAttributes?.workflowTaskCompletedEventId));
  return {
    start: count('WORKFLOW_EXECUTION_STARTED'),
    messages: count('WORKFLOW_EXECUTION_SIGNALED', 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED'),
    records: new Set(tasks).size,
    children: 2 * count('START_CHILD_WORKFLOW_EXECUTION_INITIATED'),
    activities: count('ACTIVITY_TASK_SCHEDULED'),
    timers: count('TIMER_STARTED'),
    upserts: count('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES'),
  };
}

const actionsOf = ({ start, messages, records, children, activities }: Bill): number =>
  start + messages + records + children + activities;

/** In real life a timer fires where a test moves the clock. */
const isOfRealLife = ({ workflowExecutionSignaledEventAttributes: signal }: HistoryEvent) =>
  signal?.signalName !== 'advance_clock';

test('a one-milestone happy path stays within its events and actions', async () => {
  const seller = await giveSeller(world.pool, 'Sal');
  const opened = await openEscrow(world, draftOf({}, seller));
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  await sleep(200); // a task for each command, as when people take their time
  await complete(world, opened, { seller });
  await untilStatus(world, opened, 'closed_disbursement_complete');
  const { id } = await disbursementOf(world, opened);
  await advance(world, opened, inDays(40)); // to the end of the return window
  await world.engine.client.workflow.getHandle(id).result();
  await world.engine.client.workflow.getHandle(opened.id).result();
  const whole = (await historyOf(world, opened.id)).filter(isOfRealLife);
  const payout = (await historyOf(world, id)).filter(isOfRealLife);
  const bill = billOf(whole);
  const shown = {
    escrow: { events: whole.length, actions: actionsOf(bill), ...bill },
    payout: { events: payout.length, actions: actionsOf(billOf(payout)), ...billOf(payout) },
  };
  console.info(JSON.stringify(shown));
  expect(shown.escrow.events).toBeLessThanOrEqual(EVENTS_MAX);
  expect(shown.escrow.actions).toBeLessThanOrEqual(ACTIONS_MAX);
});
