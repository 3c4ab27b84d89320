/**
 * Owns the row of a command as the API reads it.
 * Must not know who writes it.
 */
import type { Instant } from '../domain/calendar';
import type { CommandId, EscrowId } from '../domain/ids';
import type { RefusalCode } from '../domain/refusals';
import type { Actor } from '../workflows/messages';
import { type Sql, sql } from './sql';

export type CommandRow = {
  readonly id: CommandId;
  readonly livemode: boolean;
  readonly type: string;
  readonly escrow_id: EscrowId | null;
  readonly body: Readonly<Record<string, unknown>>;
  readonly actor: Actor;
  readonly signature: string | null;
  readonly expected_version: number | null;
  readonly http_hash: Buffer | null;
  readonly accepted_at: Instant;
  readonly created_at: Instant;
  readonly age_ms: number;
  readonly handed_over_at: Instant | null;
  readonly handed_over_by: string | null;
  readonly answered_at: Instant | null;
  readonly outcome: 'done' | 'refused' | null;
  readonly refusal: { readonly code: RefusalCode; readonly detail?: string } | null;
  readonly version: number | null;
  readonly status: number | null;
  readonly answer: unknown;
};

/** The columns of a command under the name `c`. */
export const COMMAND_COLUMNS: Sql = sql`c.id, c.livemode, c.type, c.escrow_id, c.body, c.actor,
  c.signature, c.expected_version, c.http_hash, c.accepted_at, c.created_at, c.handed_over_at,
  c.handed_over_by, c.answered_at, c.outcome, c.refusal, c.version, c.status, c.answer,
  (1000 * extract(epoch from clock_timestamp() - c.created_at))::float as age_ms`;
