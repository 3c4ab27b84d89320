/**
 * Owns reading an escrow: its row as the recording step left it, and the domain's state in it.
 * Must not know how an escrow is shown (`views/escrow.ts`) nor how it changes.
 */
import type { Instant } from '../domain/calendar';
import type { Escrow } from '../domain/escrow';
import type { EscrowId, TestClockId } from '../domain/ids';
import type { StatusCode } from '../domain/status';
import type { Terms } from '../domain/terms';
import type { Caller } from './actor';
import { type Problem, problem } from './problem';
import { type Queryable, rowOf, type Sql, sql } from './sql';

export type EscrowRow = {
  readonly id: EscrowId;
  readonly livemode: boolean;
  readonly version: number;
  readonly engagement_id: string | null;
  readonly draft: unknown;
  readonly terms: Terms;
  readonly terms_hash: string;
  readonly state: Omit<Escrow, 'terms'>;
  readonly status: string;
  readonly status_code: StatusCode;
  readonly stuck: string | null;
  readonly test_clock_id: TestClockId | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  /** The escrow's time when the row was read. */
  readonly now: Instant;
};

/** The columns of an escrow under the name `t`. */
export const ESCROW_COLUMNS: Sql = sql`t.id, t.livemode, t.version, t.engagement_id, t.draft,
  t.terms, t.terms_hash, t.state, t.status, t.status_code, t.stuck, t.test_clock_id, t.metadata,
  t.created_at, t.updated_at, holdfast.escrow_now(t.test_clock_id) as now`;

/** The state that the rules work on. */
export const escrowOf = ({ state, terms }: Pick<EscrowRow, 'state' | 'terms'>): Escrow => ({
  ...state,
  terms,
});

/** The condition that an id or `engagement:…` means, on a table under the name `t`. */
export function named(reference: string): Sql {
  const engagement = /^engagement:(.+)$/s.exec(reference)?.[1];
  return engagement === undefined ? sql`t.id = ${reference}` : sql`t.engagement_id = ${engagement}`;
}

/** An escrow of the caller's platform and mode; anything else is not there. */
export async function readEscrow(
  db: Queryable,
  { platform, livemode }: Caller,
  reference: string,
): Promise<EscrowRow | Problem> {
  const row = await rowOf<EscrowRow>(
    db,
    sql`select ${ESCROW_COLUMNS} from holdfast.escrows t
         where ${named(reference)} and t.platform_id = ${platform} and t.livemode = ${livemode}`,
    reference.startsWith('esc_') ? 'api.escrow' : 'api.engagement',
  );
  return row ?? problem('not_found');
}
