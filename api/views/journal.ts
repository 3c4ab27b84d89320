/**
 * Owns how a journal's key is read: which event posted it.
 * Must not know what it posted. Keys: `reliability.md`, section 2.
 */
import { suffixOf } from '../../domain/ids';

/** The event of an escrow's journal; null for those of payments and payouts. */
export function eventOf(key: string): string | null {
  const [, escrow, number] = /^(esc_[^:]+):(\d+)$/.exec(key) ?? [];
  return escrow && number ? `evt_${suffixOf(escrow)}_${number}` : null;
}
