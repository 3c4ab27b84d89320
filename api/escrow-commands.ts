/**
 * Owns the routes of commands: one row each, from the words of the address to the command.
 * Must not know who may give one, nor when: the tables of the domain decide that.
 * Bodies: `contracts.md`, section 1.
 */
import { z } from 'zod';
import { PEOPLES_COMMANDS, type PeoplesCommandType } from '../domain/commands';
import { readDestination } from './account-row';
import { readDisbursement } from './disbursement-row';
import { readDisputed } from './dispute-row';
import { type AnyCall, type Endpoint, endpoint, type Reference, type Result } from './endpoint';
import { TERMS_HASH } from './examples';
import type { Right } from './permissions';
import { fieldProblem, isProblem, type ProblemCode } from './problem';
import {
  acceptBody,
  answerBody,
  emptyBody,
  evidenceBody,
  fundBody,
  markDoneBody,
  overrideBody,
  partBody,
  reasonBody,
  redirectBody,
  resolveBody,
} from './schemas/commands';
import { escrowAnswer } from './schemas/escrow-answers';
import { escrowParams, idOf } from './schemas/fields';
import { sendDraft } from './sending';
import { submit } from './submit';
import type { Tag } from './tags';

type Row = {
  readonly word: string; // the last of the address
  readonly type: PeoplesCommandType;
  readonly body: z.ZodObject;
  readonly example: unknown;
  readonly right?: Right;
  readonly problems?: readonly ProblemCode[];
};

const why = { reason: 'The colours are not the ones that we agreed on.' };
const evidence = [
  { kind: 'photo', summary: 'The proof sheet', url: 'https://files.example.com/1.jpg' },
];

/** Commands about the whole escrow. */
const OF_ESCROWS: readonly Row[] = [
  { word: 'accept', type: 'accept', body: acceptBody, example: { terms_hash: TERMS_HASH } },
  { word: 'reject', type: 'reject', body: reasonBody, example: why },
  {
    word: 'fund',
    type: 'fund',
    body: fundBody,
    example: { amount: 125_000 },
    problems: ['insufficient_funds', 'limit_reached', 'unknown_milestone'],
  },
  { word: 'cancel', type: 'cancel', body: reasonBody, example: why, problems: ['in_dispute'] },
  {
    word: 'complete',
    type: 'complete',
    body: emptyBody,
    example: {},
    problems: ['conditions_unmet'],
  },
  { word: 'hold', type: 'hold', body: reasonBody, example: why, right: 'platform' },
  { word: 'unhold', type: 'unhold', body: reasonBody, example: why, right: 'platform' },
];

/** Commands about one milestone. */
const OF_MILESTONES: readonly Row[] = [
  { word: 'mark_done', type: 'mark_done', body: markDoneBody, example: { evidence } },
  { word: 'approve', type: 'approve', body: emptyBody, example: {} },
  {
    word: 'reject_delivery',
    type: 'reject_delivery',
    body: reasonBody,
    example: why,
    problems: ['limit_reached'],
  },
  { word: 'release', type: 'release', body: emptyBody, example: {} },
  {
    word: 'release_part',
    type: 'release_part',
    body: partBody,
    example: { amount: 50_000 },
    problems: ['limit_reached', 'conditions_unmet'],
  },
  {
    word: 'override',
    type: 'override',
    body: overrideBody,
    example: { act: 'refund', operator: 'ann', ...why },
    right: 'platform',
    problems: ['conditions_unmet'],
  },
  {
    word: 'dispute',
    type: 'dispute',
    body: reasonBody,
    example: why,
    problems: ['release_is_final', 'limit_reached'],
  },
  { word: 'cancel', type: 'cancel', body: reasonBody, example: why },
];

/** Commands about one dispute. */
const OF_DISPUTES: readonly Row[] = [
  { word: 'answer', type: 'answer_dispute', body: answerBody, example: { answer: 'They are.' } },
  { word: 'evidence', type: 'submit_evidence', body: evidenceBody, example: { evidence } },
  { word: 'withdraw', type: 'withdraw_dispute', body: emptyBody, example: {} },
  {
    word: 'escalate',
    type: 'escalate',
    body: emptyBody,
    example: {},
    problems: ['conditions_unmet'],
  },
  {
    word: 'resolve',
    type: 'resolve',
    body: resolveBody,
    example: { reason: 'Two of three drafts fit.', split: { recipients: 87_500, payers: 37_500 } },
    problems: ['amount_mismatch', 'conditions_unmet'],
  },
];

