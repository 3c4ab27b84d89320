/**
 * Owns whose acceptance a proposal needs: buyers when enough approvers have, sellers when every
 * seller who is a recipient has, and whoever would lose money that he paid or was promised.
 * Must not know what the proposals do (`proposal-outcomes.ts`). Source: `escrow.md`, section 7.
 */
import type { Escrow, Milestone, Party } from './escrow';
import type { GiveBack, Payout } from './events';
import type { AccountId, PartyId } from './ids';
import type { Need } from './proposal';

/** How many approvals move the money of these milestones: as many as the strictest asks for. */
const approvalsRequired = ({ terms }: Escrow, milestones: readonly Milestone[]): number =>
  terms.milestones
    .filter(({ id }) => milestones.some((here) => here.id === id))
    .reduce((most, each) => Math.max(most, each.approvals_required), 1);

/** Enough of the buyers who approve. */
export function buyersNeed(escrow: Escrow, milestones: readonly Milestone[]): Need {
  const parties = accepted(escrow, (p) => p.role === 'buyer' && p.access_level.approve);
  return { parties, required: Math.min(approvalsRequired(escrow, milestones), parties.length) };
}

/** Every seller who is a recipient of one of them; all sellers, when none is. */
export function sellersNeed(escrow: Escrow, milestones: readonly Milestone[]): Need {
  const named = new Set(milestones.flatMap(({ recipients }) => recipients.map((r) => r.party)));
  const sellers = accepted(escrow, (p) => p.role === 'seller');
  const recipients = sellers.filter((id) => named.has(id));
  return all(recipients.length > 0 ? recipients : sellers);
}

/** The side that did not propose. */
export const otherSide = (escrow: Escrow, by: Party, about: readonly Milestone[]): Need =>
  by.role === 'buyer' ? sellersNeed(escrow, about) : buyersNeed(escrow, about);

/** What a split would do to one milestone. */
type Parted = { readonly here: Milestone; readonly payout: Payout; readonly give_back: GiveBack };

/** Payers when not all goes back; recipients and brokers who would get less than is due to them. */
export function losers(escrow: Escrow, parted: readonly Parted[]): readonly Need[] {
  const ids = parted.flatMap((each) => [...losingPayers(escrow, each), ...losingPayees(each)]);
  const brokers = parted.flatMap((each) => losingBeneficiaries(escrow, each));
  return [...new Set([...ids, ...brokers])].map((id) => all([id]));
}

/** One need for each: all of them must accept. */
export const all = (parties: readonly PartyId[]): Need => ({ parties, required: parties.length });

function losingPayers(escrow: Escrow, { payout }: Parted): readonly PartyId[] {
  if (payout.amount === 0) return [];
  return escrow.contributions
    .filter(({ left }) => left > 0)
    .flatMap(({ account }) => partyOf(escrow, account));
}

function losingPayees({ here, payout }: Parted): readonly PartyId[] {
  const gets = (party: PartyId): number =>
    payout.payees.reduce((sum, p) => (p.party === party ? sum + p.amount : sum), 0);
  return here.recipients
    .filter(({ party, net, paid }) => gets(party) < net - paid)
    .map(({ party }) => party);
}

function losingBeneficiaries(escrow: Escrow, { here, payout, give_back }: Parted) {
  const earned = [...payout.earned, ...give_back.kept];
  return here.fees.flatMap((claim) => {
    const { beneficiary, fee, side } = claim;
    if (beneficiary === 'platform') return [];
    const gets = earned
      .filter((each) => each.fee === fee && each.side === side)
      .reduce((sum, each) => sum + each.amount, 0);
    const isLess = gets < claim.amount - claim.earned - claim.kept - claim.returned;
    return isLess ? partyOf(escrow, beneficiary, 'broker') : [];
  });
}

function partyOf(escrow: Escrow, account: AccountId, role?: Party['role']): readonly PartyId[] {
  const own = escrow.parties.filter((p) => p.account_id === account && p.status === 'accepted');
  const party = own.find((p) => p.role === (role ?? 'buyer')) ?? own[0];
  return party ? [party.id] : [];
}

const accepted = (escrow: Escrow, fits: (party: Party) => boolean): readonly PartyId[] =>
  escrow.parties.filter((p) => p.status === 'accepted' && fits(p)).map(({ id }) => id);
