/**
 * Owns how a story is played on the real engine: rows as the API makes them, the test clock moved
 * from act to act and from deadline to deadline, and what stands there whenever all is at rest.
 * Must not know what a preview says of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Instant } from '../../domain/calendar';
import type { PeoplesCommandType } from '../../domain/commands';
import { nextAlarm } from '../../domain/deadlines';
import type { Escrow } from '../../domain/escrow';
import { type EffectFacts, reportOf, waitingFund } from '../../domain/reports';
import { type EscrowInput, type Message, WORKFLOWS } from '../../workflows/messages';
import { escrowStart } from '../../workflows/start';
import { AT } from '../domain/sample';
import { give, insertCommand, messageOf, type Outcome } from '../workflows/commands';
import { advance, type Opened } from '../workflows/escrows';
import { PLATFORM, type World } from '../workflows/world';
import { actsIn, type Story } from './stories';

/** What stands on the rows of an escrow while nothing moves. */
export type Rest = {
  readonly escrow: Escrow;
  readonly status: string;
  readonly status_code: string;
  readonly deadline_at: Instant | null;
  readonly wake_at: Instant | null;
};
type Seen = Rest & {
  readonly now: Instant;
  readonly stuck: string | null;
  readonly is_asked: boolean;
  readonly effects: readonly EffectFacts[];
};

/** What somebody has asked: when, by the clock of the engine, and why it was refused. */
export type Asked = { readonly at: Instant; readonly code: string | null };
export type Lived = { readonly asked: readonly Asked[]; readonly rests: readonly Rest[] };

/** Plays a story to its end: the acts at their dates, then silence until nothing more is due. */
export async function livedOn(world: World, story: Story): Promise<Lived> {
  const [send, ...acts] = actsIn(story);
  if (!send) throw new Error(`${story.tag} is empty`);
  const opened = await open(world, story, messageIn(story, send));
  let seen = await untilRest(world, opened);
  const rests: Rest[] = [seen];
  const asked: Asked[] = [{ at: await momentOf(world, opened, `cmd_${story.tag}a0`), code: null }];
  for (const [n, act] of acts.entries()) {
    seen = await moveTo(world, opened, act.at, rests);
    const message = messageIn(story, act, seen.escrow);
    const { code } = await ask(world, opened, message, n % 3 === 0 ? 'signal' : 'update');
    asked.push({ at: await momentOf(world, opened, message.id), code });
    seen = await untilRest(world, opened);
    rests.push(seen);
  }
  while (seen.wake_at !== null && !seen.escrow.hold) {
    seen = await moveTo(world, opened, seen.wake_at, rests);
  }
  return { asked, rests };
}

type AnyAct = ReturnType<typeof actsIn>[number];

function messageIn(story: Story, act: AnyAct, escrow: Escrow = story.opening): Message {
  const { id, type, body } = act.command(escrow);
  const by = act.by.kind === 'account' ? act.by.account : null;
  return { ...messageOf(type as PeoplesCommandType, body, by), id }; // a story has no other types
}

/** The rows that the API makes, at the beginning of the story's time; and the workflow. */
async function open(world: World, story: Story, first: Message): Promise<Opened> {
  const { opening: escrow, tag } = story;
  const clock = { id: `clk_${tag}`, offset_ms: Date.parse(AT) - Date.now() } as const;
  await world.pool.query(
    `insert into holdfast.test_clocks (id, platform_id, livemode, offset_ms)
     values ($1, $2, false, $3)`,
    [clock.id, PLATFORM, clock.offset_ms],
  );
  const { terms, ...state } = escrow;
  const { type, currency, amount, title } = terms;
  await world.pool.query(
    `insert into holdfast.escrows (id, platform_id, livemode, terms, terms_hash, state, status,
       status_code, type, currency, amount, title, test_clock_id)
     values ($1, $2, false, $3, $4, $5, 'draft', 'draft', $6, $7, $8, $9, $10)`,
    [escrow.id, PLATFORM, terms, escrow.terms_hash, state, type, currency, amount, title, clock.id],
  );
  await insertCommand(world.pool, escrow.id, first);
  const scope = { platform: PLATFORM, livemode: false };
  const input: EscrowInput = { escrow, ...scope, clock, first, known: [] };
  await world.engine.client.workflow.start(WORKFLOWS.escrow, escrowStart(input));
  const milestones = escrow.milestones.map(({ id }) => id);
  return { id: escrow.id, hash: escrow.terms_hash, milestones, clock };
}

