/**
 * Owns one payout: reserve in the books, send once, read until it is certain, stay while it can
 * come back. A disbursement of an escrow, or a withdrawal from a wallet.
 * Must not send again before it has read. Source: `providers.md`, section 2;
 * `reliability.md`, section 5.
 */
import { ActivityFailure } from '@temporalio/workflow';
import type { Movement } from '../activities/changes';
import { days, earlier, hours, type Instant, type Millis, minutes, plus } from '../domain/calendar';
import type { ScriptInput } from './messages';
import { answerOf } from './payment';
import {
  changeOf,
  hintEscrow,
  nextLook,
  openScript,
  providerCalls,
  read,
  renewWhenLong,
  type Script,
  sleepUntil,
  write,
} from './script';
import { timeOf } from './until';

/** A failure that time may mend is tried again after these pauses, then left to a person. */
const PAUSES: readonly Millis[] = [minutes(1), minutes(10), hours(1), hours(6), hours(24)];
/** Settled: read again this long after, beside every hint, while it can come back. */
const RETURN_LOOKS: readonly Millis[] = [days(1), days(7)];
/** The provider keeps our key longer than this after the first send (`providers.md`, 3). */
const RESEND_WINDOW = hours(20);

export async function payout(input: ScriptInput): Promise<void> {
  const script = openScript(input);
  for (let looks = 0; ; looks += 1) {
    const movement = await read(script);
    switch (movement.state) {
      case 'planned':
        await start(script, movement);
        looks = -1;
        break;
      case 'parked': // a gate was closed: whoever opens it gives a hint
        await hintEscrow(script, 'payout');
        await sleepUntil(script, null, 'gate');
        await start(script, await read(script));
        break;
      case 'sent':
        await sleepUntil(script, nextLook(script, looks), 'look-up');
        await look(script);
        break;
      case 'unknown':
        await resolve(script, movement);
        await waitWhileUnknown(script, looks);
        break;
      case 'failed':
        if (await failed(script, movement)) return;
        break;
      case 'settled':
        if (await settled(script, movement)) return;
        break;
      case 'returned':
        await hintEscrow(script, 'payout');
        if (movement.kind === 'withdrawal') return;
        await sleepUntil(script, null, 'new destination');
        break;
      case 'cancelled':
        await hintEscrow(script, 'payout');
        return;
      default:
        return movement.state satisfies never;
    }
    await renewWhenLong(script);
  }
}

/** Gate, journal wallet → in flight and the attempt row in one call; then the first byte leaves. */
async function start(script: Script, movement: Movement): Promise<void> {
  if (movement.state !== 'planned' && movement.state !== 'parked') return;
  const answer = await write(script, movement, { type: 'start' });
  if (answer === 'done') await send(script);
  else if (answer === 'refused') await write(script, movement, { type: 'used' });
}

/** One call under the key of this attempt. No answer is not a failure: it is unknown. */
async function send(script: Script): Promise<void> {
  const movement = await read(script);
  if (movement.state !== 'sent' && movement.state !== 'unknown') return;
  const { sendPayout } = providerCalls(movement);
  try {
    const change = answerOf(await sendPayout({ movement, now: timeOf(script.clock) }));
    if (change) await write(script, movement, change);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    await write(script, movement, { type: 'unknown', cause: 'no answer' });
  }
}

/** Reads the provider's object and books what is new. True when the provider knows it. */
async function look(script: Script): Promise<boolean> {
  const movement = await read(script);
  const found = await providerCalls(movement).lookUp({ movement, now: timeOf(script.clock) });
  const change = changeOf(movement, found);
  if (change) await write(script, movement, change);
  return found.found.found;
}

/** Unknown: read by our reference first. Not there and the key still kept: the same key again. */
async function resolve(script: Script, { reason, sent_at }: Movement): Promise<void> {
  if (await look(script)) return;
  const isKept = sent_at !== null && timeOfDay() < plus(sent_at, RESEND_WINDOW);
  if (isKept && reason !== 'fact_mismatch') await send(script);
}

/** Outside the window nothing is sent: it stands in needs attention, and is read ever again. */
async function waitWhileUnknown(script: Script, looks: number): Promise<void> {
  const { state } = await read(script);
  if (state === 'unknown') await sleepUntil(script, nextLook(script, looks), 'look-up');
}

/** Waits for another try: by time, by a person, or never. True when the script is done. */
async function failed(script: Script, movement: Movement): Promise<boolean> {
  await hintEscrow(script, 'payout');
  const pause = movement.again === 'later' ? PAUSES[movement.attempt - 1] : undefined;
  if (movement.kind === 'withdrawal' && pause === undefined) return true;
  const until = pause === undefined ? null : plus(timeOf(script.clock), pause);
  await sleepUntil(script, until, 'another try');
  const now = await read(script);
  const isTime = until !== null && timeOf(script.clock) >= until;
  if (now.state === 'failed' && isTime) await write(script, now, { type: 'again' });
  return false;
}

/** Stays while the money can come back. True when that time is over. */
async function settled(script: Script, { returnable_until: until }: Movement): Promise<boolean> {
  await hintEscrow(script, 'payout');
  for (const pause of [...RETURN_LOOKS, null]) {
    const end: Instant = until ?? timeOf(script.clock);
    const next = pause === null ? end : earlier(plus(timeOf(script.clock), pause), end);
    await sleepUntil(script, next, 'return window');
    await look(script);
    if ((await read(script)).state !== 'settled') return false;
    if (timeOf(script.clock) >= end) return true;
  }
  return false;
}

/** Real time, whatever the test clock says: that is how long the provider keeps keys. */
const timeOfDay = (): Instant => timeOf({ offset: 0, target: null });