const OF_DISBURSEMENTS: readonly Row[] = [
  { word: 'retry', type: 'retry_disbursement', body: emptyBody, example: {}, right: 'platform' },
  {
    word: 'redirect',
    type: 'redirect_disbursement',
    body: redirectBody,
    example: { destination: 'dst_01k9z6b0w2e8ra5m3q7t4n1xvc' },
    right: 'platform',
  },
];

const ALWAYS: readonly ProblemCode[] = [
  'not_found',
  'not_a_party',
  'not_allowed',
  'wrong_status',
  'escrow_closed',
  'deadline_passed',
  'already_done',
  'on_hold',
  'in_dispute',
  'terms_changed',
  'stale_version',
];

const asked = ({ type, body, example, right, problems = [] }: Row, tag: Tag) => ({
  method: 'post' as const,
  tag,
  summary: PEOPLES_COMMANDS[type],
  right: right ?? ('party' as const),
  body,
  answers: {
    200: { about: 'The escrow as it stands after it.', schema: escrowAnswer },
    202: { about: 'Accepted; look at the command.', schema: null },
  } satisfies Reference['answers'],
  problems: [...ALWAYS, ...problems.filter((code) => !ALWAYS.includes(code))],
  example: { body: example },
});

const send = endpoint({
  ...asked({ word: 'send', type: 'send', body: emptyBody, example: {} }, 'Escrows'),
  path: '/v1/escrows/{id}/send',
  operationId: 'sendEscrow',
  params: escrowParams,
  handle: (call) => sendDraft(call, call.params.id, call.body),
});

const ofEscrow = (row: Row): Endpoint =>
  endpoint({
    ...asked(row, 'Escrows'),
    path: `/v1/escrows/{id}/${row.word}`,
    operationId: `${row.type}Escrow`,
    params: escrowParams,
    handle: (call) => submit(call, { type: row.type, escrow: call.params.id, body: call.body }),
  });

const ofMilestone = (row: Row): Endpoint =>
  endpoint({
    ...asked(row, 'Milestones'),
    path: `/v1/escrows/{id}/milestones/{milestone}/${row.word}`,
    operationId: `${camelCase(row.type)}Milestone`,
    params: escrowParams.extend({ milestone: idOf('mil') }),
    handle: (call) => {
      const body = { milestone: call.params.milestone, ...call.body };
      return submit(call, { type: row.type, escrow: call.params.id, body });
    },
  });

const camelCase = (words: string): string =>
  words.replace(/_[a-z]/g, ([, letter = '']) => letter.toUpperCase());

const ofDispute = (row: Row): Endpoint =>
  endpoint({
    ...asked(row, 'Disputes'),
    path: `/v1/disputes/{id}/${row.word}`,
    operationId: `${row.word}Dispute`,
    params: z.object({ id: idOf('dis') }),
    handle: async (call) => {
      const dispute = await readDisputed(call.api.database, call.caller, call.params.id);
      if (isProblem(dispute)) return dispute;
      const body = { dispute: call.params.id, ...call.body };
      return submit(call, { type: row.type, escrow: dispute.escrow_id, body });
    },
  });

const ofDisbursement = (row: Row): Endpoint =>
  endpoint({
    ...asked(row, 'Money'),
    path: `/v1/disbursements/{id}/${row.word}`,
    operationId: `${row.word}Disbursement`,
    params: z.object({ id: idOf('dsb') }),
    handle: (call) => careFor(call, row.type, call.params.id, call.body),
  });

async function careFor(
  call: AnyCall,
  type: PeoplesCommandType,
  id: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<Result> {
  const { api, caller } = call;
  const found = await readDisbursement(api.database, caller, id);
  if (isProblem(found)) return found;
  const { recipient, currency, escrow } = found;
  if (typeof asked.destination === 'string') {
    const place = await readDestination(api.database, caller, recipient, asked.destination);
    if (isProblem(place)) return fieldProblem('not_found', '/destination', 'not of this recipient');
    if (place.currency !== currency) {
      return fieldProblem('malformed', '/destination', `takes ${place.currency}, not ${currency}`);
    }
  }
  return submit(call, { type, escrow, body: { disbursement: id, ...asked } });
}

export const commandRoutes: readonly Endpoint[] = [
  send,
  ...OF_ESCROWS.map(ofEscrow),
  ...OF_MILESTONES.map(ofMilestone),
  ...OF_DISPUTES.map(ofDispute),
  ...OF_DISBURSEMENTS.map(ofDisbursement),
];
