/**
 * Owns the gauges that are read from the database when somebody looks at `/metrics`: held money,
 * what waits, what is stuck.
 * Must not fail the page: while the database is away the last figures stay.
 */
import type { Api } from './dependencies';
import { rowOf, rowsOf, sql } from './sql';

/** Reads the figures anew. */
export async function refreshGauges({ database, metrics, log }: Api): Promise<void> {
  try {
    const [counts, held] = await Promise.all([
      rowOf<{ waiting: number; stuck: number; outbox: number }>(
        database,
        sql`select (select count(*)::int from holdfast.commands
                     where answered_at is null and handed_over_at is null) as waiting,
                   (select count(*)::int from holdfast.escrows where stuck is not null) as stuck`,
      ),
      rowsOf<{ currency: string; amount: number }>(
        database,
        sql`select currency, (-sum(amount))::bigint as amount from ledger.account_view
             where kind in ('escrow_unallocated', 'escrow_milestone', 'escrow_dispute',
                            'escrow_fee') group by currency`,
      ),
    ]);
    metrics.waiting.set(counts?.waiting ?? 0);
    metrics.stuck.set(counts?.stuck ?? 0);
    metrics.held.reset();
    for (const { currency, amount } of held) metrics.held.set({ currency }, amount);
  } catch (error) {
    log.warn({ err: error }, 'the gauges could not be read');
  }
}
