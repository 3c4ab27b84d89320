/**
 * Owns what making a proposal emits: what is proposed in full, whose acceptance it needs, what it
 * supersedes; and what follows at once when nobody else need accept.
 * Must not know what stands against it (`proposal-guards.ts`).
 */
import { amendedTerms } from './amended-terms';
import { effectOf } from './amendment';
import type { Period } from './calendar';
import {
  type Agreement,
  disputeOf,
  type Escrow,
  isOpen,
  type Milestone,
  mustAccept,
  type Party,
} from './escrow';
import type { Event } from './events';
import { evolveAll } from './evolve';
import { type MilestoneId, proposalId } from './ids';
import { BrokenInvariant } from './journal';
import { ZERO } from './money';
import { lostWith } from './order';
import { partiesOf, partiesWho, type Who } from './parties';
import {
  type Amendment,
  type Asked,
  type Content,
  isComplete,
  milestonesIn,
  type Need,
  type ProposedSplit,
} from './proposal';
import { proposalDue } from './proposal-dates';
import { all, buyersNeed, losers, otherSide, sellersNeed } from './proposal-needs';
import { acceptedBy, milestoneIn, partsOf } from './proposal-outcomes';
import { type Ask, happened } from './row';
import { recipientsPart, rulingOf } from './splits';
import { canonical, type Terms } from './terms';

type AskToPropose = Ask<Milestone | Agreement, 'propose'>;

/** Made; what it supersedes lapses first; carried out at once when it needs nobody else. */
export function proposed(ask: AskToPropose, roles: readonly Who[], open: Period): readonly Event[] {
  const { escrow, by, at, command } = ask;
  const id = proposalId(command.id);
  const own = by.kind === 'account' ? partiesOf(escrow, by.account) : [];
  const party = own.find((p) => roles.some((who) => partiesWho(escrow, null, who).includes(p)));
  if (!party) throw new BrokenInvariant('nobody of the roles that propose');
  const content = contentOf(escrow, command.body.content);
  const needs = needsOf(escrow, content, party, ask);
  const accepted_by = own.filter((p) => mustAccept(p) && p.status === 'accepted').map((p) => p.id);
  const events = [
    ...supersededBy(escrow, content).map((old) =>
      happened(ask, 'proposal_lapsed', { proposal: old, reason: `superseded by ${id}` }),
    ),
    happened(ask, 'proposal_made', {
      proposal: id,
      by: party.id,
      content,
      reason: command.body.reason ?? null,
      needs,
      accepted_by,
      due: proposalDue(escrow, at, open, content.kind),
    }),
  ];
  if (!isComplete({ needs }, accepted_by)) return events;
  const now = evolveAll(escrow, events);
  const made = now.proposals.find((proposal) => proposal.id === id);
  if (!made) throw new BrokenInvariant(`${id} was made and is not there`);
  return [...events, ...acceptedBy({ ...ask, escrow: now }, made, [], command.id)];
}

/** The milestones that two terms differ in: changed, added or removed. */
export function changedMilestones({ terms }: Escrow, next: Terms): readonly MilestoneId[] {
  const ids = [...terms.milestones, ...next.milestones].map(({ id }) => id);
  const textOf = (of: Terms, id: MilestoneId): string =>
    canonical(of.milestones.find((milestone) => milestone.id === id));
  return [...new Set(ids)].filter((id) => textOf(terms, id) !== textOf(next, id));
}

/** What is asked for with everything in it that it means. */
function contentOf(escrow: Escrow, asked: Asked): Content {
  switch (asked.kind) {
    case 'extension':
      return asked;
    case 'settlement': {
      const here = escrow.milestones.find((m) => disputeOf(m)?.id === asked.dispute);
      if (!here) throw new BrokenInvariant(`no dispute ${asked.dispute}`);
      return { ...asked, milestone: here.id };
    }
    case 'cancellation': {
      const open = escrow.milestones.filter((m) => isOpen(m) && disputeOf(m) === null);
      const whole = escrow.agreement.stage === 'agreed' ? open : open.filter((m) => m.held > 0);
      return { ...asked, milestones: asked.milestones ?? whole.map(({ id }) => id) };
    }
    case 'amendment': {
      const made = amendedTerms(escrow.terms, asked.change);
      if (!made.ok) throw new BrokenInvariant('an amendment that its check has let pass');
      const { terms } = made;
      const { kind, terms_hash } = asked;
      return { kind, terms, terms_hash, milestones: changedMilestones(escrow, terms) };
    }
    default:
      return asked satisfies never;
  }
}

