/**
 * Owns an escrow as it was: what was agreed first, and its events folded again.
 * Must not know why somebody asks.
 */
import { openDraft } from '../domain/drafting';
import type { Escrow } from '../domain/escrow';
import type { Event } from '../domain/events';
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

/** What was agreed, before anything had happened to it. */
export function beginning(escrow: Escrow, first: FirstTerms | null): Escrow {
  const { id, parties } = escrow;
  const { terms, terms_hash } = first ?? escrow;
  const fresh = parties.map((party) => ({
    ...party,
    status: party.initiator ? ('accepted' as const) : ('created' as const),
  }));
  return openDraft(id, terms, terms_hash, fresh);
}

/** The escrow as it was after its event of that number. */
export async function escrowAt(db: Queryable, escrow: Escrow, number: number): Promise<Escrow> {
  const events = await rowsOf<{ data: Event }>(
    db,
    sql`select data from holdfast.events
         where escrow_id = ${escrow.id} and number <= ${number} order by number`,
  );
  const first = await readFirstTerms(db, escrow.id);
  return events.map(({ data }) => data).reduce(evolve, beginning(escrow, first));
}
