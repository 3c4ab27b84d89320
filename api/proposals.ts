/**
 * Owns the routes of proposals, and of the terms that an escrow has had.
 * Must not know who may make one, nor when: the tables of the domain decide that.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { amendedTerms } from '../domain/amended-terms';
import { endOfDay, type Instant } from '../domain/calendar';
import { PEOPLES_COMMANDS } from '../domain/commands';
import { DEFAULT_POLICY, type Policy } from '../domain/policy';
import type { Asked, TermsChange } from '../domain/proposal';
import { canonical, type Terms } from '../domain/terms';
import { type AnyCall, type Endpoint, endpoint, type Given } from './endpoint';
import { type EscrowRow, escrowOf, readEscrow } from './escrow-row';
import { IDS } from './examples';
import { newId } from './ids';
import { mayNotView } from './permissions';
import { readPolicyVersion } from './policy-row';
import {
  fieldProblem,
  isProblem,
  type Problem,
  type ProblemCode,
  placed,
  problem,
  refusedAs,
} from './problem';
import { readProposal } from './proposal-row';
import { escrowAnswer } from './schemas/escrow-answers';
import { escrowParams, idOf, sha256 } from './schemas/fields';
import {
  acceptProposalBody,
  closeProposalBody,
  foundProposalAnswer,
  proposalBody,
  termsAnswer,
} from './schemas/proposals';
import { rowOf, sql } from './sql';
import { submit } from './submit';
import { foundProposalView } from './views/proposal';

const tag = 'Proposals';

const ALWAYS = [
  'not_found',
  'not_a_party',
  'not_allowed',
  'wrong_status',
  'escrow_closed',
  'on_hold',
  'in_dispute',
  'limit_reached',
  'conditions_unmet',
  'already_done',
  'terms_changed',
  'stale_version',
] as const satisfies readonly ProblemCode[];

const answers = {
  200: { about: 'The escrow as it stands after it.', schema: escrowAnswer },
  202: { about: 'Accepted; look at the command.', schema: null },
};

const make = endpoint({
  method: 'post',
  path: '/v1/escrows/{id}/proposals',
  operationId: 'makeProposal',
  tag,
  summary: PEOPLES_COMMANDS.propose,
  description:
    'One is open per kind and milestone; one of the other side supersedes it. It shows whose ' +
    'acceptance it needs, and lapses with a reason when it no longer fits.',
  right: 'party',
  params: escrowParams,
  body: proposalBody,
  answers,
  problems: [...ALWAYS, 'amount_mismatch', 'unknown_milestone', 'unknown_dispute', 'not_supported'],
  example: {
    body: {
      kind: 'extension',
      content: { milestone: IDS.milestone, due_at: '2027-12-19T17:00:00.000Z' },
      reason: 'The printer is two weeks late.',
    },
  },
  handle: async (call) => {
    const row = await readEscrow(call.api.database, call.caller, call.params.id);
    if (isProblem(row)) return row;
    const hidden = mayNotView(escrowOf(row), call.caller);
    if (hidden) return hidden;
    const { reason, terms_hash } = call.body;
    const { policy } = row.terms;
    const kept = await readPolicyVersion(call.api.database, call.caller, policy.version);
    const content = contentOf(row, call.body, kept?.policy);
    if (isProblem(content)) return content;
    // An amendment is made from these terms and no others.
    const seen = terms_hash ?? (content.kind === 'amendment' ? row.terms_hash : undefined);
    const body = { content, ...(reason && { reason }), ...(seen && { terms_hash: seen }) };
    return submit(call, { type: 'propose', escrow: call.params.id, body });
  },
});

const ofProposal = z.object({ ...escrowParams.shape, proposal: idOf('prp') });

const accept = endpoint({
  method: 'post',
  path: '/v1/escrows/{id}/proposals/{proposal}/accept',
  operationId: 'acceptProposal',
  tag,
  summary: PEOPLES_COMMANDS.accept_proposal,
  right: 'party',
  params: ofProposal,
  body: acceptProposalBody,
  answers,
  problems: [...ALWAYS, 'unknown_proposal', 'deadline_passed'],
  example: { body: {} },
  handle: (call) => answer(call, 'accept_proposal', call.params, call.body),
});

const decline = endpoint({
  method: 'post',
  path: '/v1/escrows/{id}/proposals/{proposal}/decline',
  operationId: 'declineProposal',
  tag,
  summary: PEOPLES_COMMANDS.decline_proposal,
  right: 'party',
  params: ofProposal,
  body: closeProposalBody,
  answers,
  problems: [...ALWAYS, 'unknown_proposal', 'deadline_passed'],
  example: { body: { reason: 'The opening is on the 10th.' } },
  handle: (call) => answer(call, 'decline_proposal', call.params, call.body),
});

const withdraw = endpoint({
  method: 'post',
  path: '/v1/escrows/{id}/proposals/{proposal}/withdraw',
  operationId: 'withdrawProposal',
  tag,
  summary: PEOPLES_COMMANDS.withdraw_proposal,
  right: 'party',
  params: ofProposal,
  body: closeProposalBody,
  answers,
  problems: [...ALWAYS, 'unknown_proposal', 'deadline_passed'],
  example: { body: {} },
  handle: (call) => answer(call, 'withdraw_proposal', call.params, call.body),
});

const get = endpoint({
  method: 'get',
  path: '/v1/proposals/{id}',
  operationId: 'getProposal',
  tag,
  summary: 'Get a proposal',
  description: 'Also one that is closed for so long that its escrow does not show it any more.',
  right: 'party',
  params: z.object({ id: idOf('prp') }),
  answers: { 200: { about: 'The proposal as it stands.', schema: foundProposalAnswer } },
  problems: ['not_found', 'not_a_party'],
  handle: async ({ api, caller, params }) => {
    const found = await readProposal(api.database, caller, params.id);
    if (isProblem(found)) return found;
    return { status: 200, body: foundProposalView(found.escrow, found.proposal) };
  },
});

const terms = endpoint({
  method: 'get',
  path: '/v1/escrows/{id}/terms/{hash}',
  operationId: 'getTermsOfEscrow',
  tag,
  summary: 'Get the terms that an escrow has or had, by their hash',
  right: 'party',
  params: escrowParams.extend({ hash: sha256 }),
  answers: { 200: { about: 'The terms, as they were agreed.', schema: termsAnswer } },
  problems: ['not_found', 'not_a_party'],
  handle: async ({ api, caller, params }) => {
    const row = await readEscrow(api.database, caller, params.id);
    if (isProblem(row)) return row;
    const hidden = mayNotView(escrowOf(row), caller);
    if (hidden) return hidden;
    const current = row.terms_hash === params.hash;
    const found = current
      ? row
      : await rowOf<{ terms: Terms }>(
          api.database,
          sql`select terms from holdfast.old_terms
               where escrow_id = ${row.id} and terms_hash = ${params.hash}`,
        );
    if (!found) return problem('not_found');
    const { hash: terms_hash } = params;
    const body = { object: 'terms', escrow: row.id, terms_hash, current, terms: found.terms };
    return { status: 200, body };
  },
});

type Answering = 'accept_proposal' | 'decline_proposal' | 'withdraw_proposal';

const answer = (
  call: AnyCall,
  type: Answering,
  { id, proposal }: { readonly id: string; readonly proposal: string },
  asked: object,
) => submit(call, { type, escrow: id, body: { proposal, ...asked } });

/** What a body proposes, with days as instants, new ids, and the hash of new terms. */
function contentOf(
  row: EscrowRow,
  body: Given<typeof proposalBody>,
  policy: Policy = DEFAULT_POLICY,
): Asked | Problem {
  const day = (date: string): Instant => endOfDay(date, row.terms.time_zone);
  switch (body.kind) {
    case 'extension': {
      const { milestone, due_at, due_date } = body.content;
      if ((due_at === undefined) === (due_date === undefined)) {
        return fieldProblem('malformed', '/content/due_at', 'due_at or due_date, one of them');
      }
      return { kind: body.kind, milestone, due_at: due_at ?? day(due_date ?? '') };
    }
    case 'settlement':
    case 'cancellation':
      return { kind: body.kind, ...body.content } as Asked; // kind and content of one member
    case 'amendment':
      return amendmentOf(row, body.content, policy, day);
    default:
      return body satisfies never;
  }
}

