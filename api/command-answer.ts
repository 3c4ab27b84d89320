/**
 * Owns what an answered command is told: the escrow as it stands after it, or the refusal with
 * what is possible instead.
 * Must not know how the command got there.
 */
import { allowedActionsOf } from '../domain/actions';
import type { By } from '../domain/commands';
import type { AccountId } from '../domain/ids';
import { type Refusal, refusal } from '../domain/refusals';
import { byOfCaller } from './actor';
import type { CommandRow } from './command-row';
import type { AnyCall, Result } from './endpoint';
import { type EscrowRow, escrowOf, readEscrow } from './escrow-row';
import { isProblem, type Problem, refusedAs } from './problem';
import { escrowView } from './views/escrow';

/** The route that makes an escrow; its first command is `send`. */
export const CREATE_ROUTE = 'POST /v1/escrows';

/** The answer to a command whose row is answered, made from the present read model. */
export async function commandAnswerOf(call: AnyCall, row: CommandRow): Promise<Result> {
  const escrow = await readEscrow(call.api.database, call.caller, row.escrow_id ?? '');
  if (isProblem(escrow)) return escrow;
  if (row.outcome === 'refused') {
    const { code, detail } = row.refusal ?? refusal('malformed');
    return refusedAs([refusal(code, detail)], standingOf(escrow, byOfCaller(call.caller)));
  }
  const isCreated = call.request.route === CREATE_ROUTE;
  return { status: isCreated ? 201 : 200, body: escrowView(escrow) };
}

/** Where the escrow stands and what the account, or the platform, may do there. */
export const refusalNow = (row: EscrowRow, account: AccountId | null) =>
  standingOf(row, account ? { kind: 'account', account } : { kind: 'platform' });

const standingOf = (row: EscrowRow, by: By) => ({
  current_status: row.status,
  allowed_actions: allowedActionsOf(escrowOf(row), by, row.now),
});

/** A refusal of the rules that was found before any command was written. */
export const refusedBy = (why: Refusal, row: EscrowRow, by: By): Problem =>
  refusedAs([why], standingOf(row, by));
