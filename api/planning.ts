/**
 * Owns how money that moves through a provider is begun: command row, planned effect and audit
 * entry in one transaction, then its script; the answer waits for the row, never for a provider.
 * Must not know what a script does. Source: `contracts.md`, section 9.
 */
import type {
  AccountId,
  CommandId,
  EffectId,
  EscrowId,
  MilestoneId,
  TestClockId,
} from '../domain/ids';
import { failpoint } from '../runtime/failpoints';
import type { TestClock } from '../workflows/messages';
import type { CommandRow } from './command-row';
import { EFFECT_COLUMNS, type EffectRow } from './effect-row';
import type { Answer, AnyCall, Result } from './endpoint';
import { startScript } from './engine';
import { audit, earlierOf, insertAnswered, keep, repeated } from './idempotency';
import { isProblem, type Problem, problem } from './problem';
import { publish } from './publish';
import { inTransaction, type Queryable, rowOf, sql } from './sql';
import { paymentView, withdrawalView } from './views/effect';

/** A movement that is planned; the rest of its row is not known yet. */
export type Plan = {
  readonly id: EffectId;
  readonly kind: 'payment' | 'withdrawal';
  readonly connection: string;
  readonly escrow: EscrowId | null;
  readonly milestone: MilestoneId | null;
  readonly account: AccountId;
  readonly currency: string;
  readonly amount: number;
  readonly destination: string | null;
  readonly test_clock: TestClockId | null;
};

/** `prepare` checks the request and says what is to be planned. */
export async function begin(
  call: AnyCall,
  type: string,
  command: CommandId,
  prepare: (db: Queryable) => Promise<Plan | Problem>,
): Promise<Result> {
  const before = await earlierOf(call);
  if (before) return repeated(call, before, (row) => goOn(call, row));
  const planned = await inTransaction(
    call.api.database,
    async (db): Promise<Plan | Problem | null> => {
      if (!(await insertAnswered(db, call, { id: command, type }))) return null;
      const plan = await prepare(db);
      if (isProblem(plan)) return plan;
      await insertPlan(db, call, plan);
      await db.query('update holdfast.commands set body = $2 where id = $1', [
        command,
        JSON.stringify({ effect: plan.id }),
      ]);
      await audit(db, call, {
        stream: plan.escrow ?? plan.account,
        action: type,
        object: plan.id,
        version: 1,
        command,
      });
      return plan;
    },
    (result) => result !== null && !isProblem(result),
  );
  if (isProblem(planned)) return planned;
  if (planned) return carryOut(call, command, planned);
  const other = await earlierOf(call); // another request under this key was faster
  return other ? repeated(call, other, (row) => goOn(call, row)) : problem('in_flight');
}

async function insertPlan(db: Queryable, { caller }: AnyCall, plan: Plan): Promise<void> {
  await rowOf(
    db,
    sql`insert into holdfast.effects (id, kind, platform_id, livemode, connection_id, escrow_id,
          milestone_id, account_id, currency, amount, destination_id, state, test_clock_id)
        values (${plan.id}, ${plan.kind}, ${caller.platform}, ${caller.livemode},
          ${plan.connection}, ${plan.escrow}, ${plan.milestone}, ${plan.account}, ${plan.currency},
          ${plan.amount}, ${plan.destination}, 'planned', ${plan.test_clock})`,
  );
  const { id, amount, currency, account } = plan;
  await publish(db, caller, {
    subject: id,
    sequence: 1,
    type: `${plan.kind}.created`,
    escrow: plan.escrow,
    data: { id, state: 'planned', amount, currency, account, reason: null, attempt: 1 },
  });
}

async function carryOut(call: AnyCall, command: CommandId, plan: Plan): Promise<Result> {
  const { api } = call;
  const deadline = Date.now() + api.limits.answerMs;
  await failpoint('effect.planned');
  const workflow = plan.kind === 'payment' ? 'payment' : 'payout';
  const { id: effect, escrow, test_clock } = plan;
  const clock = await clockOf(api.database, test_clock);
  const started = await startScript(api, workflow, { effect, escrow, clock });
  if (started.kind !== 'taken') return later(call, command, effect); // the sweeper starts it
  await rowOf(
    api.database,
    sql`update holdfast.effects set started_at = clock_timestamp()
         where id = ${effect} and started_at is null`,
  );
  const row = await api.answers.until(effect, () => readReady(api.database, effect), { deadline });
  return row ? created(call, command, row) : later(call, command, effect);
}

/** A repeat of a request that was closed, or lost, before its effect was ready. */
async function goOn(call: AnyCall, { id, body }: CommandRow): Promise<Result> {
  const effect = String(body.effect);
  const row = await readReady(call.api.database, effect);
  return row ? created(call, id, row) : later(call, id, effect);
}

const created = (call: AnyCall, command: CommandId, row: EffectRow): Promise<Answer> =>
  keep(call, command, { status: 201, body: shown(row) });

/** 202: planned, and followed by events. */
async function later(call: AnyCall, command: CommandId, effect: string): Promise<Result> {
  const { database } = call.api;
  await rowOf(
    database,
    sql`update holdfast.commands set status = 202 where id = ${command} and status is null`,
  );
  const row = await rowOf<EffectRow>(
    database,
    sql`select ${EFFECT_COLUMNS} from holdfast.effects t where t.id = ${effect}`,
  );
  return row
    ? { status: 202, body: shown(row), headers: { Location: addressOf(row) } }
    : problem('not_found');
}

const shown = (row: EffectRow) => (row.kind === 'payment' ? paymentView(row) : withdrawalView(row));

/** Where an effect can be looked up. */
export const addressOf = (row: EffectRow): string =>
  row.kind === 'payment'
    ? `/v1/payments/${row.id}`
    : `/v1/accounts/${row.account_id}/withdrawals/${row.id}`;

/** The effect, once the caller can go on with it: the payer's action is there, it is on its way
 * out, or it is over. */
const readReady = (db: Queryable, id: string): Promise<EffectRow | null> =>
  rowOf<EffectRow>(
    db,
    sql`select ${EFFECT_COLUMNS} from holdfast.effects t
         where t.id = ${id} and (t.payer_action is not null
           or (t.kind = 'withdrawal' and t.state = 'sent')
           or t.state in ('settled', 'failed', 'parked', 'returned', 'cancelled'))`,
  );

const clockOf = (db: Queryable, id: TestClockId | null): Promise<TestClock | null> =>
  rowOf<TestClock>(db, sql`select id, offset_ms from holdfast.test_clocks where id = ${id}`);

/** The connection of the caller's platform and mode to a provider, or null. */
export async function connectionTo(
  db: Queryable,
  { platform, livemode }: AnyCall['caller'],
  provider: string,
): Promise<string | null> {
  const row = await rowOf<{ id: string }>(
    db,
    sql`select id from holdfast.connections where platform_id = ${platform}
           and livemode = ${livemode} and provider = ${provider}`,
  );
  return row?.id ?? null;
}
