/**
 * Owns how another account takes the place of a party: in the terms, among the parties, and in what
 * open milestones still owe.
 * Must not know who asked. What has been paid in or out already stays with whom it was.
 */
import { type Escrow, isOpen, type Milestone, type Party } from './escrow';
import type { EventOf } from './events';
import type { Changes } from './evolve-milestone';
import type { PartyId } from './ids';
import { BrokenInvariant } from './journal';
import { replacedTerms } from './replaced-terms';

type ReplacementEventType = 'replacement_requested' | 'party_replaced';

export const REPLACEMENT_CHANGES: Changes<ReplacementEventType> = {
  replacement_requested: (escrow, { at, party, account, destination, operator, reason }) =>
    onParty(escrow, party, (here) => ({
      ...here,
      replacement: { account, destination, operator, reason, at },
    })),

  party_replaced: (escrow, event) => {
    const { party, account, destination, party_status: status, terms_hash } = event;
    const now = onParty(escrow, party, (here) => ({
      ...here,
      account_id: account,
      destination,
      status,
      replacement: null,
    }));
    return {
      ...now,
      terms: replacedTerms(escrow.terms, party, account),
      terms_hash,
      milestones: now.milestones.map((here) =>
        isOpen(here) ? replacedIn(now, here, event) : here,
      ),
    };
  },
};

function onParty(escrow: Escrow, id: PartyId, change: (party: Party) => Party): Escrow {
  if (!escrow.parties.some((party) => party.id === id)) {
    throw new BrokenInvariant(`no party ${id} in ${escrow.id}`);
  }
  return {
    ...escrow,
    parties: escrow.parties.map((each) => (each.id === id ? change(each) : each)),
  };
}

/** What is still owed goes to the new account; what the old one approved counts no more. */
function replacedIn(
  { parties }: Escrow,
  here: Milestone,
  { party, account, before }: EventOf<'party_replaced'>,
): Milestone {
  const role = parties.find(({ id }) => id === party)?.role;
  const swapped = <T extends string>(name: T, as: Party['role']) =>
    role === as && name === before.account ? account : name;
  const next = {
    ...here,
    recipients: here.recipients.map((each) => (each.party === party ? { ...each, account } : each)),
    fees: here.fees.map((each) => ({
      ...each,
      beneficiary: swapped(each.beneficiary, 'broker'),
      kept_by: swapped(each.kept_by, 'broker'),
    })),
    approvals: here.approvals.filter((id) => id !== party),
    part_approvals: here.part_approvals.filter((each) => each.party !== party),
  };
  if (!('dispute' in next) || !next.dispute?.handler) return next;
  const handler = swapped(next.dispute.handler, 'arbiter');
  return { ...next, dispute: { ...next.dispute, handler } };
}
