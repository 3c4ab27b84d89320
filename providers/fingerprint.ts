/**
 * Owns how a destination becomes a fingerprint, the same for an order and for a fact.
 * Must not know what is paid there.
 */
import { createHash } from 'node:crypto';
import type { Fingerprint } from './provider';

/**
 * The fingerprint of a provider's number for a destination: hex SHA-256 over provider and number.
 * The name is left out: providers change how they spell it.
 */
export function fingerprintOf(provider: string, reference: string): Fingerprint {
  const digest = createHash('sha256').update(`${provider}\n${reference}`).digest('hex');
  return digest as Fingerprint; // the one cast of this file
}
