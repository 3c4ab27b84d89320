/**
 * Owns who is who: roles, access levels, sides, and what each name in a `who` column means.
 * Must not know what they may do (`agreement.ts`, `milestone.ts`).
 * Roles and flags: `escrow.md`, section 2; rights: `security.md`, section 2.
 */
import type { By } from './commands';
import {
  disputeOf,
  type Escrow,
  type HandlerOf,
  isOpen,
  type Milestone,
  mustAccept,
  type Party,
  type Side,
} from './escrow';
import type { AccountId } from './ids';
import { lostWith } from './order';
import { missingOf } from './proposal';
import type { AccessLevel, Role } from './terms';

/** How many parties of each role an escrow may have, and the flags that the role starts with.
 * Flags can be taken away, and given only within `may`. */
export const ROLE_RULES: {
  readonly [R in Role]: {
    readonly least: number;
    readonly most: number;
    readonly starts: AccessLevel;
    readonly may: AccessLevel;
  };
} = {
  buyer: { least: 1, most: 5, starts: flags('approve'), may: flags('approve') },
  seller: {
    least: 1,
    most: 5,
    starts: flags('can_receive', 'mark_as_done'),
    may: flags('can_receive', 'mark_as_done'),
  },
  broker: { least: 0, most: 2, starts: flags('can_receive'), may: flags('can_receive') },
  arbiter: { least: 0, most: 3, starts: flags(), may: flags() },
  observer: { least: 0, most: 10, starts: flags(), may: flags() },
};

/** The names that `who` columns use. */
export const WHO = {
  initiator: 'the party that created the escrow; without one, the platform',
  party: 'a buyer, seller or broker',
  invited: 'a buyer, seller or broker who has not accepted yet',
  arbiter: 'an arbiter, about its own appointment',
  payer: 'a buyer, or who else may pay by the terms; who must accept has',
  'can:approve': 'a party with the right to approve',
  'can:mark_as_done': 'a party with the right to mark as done',
  'release.by': 'a party that the terms let release',
  side: 'a buyer or seller who may approve or mark as done',
  other_side: 'the side that did not open the dispute',
  opener: 'the side that opened the dispute, or for which the clock did',
  buyer: 'a buyer',
  seller: 'a seller',
  broker: 'a broker',
  asked: 'a party whose acceptance an open proposal still needs',
  witness: 'a buyer, seller or broker who can view',
  handler: 'who rules on disputes',
  sole_recipient: 'a seller, when nobody else is a recipient of it',
  buyer_of_overdue: 'a buyer, when it is overdue',
  platform: 'the platform itself',
  clock: 'the default of a deadline',
  provider: 'a payment or payout script, reporting what it has read',
} as const;
export type Who = keyof typeof WHO;

/** Is the actor one of those that `who` names here? `milestone` is null for the whole escrow. */
export function isWho(escrow: Escrow, milestone: Milestone | null, who: Who, by: By): boolean {
  switch (by.kind) {
    case 'clock':
    case 'provider':
      return who === by.kind;
    case 'platform':
      if (who === 'initiator') return !escrow.parties.some((party) => party.initiator);
      if (who === 'handler') return handlerNow(escrow, milestone) === 'platform';
      if (who === 'opener')
        return isHandlersOwn(milestone) && isWho(escrow, milestone, 'handler', by);
      return who === 'platform';
    case 'account':
      if (who === 'handler') return handlerNow(escrow, milestone) === by.account;
      if (who === 'payer') return isPayer(escrow, by.account);
      if (who === 'opener' && isHandlersOwn(milestone)) {
        return isWho(escrow, milestone, 'handler', by);
      }
      return partiesWho(escrow, milestone, who).some((party) => party.account_id === by.account);
    default:
      return by satisfies never;
  }
}

/** The parties that `who` names; empty for those who are no parties. */
export function partiesWho(
  escrow: Escrow,
  milestone: Milestone | null,
  who: Who,
): readonly Party[] {
  const { parties, terms } = escrow;
  const accepted = parties.filter((party) => party.status === 'accepted');
  switch (who) {
    case 'initiator':
      return parties.filter((party) => party.initiator);
    case 'party':
      return parties.filter(mustAccept);
    case 'invited':
      return parties.filter((party) => mustAccept(party) && party.status === 'created');
    case 'arbiter':
      return parties.filter((party) => party.role === 'arbiter');
    case 'payer':
      return parties.filter((party) => isPayer(escrow, party.account_id));
    case 'can:approve':
      return accepted.filter((party) => party.access_level.approve);
    case 'can:mark_as_done':
      return accepted.filter((party) => party.access_level.mark_as_done);
    case 'release.by':
      return accepted.filter((party) => terms.release.by.includes(party.id));
    case 'side':
      return accepted.filter(isOnASide);
    case 'opener':
      return accepted.filter((party) => isOnASide(party) && party.role === sideOf(milestone));
    case 'other_side':
      return accepted.filter((party) => isOnASide(party) && party.role !== sideOf(milestone));
    case 'buyer':
    case 'seller':
    case 'broker':
      return accepted.filter((party) => party.role === who);
    case 'asked':
      return accepted.filter((party) => isAsked(escrow, party));
    case 'witness':
      return accepted.filter((party) => mustAccept(party) && party.access_level.can_view);
    case 'sole_recipient':
      return accepted.filter((party) => isSoleRecipient(escrow, milestone, party));
    case 'buyer_of_overdue':
      return accepted.filter((party) => party.role === 'buyer' && isOverdue(escrow, milestone));
    case 'handler':
      return parties.filter((party) => party.account_id === handlerNow(escrow, milestone));
    case 'platform':
    case 'clock':
    case 'provider':
      return [];
    default:
      return who satisfies never;
  }
}

