/**
 * Owns the people and escrows of workflow tests: rows as the API makes them, commands sent by
 * update or signal, outcomes read from the command row.
 * Must not go through HTTP: `test/api` does that.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Instant, readInstant, toInstant } from '../../domain/calendar';
import { clientBank, wallet } from '../../domain/chart';
import type { PeoplesCommandType } from '../../domain/commands';
import type { Draft } from '../../domain/draft';
import { drafted, openDraft } from '../../domain/drafting';
import type { Escrow } from '../../domain/escrow';
import type { AccountId, CommandId, EscrowId, MilestoneId, PartyId } from '../../domain/ids';
import { credit, debit } from '../../domain/journal';
import { toMinor } from '../../domain/money';
import { canonical } from '../../domain/terms';
import { postJournals } from '../../ledger/post';
import { requestHash } from '../../runtime/request-hash';
import {
  type EscrowInput,
  type Message,
  type TestClock,
  WORKFLOWS,
} from '../../workflows/messages';
import { escrowStart } from '../../workflows/start';
import { type TestDatabase, testDatabase } from '../harness/database';
import { type TestEngine, testEngine } from '../harness/workers';

const PLATFORM = 'plt_test';
export const BUYER = 'acc_buyer';
export const SELLER = 'acc_seller';
export const ARBITER = 'acc_arbiter';

export type World = {
  readonly database: TestDatabase;
  readonly engine: TestEngine;
  readonly pool: Pool;
};

/** A platform with three accounts, a connection to the bank, and a seller who can be paid. */
export async function openWorld(): Promise<World> {
  const database = await testDatabase();
  const engine = await testEngine(database);
  const pool = database.pool('holdfast_app');
  await pool.query(`insert into holdfast.platforms (id, name) values ($1, 'Test')`, [PLATFORM]);
  for (const id of [BUYER, SELLER, ARBITER]) {
    await pool.query(
      `insert into holdfast.accounts (id, platform_id, livemode, kind, name, email)
       values ($1, $2, false, 'person', $1, $1 || '@example.com')`,
      [id, PLATFORM],
    );
  }
  const connection = { id: 'con_test', token: 't'.repeat(24), webhook_secret: 's'.repeat(24) };
  await pool.query(
    `insert into holdfast.connections (id, platform_id, livemode, provider, token, webhook_secret)
     values ($1, $2, false, 'sandbox', $3, $4)`,
    [connection.id, PLATFORM, connection.token, connection.webhook_secret],
  );
  const registered = await fetch(`${engine.sandbox.url}/control/connections`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...connection, webhook_url: null }),
  });
  if (!registered.ok) throw new Error(await registered.text());
  await giveDestination(pool, 'dst_seller', 'Sal');
  await fillWallet(pool, BUYER, 1_000_000);
  await fillBank(engine, connection.token, 1_000_000);
  return { database, engine, pool };
}

export async function closeWorld({ engine, database }: World): Promise<void> {
  await engine.close();
  await database.close();
}

/** The seller's default destination; a name like `Sal fault:returned` scripts the bank. */
export async function giveDestination(pool: Pool, id: string, name: string): Promise<void> {
  await pool.query(
    `insert into holdfast.payout_destinations
       (id, platform_id, livemode, account_id, provider, reference, name, currency, is_default)
     values ($1, $2, false, $3, 'sandbox', 'IBAN-1', $4, 'EUR', true)`,
    [id, PLATFORM, SELLER, name],
  );
}

/** Free money, as if it had been paid in long ago. */
export async function fillWallet(pool: Pool, account: AccountId, amount: number): Promise<void> {
  const minor = toMinor(amount);
  await postJournals(pool, { platform: PLATFORM, livemode: false }, [
    {
      key: `opening:${randomUUID()}`,
      type: 'opening',
      at: toInstant(Date.now()),
      subject: account,
      lines: [debit(clientBank('opening'), 'EUR', minor), credit(wallet(account), 'EUR', minor)],
    },
  ]);
}

async function fillBank(engine: TestEngine, token: string, amount: number): Promise<void> {
  const response = await fetch(`${engine.sandbox.url}/payments`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({
      reference: `opening-${randomUUID()}`,
      amount,
      currency: 'EUR',
      payer: { name: 'Opening' },
    }),
  });
  if (!response.ok) throw new Error(await response.text());
}

export type Opened = {
  readonly id: EscrowId;
  readonly hash: string;
  readonly milestones: readonly MilestoneId[];
  readonly clock: TestClock | null;
};

