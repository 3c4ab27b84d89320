/**
 * Owns payments and withdrawals of workflow tests, as the API begins them, and what becomes of
 * every movement: on its row, and in the bank's own book.
 * Must not know escrows beyond their ids.
 */
import { randomUUID } from 'node:crypto';
import type { AccountId, EffectId } from '../../domain/ids';
import { QUEUES, type ScriptInput, WORKFLOWS } from '../../workflows/messages';
import type { Opened } from './escrows';
import { eventually } from './seen';
import { CONNECTION, giveAccount, PLATFORM, type World } from './world';

/** Plans a payment for an escrow and starts its script. */
export async function pay(
  world: World,
  { id: escrow, clock }: Opened,
  payer: AccountId,
  amount: number,
): Promise<EffectId> {
  const id: EffectId = `pay_${randomUUID().replaceAll('-', '')}`;
  await world.pool.query(
    `insert into holdfast.effects (id, kind, platform_id, livemode, connection_id, escrow_id,
       account_id, currency, amount, state, test_clock_id, started_at)
     values ($1, 'payment', $2, false, $3, $4, $5, 'EUR', $6, 'planned', $7, clock_timestamp())`,
    [id, PLATFORM, CONNECTION, escrow, payer, amount, clock?.id],
  );
  await start(world, WORKFLOWS.payment, { effect: id, escrow, clock });
  return id;
}

/** Plans a withdrawal to a destination and starts its script. */
export async function withdraw(
  world: World,
  account: AccountId,
  destination: string,
  amount: number,
): Promise<EffectId> {
  const id: EffectId = `wdr_${randomUUID().replaceAll('-', '')}`;
  await world.pool.query(
    `insert into holdfast.effects (id, kind, platform_id, livemode, connection_id, account_id,
       currency, amount, destination_id, state, started_at)
     values ($1, 'withdrawal', $2, false, $3, $4, 'EUR', $5, $6, 'planned', clock_timestamp())`,
    [id, PLATFORM, CONNECTION, account, amount, destination],
  );
  await start(world, WORKFLOWS.payout, { effect: id, escrow: null, clock: null });
  return id;
}

const start = ({ engine }: World, type: 'payment' | 'payout', input: ScriptInput) =>
  engine.client.workflow.start(type, {
    workflowId: input.effect,
    taskQueue: QUEUES.money,
    args: [input],
  });

/** Somebody who pays as his name says. */
export const givePayer = ({ pool }: World, name: string): Promise<AccountId> =>
  giveAccount(pool, `acc_${randomUUID().replaceAll('-', '')}`, name);

export type MovementRow = {
  readonly id: EffectId;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
  readonly reservation: number;
  readonly payer_action: { readonly checkout_url?: string } | null;
  readonly settled_amount: number | null;
  readonly applied: number | null;
};

const COLUMNS = 'id, state, reason, attempt, reservation, payer_action, settled_amount, applied';

export async function movementOf({ pool }: World, id: string): Promise<MovementRow> {
  const { rows } = await pool.query<MovementRow>(
    `select ${COLUMNS} from holdfast.effects where id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`no effect ${id}`);
  return row;
}

/** The only disbursement of an escrow. */
export const disbursementOf = ({ pool }: World, { id }: Opened): Promise<MovementRow> =>
  eventually(`a disbursement of ${id}`, async () => {
    const { rows } = await pool.query<MovementRow>(
      `select ${COLUMNS} from holdfast.effects where escrow_id = $1 and kind = 'disbursement'`,
      [id],
    );
    return rows[0] ?? null;
  });

export const untilState = (world: World, id: string, state: string): Promise<MovementRow> =>
  eventually(`${id} to be ${state}`, async () => {
    const row = await movementOf(world, id);
    return row.state === state ? row : null;
  });

/** Until the bank has answered, whatever it said. */
export const untilAnswered = ({ pool }: World, id: string): Promise<true> =>
  eventually(`an answer about ${id}`, async () => {
    const { rows } = await pool.query(
      'select from holdfast.attempts where effect_id = $1 and answered_at is not null',
      [id],
    );
    return rows.length > 0 ? true : null;
  });

/** What the bank itself has under an effect: its state and amount, oldest first. */
export async function bankBookOf({ database }: World, id: string): Promise<readonly string[]> {
  const { rows } = await database.pool().query<{ line: string }>(
    `select state || ' ' || amount as line from sandbox.objects
      where reference like $1 || '-%' order by created_at`,
    [id],
  );
  return rows.map(({ line }) => line);
}

/** Stores a webhook as the API does: the script that it names is woken, and looks for itself. */
export const webhook = ({ pool }: World, id: string): Promise<unknown> =>
  pool.query(
    `insert into holdfast.webhook_inbox (connection_id, webhook_id, kind, reference, body)
     select $1, $2, 'send', id || '-' || attempt, '{}' from holdfast.effects where id = $3`,
    [CONNECTION, randomUUID(), id],
  );
