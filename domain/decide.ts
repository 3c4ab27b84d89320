/**
 * Owns how a command is answered: find the row, ask who, ask what stands against it, emit; then
 * what follows by itself. Pure: the same state, command, actor and instant give the same answer.
 * Must not know any rule: those are rows (`agreement.ts`, `milestone.ts`).
 */
import type { AgreementCommandType } from './agreement';
import type { Instant } from './calendar';
import type { By, Command, CommandType } from './commands';
import { consequencesOf } from './consequences';
import { disputeOf, type Escrow, type Milestone } from './escrow';
import type { Event } from './events';
import { findNegotiation, isNegotiation } from './negotiation';
import { isKnownTo, isWho, partiesOf } from './parties';
import { type Refusal, type RefusalCode, refusal } from './refusals';
import type { Hit, MilestoneCommandType, Row, Standing } from './row';
import { type Rulebook, rulebookOf } from './rulebook';

export type Decision =
  | { readonly ok: true; readonly events: readonly Event[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** A row as the interpreter needs it, whatever command and stage it was written for. */
type AnyRow = Row<unknown, CommandType, string>;

/** What the state allows: a row to ask, or the refusal for there being none. */
export type Found =
  | { readonly row: AnyRow; readonly here: unknown; readonly milestone: Milestone | null }
  | { readonly refusal: Refusal };

/**
 * Answers a command: the events that it causes, or the reason why not.
 * `expectedVersion` (from If-Match) is checked before the rules.
 */
export function decide(
  escrow: Escrow,
  command: Command,
  by: By,
  at: Instant,
  expectedVersion: number | null = null,
): Decision {
  const early = staleOrStranger(escrow, command, by, expectedVersion);
  if (early) return refused(early);
  const found = findRow(escrow, command, by);
  if ('refusal' in found) return refused(found.refusal);
  const { row, here, milestone } = found;
  const standing = { escrow, here, by, at };
  const against = standsAgainst(row, milestone, standing);
  if (against) return refused(against);
  const ask = { ...standing, command: command as never }; // the row was found by the command's type
  const wrong = firstHit(row.check, (check) => check(ask)) ?? row.problem?.(ask) ?? null;
  if (wrong) return refused(wrong);
  const events = row.emits(ask);
  const { consequences } = rulebookOf(escrow.terms.rulebook);
  const moment = { by, at, command: command.id };
  const followed = consequencesOf(consequences, escrow, events, moment);
  return { ok: true, events: [...events, ...followed] };
}

/** Why the actor may not do what the row is about, whatever the body says; null when he may.
 * The order is cell, who, hold, dispute, unless (`architecture.md`, section 5). */
export function standsAgainst(
  row: AnyRow,
  milestone: Milestone | null,
  standing: Standing<unknown>,
): Refusal | null {
  const { escrow, by } = standing;
  const isDisputed = milestone !== null && disputeOf(milestone) !== null;
  if (!isDisputed && row.dispute === 'only') return refusal('wrong_status');
  if (!row.who.some((who) => isWho(escrow, milestone, who, by))) return refusal('not_allowed');
  if (escrow.hold && row.on_hold !== 'passes') return refusal('on_hold');
  if (isDisputed && row.dispute === 'no') return refusal('in_dispute');
  return firstHit(row.unless, (guard) => guard(standing));
}

/** The row for a command in the present stage. */
export function findRow(escrow: Escrow, command: Command, by: By): Found {
  const rules = rulebookOf(escrow.terms.rulebook);
  if (isNegotiation(command)) {
    const found = findNegotiation(rules.negotiation, escrow, command, by);
    if ('none' in found) return { refusal: noCell(escrow, found.none, command, by) };
    return 'refusal' in found ? found : { ...found, row: found.row as AnyRow };
  }
  if (!isAboutMilestone(rules, command)) {
    const { agreement: here } = escrow;
    const row = rules.agreement[here.stage][command.type as AgreementCommandType];
    if (row) return { row: row as unknown as AnyRow, here, milestone: null };
    return { refusal: noCell(escrow, null, command, by) };
  }
  const milestone = milestoneOf(escrow, command);
  if (typeof milestone === 'string') return { refusal: refusal(milestone) };
  const row = rules.milestone[milestone.stage][command.type as MilestoneCommandType];
  if (row) return { row: row as unknown as AnyRow, here: milestone, milestone };
  return { refusal: noCell(escrow, milestone, command, by) };
}

function staleOrStranger(
  escrow: Escrow,
  { type, body }: Command,
  by: By,
  expectedVersion: number | null,
): Refusal | null {
  if (expectedVersion !== null && expectedVersion !== escrow.version)
    return refusal('stale_version');
  if (by.kind === 'account' && !isKnownTo(escrow, by.account)) return refusal('not_a_party');
  const mayBeSilent = type !== 'accept' && body.terms_hash === undefined;
  const isOther = !mayBeSilent && !hashesOf(escrow, body).includes(body.terms_hash);
  return isOther ? refusal('terms_changed') : null;
}

/** The current terms; whoever answers an amendment may name the terms that it would make. */
function hashesOf({ terms_hash, proposals }: Escrow, body: Command['body']): unknown[] {
  const asked = 'proposal' in body ? proposals.find(({ id }) => id === body.proposal) : null;
  return [terms_hash, ...(asked?.content.kind === 'amendment' ? [asked.content.terms_hash] : [])];
}

/** `contracts.md`, section 6: no cell in the table, the first that fits. */
function noCell(escrow: Escrow, milestone: Milestone | null, { type }: Command, by: By): Refusal {
  if (milestone && type === 'approve' && hasApproved(escrow, milestone, by)) {
    return refusal('already_done');
  }
  const isFinal = ['releasing', 'disbursed', 'ruled'].includes(milestone?.stage ?? '');
  if (isFinal && type === 'dispute') return refusal('release_is_final');
  if (milestone?.left_by_clock || isExpired(escrow)) return refusal('deadline_passed');
  if (escrow.agreement.stage === 'closed') return refusal('escrow_closed');
  return refusal('wrong_status');
}

function hasApproved(escrow: Escrow, milestone: Milestone, by: By): boolean {
  if (by.kind !== 'account') return false;
  return partiesOf(escrow, by.account).some(({ id }) => milestone.approvals.includes(id));
}

/** Closed by the default of the funding or the acceptance deadline. */
const isExpired = ({ agreement }: Escrow): boolean =>
  agreement.stage === 'closed' && ['unfunded', 'unaccepted'].includes(agreement.reason);

/** `cancel` is about the whole escrow unless it names a milestone. */
function isAboutMilestone({ milestone }: Rulebook, { type, body }: Command): boolean {
  if (type === 'cancel') return body.milestone !== undefined;
  return Object.values(milestone).some((stage) => Object.hasOwn(stage, type));
}

function milestoneOf({ milestones }: Escrow, { body }: Command): Milestone | RefusalCode {
  if ('dispute' in body && body.dispute) {
    const { dispute } = body;
    const found = milestones.find((m) => everyDispute(m).includes(dispute));
    return found ?? 'unknown_dispute';
  }
  if ('disbursement' in body && body.disbursement) {
    const { disbursement } = body;
    const found = milestones.find((m) => m.disbursements.some((d) => d.id === disbursement));
    return found ?? 'malformed';
  }
  if ('reserve' in body && body.reserve) {
    const { reserve } = body;
    const found = milestones.find((m) => m.reserves.some(({ id }) => id === reserve));
    return found ?? 'malformed';
  }
  const id = 'milestone' in body ? body.milestone : undefined;
  return milestones.find((milestone) => milestone.id === id) ?? 'unknown_milestone';
}

function everyDispute(milestone: Milestone): readonly string[] {
  const open = disputeOf(milestone);
  if (open) return [open.id];
  return milestone.stage === 'ruled' ? [milestone.ruling.dispute.id] : [];
}

function firstHit<G>(
  guards: { readonly [R in RefusalCode]?: G } | undefined,
  ask: (guard: G) => Hit,
): Refusal | null {
  for (const [code, guard] of Object.entries(guards ?? {}) as [RefusalCode, G][]) {
    const hit = ask(guard);
    if (hit) return refusal(code, hit === true ? undefined : hit);
  }
  return null;
}

const refused = (why: Refusal): Decision => ({ ok: false, refusal: why });
