/**
 * Owns what the payment and the payout script have in common: their clock, their wake-ups, their
 * look-ups, and the hint to the escrow.
 * Must not know what is paid, nor which journal a step posts.
 */
import {
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { MoneyActivities } from '../activities/activities';
import type { Change, Movement } from '../activities/changes';
import type { ChangeAnswer } from '../activities/movements';
import type { LookedUp, ProviderCalls } from '../activities/provider-calls';
import { days, hours, type Instant, type Millis, minutes, plus, seconds } from '../domain/calendar';
import { ADVANCE_CLOCK, HINT, QUEUES, readAdvance, type ScriptInput } from './messages';
import { Alarm, aim, type Clock, stepClock, timeOf } from './until';

export type Script = {
  readonly input: ScriptInput;
  readonly clock: Clock;
  readonly alarm: Alarm;
  woken: boolean;
};

const { readMovement, recordChange } = proxyLocalActivities<MoneyActivities>({
  startToCloseTimeout: seconds(5), // one database call
  localRetryThreshold: minutes(1),
  retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: seconds(10) }, // no end
});

/** Reads the row that everything is decided on. */
export const read = ({ input }: Script): Promise<Movement> => readMovement(input.effect);

/** Writes a change of the row as it was read. */
export const write = (script: Script, movement: Movement, change: Change): Promise<ChangeAnswer> =>
  recordChange({ movement, change, at: timeOf(script.clock) });

/** A script with its handlers: a hint wakes it, a test clock moves its time. */
export function openScript(input: ScriptInput): Script {
  const script: Script = {
    input,
    clock: { offset: input.clock?.offset_ms ?? 0, target: null },
    alarm: new Alarm(),
    woken: false,
  };
  setHandler(defineSignal<[unknown]>(HINT), () => {
    script.woken = true;
  });
  setHandler(defineSignal<[unknown]>(ADVANCE_CLOCK), (message) => {
    const to = readAdvance(message);
    if (input.clock && to) aim(script.clock, to);
  });
  return script;
}

/** Waits for a hint or for the instant (none: for a hint alone); a test clock can bring it near. */
export async function sleepUntil(script: Script, at: Instant | null, what: string): Promise<void> {
  for (;;) {
    stepClock(script.clock, at);
    const isTime = at !== null && timeOf(script.clock) >= at;
    if (script.woken || isTime) break;
    await script.alarm.until(
      script.clock,
      at,
      `${what} of ${script.input.effect}`,
      () => script.woken || script.clock.target !== null,
    );
  }
  script.alarm.cancel();
  script.woken = false;
}

/** When to look at a movement under way, the n-th time (from 0): soon, then ever less often. */
const LOOKS: readonly Millis[] = [minutes(1), minutes(5), minutes(15), hours(1), hours(6)];
export const nextLook = (script: Script, looks: number): Instant =>
  plus(timeOf(script.clock), LOOKS[Math.min(looks, LOOKS.length - 1)] ?? days(1));

/**
 * The provider's calls. Money out is one attempt per call: whoever repeats it reads first. A read
 * is repeated without end.
 */
export function providerCalls(movement: Movement) {
  const taskQueue = QUEUES.provider(movement.provider ?? 'none');
  const { takePayment, sendPayout } = proxyActivities<ProviderCalls>({
    taskQueue,
    startToCloseTimeout: seconds(40), // connect 5 s, whole call 30 s
    retry: { maximumAttempts: 1 },
  });
  const { lookUp } = proxyActivities<ProviderCalls>({
    taskQueue,
    startToCloseTimeout: seconds(40),
    retry: { initialInterval: seconds(1), maximumInterval: minutes(5) },
  });
  return { takePayment, sendPayout, lookUp };
}

/** What a look-up means for the row; null when there is nothing new. */
export function changeOf(
  movement: Movement,
  { found, returnsWithinDays }: LookedUp,
): Change | null {
  if (!found.found) return null;
  const { fact, state } = found;
  const isPayment = movement.kind === 'payment';
  const isSame =
    fact.currency === movement.currency &&
    fact.livemode === movement.livemode &&
    (isPayment || fact.amount === movement.amount);
  if (!isSame) return { type: 'unknown', cause: 'fact_mismatch' };
  const isLive = movement.state === 'sent' || movement.state === 'unknown';
  switch (state) {
    case 'settled':
      return isLive ? { type: 'settled', fact, returnsWithinDays } : null;
    case 'returned': // settled before it came back: both are booked, in that order
      if (isLive) return { type: 'settled', fact, returnsWithinDays };
      return movement.state === 'settled' ? { type: 'returned', fact } : null;
    case 'failed':
      return isLive ? { type: 'failed', code: found.code, again: found.again } : null;
    case 'sent':
      return movement.state === 'unknown' ? { type: 'sent', theirs: fact.theirs } : null;
    default:
      return state satisfies never;
  }
}

/** Tells the escrow that there is something to look at; whoever has ended needs no telling. */
export async function hintEscrow({ input }: Script, kind: 'payment' | 'payout'): Promise<void> {
  if (!input.escrow) return;
  try {
    const escrow = getExternalWorkflowHandle(input.escrow);
    await escrow.signal(HINT, { kind, id: input.effect });
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}

/** Goes on as a new run when the history has grown long; everything is on the row. */
export async function renewWhenLong(script: Script): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested || script.woken) return;
  script.alarm.cancel();
  const { clock } = script.input;
  await continueAsNew({
    ...script.input,
    clock: clock && { ...clock, offset_ms: script.clock.offset },
  });
}
