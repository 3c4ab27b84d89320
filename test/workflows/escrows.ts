/**
 * Owns the escrows of workflow tests: rows as the API makes them, and the first command.
 * Must not know how an answer is read (`commands.ts`).
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { type Instant, readInstant } from '../../domain/calendar';
import type { Draft } from '../../domain/draft';
import { drafted, openDraft } from '../../domain/drafting';
import type { AccountId, EscrowId, MilestoneId, PartyId } from '../../domain/ids';
import { toMinor } from '../../domain/money';
import { canonical } from '../../domain/terms';
import {
  type EscrowInput,
  type Message,
  type TestClock,
  WORKFLOWS,
} from '../../workflows/messages';
import { escrowStart } from '../../workflows/start';
import { ask, insertCommand, messageOf, type Road } from './commands';
import { BUYER, PLATFORM, SELLER, type World } from './world';

export type Opened = {
  readonly id: EscrowId;
  readonly hash: string;
  readonly milestones: readonly MilestoneId[];
  readonly clock: TestClock | null;
};

/** A draft for one buyer and one seller; `change` says what is different. */
export function draftOf(
  change: Partial<Draft> = {},
  seller: AccountId = SELLER,
  buyer: AccountId = BUYER,
): Draft {
  const tag = randomUUID().replaceAll('-', '');
  return {
    title: 'A painting',
    type: 'one_off',
    currency: 'EUR',
    parties: [
      { id: `pty_b${tag}` as PartyId, account_id: buyer, role: 'buyer', initiator: true },
      { id: `pty_s${tag}` as PartyId, account_id: seller, role: 'seller' },
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

type Options = { clock?: boolean; continueAsNewAt?: number };

/** Makes the rows that the API makes and starts the workflow with its first command. */
export async function openEscrow(
  world: World,
  draft: Draft = draftOf(),
  options: Options = {},
): Promise<Opened> {
  const { opened, input } = await makeRows(world, draft, options);
  await world.engine.client.workflow.start(WORKFLOWS.escrow, escrowStart(input));
  return opened;
}

/** The rows alone: an API that has died before it could start the workflow. */
export async function makeRows({ pool }: World, draft: Draft, options: Options = {}) {
  const made = drafted(draft);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const hash = createHash('sha256').update(canonical(made.terms)).digest('hex');
  const id: EscrowId = `esc_${randomUUID().replaceAll('-', '')}`;
  const clock = options.clock === false ? null : await makeClock(pool);
  const escrow = openDraft(id, made.terms, hash, made.parties);
  const { terms, ...state } = escrow;
  const { type, currency, amount, title } = terms;
  await pool.query(
    `insert into holdfast.escrows (id, platform_id, livemode, terms, terms_hash, state, status,
       status_code, type, currency, amount, title, test_clock_id)
     values ($1, $2, false, $3, $4, $5, 'draft', 'draft', $6, $7, $8, $9, $10)`,
    [id, PLATFORM, terms, hash, state, type, currency, amount, title, clock?.id],
  );
  const initiator = draft.parties.find((party) => party.initiator)?.account_id ?? null;
  const first: Message = messageOf('send', {}, initiator);
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
  const opened: Opened = { id, hash, milestones: draft.milestones.map((m) => m.id), clock };
  return { opened, input };
}

async function makeClock(pool: Pool): Promise<TestClock> {
  const id = `clk_${randomUUID().replaceAll('-', '')}` as const;
  await pool.query(
    `insert into holdfast.test_clocks (id, platform_id, livemode, offset_ms)
     values ($1, $2, false, 0)`,
    [id, PLATFORM],
  );
  return { id, offset_ms: 0 };
}

/** Accepts and funds, so that work begins. */
export async function begin(
  world: World,
  opened: Opened,
  { road = 'update', seller = SELLER }: { road?: Road; seller?: AccountId } = {},
): Promise<void> {
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, seller, road);
  await ask(world, opened, 'fund', { amount: 10_000 }, BUYER, road);
}

/** The whole straight road: begun, delivered, approved. */
export async function complete(
  world: World,
  opened: Opened,
  { road = 'update', seller = SELLER }: { road?: Road; seller?: AccountId } = {},
): Promise<void> {
  const [milestone] = opened.milestones;
  await begin(world, opened, { road, seller });
  await ask(world, opened, 'mark_done', { milestone }, seller, road);
  await ask(world, opened, 'approve', { milestone }, BUYER, road);
}

/** Moves the test clock of an escrow and everything that is attached to it, as the API does. */
export async function advance(world: World, opened: Opened, to: Instant): Promise<void> {
  const { id, clock } = opened;
  if (!clock) throw new Error(`${id} has no test clock`);
  await moveClock(world, opened, to);
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

/** Only the row of the test clock: what `record` calls now, before the workflow hears of it. */
export async function moveClock({ pool }: World, { clock }: Opened, to: Instant): Promise<void> {
  await pool.query('update holdfast.test_clocks set offset_ms = $2 where id = $1', [
    clock?.id,
    Date.parse(to) - Date.now(),
  ]);
}

export const inDays = (count: number): Instant => {
  const at = readInstant(new Date(Date.now() + count * 86_400_000).toISOString());
  if (!at) throw new Error('no such day');
  return at;
};
