/**
 * Owns the fourteen public statuses: derived from stages, never stored as truth.
 * Must not know how an escrow got there. Source: `escrow.md`, section 4.
 */
import { isFunded } from './due';
import { type Escrow, isComplete, isOpen, type Milestone, mustAccept, receivedOf } from './escrow';

/** Status by the code of the source document. */
export const STATUSES = {
  draft: 'draft',
  fr: 'funded_rejected',
  sac: 'sent_awaiting_confirmation',
  af: 'accepted_funded',
  anf: 'accepted_not_funded',
  ip: 'in_progress',
  dr: 'delivered_rejected',
  d: 'delivered',
  da: 'delivered_accepted',
  cd: 'closed_disputed',
  cdp: 'closed_disbursement_pending',
  cdc: 'closed_disbursement_complete',
  cr: 'closed_refunded',
  c: 'closed',
} as const;

export type StatusCode = keyof typeof STATUSES;
export type Status = (typeof STATUSES)[StatusCode];
export type StatusOf = { readonly status: Status; readonly status_code: StatusCode };

type Rule = readonly [StatusCode, (escrow: Escrow) => boolean];

/** While some milestone is open; the first that fits counts. */
export const OPEN_RULES: readonly Rule[] = [
  ['draft', ({ agreement }) => agreement.stage === 'draft'],
  ['fr', (escrow) => isRejected(escrow) && receivedOf(escrow) > 0],
  ['sac', (escrow) => isSent(escrow) && someAwaited(escrow) && !escrow.allocated],
  ['af', (escrow) => (isSent(escrow) || isAgreed(escrow)) && escrow.allocated],
  ['anf', (escrow) => isSent(escrow) || isAgreed(escrow)],
  ['ip', (escrow) => some(escrow, 'waiting') || some(escrow, 'in_progress')],
  ['dr', (escrow) => some(escrow, 'rejected')],
  ['d', (escrow) => some(escrow, 'delivered')],
  ['da', (escrow) => some(escrow, 'accepted')],
];

/** From the event on that leaves no milestone open. */
export const CLOSED_RULES: readonly Rule[] = [
  ['cd', (escrow) => some(escrow, 'ruled')],
  ['cdp', (escrow) => disbursementsOf(escrow).some((d) => !isComplete(d))],
  ['cdc', ({ milestones }) => milestones.some((milestone) => milestone.released > 0)],
  ['cr', (escrow) => receivedOf(escrow) > 0],
  ['c', () => true],
];

/** The status of an escrow: word and code. */
export function statusOf(escrow: Escrow): StatusOf {
  const rules = escrow.milestones.some(isOpen) ? OPEN_RULES : CLOSED_RULES;
  const code = rules.find(([, fits]) => fits(escrow))?.[0] ?? 'c';
  return { status: STATUSES[code], status_code: code };
}

const MILESTONE_CODES = {
  waiting: 'af',
  in_progress: 'ip',
  delivered: 'd',
  rejected: 'dr',
  accepted: 'da',
  releasing: 'cdp',
  disbursed: 'cdc',
  ruled: 'cd',
  refunded: 'cr',
  cancelled: 'c',
} as const satisfies Record<Milestone['stage'], StatusCode>;

/** The status of a milestone: until agreement the escrow's own. */
export function milestoneStatusOf(escrow: Escrow, milestone: Milestone): StatusOf {
  const isOwn = milestone.stage !== 'waiting' || isAgreed(escrow) || isActive(escrow);
  if (!isOwn) return statusOf(escrow);
  const isUnfunded = milestone.stage === 'waiting' && !isFunded(milestone);
  const code = isUnfunded ? 'anf' : MILESTONE_CODES[milestone.stage];
  return { status: STATUSES[code], status_code: code };
}

const isSent = ({ agreement }: Escrow): boolean => agreement.stage === 'sent';
const isActive = ({ agreement }: Escrow): boolean => agreement.stage === 'active';

function isAgreed({ agreement }: Escrow): boolean {
  return agreement.stage === 'agreed';
}

const someAwaited = ({ parties }: Escrow): boolean =>
  parties.some((party) => mustAccept(party) && party.status !== 'accepted');

const isRejected = ({ parties }: Escrow): boolean =>
  parties.some((party) => mustAccept(party) && party.status === 'rejected');

const some = (escrow: Escrow, stage: Milestone['stage']): boolean =>
  escrow.milestones.some((milestone) => milestone.stage === stage);

const disbursementsOf = (escrow: Escrow) => escrow.milestones.flatMap((m) => m.disbursements);
