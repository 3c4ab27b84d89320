/**
 * Owns whether a fact that a provider tells is about what we ordered. One that differs is never
 * booked: the movement waits for a person (`providers.md`, section 1).
 * Must not know how it was read.
 */
import { fingerprintOf } from '../providers/fingerprint';
import type { Destination, Fact } from '../providers/provider';
import { type Movement, referenceOf } from './movement';

/** Reference, mode and currency are those of the order; for money out amount and destination too.
 * A payment may bring less or more than asked: the amount that was read is posted. */
export function isOurs(fact: Fact, movement: Movement, destination: Destination | null): boolean {
  const { provider, currency, livemode, amount } = movement;
  const isSame =
    fact.reference === referenceOf(movement) &&
    fact.currency === currency &&
    fact.livemode === livemode;
  if (movement.kind === 'refund') return isSame && fact.amount === amount;
  if (destination === null) return isSame;
  const place = fingerprintOf(provider ?? '', destination.reference);
  return isSame && fact.amount === amount && fact.destination === place;
}
