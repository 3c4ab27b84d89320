/**
 * Owns TABLE 1, the row by which two operators of the platform put another account in the place of
 * a party of an escrow on hold: the first asks, another one carries it out.
 * Must not know who an operator is: the platform's own system claims a name for each.
 * Source: `escrow.md`, section 5, override; roles: section 2.
 */
import { asDraft } from './amended-terms';
import { payerProblems } from './drafting-funding';
import { partyProblems } from './drafting-parties';
import type { Agreement, Escrow, Party } from './escrow';
import type { Event } from './events';
import { onlyOnHold } from './guards';
import type { AccountId } from './ids';
import { BrokenInvariant } from './journal';
import { type Refusal, refusal } from './refusals';
import { replacedTerms } from './replaced-terms';
import { type Ask, type Hit, happened, type Row } from './row';

type AskReplace = Ask<Agreement, 'replace_party'>;

export const replaceParty: Row<Agreement, 'replace_party', Agreement['stage']> = {
  who: ['platform'],
  on_hold: 'passes',
  unless: { conditions_unmet: onlyOnHold },
  check: { malformed: isNoParty, already_done: isThere },
  problem: conflictOf,
  emits: replaced,
  to: ['unchanged'],
};

const partyOf = ({ escrow, command }: AskReplace): Party | undefined =>
  escrow.parties.find(({ id }) => id === command.body.party);

function isNoParty(ask: AskReplace): Hit {
  return !partyOf(ask) && 'no party of this escrow';
}

/** The account stands there already; or the same operator confirms what he has asked for. */
function isThere(ask: AskReplace): Hit {
  const party = partyOf(ask);
  if (party?.account_id === ask.command.body.account) return 'the account is this party already';
  const isOwn = isAsked(ask) && party?.replacement?.operator === ask.command.body.operator;
  return isOwn && 'another operator must confirm it';
}

/** Has an operator asked for this very account, with this destination? */
function isAsked(ask: AskReplace): boolean {
  const { account, destination = null } = ask.command.body;
  const asked = partyOf(ask)?.replacement;
  return asked?.account === account && asked.destination === destination;
}

/** The rules of section 2, with the new account in its place; and nobody stands on both sides of
 * money that has moved already. */
function conflictOf(ask: AskReplace): Refusal | null {
  const { escrow, command } = ask;
  const { party, account } = command.body;
  const draft = asDraft(replacedTerms(escrow.terms, party, account));
  const [wrong] = [...partyProblems(draft), ...payerProblems(draft)];
  if (wrong) return refusal(wrong.code, wrong.detail);
  return isOnBothSides(escrow, partyOf(ask), account) ? refusal('conflict_of_interest') : null;
}

/** Who has paid in is no seller and no arbiter; who has been paid as a seller no buyer either. */
function isOnBothSides(escrow: Escrow, party: Party | undefined, account: AccountId): boolean {
  const hasPaid = escrow.contributions.some((each) => each.account === account);
  const isSeller = (id: string): boolean =>
    escrow.parties.some((each) => each.id === id && each.role === 'seller');
  const hasGot = escrow.milestones.some(({ disbursements, reserves }) =>
    [...disbursements, ...reserves].some((d) => d.account === account && isSeller(d.party)),
  );
  const isJudge = party?.role === 'arbiter';
  return (
    ((isJudge || party?.role === 'seller') && hasPaid) ||
    ((isJudge || party?.role === 'buyer') && hasGot)
  );
}

/** Who asks for another account than the one before him begins anew. */
function replaced(ask: AskReplace): readonly Event[] {
  const { escrow, command } = ask;
  const { party: id, account, destination = null, operator, reason, next_hash } = command.body;
  const party = partyOf(ask);
  if (!party) throw new BrokenInvariant(`no party ${id} in ${escrow.id}`);
  const asked = { party: id, account, destination, reason };
  if (!isAsked(ask) || !party.replacement) {
    return [happened(ask, 'replacement_requested', { ...asked, operator })];
  }
  return [
    happened(ask, 'party_replaced', {
      ...asked,
      before: { account: party.account_id, destination: party.destination },
      party_status: statusOf(escrow, party),
      operators: [party.replacement.operator, operator],
      terms_hash: next_hash,
    }),
  ];
}

/** Before all have agreed nobody is bound to what he has not accepted; then the agreement stands,
 * whoever takes a place in it. An appointment that was rejected is offered to the new one. */
function statusOf({ agreement }: Escrow, { status }: Party): Party['status'] {
  const isAgreed = agreement.stage === 'agreed' || agreement.stage === 'active';
  return isAgreed && status === 'accepted' ? 'accepted' : 'created';
}
