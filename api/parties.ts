/**
 * Owns the route by which operators put another account in the place of a party.
 * Must not know who may be a party of what: the rules decide that (`replacement.ts`).
 */
import { createHash } from 'node:crypto';
import { PEOPLES_COMMANDS } from '../domain/commands';
import { replacedTerms } from '../domain/replaced-terms';
import { canonical } from '../domain/terms';
import { readAccount, readDestination } from './account-row';
import { type AnyCall, type Endpoint, endpoint, type Given } from './endpoint';
import { escrowOf, readEscrow } from './escrow-row';
import { IDS } from './examples';
import { fieldProblem, isProblem, type Problem, problem } from './problem';
import { replacementBody } from './schemas/commands';
import { escrowAnswer } from './schemas/escrow-answers';
import { escrowParams, idOf } from './schemas/fields';
import { submit } from './submit';

const replace = endpoint({
  method: 'post',
  path: '/v1/escrows/{id}/parties/{party}/replace',
  operationId: 'replaceParty',
  tag: 'Escrows',
  summary: PEOPLES_COMMANDS.replace_party,
  description:
    'Role and access level stay. Before all have agreed the new account is asked to accept; ' +
    'after that it stands where the old one stood. What open milestones still owe the party goes ' +
    'to the new account; what the old one has paid in or been paid stays his. Its approvals and ' +
    'all open proposals fall.',
  right: 'platform',
  params: escrowParams.extend({ party: idOf('pty') }),
  body: replacementBody,
  answers: {
    200: { about: 'The escrow as it stands after it.', schema: escrowAnswer },
    202: { about: 'Accepted; look at the command.', schema: null },
  },
  problems: [
    'not_found',
    'not_allowed',
    'wrong_status',
    'escrow_closed',
    'conditions_unmet',
    'already_done',
    'conflict_of_interest',
    'terms_changed',
    'stale_version',
  ],
  example: {
    body: {
      account_id: IDS.seller,
      operator: 'ann',
      reason: 'The company has been taken over.',
    },
  },
  handle: async (call) => {
    const { api, caller, params } = call;
    const row = await readEscrow(api.database, caller, params.id);
    if (isProblem(row)) return row;
    const party = escrowOf(row).parties.find(({ id }) => id === params.party);
    if (!party) return problem('not_found');
    const unknown = await unknownIn(call, row.terms.currency, call.body);
    if (unknown) return unknown;
    const { account_id: account, payout_destination, operator, reason, terms_hash } = call.body;
    const next = replacedTerms(row.terms, party.id, account);
    const body = {
      party: party.id,
      account,
      ...(payout_destination && { destination: payout_destination }),
      operator,
      reason,
      next_hash: createHash('sha256').update(canonical(next)).digest('hex'),
      terms_hash: terms_hash ?? row.terms_hash, // of these terms the next ones are made
    };
    return submit(call, { type: 'replace_party', escrow: params.id, body });
  },
});

/** The account, and where its money is to go, are this platform's. */
async function unknownIn(
  { api, caller }: AnyCall,
  currency: string,
  { account_id, payout_destination: place }: Given<typeof replacementBody>,
): Promise<Problem | null> {
  const account = await readAccount(api.database, caller, account_id);
  if (isProblem(account)) return fieldProblem('not_found', '/account_id', NOT_HERE);
  if (place === undefined || place === 'wallet') return null;
  const found = await readDestination(api.database, caller, account_id, place);
  if (isProblem(found)) return fieldProblem('not_found', '/payout_destination', NOT_HERE);
  if (found.currency === currency) return null;
  const detail = `takes ${found.currency}, not ${currency}`;
  return fieldProblem('malformed', '/payout_destination', detail);
}

const NOT_HERE = 'there is no such thing here';

export const partyRoutes: readonly Endpoint[] = [replace];
