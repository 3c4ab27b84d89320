/**
 * Owns how a body becomes terms: accounts found or made, ids given, the rules of the domain asked,
 * the terms hash computed; and how the rows of a draft are written.
 * Must not know what terms may be (`domain/drafting.ts`), nor who sends them.
 */
import { createHash } from 'node:crypto';
import type { Draft, DraftParty } from '../domain/draft';
import { drafted, openDraft } from '../domain/drafting';
import type { Escrow } from '../domain/escrow';
import type { AccountId, EscrowId, MilestoneId, PartyId, TestClockId } from '../domain/ids';
import { statusOf } from '../domain/status';
import { canonical } from '../domain/terms';
import { countriesOf, readDestination } from './account-row';
import { insertAccount } from './accounts';
import type { Caller } from './actor';
import type { Given } from './endpoint';
import { newId } from './ids';
import { readPolicy } from './policy-row';
import { fieldProblem, isProblem, type Problem, problem, refusedAs } from './problem';
import type { draftBody } from './schemas/escrows';
import { type Queryable, rowOf, rowsOf, sql, violatesUnique } from './sql';

export type DraftRequest = Given<typeof draftBody>;
type PartyRequest = DraftRequest['parties'][number];

/** A draft as it is kept: as asked, with accounts in place of e-mails, and the ids given to it. */
export type KeptDraft = {
  readonly asked: Omit<DraftRequest, 'parties'> & {
    readonly parties: readonly (PartyRequest & { readonly account_id: AccountId })[];
  };
  readonly parties: readonly PartyId[];
  readonly milestones: readonly MilestoneId[];
};

/** An escrow that nothing has happened to, and what it was made from. */
export type Opened = { readonly escrow: Escrow; readonly draft: KeptDraft };

/**
 * Reads a body as the draft of an escrow; `before` keeps the ids that it had. Unknown e-mails make
 * accounts, so it runs inside the transaction that keeps or drops them.
 */
export async function openFrom(
  db: Queryable,
  caller: Caller,
  asked: DraftRequest,
  id: EscrowId,
  before: KeptDraft | null,
): Promise<Opened | Problem> {
  const parties = await accountsOf(db, caller, asked.parties);
  if (isProblem(parties)) return parties;
  const wrong =
    (await unknownOutsider(db, caller, asked)) ??
    (await unknownDestination(db, caller, asked.currency, parties)) ??
    (await unknownClock(db, caller, asked.test_clock));
  if (wrong) return wrong;
  const marked = withInitiator(caller, parties);
  if (isProblem(marked)) return marked;
  const kept = keptOf({ ...asked, parties: marked }, before);
  const { policy } = await readPolicy(db, caller);
  const ids = kept.asked.parties.map(({ account_id }) => account_id);
  const countries = policy.currencies === 'local' ? await countriesOf(db, ids) : {};
  const result = drafted({ ...draftOf(kept), countries }, policy);
  if (!result.ok) return refusedAs(result.problems);
  const hash = createHash('sha256').update(canonical(result.terms)).digest('hex');
  return { escrow: openDraft(id, result.terms, hash, result.parties), draft: kept };
}

type Resolved = KeptDraft['asked']['parties'];

async function accountsOf(
  db: Queryable,
  caller: Caller,
  parties: readonly PartyRequest[],
): Promise<Resolved | Problem> {
  const named = parties.flatMap(({ account_id }) => account_id ?? []);
  const known = await knownAccounts(db, caller, named);
  const resolved: Resolved[number][] = [];
  for (const [at, party] of parties.entries()) {
    const { email, name, phone, account_id, ...rest } = party;
    if (account_id && !known.has(account_id)) return noSuch(`/parties/${at}/account_id`);
    const account = account_id ?? (await accountByEmail(db, caller, party));
    resolved.push({ ...rest, account_id: account });
  }
  return resolved;
}

