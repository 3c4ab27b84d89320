/**
 * Owns the life of an escrow before it is sent, and reading one: create, get, change and delete a
 * draft.
 * Must not know the rules about terms, nor how an escrow is sent (`sending.ts`).
 */
import { isWho } from '../domain/parties';
import { byOfCaller } from './actor';
import { type DraftRequest, insertDraft, type KeptDraft, openFrom, replaceDraft } from './drafts';
import { type AnyCall, type Endpoint, endpoint, type Given, read } from './endpoint';
import { type EscrowRow, escrowOf, named, readEscrow } from './escrow-row';
import { ESCROW } from './examples';
import { atOnce, type Written } from './idempotency';
import { newId } from './ids';
import { mayNotView } from './permissions';
import { isProblem, type Problem, problem } from './problem';
import { escrowAnswer } from './schemas/escrow-answers';
import { createEscrowBody, draftBody, patchEscrowBody } from './schemas/escrows';
import { escrowParams } from './schemas/fields';
import { createAndSend, engagementTaken } from './sending';
import { type Queryable, rowOf, sql } from './sql';
import { escrowView } from './views/escrow';

const tag = 'Escrows';

const create = endpoint({
  method: 'post',
  path: '/v1/escrows',
  operationId: 'createEscrow',
  tag,
  summary: 'Create and send an escrow',
  description:
    'The account of `On-Behalf-Of` becomes the initiator and accepts by sending. ' +
    '`draft: true` keeps it: it may be changed, and is sent later.',
  right: 'party',
  body: createEscrowBody,
  answers: {
    201: { about: 'The escrow.', schema: escrowAnswer },
    202: { about: 'Accepted; look at the command.', schema: null },
  },
  problems: [
    'amount_mismatch',
    'conflict_of_interest',
    'not_supported',
    'conditions_unmet',
    'already_exists',
    'not_found',
    'not_a_party',
    'not_allowed',
    'test_mode_only',
  ],
  example: { body: ESCROW },
  handle: (call) => {
    const { draft, ...asked } = call.body;
    return draft ? keepDraft(call, asked) : createAndSend(call, asked);
  },
});

const get = endpoint({
  method: 'get',
  path: '/v1/escrows/{id}',
  operationId: 'getEscrow',
  tag,
  summary: 'Get an escrow',
  right: 'party',
  params: escrowParams,
  answers: { 200: { about: 'The full view.', schema: escrowAnswer } },
  problems: ['not_found', 'not_a_party'],
  handle: async ({ api, caller, params }) => {
    const row = await readEscrow(api.database, caller, params.id);
    if (isProblem(row)) return row;
    return mayNotView(escrowOf(row), caller) ?? { status: 200, body: escrowView(row) };
  },
});

const patch = endpoint({
  method: 'patch',
  path: '/v1/escrows/{id}',
  operationId: 'updateEscrow',
  tag,
  summary: 'Change a draft',
  description: 'Fields replace those of the draft; `null` takes an optional one away.',
  right: 'party',
  params: escrowParams,
  body: patchEscrowBody,
  answers: { 200: { about: 'The draft.', schema: escrowAnswer } },
  problems: ['not_found', 'wrong_status', 'not_allowed', 'stale_version', 'already_exists'],
  example: { body: { title: 'Logo and letter head' } },
  handle: (call) =>
    atOnce(call, 'update_draft', async (db) => {
      const row = await lockDraft(db, call, call.params.id);
      if (isProblem(row)) return row;
      const before = row.draft as KeptDraft; // as `insertDraft` wrote it
      const asked = merged(before, call.body);
      const opened = await openFrom(db, call.caller, asked, row.id, before);
      if (isProblem(opened)) return opened;
      if (!(await replaceDraft(db, opened))) return engagementTaken;
      return written(db, call, row.id, 200);
    }),
});

const remove = endpoint({
  method: 'delete',
  path: '/v1/escrows/{id}',
  operationId: 'deleteEscrow',
  tag,
  summary: 'Delete a draft',
  right: 'party',
  params: escrowParams,
  answers: { 204: { about: 'It is gone.', schema: null } },
  problems: ['not_found', 'wrong_status', 'not_allowed', 'stale_version'],
  handle: (call) =>
    atOnce(call, 'delete_draft', async (db) => {
      const row = await lockDraft(db, call, call.params.id);
      if (isProblem(row)) return row;
      await rowOf(db, sql`delete from holdfast.escrows where id = ${row.id} and version = 0`);
      return {
        answer: { status: 204, body: null },
        stream: row.id,
        object: row.id,
        version: null,
      };
    }),
});

const keepDraft = (call: AnyCall, asked: DraftRequest) =>
  atOnce(call, 'create_draft', async (db) => {
    const opened = await openFrom(db, call.caller, asked, newId('esc'), null);
    if (isProblem(opened)) return opened;
    const id = await insertDraft(db, call.caller, opened);
    return id === null ? engagementTaken : written(db, call, id, 201);
  });

async function written(
  db: Queryable,
  { caller }: AnyCall,
  id: string,
  status: number,
): Promise<Written | Problem> {
  const row = await readEscrow(db, caller, id);
  if (isProblem(row)) return row;
  return {
    answer: { status, body: escrowView(row) },
    stream: row.id,
    object: row.id,
    version: row.version,
  };
}

/** A draft that the caller may change, locked; nobody has asked to send it. */
async function lockDraft(
  db: Queryable,
  { caller, request }: AnyCall,
  reference: string,
): Promise<EscrowRow | Problem> {
  await rowOf(
    db,
    sql`select t.id from holdfast.escrows t
         where ${named(reference)} and t.platform_id = ${caller.platform}
           and t.livemode = ${caller.livemode} for update`,
  );
  // Read anew: what was committed while we waited for the lock is not in the statement above.
  const row = await readEscrow(db, caller, reference);
  if (isProblem(row)) return row;
  const sending = await rowOf(
    db,
    sql`select c.id from holdfast.commands c
         where c.escrow_id = ${row.id} and c.answered_at is null limit 1`,
  );
  const escrow = escrowOf(row);
  const hidden = mayNotView(escrow, caller);
  if (hidden) return hidden;
  if (row.version > 0) return problem('wrong_status', 'Only a draft can be changed.');
  const isMine = caller.account === null || isWho(escrow, null, 'initiator', byOfCaller(caller));
  if (!isMine) return problem('not_allowed');
  const { expectedVersion } = request;
  if (expectedVersion !== null && expectedVersion !== row.version) return problem('stale_version');
  if (sending === null) return row;
  return problem('in_flight', undefined, { headers: { 'Retry-After': '1' } });
}

function merged({ asked }: KeptDraft, change: Given<typeof patchEscrowBody>): DraftRequest {
  const fields = Object.entries({ ...asked, ...change }).filter(([, value]) => value !== null);
  const whole = read(draftBody, Object.fromEntries(fields));
  if ('errors' in whole) throw new Error('a kept draft is not one', { cause: whole.errors });
  return whole.value;
}

export const escrowRoutes: readonly Endpoint[] = [create, get, patch, remove];