/** A draft for one buyer and one seller; `change` says what is different. */
export function draftOf(change: Partial<Draft> = {}): Draft {
  const tag = randomUUID().replaceAll('-', '');
  return {
    title: 'A painting',
    type: 'one_off',
    currency: 'EUR',
    parties: [
      { id: `pty_b${tag}` as PartyId, account_id: BUYER, role: 'buyer', initiator: true },
      { id: `pty_s${tag}` as PartyId, account_id: SELLER, role: 'seller' },
    ],
    milestones: [
      {
        id: `mil_1${tag}` as MilestoneId,
        title: 'Delivery',
        amount: toMinor(10_000),
        due_at: inDays(30),
      },
    ],
    ...change,
  };
}

/** Makes the rows that the API makes and starts the workflow with its first command. */
export async function openEscrow(
  { pool, engine }: World,
  draft: Draft = draftOf(),
  options: { clock?: boolean; continueAsNewAt?: number } = {},
): Promise<Opened> {
  const made = drafted(draft);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const hash = createHash('sha256').update(canonical(made.terms)).digest('hex');
  const id = `esc_${randomUUID().replaceAll('-', '')}` as EscrowId;
  const clock = options.clock === false ? null : await makeClock(pool);
  const escrow = openDraft(id, made.terms, hash, made.parties);
  const { terms, ...state } = escrow;
  await pool.query(
    `insert into holdfast.escrows (id, platform_id, livemode, terms, terms_hash, state, status,
       status_code, type, currency, amount, title, test_clock_id)
     values ($1, $2, false, $3, $4, $5, 'draft', 'draft', $6, $7, $8, $9, $10)`,
    [
      id,
      PLATFORM,
      terms,
      hash,
      state,
      terms.type,
      terms.currency,
      terms.amount,
      terms.title,
      clock?.id,
    ],
  );
  const first = messageOf('send', {}, BUYER);
  await insertCommand(pool, id, first);
  const input: EscrowInput = {
    escrow,
    platform: PLATFORM,
    livemode: false,
    clock,
    first,
    known: [],
    ...(options.continueAsNewAt !== undefined && { continue_as_new_at: options.continueAsNewAt }),
  };
  await engine.client.workflow.start(WORKFLOWS.escrow, escrowStart(input));
  return { id, hash, milestones: draft.milestones.map((m) => m.id), clock };
}

async function makeClock(pool: Pool): Promise<TestClock> {
  const id = `clk_${randomUUID().replaceAll('-', '')}` as TestClock['id'];
  await pool.query(
    `insert into holdfast.test_clocks (id, platform_id, livemode, offset_ms) values ($1, $2, false, 0)`,
    [id, PLATFORM],
  );
  return { id, offset_ms: 0 };
}

/** A message as the API sends it. */
export function messageOf(type: PeoplesCommandType, body: object, by: AccountId | null): Message {
  return {
    id: `cmd_${randomUUID().replaceAll('-', '')}` as CommandId,
    type,
    actor: by
      ? { platform: PLATFORM, on_behalf_of: by, strength: 'key' }
      : { platform: PLATFORM, strength: 'key' },
    body: { ...body },
    signature: null,
    expected_version: null,
  };
}

/** Commits the command row, as the API does before it hands a command over. */
export async function insertCommand(pool: Pool, escrow: EscrowId, message: Message): Promise<void> {
  const { id, type, body, actor, expected_version } = message;
  await pool.query(
    `insert into holdfast.commands (id, platform_id, livemode, escrow_id, type, body, actor,
       expected_version, request_hash, route, accepted_at)
     select $1, $2, false, $3, $4, $5, $6, $7, $8, 'test', holdfast.escrow_now(e.test_clock_id)
       from holdfast.escrows e where e.id = $3`,
    [
      id,
      PLATFORM,
      escrow,
      type,
      body,
      actor,
      expected_version,
      requestHash({ type, escrow, body, actor }),
    ],
  );
}

export type Outcome = { readonly outcome: 'done' | 'refused'; readonly code: string | null };
export type Road = 'update' | 'signal' | 'raw signal';

