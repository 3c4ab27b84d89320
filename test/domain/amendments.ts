/**
 * Owns amendments that these tests make: proposed by the seller, accepted by whoever is asked.
 * Must not know what comes of them.
 */
import type { Decision } from '../../domain/decide';
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { evolveAll } from '../../domain/evolve';
import { act, ask, eventsOf, type Name } from './sample';

export const HASH_2 = 'b'.repeat(64);
/** What the buyer bears on top, and what the seller bears. */
export const FEES: Partial<Draft> = {
  fees: [
    { kind: 'platform', rate_bps: 300, paid_by: { buyer: 10_000 } },
    { kind: 'broker_commission', rate_bps: 100, paid_by: { seller: 10_000 } },
  ],
};
const EVERYBODY: readonly Name[] = ['buyer', 'seller', 'broker'];

export const asked = (change: object) => ({
  content: { kind: 'amendment', change, terms_hash: HASH_2 },
});
export const priced = (amount: number, milestone = 'mil_1') => ({
  milestones: [{ milestone, amount }],
});
export const propose = (escrow: Escrow, change: object): Decision =>
  ask(escrow, 'seller', 'propose', asked(change));

/** Proposed by the seller and accepted by whoever is asked; the last step's events beside it. */
export function amended(
  escrow: Escrow,
  change: object,
): { readonly now: Escrow; readonly before: Escrow; readonly events: readonly Event[] } {
  let now = act(escrow, 'seller', 'propose', asked(change));
  let before = now;
  let events = eventsOf(propose(escrow, change));
  for (const name of EVERYBODY) {
    const decision = ask(now, name, 'accept_proposal');
    if (!decision.ok) continue;
    before = now;
    events = decision.events;
    now = evolveAll(now, events);
  }
  return { now, before, events };
}
