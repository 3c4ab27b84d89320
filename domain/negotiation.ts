/**
 * Owns TABLE 5, the proposals: one protocol, four kinds as rows. Who proposes, in which stages,
 * when it lapses; and who may answer one. Who must accept: `proposal-needs.ts`; why it lapses
 * before its time: `proposal-lapses.ts`; what it emits: `proposal-outcomes.ts`.
 * Must not know HTTP or the books. Source: `escrow.md`, section 7.
 */
import type { Period } from './calendar';
import type { By, Command, ProposalBodies } from './commands';
import type { MilestoneStage } from './escrow';
import { type Agreement, disputeOf, type Escrow, type Milestone, type Proposal } from './escrow';
import type { Who } from './parties';
import { partiesOf } from './parties';
import { missingOf, type ProposalKind } from './proposal';
import { GUARDS, hasPassed, PROBLEMS } from './proposal-guards';
import { lapsing } from './proposal-lapses';
import { proposed } from './proposal-making';
import { acceptedBy } from './proposal-outcomes';
import { type Refusal, type RefusalCode, refusal } from './refusals';
import { type Ask, type Hit, happened, type Row, type Standing } from './row';

export type ProposalCommandType = Exclude<keyof ProposalBodies, 'propose'>;
export type ProposalStage = Proposal['stage'];
export type ProposeRow = Row<Milestone | Agreement, 'propose', never>;
type AnswerRow<C extends ProposalCommandType> = Row<Proposal, C, ProposalStage>;
type Standard = Standing<Proposal>;

/** A kind of proposal: when it may be made and by whom, and how long it is open. */
type Kind = {
  readonly by: readonly Who[];
  readonly needs: string; // in words; the printed chart shows them
  readonly agreement: readonly Agreement['stage'][];
  /** Of the one milestone that it is about; null when it is about several. */
  readonly milestone: readonly MilestoneStage[] | null;
  readonly dispute: 'no' | 'only';
  readonly lapses: Period;
};

const STARTED = ['in_progress', 'delivered', 'rejected', 'accepted'] as const;

export const KINDS: { readonly [K in ProposalKind]: Kind } = {
  extension: {
    by: ['seller', 'broker'],
    needs: 'buyers',
    agreement: ['active'],
    milestone: ['in_progress', 'rejected'],
    dispute: 'no',
    lapses: 'P7D',
  },
  amendment: {
    by: ['party'],
    needs: 'all whose money or duty changes',
    agreement: ['agreed', 'active'],
    milestone: null,
    dispute: 'no',
    lapses: 'P7D',
  },
  cancellation: {
    by: ['buyer', 'seller'],
    needs: 'the other side, and who would lose',
    agreement: ['agreed', 'active'],
    milestone: null,
    dispute: 'no',
    lapses: 'P7D',
  },
  settlement: {
    by: ['buyer', 'seller'],
    needs: 'the other side, and who would lose',
    agreement: ['active'],
    milestone: STARTED,
    dispute: 'only',
    lapses: 'P3D',
  },
};

const accept: AnswerRow<'accept_proposal'> = {
  who: ['party'],
  unless: { already_done: hasAccepted, not_allowed: isNotAsked, conditions_unmet: hasPassed },
  emits: (ask) => acceptedBy(ask, ask.here, missingBy(ask), ask.command.id),
  to: ['unchanged', 'waiting', 'accepted'],
};

const decline: AnswerRow<'decline_proposal'> = {
  who: ['party'],
  unless: { not_allowed: isNotNeeded },
  emits: (ask) => {
    const { here, command } = ask;
    const by = here.needs.flatMap(({ parties }) => parties).find((id) => ownIds(ask).includes(id));
    const reason = command.body.reason ?? null;
    return [happened(ask, 'proposal_declined', { proposal: here.id, by: by ?? here.by, reason })];
  },
  to: ['declined'],
};

const withdraw: AnswerRow<'withdraw_proposal'> = {
  who: ['party'],
  unless: { not_allowed: (standing) => !isProposer(standing) },
  emits: (ask) => {
    const { here, command } = ask;
    const reason = command.body.reason ?? null;
    return [happened(ask, 'proposal_withdrawn', { proposal: here.id, reason })];
  },
  to: ['withdrawn'],
};

const lapse: AnswerRow<'lapse'> = {
  who: ['clock'],
  emits: (ask) => lapsing(ask, { proposal: ask.here, reason: ask.command.body.reason }),
  to: ['lapsed'],
};

/** Who may answer a proposal in which of its stages. */
export const PROPOSAL: {
  readonly [S in ProposalStage]: { readonly [C in ProposalCommandType]?: AnswerRow<C> };
} = {
  open: {
    accept_proposal: accept,
    decline_proposal: decline,
    withdraw_proposal: withdraw,
    lapse,
  },
  waiting: { lapse },
  accepted: {},
  declined: {},
  withdrawn: {},
  lapsed: {},
};

