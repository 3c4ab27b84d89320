/**
 * Owns what of a step goes into the columns of what was agreed: new terms, and due dates that have
 * moved.
 * Must not know why they changed.
 */
import type { Escrow } from '../domain/escrow';
import type { Event } from '../domain/events';
import type { Terms } from '../domain/terms';

export type AgreedRows = {
  readonly terms?: Terms;
  readonly milestones?: readonly {
    readonly id: string;
    readonly number: number;
    readonly due_at: string;
  }[];
};

/** New terms after an amendment, the milestones also after an extension; else nothing. */
export function agreedRowsOf({ terms, milestones }: Escrow, events: readonly Event[]): AgreedRows {
  const isAmended = events.some(({ type }) => type === 'terms_amended');
  const isExtended = events.some((each) => each.type === 'proposal_accepted' && each.extended);
  if (!isAmended && !isExtended) return {};
  const rows = milestones.flatMap(({ id, number, extended_to }) => {
    const its = terms.milestones.find((milestone) => milestone.id === id);
    return its ? [{ id, number, due_at: extended_to ?? its.due_at }] : [];
  });
  return { ...(isAmended && { terms }), milestones: rows };
}