type Change = Extract<Given<typeof proposalBody>, { kind: 'amendment' }>['content'];

function amendmentOf(
  { terms: before }: EscrowRow,
  { milestones = [], add = [], ...whole }: Change,
  policy: Policy,
  day: (date: string) => Instant,
): Asked | Problem {
  const dated = <T extends { due_at?: Instant; due_date?: string }>({ due_date, ...rest }: T) => ({
    ...rest,
    ...(due_date !== undefined && { due_at: day(due_date) }),
  });
  const usual = { inspection_period: policy.inspection_period.default };
  const undated = add.findIndex(({ due_at, due_date }) => (due_at === undefined) === !due_date);
  if (undated >= 0) {
    const pointer = `/content/add/${undated}/due_at`;
    return fieldProblem('malformed', pointer, 'due_at or due_date, one of them');
  }
  const change = {
    ...whole,
    ...(milestones.length > 0 && { milestones: milestones.map(dated) }),
    ...(add.length > 0 && {
      add: add.map((each) => ({ ...usual, ...dated(each), id: newId('mil') })),
    }),
  } as TermsChange; // each new milestone has a date, as has just been seen
  const made = amendedTerms(before, change, policy);
  if (!made.ok) {
    return placed(refusedAs(made.problems), (pointer) => placeOf(before, change, pointer));
  }
  const terms_hash = createHash('sha256').update(canonical(made.terms)).digest('hex');
  return { kind: 'amendment', change, terms_hash };
}

/** Where in the body of an amendment the fault of a place in the new terms is. */
function placeOf({ milestones: old }: Terms, change: TermsChange, pointer: string): string {
  const { milestones = [], add = [], remove = [] } = change;
  const kept = old.filter(({ id }) => !remove.includes(id));
  const [, number, rest = ''] = /^\/milestones\/(\d+)(.*)$/.exec(pointer) ?? [];
  const added = Number(number) - kept.length;
  if (added >= 0 && added < add.length) return `/content/add/${added}${rest}`;
  const changed = milestones.findIndex(({ milestone }) => milestone === kept[Number(number)]?.id);
  if (changed >= 0) return `/content/milestones/${changed}${rest}`;
  return /^\/(title|description)$/.test(pointer) ? `/content${pointer}` : '/content';
}

export const proposalRoutes: readonly Endpoint[] = [make, get, accept, decline, withdraw, terms];