export type Negotiation = { readonly kinds: typeof KINDS; readonly answers: typeof PROPOSAL };
export const NEGOTIATION: Negotiation = { kinds: KINDS, answers: PROPOSAL };

/** The row of a kind for one milestone, or for the whole; null where there is no cell. */
export function proposeRow(
  { kinds }: Negotiation,
  { agreement }: Escrow,
  kind: ProposalKind,
  milestone: Milestone | null,
): ProposeRow | null {
  const row = kinds[kind];
  if (!row.agreement.includes(agreement.stage)) return null;
  if (row.milestone && !(milestone && row.milestone.includes(milestone.stage))) return null;
  return {
    who: row.by,
    dispute: row.dispute,
    unless: GUARDS[kind],
    problem: PROBLEMS[kind],
    emits: (ask) => proposed(ask, row.by, row.lapses),
    to: ['unchanged'],
  };
}

type Found =
  | { readonly row: unknown; readonly here: unknown; readonly milestone: Milestone | null }
  | { readonly refusal: Refusal }
  | { readonly none: Milestone | null };
type About = Extract<Command, { type: keyof ProposalBodies }>;

/** Is it a command about proposals? */
export const isNegotiation = (command: Command): command is About =>
  command.type === 'propose' || Object.hasOwn(PROPOSAL.open, command.type);

/** The row for a command about proposals; `none` where the state has no cell for it. */
export function findNegotiation(rules: Negotiation, escrow: Escrow, command: About, by: By): Found {
  if (command.type === 'propose') return findKind(rules, escrow, command);
  const here = escrow.proposals.find(({ id }) => id === command.body.proposal);
  if (!here) return { refusal: refusal('unknown_proposal') };
  const row = rules.answers[here.stage][command.type];
  if (row) return { row, here, milestone: null };
  const code = concludedCode({ escrow, here, by }, command.type);
  return code ? { refusal: refusal(code) } : { none: null };
}

function findKind(
  rules: Negotiation,
  escrow: Escrow,
  { body }: Extract<Command, { type: 'propose' }>,
): Found {
  const { content } = body;
  const milestone = milestoneOf(escrow, content);
  if (typeof milestone === 'string') return { refusal: refusal(milestone) };
  const row = proposeRow(rules, escrow, content.kind, milestone);
  if (!row) return { none: milestone };
  return { row, here: milestone ?? escrow.agreement, milestone };
}

function milestoneOf(
  { milestones }: Escrow,
  content: ProposalBodies['propose']['content'],
): Milestone | RefusalCode | null {
  if (content.kind === 'extension') {
    return milestones.find(({ id }) => id === content.milestone) ?? 'unknown_milestone';
  }
  if (content.kind !== 'settlement') return null;
  const isMeant = (here: Milestone): boolean =>
    disputeOf(here)?.id === content.dispute ||
    (here.stage === 'ruled' && here.ruling.dispute.id === content.dispute);
  return milestones.find(isMeant) ?? 'unknown_dispute';
}

/** Closed before: accepted by who asks, or by the clock. */
function concludedCode(
  standing: Pick<Standard, 'escrow' | 'here' | 'by'>,
  type: string,
): RefusalCode | null {
  const { here } = standing;
  if (type === 'accept_proposal' && hasAccepted(standing)) return 'already_done';
  return 'left_by_clock' in here && here.left_by_clock ? 'deadline_passed' : null;
}

type Whose = Pick<Standard, 'escrow' | 'here' | 'by'>;

const ownIds = ({ escrow, by }: Pick<Whose, 'escrow' | 'by'>): readonly string[] =>
  by.kind === 'account' ? partiesOf(escrow, by.account).map(({ id }) => id) : [];
const missingBy = (ask: Ask<Proposal, 'accept_proposal'>): Proposal['accepted_by'] =>
  missingOf(ask.here).filter((id) => ownIds(ask).includes(id));

function isProposer(standing: Whose): boolean {
  return ownIds(standing).includes(standing.here.by);
}
function hasAccepted(standing: Whose): Hit {
  return standing.here.accepted_by.some((id) => ownIds(standing).includes(id));
}
function isNotAsked(standing: Whose): Hit {
  return !missingOf(standing.here).some((id) => ownIds(standing).includes(id));
}
/** Who has accepted may still say no, until all have. */
function isNotNeeded(standing: Whose): Hit {
  const needed = standing.here.needs.flatMap(({ parties }) => parties);
  return isProposer(standing) || !needed.some((id) => ownIds(standing).includes(id));
}
