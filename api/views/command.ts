/**
 * Owns how a command is shown: what became of it.
 * Must not know how it got there.
 */
import type { z } from 'zod';
import type { CommandRow } from '../command-row';
import type { commandAnswer } from '../schemas/commands';

/** A command as it stands. */
export function commandView(row: CommandRow): z.input<typeof commandAnswer> {
  return {
    id: row.id,
    object: 'command',
    livemode: row.livemode,
    created_at: row.created_at,
    updated_at: row.answered_at ?? row.handed_over_at ?? row.created_at,
    version: row.answered_at ? 3 : row.handed_over_at ? 2 : 1,
    metadata: {},
    type: row.type,
    escrow: row.escrow_id,
    status: row.outcome ?? (row.handed_over_at ? 'handed_over' : 'accepted'),
    accepted_at: row.accepted_at,
    answered_at: row.answered_at,
    refusal: row.refusal && { code: row.refusal.code, detail: row.refusal.detail ?? null },
    escrow_version: row.version,
  };
}
