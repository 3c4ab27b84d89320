/**
 * Owns who may do what next: read from the tables that decide commands, so it cannot disagree.
 * Must not know a rule of its own.
 */
import type { Instant } from './calendar';
import { type By, type CommandType, PEOPLES_COMMANDS } from './commands';
import { type Deadline, deadlinesOf } from './deadlines';
import { standsAgainst } from './decide';
import type { Escrow, Milestone, Party } from './escrow';
import type { AccountId, MilestoneId, PartyId, ProposalId } from './ids';
import { proposeRow } from './negotiation';
import { outsidersOf, partiesOf } from './parties';
import { PROPOSAL_KINDS, type ProposalKind } from './proposal';
import type { Row } from './row';
import { rulebookOf } from './rulebook';
import type { Role } from './terms';

export type NextAction = {
  readonly action: CommandType;
  readonly milestone: MilestoneId | null;
  readonly kind?: ProposalKind; // of what may be proposed
  readonly proposal?: ProposalId; // that may be answered
  readonly roles: readonly (Role | 'platform' | 'handler' | 'payer')[];
  readonly parties: readonly PartyId[];
  readonly until: Instant | null;
};

type AnyRow = Row<unknown, CommandType, string>;
type Cell = {
  readonly action: CommandType;
  readonly row: AnyRow;
  readonly here: unknown;
  readonly milestone: Milestone | null;
  readonly about?: Pick<NextAction, 'kind' | 'proposal'>;
};

/** All that somebody may do now, and until when; platform and external handler included. */
export function nextActionsOf(escrow: Escrow, at: Instant): readonly NextAction[] {
  const { handler, payers } = outsidersOf(escrow);
  const deadlines = deadlinesOf(escrow);
  return cellsOf(escrow).flatMap((cell) => {
    const parties = escrow.parties.filter((party) => mayDo(escrow, cell, asAccount(party), at));
    const isPlatforms = mayDo(escrow, cell, { kind: 'platform' }, at);
    const others = [
      ...(isPlatforms ? (['platform'] as const) : []),
      ...(mayOneDo(escrow, cell, handler ? [handler] : [], at) ? (['handler'] as const) : []),
      ...(mayOneDo(escrow, cell, payers, at) ? (['payer'] as const) : []),
    ];
    if (parties.length === 0 && others.length === 0) return [];
    const roles = new Set(parties.map((party) => party.role));
    return [
      {
        action: cell.action,
        milestone: cell.milestone?.id ?? null,
        ...cell.about,
        roles: [...roles, ...others],
        parties: parties.map((party) => party.id),
        until: untilOf(escrow, deadlines, cell),
      },
    ];
  });
}

/** What one actor may do now, for the answer to a refused command. */
export function allowedActionsOf(escrow: Escrow, by: By, at: Instant): readonly CommandType[] {
  const allowed = cellsOf(escrow).filter((cell) => mayDo(escrow, cell, by, at));
  return [...new Set(allowed.map((cell) => cell.action))];
}

/** May this account look at the escrow? Parties with can_view, the external handler, who pays. */
export function mayView(escrow: Escrow, account: AccountId): boolean {
  const { handler, payers } = outsidersOf(escrow);
  if (handler === account || payers.includes(account)) return true;
  return partiesOf(escrow, account).some((party) => party.access_level.can_view);
}

function cellsOf(escrow: Escrow): readonly Cell[] {
  const { agreement: here } = escrow;
  const rules = rulebookOf(escrow.terms.rulebook);
  const whole = Object.entries(rules.agreement[here.stage]).map(([action, row]) =>
    cell(action, row, here, null),
  );
  const parts = escrow.milestones.flatMap((milestone) =>
    Object.entries(rules.milestone[milestone.stage]).map(([action, row]) =>
      cell(action, row, milestone, milestone),
    ),
  );
  const all = [...whole, ...parts, ...negotiationOf(escrow)];
  return all.filter(({ action }) => Object.hasOwn(PEOPLES_COMMANDS, action));
}

/** What may be proposed about which milestone or the whole, and what may be answered. */
function negotiationOf(escrow: Escrow): readonly Cell[] {
  const { negotiation } = rulebookOf(escrow.terms.rulebook);
  const places = [null, ...escrow.milestones];
  const proposing = PROPOSAL_KINDS.flatMap((kind) =>
    places.flatMap((milestone): readonly Cell[] => {
      const row = proposeRow(negotiation, escrow, kind, milestone);
      const isPlace = negotiation.kinds[kind].milestone ? milestone !== null : milestone === null;
      const here = milestone ?? escrow.agreement;
      return row && isPlace ? [{ ...cell('propose', row, here, milestone), about: { kind } }] : [];
    }),
  );
  const answering = escrow.proposals.flatMap((proposal) =>
    Object.entries(negotiation.answers[proposal.stage]).map(([action, row]) => ({
      ...cell(action, row, proposal, null),
      about: { proposal: proposal.id },
    })),
  );
  return [...proposing, ...answering];
}

function cell(action: string, row: unknown, here: unknown, milestone: Milestone | null): Cell {
  // The keys of both tables are command types, and a row fits its key and stage by their types.
  return { action: action as CommandType, row: row as AnyRow, here, milestone };
}

/** External handler and named payers are no parties, so they are told by a word. */
const mayOneDo = (escrow: Escrow, cell: Cell, accounts: readonly AccountId[], at: Instant) =>
  accounts.some((account) => mayDo(escrow, cell, { kind: 'account', account }, at));

/** A retry makes sense only where a disbursement waits for a person. */
function mayDo(escrow: Escrow, { action, row, here, milestone }: Cell, by: By, at: Instant) {
  if (action === 'retry_disbursement' || action === 'redirect_disbursement') {
    if (!milestone?.disbursements.some((disbursement) => 'due' in disbursement)) return false;
  }
  return standsAgainst(row, milestone, { escrow, here, by, at }) === null;
}

/** The deadline that waits for this action: the soonest that names its people. */
function untilOf(
  escrow: Escrow,
  deadlines: readonly Deadline[],
  { row, milestone, about }: Cell,
): Instant | null {
  const { waits } = rulebookOf(escrow.terms.rulebook);
  const deadline = deadlines.find(({ name, subject }) => {
    if (about?.proposal || subject.proposal) return subject.proposal === about?.proposal;
    const { who } = waits[name];
    const isNamed = row.who.includes(who === 'invited' ? 'party' : who);
    const isThere = subject.milestone === milestone?.id || name === 'milestone_funding';
    return isThere && isNamed;
  });
  return deadline?.at ?? null;
}

const asAccount = (party: Party): By => ({ kind: 'account', account: party.account_id });