function supersededBy(escrow: Escrow, content: Content) {
  const about = milestonesIn(content);
  return escrow.proposals
    .filter((old) => {
      const isShared = milestonesIn(old.content).some((id) => about.includes(id));
      const isSame = old.stage === 'open' && old.content.kind === content.kind;
      return isSame && (isShared || content.kind === 'amendment');
    })
    .map(({ id }) => id);
}

function needsOf(
  escrow: Escrow,
  content: Content,
  by: Party,
  { command }: AskToPropose,
): readonly Need[] {
  switch (content.kind) {
    case 'extension':
      return [buyersNeed(escrow, [milestoneIn(escrow, content.milestone)])];
    case 'settlement':
    case 'cancellation': {
      const named =
        content.kind === 'settlement'
          ? [{ id: content.milestone, split: content.split }]
          : partsOf(escrow, content);
      const parts = [...named, ...lostBy(escrow, named)];
      const here = parts.map(({ id }) => milestoneIn(escrow, id));
      const parted = parts.map(({ id, split }) => {
        const milestone = milestoneIn(escrow, id);
        return { here: milestone, ...rulingOf(escrow, milestone, split, command.id) };
      });
      return [otherSide(escrow, by, here), ...(isFunded(here) ? losers(escrow, parted) : [])];
    }
    case 'amendment':
      return amendmentNeeds(escrow, content);
    default:
      return content satisfies never;
  }
}

type Part = { readonly id: MilestoneId; readonly split: ProposedSplit };

/** Where recipients get nothing, what waits for it comes to nothing too, and all goes back. */
function lostBy(escrow: Escrow, parts: readonly Part[]): readonly Part[] {
  const lost = parts
    .filter(({ split }) => recipientsPart(split) === 0)
    .flatMap(({ id }) => lostWith(escrow, milestoneIn(escrow, id)))
    .filter(({ id }) => !parts.some((part) => part.id === id));
  return [...new Set(lost)].map(({ id, held: payers }) => ({
    id,
    split: { recipients: ZERO, payers },
  }));
}

const isFunded = (milestones: readonly Milestone[]): boolean => milestones.some((m) => m.held > 0);

/** All whose money or duty changes. */
function amendmentNeeds(escrow: Escrow, { terms, milestones }: Amendment): readonly Need[] {
  const effect = terms && effectOf(escrow, terms);
  if (!effect || typeof effect === 'string')
    throw new BrokenInvariant('an amendment that cannot be');
  const isText = milestones.length === 0;
  const touched = escrow.milestones.filter((m) => (isText ? isOpen(m) : milestones.includes(m.id)));
  const isPriced = effect.due !== escrow.due;
  const buyers = escrow.parties.filter((p) => p.role === 'buyer' && p.status === 'accepted');
  const paid = effect.milestones.flatMap((after) => {
    const before = escrow.milestones.find(({ id }) => id === after.milestone);
    const claims = [...after.recipients, ...(before?.recipients ?? [])];
    const netOf = (list: typeof claims, party: string): number | undefined =>
      list.find((claim) => claim.party === party)?.net;
    return claims
      .map(({ party }) => party)
      .filter((p) => netOf([...after.recipients], p) !== netOf([...(before?.recipients ?? [])], p));
  });
  const brokers = escrow.parties.filter((party) => {
    const isHis = ({ beneficiary }: { beneficiary: string }): boolean =>
      beneficiary === party.account_id;
    const sumOf = (list: readonly { fees: Milestone['fees'] }[]): number =>
      list.flatMap(({ fees }) => fees.filter(isHis)).reduce((sum, fee) => sum + fee.amount, 0);
    const ids = effect.milestones.map(({ milestone }) => milestone);
    const before = escrow.milestones.filter(({ id }) => ids.includes(id));
    return party.role === 'broker' && sumOf(effect.milestones) !== sumOf(before);
  });
  return [
    buyersNeed(escrow, touched),
    sellersNeed(escrow, touched),
    ...(isPriced ? buyers : []).map(({ id }) => all([id])),
    ...[...new Set([...paid, ...brokers.map(({ id }) => id)])].map((id) => all([id])),
  ];
}
