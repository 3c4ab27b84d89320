/**
 * Owns finding a disbursement: by the row of its payout, or, when it stays in the wallet and has
 * none, in the state of its escrow.
 * Must not know how a payout goes.
 */
import type { z } from 'zod';
import type { AccountId, EscrowId } from '../domain/ids';
import type { Caller } from './actor';
import { type EffectRow, readEffect } from './effect-row';
import { type Origin, originsOf } from './origin';
import { isProblem, type Problem, problem } from './problem';
import type { disbursementAnswer } from './schemas/effects';
import type { Queryable } from './sql';
import { disbursementView } from './views/effect';

export type FoundDisbursement = {
  readonly escrow: EscrowId;
  readonly recipient: AccountId;
  readonly currency: string;
  readonly shown: z.input<typeof disbursementAnswer>;
};

/** A disbursement of the caller's platform and mode; anything else is not there. */
export async function readDisbursement(
  db: Queryable,
  caller: Caller,
  id: string,
): Promise<FoundDisbursement | Problem> {
  const row = await readEffect(db, caller, 'disbursement', id);
  return isProblem(row) ? inWallet(db, caller, id) : ofPayout(row);
}

function ofPayout(row: EffectRow): FoundDisbursement | Problem {
  const { escrow_id: escrow, account_id: recipient, currency } = row;
  if (escrow === null) return problem('not_found');
  return { escrow, recipient, currency, shown: disbursementView(row) };
}

async function inWallet(
  db: Queryable,
  caller: Caller,
  id: string,
): Promise<FoundDisbursement | Problem> {
  const found = (await originsOf(db, caller, id)).flatMap((row) => partsOf(row, id));
  const { account } = caller;
  return found.find(({ recipient }) => !account || recipient === account) ?? problem('not_found');
}

function partsOf(row: Origin, id: string): readonly FoundDisbursement[] {
  return row.state.milestones.flatMap((milestone) =>
    milestone.disbursements
      .filter((disbursement) => disbursement.id === id)
      .map(({ account, amount, destination, state }) => ({
        escrow: row.id,
        recipient: account,
        currency: row.terms.currency,
        shown: {
          id,
          object: 'disbursement' as const,
          livemode: row.livemode,
          created_at: row.born_at,
          updated_at: row.updated_at,
          version: 1,
          metadata: {},
          escrow: row.id,
          milestone: milestone.id,
          recipient: account,
          currency: row.terms.currency,
          amount,
          destination,
          status: state,
          reason: null,
          attempts: [],
        },
      })),
  );
}
