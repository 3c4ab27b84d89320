/**
 * Owns what the payment and the payout script have in common: their row, their clock, their
 * wake-ups, and the hint to the escrow.
 * Must not know what is paid, nor how a provider is asked (`asking.ts`).
 */
import {
  CancellationScope,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyLocalActivities,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { MoneyActivities } from '../activities/activities';
import type { Change } from '../activities/changes';
import type { Movement } from '../activities/movement';
import type { ChangeAnswer } from '../activities/movements';
import { days, hours, type Instant, type Millis, minutes, plus, seconds } from '../domain/calendar';
import { ADVANCE_CLOCK, HINT, readAdvance, type ScriptInput } from './messages';
import { Alarm, aim, type Clock, stepClock, timeOf } from './until';

export type Script = {
  readonly input: ScriptInput;
  readonly clock: Clock;
  readonly alarm: Alarm;
  woken: boolean;
  looks: number; // at a movement under way, since something was last new
};

/** What comes next by what the row says; `over`: nothing can come any more. */
export type Step = (script: Script, movement: Movement) => Promise<'over' | 'on'>;

/** Step after step until the script is over. Everything is on the row, so any step may be done
 * again, and a run that ends too early goes on from there. */
export async function play(input: ScriptInput, step: Step): Promise<void> {
  const script = openScript(input);
  // Stopping a payment is not a call of the engine.
  await CancellationScope.nonCancellable(async () => {
    while ((await tryStep(script, step)) === 'on') await renewWhenLong(script);
  });
}

/** A step that the database refuses for good waits for a person, who then gives a hint; should it
 * have healed by itself, an hour is lost. */
async function tryStep(script: Script, step: Step): Promise<'over' | 'on'> {
  try {
    return await step(script, await read(script));
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    log.error('the movement is stuck', { effect: script.input.effect, error });
    await sleepUntil(script, plus(timeOf(script.clock), hours(1)), 'a person');
    return 'on';
  }
}

const { readMovement, recordChange } = proxyLocalActivities<MoneyActivities>({
  startToCloseTimeout: seconds(5), // one database call
  localRetryThreshold: minutes(1), // an outage of the database: wait here, without timers
  retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: seconds(10) }, // no end
});

/** Reads the row that everything is decided on. */
export const read = ({ input }: Script): Promise<Movement> => readMovement(input.effect);

/** Writes a change of the row as it was read. */
export const write = (script: Script, movement: Movement, change: Change): Promise<ChangeAnswer> =>
  recordChange({ movement, change, at: timeOf(script.clock) });

/** A script with its handlers: a hint wakes it, a test clock moves its time. */
function openScript(input: ScriptInput): Script {
  const script: Script = {
    input,
    clock: { offset: input.clock?.offset_ms ?? 0, target: null },
    alarm: new Alarm(),
    woken: false,
    looks: 0,
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

/** Waits for a hint or for the instant; a test clock can bring it near. */
export async function sleepUntil(script: Script, at: Instant, what: string): Promise<void> {
  for (;;) {
    stepClock(script.clock, at);
    if (script.woken || timeOf(script.clock) >= at) break;
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

/** Waits for somebody outside; looks again every day, should the hint have been lost. */
export const sleepUntilHint = (script: Script, what: string): Promise<void> =>
  sleepUntil(script, plus(timeOf(script.clock), days(1)), what);

/** How long to wait before the n-th look at a movement under way: soon, then ever less often. */
const LOOKS: readonly Millis[] = [minutes(1), minutes(5), minutes(15), hours(1), hours(6)];

/** Waits for the next look at a movement under way. A test clock that jumps is not looked at four
 * times for each of its days. */
export async function sleepUntilLook(script: Script): Promise<void> {
  const { clock, looks } = script;
  const pause = LOOKS[Math.min(looks, LOOKS.length - 1)] ?? days(1);
  const inADay = plus(timeOf(clock), days(1));
  const isJumping = clock.target !== null && clock.target > inADay;
  script.looks += 1;
  await sleepUntil(script, isJumping ? inADay : plus(timeOf(clock), pause), 'look-up');
}

/** Tells the escrow that there is something to look at; false when it has none, or has ended. */
export async function hintEscrow({ input }: Script, kind: 'payment' | 'payout'): Promise<boolean> {
  if (!input.escrow) return false;
  try {
    const escrow = getExternalWorkflowHandle(input.escrow);
    await escrow.signal(HINT, { kind, id: input.effect });
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}

/** Goes on as a new run when the history has grown long; everything is on the row. */
async function renewWhenLong(script: Script): Promise<void> {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const { continue_as_new_at: limit, clock } = script.input;
  const isLong = continueAsNewSuggested || historyLength >= (limit ?? Infinity);
  if (!isLong || script.woken) return;
  script.alarm.cancel();
  await continueAsNew({
    ...script.input,
    clock: clock && { ...clock, offset_ms: script.clock.offset },
  });
}