async function knownAccounts(
  db: Queryable,
  { platform, livemode }: Caller,
  ids: readonly AccountId[],
): Promise<ReadonlySet<string>> {
  const rows = await rowsOf<{ id: string }>(
    db,
    sql`select id from holdfast.accounts where id = any (${ids})
           and platform_id = ${platform} and livemode = ${livemode}`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** The account with this e-mail; it is made when there is none. */
async function accountByEmail(
  db: Queryable,
  caller: Caller,
  { email = '', name, phone }: PartyRequest,
): Promise<AccountId> {
  const made = await insertAccount(db, caller, {
    kind: 'person',
    name: name ?? email,
    email,
    ...(phone !== undefined && { phone }),
  });
  if (made) return made;
  const known = await rowOf<{ id: AccountId }>(
    db,
    sql`select id from holdfast.accounts where lower(email) = ${email.toLowerCase()}
           and platform_id = ${caller.platform} and livemode = ${caller.livemode}`,
  );
  if (!known) throw new Error('an account that was there a moment ago is gone');
  return known.id;
}

/** Accounts that the terms name without making them a party. */
async function unknownOutsider(
  db: Queryable,
  caller: Caller,
  { dispute_handler, funding }: DraftRequest,
): Promise<Problem | null> {
  const handler = dispute_handler?.kind === 'arbitration' ? dispute_handler.handler : undefined;
  const named = [
    { id: handler, pointer: '/dispute_handler/handler' },
    ...(funding?.by ?? []).map(({ account_id: id }, at) => ({
      id,
      pointer: `/funding/by/${at}/account_id`,
    })),
  ];
  const ids = named.flatMap(({ id }) => id ?? []);
  const known = ids.length === 0 ? new Set() : await knownAccounts(db, caller, ids);
  const unknown = named.find(({ id }) => id !== undefined && !known.has(id));
  return unknown ? noSuch(unknown.pointer) : null;
}

async function unknownDestination(
  db: Queryable,
  caller: Caller,
  currency: string,
  parties: Resolved,
): Promise<Problem | null> {
  for (const [at, { account_id, payout_destination: place }] of parties.entries()) {
    if (place === undefined || place === 'wallet') continue;
    const pointer = `/parties/${at}/payout_destination`;
    const found = await readDestination(db, caller, account_id, place);
    if (isProblem(found)) return noSuch(pointer);
    if (found.currency !== currency) {
      return fieldProblem('malformed', pointer, `takes ${found.currency}, not ${currency}`);
    }
  }
  return null;
}

async function unknownClock(
  db: Queryable,
  { platform, livemode }: Caller,
  clock: TestClockId | undefined,
): Promise<Problem | null> {
  if (clock === undefined) return null;
  if (livemode) return problem('test_mode_only', 'A test clock exists in test mode only.');
  const row = await rowOf(
    db,
    sql`select id from holdfast.test_clocks where id = ${clock} and platform_id = ${platform}`,
  );
  return row ? null : noSuch('/test_clock');
}

const noSuch = (pointer: string): Problem =>
  fieldProblem('not_found', pointer, 'there is no such thing here');

/** A party keeps its id while account and role stay; a milestone while its place does. */
function keptOf(asked: KeptDraft['asked'], before: KeptDraft | null): KeptDraft {
  const partyId = (party: Resolved[number]): PartyId => {
    const at = before?.asked.parties.findIndex(
      (known) => known.account_id === party.account_id && known.role === party.role,
    );
    return (at === undefined ? undefined : before?.parties[at]) ?? newId('pty');
  };
  return {
    asked,
    parties: asked.parties.map(partyId),
    milestones: asked.milestones.map((_, at) => before?.milestones[at] ?? newId('mil')),
  };
}

/**
 * Who creates: the party of the account that acts, else as the terms mark it. An account must be
 * one of those who make a deal, not one who watches or judges it.
 */
function withInitiator({ account }: Caller, parties: Resolved): Resolved | Problem {
  if (account === null) return parties;
  const own = parties.findIndex(
    ({ account_id, role }) => account_id === account && role !== 'arbiter' && role !== 'observer',
  );
  if (own < 0) {
    const isThere = parties.some(({ account_id }) => account_id === account);
    return problem(isThere ? 'not_allowed' : 'not_a_party');
  }
  const other = parties.findIndex(({ initiator }, at) => initiator === true && at !== own);
  if (other >= 0) {
    return fieldProblem('malformed', `/parties/${other}/initiator`, 'the actor is the initiator');
  }
  return parties.map((party, at) => (at === own ? { ...party, initiator: true } : party));
}

function draftOf({ asked, parties, milestones }: KeptDraft): Draft {
  const { engagement_id, metadata, test_clock, ...terms } = asked;
  return {
    ...terms,
    parties: asked.parties.map((party, at): DraftParty => ({ ...party, id: idAt(parties, at) })),
    milestones: asked.milestones.map((milestone, at) => ({
      ...milestone,
      id: idAt(milestones, at),
    })),
  };
}

/** Ids and things have one order and one length. */
function idAt<T>(list: readonly T[], at: number): T {
  const item = list[at];
  if (item === undefined) throw new RangeError(`nothing at ${at}`);
  return item;
}

/** Writes the rows of a new draft. Null: the engagement id is taken. */
export async function insertDraft(
  db: Queryable,
  { platform, livemode }: Caller,
  { escrow, draft }: Opened,
): Promise<EscrowId | null> {
  const { id, terms, terms_hash, ...state } = escrow;
  const { status, status_code } = statusOf(escrow);
  const { engagement_id, metadata, test_clock } = draft.asked;
  const row = await rowOf(
    db,
    sql`insert into holdfast.escrows (id, platform_id, livemode, engagement_id, draft, terms,
          terms_hash, state, status, status_code, type, currency, amount, title, test_clock_id,
          metadata)
        values (${id}, ${platform}, ${livemode}, ${engagement_id ?? null}, ${JSON.stringify(draft)},
          ${JSON.stringify(terms)}, ${terms_hash}, ${JSON.stringify({ id, terms_hash, ...state })},
          ${status}, ${status_code}, ${terms.type}, ${terms.currency}, ${terms.amount},
          ${terms.title}, ${test_clock ?? null}, ${JSON.stringify(metadata ?? {})})
        on conflict do nothing returning id`,
  );
  if (!row) return null;
  await insertParts(db, escrow);
  return id;
}

/** Replaces a draft as a whole. False: the engagement id is taken. */
export async function replaceDraft(db: Queryable, { escrow, draft }: Opened): Promise<boolean> {
  const { id, terms, terms_hash, ...state } = escrow;
  const { engagement_id, metadata, test_clock } = draft.asked;
  const change = rowOf(
    db,
    sql`update holdfast.escrows set engagement_id = ${engagement_id ?? null},
             draft = ${JSON.stringify(draft)}, terms = ${JSON.stringify(terms)},
             terms_hash = ${terms_hash}, state = ${JSON.stringify({ id, terms_hash, ...state })},
             type = ${terms.type}, currency = ${terms.currency}, amount = ${terms.amount},
             title = ${terms.title}, test_clock_id = ${test_clock ?? null},
             metadata = ${JSON.stringify(metadata ?? {})}, updated_at = clock_timestamp()
         where id = ${id}`,
  );
  if (await violatesUnique(change)) return false;
  await rowOf(db, sql`delete from holdfast.parties where escrow_id = ${id}`);
  await rowOf(db, sql`delete from holdfast.milestones where escrow_id = ${id}`);
  await insertParts(db, escrow);
  return true;
}

async function insertParts(db: Queryable, { id, parties, terms }: Escrow): Promise<void> {
  await rowOf(
    db,
    sql`insert into holdfast.parties (id, escrow_id, account_id, position, role)
        select p.id, ${id}, p.account, p.n, p.role
          from unnest(${parties.map((p) => p.id)}::text[],
                      ${parties.map((p) => p.account_id)}::text[],
                      ${parties.map((p) => p.role)}::text[])
               with ordinality as p (id, account, role, n)`,
  );
  await rowOf(
    db,
    sql`insert into holdfast.milestones (id, escrow_id, number, due_at)
        select m.id, ${id}, m.n, m.due_at
          from unnest(${terms.milestones.map((m) => m.id)}::text[],
                      ${terms.milestones.map((m) => m.due_at)}::timestamptz[])
               with ordinality as m (id, due_at, n)`,
  );
}
