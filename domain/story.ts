/**
 * Owns the story of a preview as people write it: who does what and when, milestones by number,
 * with what only the moment knows (hash of the terms, ids of disputes, what is missing) filled in.
 * Must not know what becomes of it (`preview.ts`). Source: `escrow.md`, section 10.
 */
import type { Instant } from './calendar';
import type { By, Command, CommandType, PeoplesCommandType } from './commands';
import { decide } from './decide';
import { isFundedAlone, shortfallOf } from './due';
import { disputeOf, type Escrow, mustAccept } from './escrow';
import { evolveAll } from './evolve';
import type { CommandId, MilestoneId } from './ids';
import { isWho } from './parties';
import type { Act } from './preview';
import { readCommand } from './reading';
import { proposedIn } from './story-proposals';

/** One line of a story. `milestone` counts from 1; `body` holds what the command asks beside it. */
export type StoryLine = {
  readonly at: Instant;
  readonly by: By;
  readonly command: PeoplesCommandType;
  readonly milestone?: number;
  readonly body?: Readonly<Record<string, unknown>>;
};

/** How far everybody has come when the story begins. */
export const BEGINNINGS = ['sent', 'agreed', 'funded'] as const;
export type Beginning = (typeof BEGINNINGS)[number];

/** The lines as acts; or the position of the first that cannot be read, as far as that is known
 * before the story is played. */
export function actsOf(escrow: Escrow, lines: readonly StoryLine[]): readonly Act[] | number {
  const wrong = lines.findIndex((line, at) => !readCommand(...filledIn(escrow, line, at)));
  if (wrong >= 0) return wrong;
  return lines.map((line, at) => ({
    at: line.at,
    by: line.by,
    command: (now) => {
      const command = readCommand(...filledIn(now, line, at));
      if (!command) throw new RangeError(`line ${at} of the story cannot be read`);
      return command;
    },
  }));
}

/**
 * The acts that lead to a beginning, all at one instant: it is sent; then all accept, and the
 * payers pay, in whichever order the terms want.
 */
export function beginningOf(escrow: Escrow, beginning: Beginning, at: Instant): readonly Act[] {
  const acts: Act[] = [];
  let now = escrow;
  const add = (by: By, type: CommandType, body: object): boolean => {
    const command = { id: idOf(`begin${acts.length}`), type, body } as Command; // with its own body
    const decision = decide(now, command, by, at);
    if (decision.ok) now = evolveAll(now, decision.events);
    if (decision.ok || type === 'send') acts.push({ at, by, command: () => command });
    return decision.ok;
  };
  add({ kind: 'platform' }, 'send', {});
  if (beginning === 'sent') return acts;
  for (let goesOn = true; goesOn; ) {
    goesOn = false;
    for (const { account_id: account, status, ...party } of now.parties) {
      const by: By = { kind: 'account', account };
      if (mustAccept({ account_id: account, status, ...party }) && status === 'created') {
        goesOn = add(by, 'accept', { terms_hash: now.terms_hash }) || goesOn;
      }
      const isNeeded = beginning === 'funded' || escrow.terms.funding.order === 'fund_first';
      const milestone = wantingOf(now);
      const amount = shortfallOf(now, milestone);
      if (isNeeded && amount > 0 && isWho(now, null, 'payer', by)) {
        goesOn = add(by, 'fund', { amount, ...(milestone && { milestone }) }) || goesOn;
      }
    }
  }
  return acts;
}

/** Where each milestone is funded alone, the first that is not. */
const wantingOf = (escrow: Escrow): MilestoneId | undefined =>
  isFundedAlone(escrow)
    ? escrow.milestones.find(({ id }) => shortfallOf(escrow, id) > 0)?.id
    : undefined;

const idOf = (name: string): CommandId => `cmd_${name}`;

function filledIn(
  escrow: Escrow,
  { command: type, milestone: number, body = {} }: StoryLine,
  at: number,
): readonly [string, CommandId, unknown] {
  const here = escrow.milestones.find((milestone) => milestone.number === number);
  const open = here ? disputeOf(here) : null;
  const dispute = number === undefined ? undefined : (open?.id ?? 'dis_none');
  const disbursement = here?.disbursements.find((d) => 'due' in d) ?? here?.disbursements[0];
  const known: Readonly<Record<string, unknown>> = {
    ...(number !== undefined && { milestone: here?.id ?? `mil_${number}` }),
    ...(type === 'accept' && { terms_hash: escrow.terms_hash }),
    ...(type === 'fund' && { amount: Math.max(1, shortfallOf(escrow, here?.id)) }),
    ...body,
  };
  if (type === 'propose') {
    const content = proposedIn(escrow, here, body.content, `act${at}`);
    return [type, idOf(`act${at}`), { ...swap(known, {}), content }];
  }
  if (ABOUT_PROPOSALS.has(type)) {
    const newest = escrow.proposals.filter(({ stage }) => stage === 'open').at(-1);
    return [type, idOf(`act${at}`), swap(known, { proposal: newest?.id ?? 'prp_none' })];
  }
  if (ABOUT_DISPUTES.has(type)) return [type, idOf(`act${at}`), swap(known, { dispute })];
  if (!ABOUT_DISBURSEMENTS.has(type)) return [type, idOf(`act${at}`), known];
  const its = { disbursement: disbursement?.id ?? 'dsb_none' };
  return [type, idOf(`act${at}`), swap(known, its)];
}

/** These name the dispute or the disbursement of a milestone, not the milestone. */
const ABOUT_DISPUTES: ReadonlySet<CommandType> = new Set([
  'answer_dispute',
  'submit_evidence',
  'withdraw_dispute',
  'escalate',
  'resolve',
]);
/** These name a proposal; unless told, the newest that is open. */
const ABOUT_PROPOSALS: ReadonlySet<CommandType> = new Set([
  'accept_proposal',
  'decline_proposal',
  'withdraw_proposal',
]);
const ABOUT_DISBURSEMENTS: ReadonlySet<CommandType> = new Set([
  'retry_disbursement',
  'redirect_disbursement',
]);

function swap({ milestone: _, ...rest }: Readonly<Record<string, unknown>>, its: object): object {
  return { ...its, ...rest };
}
