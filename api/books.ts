/**
 * Owns the books of one escrow: its T-accounts with their journals, and the proof.
 * Must not know how money moves.
 */
import type { Event } from '../domain/events';
import { booksOfSubjects } from '../ledger/books';
import { type AnyCall, type Endpoint, endpoint } from './endpoint';
import { proofOf } from './escrow-proof';
import { ESCROW_COLUMNS, type EscrowRow, escrowOf, named } from './escrow-row';
import { mayNotView } from './permissions';
import { isProblem, type Problem, problem } from './problem';
import { readFirstTerms } from './replayed';
import { booksAnswer, proofAnswer } from './schemas/events';
import { escrowParams } from './schemas/fields';
import { type Queryable, rowOf, rowsOf, sql } from './sql';
import { eventOf } from './views/journal';

const tag = 'Books';

const ledger = endpoint({
  method: 'get',
  path: '/v1/escrows/{id}/ledger',
  operationId: 'getLedgerOfEscrow',
  tag,
  summary: 'T-accounts and journals of an escrow',
  description: 'With those of the payments and payouts that were made for it.',
  right: 'party',
  params: escrowParams,
  answers: { 200: { about: 'The books, oldest journal first.', schema: booksAnswer } },
  problems: ['not_found', 'not_a_party'],
  handle: (call) =>
    onSnapshot(call, call.params.id, async (db, row) => {
      const effects = await rowsOf<{ id: string }>(
        db,
        sql`select id from holdfast.effects where escrow_id = ${row.id}`,
      );
      const subjects = [row.id, ...effects.map(({ id }) => id)];
      const books = await booksOfSubjects(db, scopeOf(call), subjects);
      return {
        object: 'books',
        escrow: row.id,
        accounts: books.accounts.map(({ kind: _, ...account }) => account),
        journals: books.journals.map(({ reverses: _, lines, ...journal }) => ({
          ...journal,
          event: eventOf(journal.key),
          lines: lines.map(({ ref: __, ...line }) => line),
        })),
      };
    }),
});

const proof = endpoint({
  method: 'get',
  path: '/v1/escrows/{id}/proof',
  operationId: 'getProofOfEscrow',
  tag,
  summary: 'Prove the money of an escrow',
  description: 'Recomputed from its events and from the postings; nothing is taken on trust.',
  right: 'party',
  params: escrowParams,
  answers: { 200: { about: 'Every check.', schema: proofAnswer } },
  problems: ['not_found', 'not_a_party'],
  handle: (call) =>
    onSnapshot(call, call.params.id, async (db, row) => {
      const events = await rowsOf<{ data: Event }>(
        db,
        sql`select data from holdfast.events where escrow_id = ${row.id} order by number`,
      );
      const found = proofOf({
        escrow: escrowOf(row),
        first: await readFirstTerms(db, row.id),
        events: events.map(({ data }) => data),
        books: await booksOfSubjects(db, scopeOf(call), [row.id]),
      });
      return { object: 'proof', ...found };
    }),
});

/** Everything on one snapshot: a step between two reads would look like a break. */
async function onSnapshot(
  { api, caller }: AnyCall,
  reference: string,
  work: (db: Queryable, row: EscrowRow) => Promise<object>,
): Promise<{ readonly status: 200; readonly body: object } | Problem> {
  const client = await api.database.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const row = await rowOf<EscrowRow>(
      client,
      sql`select ${ESCROW_COLUMNS} from holdfast.escrows t where ${named(reference)}
             and t.platform_id = ${caller.platform} and t.livemode = ${caller.livemode}`,
    );
    const hidden = row ? mayNotView(escrowOf(row), caller) : problem('not_found');
    const result = row && !hidden ? await work(client, row) : hidden;
    await client.query('commit');
    client.release();
    if (!result || isProblem(result)) return result ?? problem('not_found');
    return { status: 200, body: result };
  } catch (error) {
    client.release(true); // whatever state it is in, nobody else shall have it
    throw error;
  }
}

const scopeOf = ({ caller }: AnyCall) => ({ platform: caller.platform, livemode: caller.livemode });

export const bookRoutes: readonly Endpoint[] = [ledger, proof];
