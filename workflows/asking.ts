/**
 * Owns how a script asks a provider: one call, then only reads, until the outcome is certain.
 * Must not send again before it has read, nor believe a fact that is not about our order.
 * Source: `reliability.md`, section 5; `providers.md`, section 2.
 */
import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type { Change } from '../activities/changes';
import type { Movement } from '../activities/movement';
import type { Called, LookedUp, ProviderCalls } from '../activities/provider-calls';
import { hours, type Instant, minutes, plus, seconds } from '../domain/calendar';
import { QUEUES } from './messages';
import { read, type Script, sleepUntilLook, write } from './script';
import { timeOf } from './until';

/** The provider keeps our key longer than this after the first send (`providers.md`, section 3). */
const RESEND_WINDOW = hours(20);
/** What is read does not belong to what was ordered: only a person can say what it is. */
const MISMATCH = 'fact_mismatch';

/** The row says that it was sent: the first byte leaves now. No answer is not a failure. */
export async function send(script: Script): Promise<void> {
  const movement = await read(script);
  if (movement.state !== 'sent' || movement.answered) return; // moved on meanwhile
  const { takePayment, sendPayout, giveBack } = callsOf(movement);
  const calls = {
    payment: takePayment,
    disbursement: sendPayout,
    withdrawal: sendPayout,
    refund: giveBack,
  };
  const give = calls[movement.kind];
  const change = await give({ movement, now: timeOf(script.clock) }).then(changeOfAnswer, unheard);
  await write(script, movement, change);
}

/** Under way: wait, then read. What the provider does not know of is not under way. */
export async function follow(script: Script, movement: Movement): Promise<void> {
  if (!movement.answered) return resolve(script); // a worker died between the row and the answer
  await sleepUntilLook(script);
  if (!(await look(script))) await resolve(script);
}

/** Not known what became of it: read, and only when it is not there ask under the same key. */
export async function resolve(script: Script): Promise<void> {
  const isThere = await look(script);
  const movement = await read(script);
  if (!isThere && isInDoubt(movement) && isKept(movement) && movement.reason !== MISMATCH) {
    const answer = await write(script, movement, { type: 'resend' });
    if (answer === 'done') await send(script);
  }
  // A gate is closed, it is too late to send, or there is no answer: it needs attention.
  if (isInDoubt(await read(script))) await sleepUntilLook(script);
}

const isInDoubt = ({ state, answered }: Movement): boolean =>
  state === 'unknown' || (state === 'sent' && !answered);

/** Reads the provider's object and books what is new. True when the provider knows it. */
export async function look(script: Script): Promise<boolean> {
  const movement = await read(script);
  const looked = await callsOf(movement).lookUp({ movement, now: timeOf(script.clock) });
  const change = changeOfLook(movement, looked);
  if (change) await write(script, movement, change);
  return looked.found.found;
}

const isKept = ({ sent_at }: Movement): boolean =>
  sent_at !== null && timeOfDay() < plus(sent_at, RESEND_WINDOW);

/** Real time, whatever the test clock says: that is how long the provider keeps keys. */
const timeOfDay = (): Instant => timeOf({ offset: 0, target: null });

/** Money out is one attempt per call: whoever repeats it reads first. A read has no end. */
function callsOf(movement: Movement) {
  const timeouts = {
    taskQueue: QUEUES.provider(movement.provider ?? 'none'),
    startToCloseTimeout: seconds(40), // connect 5 s, whole call 30 s
    heartbeatTimeout: seconds(12), // four beats: a worker that died is found out soon
  };
  const once = proxyActivities<ProviderCalls>({ ...timeouts, retry: { maximumAttempts: 1 } });
  const { lookUp } = proxyActivities<ProviderCalls>({
    ...timeouts,
    retry: { initialInterval: seconds(1), maximumInterval: minutes(5) },
  });
  const { takePayment, sendPayout, giveBack } = once;
  return { takePayment, sendPayout, giveBack, lookUp };
}

function unheard(error: unknown): Change {
  if (!(error instanceof ActivityFailure)) throw error;
  return { type: 'unknown', cause: 'no answer' };
}

/** What the provider's answer to an order means for the row. */
function changeOfAnswer({ answer, is_ours, returns_within_days }: Called): Change {
  if (!is_ours) return { type: 'unknown', cause: MISMATCH };
  switch (answer.state) {
    case 'sent': {
      const { theirs, payer } = answer;
      return { type: 'sent', ...(theirs && { theirs }), ...(payer && { payer }) };
    }
    case 'settled':
      return { type: 'settled', fact: answer.fact, returnsWithinDays: returns_within_days };
    case 'failed':
      return { type: 'failed', code: answer.code, again: answer.again };
    case 'not_executed':
    case 'unknown':
      return { type: 'unknown', cause: answer.cause };
    default:
      return answer satisfies never;
  }
}

/** What a look-up means for the row; null when there is nothing new. */
function changeOfLook(
  movement: Movement,
  { found, is_ours, returns_within_days }: LookedUp,
): Change | null {
  if (!found.found) return null;
  const isLive = movement.state === 'sent' || movement.state === 'unknown';
  const { fact, state } = found;
  if (!is_ours) return isLive ? { type: 'unknown', cause: MISMATCH } : null;
  const settled = { type: 'settled', fact, returnsWithinDays: returns_within_days } as const;
  switch (state) {
    case 'settled':
      return isLive ? settled : null;
    case 'returned': // settled before it came back: both are booked, in that order
      if (isLive) return settled;
      return movement.state === 'settled' ? { type: 'returned', fact } : null;
    case 'failed':
      return isLive ? { type: 'failed', code: found.code, again: found.again } : null;
    case 'sent': {
      if (movement.state !== 'unknown' && movement.answered) return null;
      const { payer } = found;
      return { type: 'sent', theirs: fact.theirs, ...(payer && { payer }) };
    }
    default:
      return state satisfies never;
  }
}
