/**
 * Owns what travels to workflows: names of workflows, queues and messages, and their shapes.
 * Must not know how a message is answered (`inbox.ts`) nor how it is sent (`api/submit.ts`).
 * Shapes: `contracts.md`, section 4.
 */
import { DATES_END, type Instant, type Millis, readInstant } from '../domain/calendar';
import type { By, CommandType } from '../domain/commands';
import type { Escrow } from '../domain/escrow';
import type {
  AccountId,
  CommandId,
  EffectId,
  EscrowId,
  PlatformId,
  TestClockId,
} from '../domain/ids';

/** Workflow types. The id of an escrow's workflow is the escrow's, a script's its effect's. */
export const WORKFLOWS = { escrow: 'escrow', payment: 'payment', payout: 'payout' } as const;

/** Task queues (`contracts.md`, section 9). */
export const QUEUES = {
  escrow: 'holdfast',
  money: 'holdfast-money',
  provider: (provider: string): string => `provider-${provider}`,
} as const;

/** Who asks, as the API names it; the platform itself, or an account that it acts for. */
export type Actor = {
  readonly platform?: PlatformId;
  readonly account?: AccountId;
  readonly on_behalf_of?: AccountId;
  readonly credential?: string;
  readonly strength: 'none' | 'key' | 'clock' | 'provider';
};

/** One command, the same for update and signal. */
export type Message = {
  readonly id: CommandId;
  readonly type: CommandType;
  readonly actor: Actor;
  readonly body: Readonly<Record<string, unknown>>;
  readonly expected_version?: number | null;
  readonly signature: string | null;
};

/** An id, never a fact: somebody should look at the rows of this payment or payout. */
export const HINT = 'hint';
export type Hint = { readonly kind: 'payment' | 'payout'; readonly id: EffectId };

/** Test escrows only: simulated time goes on to an instant. */
export const ADVANCE_CLOCK = 'advance_clock';
export type AdvanceClock = { readonly to: Instant };

/** Simulated time: real time and an offset. */
export type TestClock = { readonly id: TestClockId; readonly offset_ms: Millis };

/** Where a run of the escrow workflow begins: a draft with its first command, or the state that
 * the run before has left. */
export type EscrowInput = {
  readonly escrow: Escrow;
  readonly platform: PlatformId;
  readonly livemode: boolean;
  readonly clock: TestClock | null;
  readonly first: Message | null;
  readonly known: readonly CommandId[];
  /** Tests: history events after which a run continues as a new one. */
  readonly continue_as_new_at?: number;
};

/** Where a payment or payout script begins; everything else is on its row. */
export type ScriptInput = {
  readonly effect: EffectId;
  readonly escrow: EscrowId | null;
  readonly clock: TestClock | null;
  /** Tests: as in `EscrowInput`. */
  readonly continue_as_new_at?: number;
};

/** Who acts, in the words of the rules. */
export function byOf(actor: Actor): By {
  const account = actor.on_behalf_of ?? actor.account;
  return account ? { kind: 'account', account } : { kind: 'platform' };
}

/** The instant that an `advance_clock` message names; null when it cannot be read. */
export function readAdvance(message: unknown): Instant | null {
  if (typeof message !== 'object' || message === null || !('to' in message)) return null;
  const to = typeof message.to === 'string' ? readInstant(message.to) : null;
  return to && to < DATES_END ? to : null;
}
