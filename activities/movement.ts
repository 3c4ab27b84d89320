/**
 * Owns what a movement is: money that comes in or goes out through a provider, as its row says.
 * Must not know how it is read (`movements.ts`), nor what becomes of it.
 */
import type { Instant } from '../domain/calendar';
import type { AccountId, ConnectionId, EffectId, EscrowId } from '../domain/ids';
import type { Minor } from '../domain/money';
import type { EffectFacts } from '../domain/reports';
import type { Again } from '../providers/provider';

/** The row of a payment, disbursement, withdrawal or refund, with its newest attempt. */
export type Movement = {
  readonly id: EffectId;
  readonly kind: 'payment' | 'disbursement' | 'withdrawal' | 'refund';
  readonly platform: string;
  readonly livemode: boolean;
  readonly escrow: EscrowId | null;
  readonly connection: ConnectionId | null;
  readonly provider: string | null;
  readonly account: AccountId;
  readonly currency: string;
  readonly amount: Minor;
  readonly state: EffectFacts['state'];
  readonly attempt: number;
  readonly reservation: number;
  readonly reason: string | null;
  readonly again: Again | null; // after a failure
  readonly sent_at: Instant | null; // in real time, the newest attempt for the first time
  readonly answered: boolean; // something is known of the last send of the newest attempt
  readonly returnable_until: Instant | null;
  readonly test_clock: string | null;
};

/** What the provider sees of us, and looks up by. */
export const referenceOf = ({ id, attempt }: Pick<Movement, 'id' | 'attempt'>): string =>
  `${id}-${attempt}`;
