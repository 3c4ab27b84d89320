/**
 * Owns an escrow as it was: what was agreed first, and its events folded again.
 * Must not know why somebody asks.
 */
import { openDraft } from '../domain/drafting';
import type { Escrow, Party } from '../domain/escrow';
import type { Event, EventOf } from '../domain/events';
import { evolve } from '../domain/evolve';
import { type Queryable, rowOf, rowsOf, sql } from './sql';

/** Terms before any amendment. */
export type FirstTerms = Pick<Escrow, 'terms' | 'terms_hash'>;

/** The first terms of an escrow that has been amended; null when those it has are the first. */
export const readFirstTerms = (db: Queryable, escrow: string): Promise<FirstTerms | null> =>
  rowOf<FirstTerms>(
    db,
    sql`select terms, terms_hash from holdfast.old_terms
         where escrow_id = ${escrow} order by until_version limit 1`,
  );

/** What was agreed, before anything had happened to it; `events` are all that have. */
export function beginning(
  { id, terms, terms_hash, parties }: Escrow,
  first: FirstTerms | null,
  events: readonly Event[],
): Escrow {
  const replacements = replacementsIn(events);
  const fresh = parties.map((party): Party => {
    const { before } = replacements.find((each) => each.party === party.id) ?? {};
    return {
      ...party,
      ...(before && { account_id: before.account, destination: before.destination }),
      status: party.initiator ? 'accepted' : 'created',
      replacement: null,
    };
  });
  return openDraft(id, first?.terms ?? terms, first?.terms_hash ?? terms_hash, fresh);
}

/** Oldest first. */
export const replacementsIn = (events: readonly Event[]): readonly EventOf<'party_replaced'>[] =>
  events.filter((event) => event.type === 'party_replaced');

/** The escrow as it was after its event of that number. */
export async function escrowAt(db: Queryable, escrow: Escrow, number: number): Promise<Escrow> {
  const rows = await rowsOf<{ data: Event }>(
    db,
    sql`select data from holdfast.events where escrow_id = ${escrow.id} order by number`,
  );
  const events = rows.map(({ data }) => data);
  const first = await readFirstTerms(db, escrow.id);
  return events.slice(0, number).reduce(evolve, beginning(escrow, first, events));
}