/** The parties of an account in this escrow. */
export const partiesOf = (escrow: Escrow, account: AccountId): readonly Party[] =>
  escrow.parties.filter((party) => party.account_id === account);

/** May this account pay? A buyer, or whom the terms name; who must accept has accepted. */
export function isPayer(escrow: Escrow, account: AccountId): boolean {
  const own = partiesOf(escrow, account);
  const isNamed = escrow.terms.funding.by?.includes(account) ?? false;
  const isBuyer = own.some((party) => party.role === 'buyer');
  return (isBuyer || isNamed) && own.every((p) => !mustAccept(p) || p.status === 'accepted');
}

/** Accounts that the terms name without making them a party: who may pay, the external handler. */
export function outsidersOf(escrow: Escrow): {
  readonly payers: readonly AccountId[];
  readonly handler: AccountId | null;
} {
  const { dispute_handler: handler, funding } = escrow.terms;
  const isOutside = (account: AccountId): boolean => partiesOf(escrow, account).length === 0;
  const named = (handler.kind === 'arbitration' && handler.handler) || null;
  return {
    payers: (funding.by ?? []).filter(isOutside),
    handler: named && isOutside(named) ? named : null,
  };
}

/** Does the escrow know this account: as a party, as a payer, or as the external handler? */
export function isKnownTo(escrow: Escrow, account: AccountId): boolean {
  const { payers, handler } = outsidersOf(escrow);
  return [...payers, handler].includes(account) || partiesOf(escrow, account).length > 0;
}

/**
 * Who rules: the platform; or the first arbiter in the order of the terms who has accepted; or the
 * external handler; when there is none, the platform (`escrow.md`, section 5, resolve).
 */
export function handlerOf(escrow: Escrow): HandlerOf {
  const { dispute_handler: handler } = escrow.terms;
  if (handler.kind === 'platform') return 'platform';
  const arbiter = escrow.parties.find((p) => p.role === 'arbiter' && p.status === 'accepted');
  return arbiter?.account_id ?? handler.handler ?? 'platform';
}

/** The side of the parties of an account: what a dispute that it opens is counted for. */
export function sideOfAccount(escrow: Escrow, account: AccountId): 'buyer' | 'seller' | null {
  const role = partiesOf(escrow, account).find(isOnASide)?.role;
  return role === 'buyer' || role === 'seller' ? role : null;
}

/** The handler was fixed when the dispute came to it; before that it is who would rule now. */
const handlerNow = (escrow: Escrow, milestone: Milestone | null): HandlerOf =>
  (milestone && disputeOf(milestone)?.handler) ?? handlerOf(escrow);

const isHandlersOwn = (milestone: Milestone | null): boolean => sideOf(milestone) === 'handler';

function sideOf(milestone: Milestone | null): Side | null {
  return (milestone && disputeOf(milestone)?.side) ?? null;
}

function isOnASide(party: Party): boolean {
  const { approve, mark_as_done } = party.access_level;
  return (party.role === 'buyer' || party.role === 'seller') && (approve || mark_as_done);
}

const isAsked = ({ proposals }: Escrow, { id }: Party): boolean =>
  proposals.some((proposal) => proposal.stage === 'open' && missingOf(proposal).includes(id));

/** For the whole escrow: of every milestone that is still open. With one milestone goes what waits
 * for it, so nobody else may be a recipient of that either. */
function isSoleRecipient(escrow: Escrow, milestone: Milestone | null, party: Party): boolean {
  const concerned = milestone ? lostWith(escrow, milestone) : openOf(escrow);
  const isSole = (m: Milestone): boolean => m.recipients.every((r) => r.party === party.id);
  return party.role === 'seller' && concerned.every(isSole);
}

function isOverdue(escrow: Escrow, milestone: Milestone | null): boolean {
  const concerned = milestone ? [milestone] : openOf(escrow);
  return concerned.every((m) => m.stage === 'in_progress' && m.overdue);
}

const openOf = ({ milestones }: Escrow): readonly Milestone[] => milestones.filter(isOpen);

function flags(...given: readonly Exclude<keyof AccessLevel, 'can_view'>[]): AccessLevel {
  return {
    can_view: true,
    can_receive: given.includes('can_receive'),
    mark_as_done: given.includes('mark_as_done'),
    approve: given.includes('approve'),
  };
}
