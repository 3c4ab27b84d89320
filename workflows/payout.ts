/**
 * Owns one payout: reserve in the books, send once, read until it is certain, stay while it can
 * come back. A disbursement of an escrow, a withdrawal from a wallet, or a refund to its source.
 * Must not send again before it has read (`asking.ts`). Source: `providers.md`, section 2;
 * `reliability.md`, section 5.
 */
import type { Movement } from '../activities/movement';
import { days, earlier, hours, type Millis, minutes, plus } from '../domain/calendar';
import { follow, look, resolve, send } from './asking';
import type { ScriptInput } from './messages';
import {
  hintEscrow,
  play,
  read,
  type Script,
  type Step,
  sleepUntil,
  sleepUntilHint,
  write,
} from './script';
import { timeOf } from './until';

/** A failure that time may mend is tried again after these pauses, then left to a person. */
const PAUSES: readonly Millis[] = [minutes(1), minutes(10), hours(1), hours(6), hours(24)];
/** Settled: read again this long after, beside every hint, while it can come back. */
const RETURN_LOOKS: readonly Millis[] = [days(1), days(7)];

export const payout = (input: ScriptInput): Promise<void> => play(input, step);

const step: Step = async (script, movement) => {
  switch (movement.state) {
    case 'planned':
      await start(script, movement);
      return 'on';
    case 'parked': // a gate was closed: whoever opens it gives a hint
      await hintEscrow(script, 'payout');
      await sleepUntilHint(script, 'gate');
      await start(script, await read(script));
      return 'on';
    case 'sent':
      await follow(script, movement);
      return 'on';
    case 'unknown':
      await resolve(script);
      return 'on';
    case 'failed':
      return failed(script, movement);
    case 'settled':
      return settled(script, movement);
    case 'returned': {
      // An escrow that has ended sends it nowhere else: it is in the wallet, and needs attention.
      const isHeard = await hintEscrow(script, 'payout');
      if (!isHeard || movement.kind !== 'disbursement') return 'over';
      await sleepUntilHint(script, 'new destination');
      return 'on';
    }
    case 'cancelled':
      await hintEscrow(script, 'payout');
      return 'over';
    default:
      return movement.state satisfies never;
  }
};

/** Gate, journal wallet → in flight and the attempt row in one call; then the first byte leaves. */
async function start(script: Script, movement: Movement): Promise<void> {
  if (movement.state !== 'planned' && movement.state !== 'parked') return;
  script.looks = 0;
  const answer = await write(script, movement, { type: 'start' });
  if (answer === 'done') await send(script);
  else if (answer === 'refused') await write(script, movement, { type: 'used' });
}

/** Waits for another try: by time, by a person, or never. */
async function failed(script: Script, movement: Movement): Promise<'over' | 'on'> {
  const pause = movement.again === 'later' ? PAUSES[movement.attempt - 1] : undefined;
  // A refund is told of once it has failed for good: nobody tries it again then.
  if (movement.kind !== 'refund' || pause === undefined) await hintEscrow(script, 'payout');
  if (pause === undefined) {
    if (movement.kind !== 'disbursement') return 'over';
    await sleepUntilHint(script, 'a person');
    return 'on';
  }
  const next = plus(timeOf(script.clock), pause);
  await sleepUntil(script, next, 'another try');
  const now = await read(script);
  const isTime = timeOf(script.clock) >= next;
  if (now.state === 'failed' && isTime) await write(script, now, { type: 'again' });
  return 'on';
}

/** Stays while the money can come back. */
async function settled(script: Script, movement: Movement): Promise<'over' | 'on'> {
  await hintEscrow(script, 'payout');
  const end = movement.returnable_until ?? timeOf(script.clock);
  for (const pause of [...RETURN_LOOKS, null]) {
    const now = timeOf(script.clock);
    const next = pause === null ? end : earlier(plus(now, pause), end);
    await sleepUntil(script, next, 'return window');
    await look(script);
    if ((await read(script)).state !== 'settled') return 'on';
    if (timeOf(script.clock) >= end) return 'over';
  }
  return 'on';
}