/** As the API does: what the workflow itself refuses, or its end, is written on the row. Left open
 * the row would be given again by the sweeper, when it may no longer be refused. */
async function ask(
  world: World,
  { id }: Opened,
  message: Message,
  road: 'update' | 'signal',
): Promise<Outcome> {
  const outcome = await give(world, id, message, road).catch((error: unknown): Outcome => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return { outcome: 'refused', code: 'escrow_closed' };
  });
  if (outcome.outcome === 'refused') {
    await world.pool.query(
      `with refused as (
         update holdfast.commands set answered_at = clock_timestamp(), outcome = 'refused',
                refusal = $2
          where id = $1 and answered_at is null returning id)
       delete from holdfast.holds h using refused r where h.command_id = r.id`,
      [message.id, { code: outcome.code }],
    );
  }
  return outcome;
}

/** When the engine has taken a command, by its test clock. A refusal leaves no trace there: it came
 * after the last event, and as nothing was due, any moment before the next says the same. */
async function momentOf({ pool }: World, { id }: Opened, command: string): Promise<Instant> {
  const { rows } = await pool.query<{ at: Instant }>(
    `select coalesce(min(at) filter (where command_id = $2), max(at) + interval '1 ms') as at
       from holdfast.events where escrow_id = $1`,
    [id, command],
  );
  const [row] = rows;
  if (!row) throw new Error(`${id} has no events`);
  return row.at;
}

/** Moves the clock on, from deadline to deadline: payouts arrive before the next is due. */
async function moveTo(world: World, opened: Opened, to: Instant, rests: Rest[]): Promise<Seen> {
  for (;;) {
    const seen = await untilRest(world, opened);
    if (seen.now >= to) return seen;
    const next = seen.wake_at !== null && seen.wake_at < to ? seen.wake_at : to;
    await advance(world, opened, next);
    rests.push(await untilRest(world, opened));
  }
}

async function look({ pool }: World, { id }: Opened): Promise<Seen> {
  const { rows } = await pool.query<Seen>(
    `select e.state || jsonb_build_object('terms', e.terms) as escrow, e.status, e.status_code,
            e.deadline_at, e.wake_at, e.stuck, holdfast.escrow_now(e.test_clock_id) as now,
            exists (select from holdfast.commands c
                     where c.escrow_id = e.id and c.answered_at is null) as is_asked,
            coalesce((select jsonb_agg(jsonb_build_object('id', f.id, 'kind', f.kind,
                'state', f.state, 'attempt', f.attempt, 'amount', f.amount,
                'account', f.account_id, 'reason', f.reason,
                'returnable_until', f.returnable_until))
              from holdfast.effects f where f.escrow_id = e.id), '[]') as effects
       from holdfast.escrows e where e.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`no ${id}`);
  return row;
}

const LOOK_MS = 40;

/** Waits until nothing is asked, nothing is due, and the escrow knows of every payout. */
async function untilRest(world: World, opened: Opened): Promise<Seen> {
  for (const end = Date.now() + 60_000; ; await sleep(LOOK_MS)) {
    const seen = await look(world, opened);
    if (seen.stuck) throw new Error(`${opened.id} is stuck: ${seen.stuck}`);
    const why = whatMoves(seen);
    if (why === null) return seen;
    if (Date.now() > end) throw new Error(`${opened.id} does not come to rest: ${why}`);
  }
}

function whatMoves({ escrow, effects, is_asked, wake_at, now }: Seen): string | null {
  if (escrow.version === 0 || is_asked) return 'something is asked';
  if (wake_at !== null && wake_at <= now) return `${nextAlarm(escrow)?.deadline.key} is due`;
  if (waitingFund(escrow)) return 'money waits';
  const moving = effects.find(
    (facts) =>
      ['planned', 'sent', 'unknown'].includes(facts.state) ||
      (facts.state === 'parked' && facts.reason === 'on_hold' && !escrow.hold) ||
      reportOf(escrow, facts) !== null,
  );
  return moving ? `${moving.id} is ${moving.state}` : null;
}
