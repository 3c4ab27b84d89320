/**
 * Owns one payment coming in: ask the provider, wait for what it says, tell the escrow.
 * Must not know what the money is for, nor believe a webhook: it reads.
 * Source: `providers.md`, section 2.
 */
import { follow, resolve, send } from './asking';
import type { ScriptInput } from './messages';
import { hintEscrow, play, type Step, write } from './script';

export const payment = (input: ScriptInput): Promise<void> => play(input, step);

const step: Step = async (script, movement) => {
  switch (movement.state) {
    case 'planned':
      if ((await write(script, movement, { type: 'start' })) === 'done') await send(script);
      return 'on';
    case 'sent':
      await follow(script, movement);
      return 'on';
    case 'unknown':
      await resolve(script);
      return 'on';
    case 'settled':
    case 'failed':
    case 'parked':
    case 'returned':
    case 'cancelled':
      await hintEscrow(script, 'payment');
      return 'over';
    default:
      return movement.state satisfies never;
  }
};
