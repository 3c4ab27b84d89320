/**
 * Owns who may be in an escrow together: counts of roles, flags within roles, conflicts.
 * Must not know milestones or money. Source: `escrow.md`, section 2.
 */
import type { Draft, DraftParty } from './draft';
import type { Party } from './escrow';
import { ROLE_RULES } from './parties';
import { type Refusal, refusal } from './refusals';
import { ACCESS_FLAGS, type AccessLevel, ROLES, type Role } from './terms';

const PARTIES_MAX = 20;

/** Everything that is wrong with the parties of a draft. */
export function partyProblems(draft: Draft): readonly Refusal[] {
  return [
    ...countProblems(draft),
    ...draft.parties.flatMap(flagProblems),
    ...holderProblems(draft),
    ...conflicts(draft),
    ...handlerProblems(draft),
  ];
}

/** The parties as an escrow starts with them: the initiator has accepted. */
export const partiesOfDraft = ({ parties }: Draft): readonly Party[] =>
  parties.map((party) => ({
    id: party.id,
    account_id: party.account_id,
    role: party.role,
    access_level: accessOf(party),
    status: party.initiator ? 'accepted' : 'created',
    initiator: party.initiator ?? false,
    destination: party.payout_destination ?? null,
    replacement: null,
  }));

function accessOf({ role, access_level = {} }: DraftParty): AccessLevel {
  const { starts } = ROLE_RULES[role];
  return {
    can_view: access_level.can_view ?? starts.can_view,
    can_receive: access_level.can_receive ?? starts.can_receive,
    mark_as_done: access_level.mark_as_done ?? starts.mark_as_done,
    approve: access_level.approve ?? starts.approve,
  };
}

function countProblems({ parties }: Draft): readonly Refusal[] {
  const problems = ROLES.flatMap((role) => {
    const { least, most } = ROLE_RULES[role];
    const count = parties.filter((party) => party.role === role).length;
    if (count >= least && count <= most) return [];
    const detail = `${count} parties are ${role}; ${least} to ${most} may be`;
    return [refusal('malformed', detail, '/parties')];
  });
  const initiators = parties.filter((party) => party.initiator).length;
  if (initiators > 1) problems.push(refusal('malformed', 'at most one initiator', '/parties'));
  if (parties.length > PARTIES_MAX) {
    problems.push(refusal('malformed', `at most ${PARTIES_MAX} parties`, '/parties'));
  }
  return problems;
}

function flagProblems(party: DraftParty, at: number): readonly Refusal[] {
  const access = accessOf(party);
  const pointer = `/parties/${at}/access_level`;
  const { may } = ROLE_RULES[party.role];
  const beyond = ACCESS_FLAGS.filter((flag) => access[flag] && !may[flag]);
  const problems = beyond.map((flag) =>
    refusal('malformed', `a ${party.role} cannot have ${flag}`, `${pointer}/${flag}`),
  );
  const mustSee = party.role !== 'arbiter' && party.role !== 'observer';
  if (mustSee && !access.can_view) {
    problems.push(refusal('malformed', 'who must accept can view', `${pointer}/can_view`));
  }
  return problems;
}

/** Somebody must be able to approve, to deliver and to be paid. */
function holderProblems({ parties }: Draft): readonly Refusal[] {
  return (['approve', 'mark_as_done', 'can_receive'] as const)
    .filter((flag) => !parties.some((party) => accessOf(party)[flag]))
    .map((flag) => refusal('malformed', `no party has ${flag}`, '/parties'));
}

function conflicts({ parties }: Draft): readonly Refusal[] {
  const buyers = accountsOf(parties, ['buyer']);
  const judged = accountsOf(parties, ['buyer', 'seller', 'broker']);
  return parties.flatMap((party, at) => {
    const onBothSides = party.role === 'seller' && buyers.includes(party.account_id);
    const inOwnCase = party.role === 'arbiter' && judged.includes(party.account_id);
    const twice = parties.findIndex(
      (other) => other.role === party.role && other.account_id === party.account_id,
    );
    if (twice < at) return [refusal('malformed', 'named twice in one role', `/parties/${at}`)];
    if (!onBothSides && !inOwnCase) return [];
    return [refusal('conflict_of_interest', undefined, `/parties/${at}/account_id`)];
  });
}

function handlerProblems({ parties, dispute_handler: handler }: Draft): readonly Refusal[] {
  if (handler?.kind !== 'arbitration') return [];
  if (
    handler.handler &&
    accountsOf(parties, ['buyer', 'seller', 'broker']).includes(handler.handler)
  ) {
    return [refusal('conflict_of_interest', undefined, '/dispute_handler/handler')];
  }
  const hasArbiter = parties.some((party) => party.role === 'arbiter');
  if (hasArbiter || handler.handler) return [];
  const detail = 'arbitration needs an arbiter among the parties or a handler account';
  return [refusal('malformed', detail, '/dispute_handler')];
}

const accountsOf = (parties: readonly DraftParty[], roles: readonly Role[]): readonly string[] =>
  parties.filter((party) => roles.includes(party.role)).map((party) => party.account_id);
