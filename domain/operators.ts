/**
 * Owns what one operator of the platform has asked for over the heads of the parties, until another
 * one confirms it or the hold is lifted.
 * Must not know what comes of it (`override.ts`, `replacement.ts`).
 */
import type { Instant } from './calendar';
import type { AccountId } from './ids';
import type { PartyDestination } from './terms';

export const OVERRIDE_ACTS = ['release', 'refund'] as const;
export type OverrideAct = (typeof OVERRIDE_ACTS)[number];

type Requested = {
  readonly operator: string; // the name that the platform's own system claims
  readonly reason: string;
  readonly at: Instant;
};

/** What is to become of a milestone. */
export type OverrideRequest = Requested & { readonly act: OverrideAct };

/** Which account is to stand in the place of a party. */
export type ReplacementRequest = Requested & {
  readonly account: AccountId;
  readonly destination: PartyDestination;
};