/** Gives a command by one of the roads and waits for what is recorded of it. */
export async function give(
  world: World,
  escrow: EscrowId,
  message: Message,
  road: Road = 'update',
): Promise<Outcome> {
  const handle = world.engine.client.workflow.getHandle(escrow);
  if (road !== 'raw signal') await insertCommand(world.pool, escrow, message);
  if (road === 'update') {
    try {
      await handle.executeUpdate(message.type, { args: [message], updateId: message.id });
    } catch (error) {
      const cause = error instanceof Error ? error.cause : null;
      if (cause instanceof Error && 'type' in cause && typeof cause.type === 'string') {
        return { outcome: 'refused', code: cause.type };
      }
      throw error;
    }
  } else {
    await handle.signal(message.type, message);
  }
  return outcomeOf(world, message.id);
}

/** `give` in one line: who asks what. */
export const ask = (
  world: World,
  { id }: Opened,
  type: PeoplesCommandType,
  body: object,
  by: AccountId | null,
  road: Road = 'update',
): Promise<Outcome> => give(world, id, messageOf(type, body, by), road);

export async function outcomeOf({ pool }: World, command: string): Promise<Outcome> {
  const answered = await eventually(`the answer to ${command}`, async () => {
    const { rows } = await pool.query<{ outcome: Outcome['outcome'] | null; code: string | null }>(
      `select outcome, refusal ->> 'code' as code from holdfast.commands where id = $1`,
      [command],
    );
    return rows[0]?.outcome ? rows[0] : null;
  });
  return { outcome: answered.outcome ?? 'refused', code: answered.code };
}

export type Row = {
  readonly status: string;
  readonly version: number;
  readonly deadline_at: Instant | null;
  readonly state: Omit<Escrow, 'terms'>;
};

export async function rowOf({ pool }: World, { id }: Pick<Opened, 'id'>): Promise<Row> {
  const { rows } = await pool.query<Row>(
    'select status, version, deadline_at, state from holdfast.escrows where id = $1',
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`no escrow ${id}`);
  return row;
}

export const untilStatus = (world: World, opened: Opened, status: string): Promise<Row> =>
  eventually(`${opened.id} to be ${status}`, async () => {
    const row = await rowOf(world, opened);
    return row.status === status ? row : null;
  });

export async function eventsOf({ pool }: World, { id }: Opened): Promise<readonly string[]> {
  const { rows } = await pool.query<{ type: string }>(
    'select type from holdfast.events where escrow_id = $1 order by number',
    [id],
  );
  return rows.map((row) => row.type);
}

/** What an account can spend, in minor units. */
export async function walletOf({ database }: World, account: AccountId): Promise<number> {
  const { rows } = await database.pool().query<{ amount: number }>(
    `select -b.amount as amount from ledger.balances b join ledger.accounts a on a.id = b.account_id
      where a.code = $1`,
    [wallet(account).code],
  );
  return rows[0]?.amount ?? 0;
}

/** Moves the test clock of an escrow and everything that is attached to it. */
export async function advance(world: World, { id, clock }: Opened, to: Instant): Promise<void> {
  if (!clock) throw new Error(`${id} has no test clock`);
  const offset = Date.parse(to) - Date.now();
  await world.pool.query('update holdfast.test_clocks set offset_ms = $2 where id = $1', [
    clock.id,
    offset,
  ]);
  const { rows } = await world.pool.query<{ id: string }>(
    'select id from holdfast.effects where test_clock_id = $1',
    [clock.id],
  );
  for (const workflow of [id, ...rows.map((row) => row.id)]) {
    await world.engine.client.workflow
      .getHandle(workflow)
      .signal('advance_clock', { to })
      .catch((error: unknown) => {
        if (!(error instanceof Error && error.name === 'WorkflowNotFoundError')) throw error;
      });
  }
}

export const inDays = (count: number): Instant => {
  const at = readInstant(new Date(Date.now() + count * 86_400_000).toISOString());
  if (!at) throw new Error('no such day');
  return at;
};

/** Accepts and funds, so that work begins. */
export async function begin(world: World, opened: Opened, amount = 10_000): Promise<void> {
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  await ask(world, opened, 'fund', { amount }, BUYER);
}

/** What `look` finds, as soon as it finds something. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null>,
  withinMs = 15_000,
): Promise<T> {
  for (const until = Date.now() + withinMs; ; await sleep(25)) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > until) throw new Error(`waited in vain for ${what}`);
  }
}

/** Σ per currency of all postings: nothing, or the books are broken. */
export async function trialBalance({ database }: World): Promise<number> {
  const { rows } = await database
    .pool()
    .query<{ total: number }>(
      'select coalesce(sum(amount), 0)::bigint as total from ledger.postings',
    );
  return rows[0]?.total ?? Number.NaN;
}
