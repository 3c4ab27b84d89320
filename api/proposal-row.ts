/**
 * Owns finding a proposal by its id: in the state of its escrow, or, when that has forgotten it,
 * in the state that its last event left.
 * Must not know who may answer it.
 */
import type { Escrow, Proposal } from '../domain/escrow';
import type { Caller } from './actor';
import { escrowOf } from './escrow-row';
import { originsOf } from './origin';
import { mayNotView } from './permissions';
import { type Problem, problem } from './problem';
import { escrowAt } from './replayed';
import { type Queryable, rowOf, sql } from './sql';

export type FoundProposal = { readonly escrow: Escrow['id']; readonly proposal: Proposal };

/** A proposal of an escrow that the caller may look at; anything else is not there. */
export async function readProposal(
  db: Queryable,
  caller: Caller,
  id: string,
): Promise<FoundProposal | Problem> {
  for (const row of await originsOf(db, caller, id)) {
    const escrow = escrowOf(row);
    const isIt = (proposal: Proposal): boolean => proposal.id === id;
    const found = escrow.proposals.find(isIt) ?? (await before(db, escrow, id))?.find(isIt);
    if (found) return mayNotView(escrow, caller) ?? { escrow: row.id, proposal: found };
  }
  return problem('not_found');
}

/** The proposals as the last event about this one left them; null when there is none. */
async function before(db: Queryable, escrow: Escrow, id: string) {
  const last = await rowOf<{ number: number | null }>(
    db,
    sql`select max(number) as number from holdfast.events
         where escrow_id = ${escrow.id} and data ->> 'proposal' = ${id}`,
  );
  return last?.number ? (await escrowAt(db, escrow, last.number)).proposals : null;
}
