/**
 * Owns what of a step goes into the columns of what was agreed: new terms, accounts of parties, and
 * due dates that have moved.
 * Must not know why they changed.
 */
import type { Escrow } from '../domain/escrow';
import type { Event } from '../domain/events';
import type { Terms } from '../domain/terms';

export type AgreedRows = {
  readonly terms?: Terms;
  readonly parties?: readonly { readonly id: string; readonly account_id: string }[];
  readonly milestones?: readonly {
    readonly id: string;
    readonly number: number;
    readonly due_at: string;
  }[];
};

/** New terms after an amendment or another account for a party; milestones also after an extension
 * or a start; else nothing. */
export function agreedRowsOf(escrow: Escrow, events: readonly Event[]): AgreedRows {
  const isReplaced = events.some(({ type }) => type === 'party_replaced');
  const { terms } = escrow;
  return {
    ...milestoneRowsOf(escrow, events),
    ...(isReplaced && { terms, parties: terms.parties }),
  };
}

function milestoneRowsOf({ terms, milestones }: Escrow, events: readonly Event[]): AgreedRows {
  const isAmended = events.some(({ type }) => type === 'terms_amended');
  const isExtended = events.some((each) => each.type === 'proposal_accepted' && each.extended);
  const isStarted = events.some(({ type }) => type === 'started'); // later, when it had to wait
  if (!isAmended && !isExtended && !isStarted) return {};
  const agreed = new Set(terms.milestones.map(({ id }) => id)); // others have been removed
  const rows = milestones
    .filter(({ id }) => agreed.has(id))
    .map(({ id, number, due_at }) => ({ id, number, due_at }));
  return { ...(isAmended && { terms }), milestones: rows };
}
