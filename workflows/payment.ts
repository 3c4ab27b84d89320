/**
 * Owns one payment coming in: ask the provider, wait for what it says, tell the escrow.
 * Must not know what the money is for, nor believe a webhook: it reads.
 * Source: `providers.md`, section 2.
 */
import { ActivityFailure } from '@temporalio/workflow';
import type { Change, Movement } from '../activities/changes';
import type { Called } from '../activities/provider-calls';
import type { ScriptInput } from './messages';
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

export async function payment(input: ScriptInput): Promise<void> {
  const script = openScript(input);
  for (let looks = 0; ; looks += 1) {
    const movement = await read(script);
    switch (movement.state) {
      case 'planned':
        await write(script, movement, { type: 'start' });
        await take(script);
        break;
      case 'sent':
        await sleepUntil(script, nextLook(script, looks), 'look-up');
        await look(script);
        break;
      case 'unknown': // looked up before anything is sent again
        if (await look(script)) break;
        await take(script); // the same key: the provider knows it, or has never had it
        await sleepUntil(script, nextLook(script, looks), 'look-up');
        break;
      default:
        await hintEscrow(script, 'payment');
        return;
    }
    await renewWhenLong(script);
  }
}

/** Asks for the payment under its key; asking again is safe. */
async function take(script: Script): Promise<void> {
  const movement = await read(script);
  if (movement.state !== 'sent' && movement.state !== 'unknown') return;
  const { takePayment } = providerCalls(movement);
  try {
    const called = await takePayment({ movement, now: timeOf(script.clock) });
    const change = answerOf(called);
    if (change) await write(script, movement, change);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    await write(script, movement, { type: 'unknown', cause: 'no answer' });
  }
}

/** True when the provider knows the payment. */
async function look(script: Script): Promise<boolean> {
  const movement: Movement = await read(script);
  const found = await providerCalls(movement).lookUp({ movement, now: timeOf(script.clock) });
  const change = changeOf(movement, found);
  if (change) await write(script, movement, change);
  return found.found.found;
}

/** What the provider's answer to an order means for the row; null: ask again later. */
export function answerOf({ answer, returnsWithinDays }: Called): Change | null {
  switch (answer.state) {
    case 'sent':
      return {
        type: 'sent',
        ...(answer.theirs && { theirs: answer.theirs }),
        ...(answer.payer && { payer: answer.payer }),
      };
    case 'settled':
      return { type: 'settled', fact: answer.fact, returnsWithinDays };
    case 'failed':
      return { type: 'failed', code: answer.code, again: answer.again };
    case 'not_executed':
      return { type: 'unknown', cause: answer.cause };
    case 'unknown':
      return { type: 'unknown', cause: answer.cause };
    default:
      return answer satisfies never;
  }
}
