/**
 * Owns what only people can mend: the escrow says so, waits, harms nobody else, and goes on with
 * the next message; and steps that stand in the books before their workflow has heard of them.
 * Must not know what is broken.
 */
import { recordStep } from '../../activities/record';
import { decide } from '../../domain/decide';
import type { Escrow } from '../../domain/escrow';
import { requestHash } from '../../runtime/request-hash';
import { ask, insertCommand, messageOf, outcomeOf, signal } from './commands';
import { advance, begin, inDays, type Opened, openEscrow } from './escrows';
import { pay, untilState, withdraw } from './money';
import { closeWorld } from './proof';
import { eventsOf, eventually, rowOf, untilEvent, untilStatus } from './seen';
import { BUYER, giveDestination, openWorld, PLATFORM, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

/** No step can be recorded, as after a deployment that went wrong. */
async function whileBroken(name: string, act: () => Promise<void>): Promise<void> {
  const database = world.database.pool();
  await database.query(`alter function holdfast.${name} rename to ${name}_away`);
  try {
    await act();
  } finally {
    await database.query(`alter function holdfast.${name}_away rename to ${name}`);
  }
}

const untilStuck = (opened: Opened): Promise<string> =>
  eventually(`${opened.id} to be stuck`, async () => (await rowOf(world, opened)).stuck);

const flagsOf = async (opened: Opened): Promise<unknown> => {
  const handle = world.engine.client.workflow.getHandle(opened.id);
  const pairs = (await handle.describe()).typedSearchAttributes.getAll();
  return pairs.find(({ key }) => key.name === 'EscrowFlags')?.value;
};

test('an escrow that cannot record says so, and goes on with the next message', async () => {
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const accept = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  await whileBroken('write_events', async () => {
    await insertCommand(world.pool, opened.id, accept);
    await signal(world, opened.id, 'accept', accept);
    expect(await untilStuck(opened)).toBe('refused_by_database');
    await eventually('the flag', async () =>
      JSON.stringify(await flagsOf(opened)) === '["stuck"]' ? true : null,
    );
  });
  await signal(world, opened.id, 'accept', accept); // somebody hands it over again
  expect((await outcomeOf(world, accept.id)).outcome).toBe('done');
  expect((await rowOf(world, opened)).stuck).toBeNull();
  await eventually('no flag', async () => ((await flagsOf(opened)) ? null : true));
});

test('stuck in the middle of a jump of the clock it stands still, and goes on later', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  await ask(world, opened, 'mark_done', { milestone: opened.milestones[0] }, SELLER);
  await whileBroken('write_events', async () => {
    await advance(world, opened, inDays(10));
    await untilStuck(opened);
  });
  await signal(world, opened.id, 'hint', {}); // any message tries again
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await eventsOf(world, opened)).toContain('reminded');
});

test('a movement that cannot be written waits for a person, and moves once', async () => {
  const opened = await openEscrow(world);
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  const destination = await giveDestination(world.pool, BUYER, 'Pat');
  let [payment, withdrawal] = ['', ''];
  await whileBroken('write_effect_event', async () => {
    payment = await pay(world, opened, BUYER, 10_000);
    withdrawal = await withdraw(world, BUYER, destination, 100);
    await new Promise((later) => setTimeout(later, 500));
  });
  for (const id of [payment, withdrawal]) {
    await signal(world, id, 'hint', {});
    await untilState(world, id, 'settled');
  }
  await untilStatus(world, opened, 'in_progress');
});

/** A step in the books, as a worker leaves it that dies before its task is done. */
async function recordBehind(opened: Opened, message: ReturnType<typeof messageOf>): Promise<void> {
  await insertCommand(world.pool, opened.id, message);
  const { rows } = await world.pool.query<{ escrow: Escrow; now: string }>(
    `select state || jsonb_build_object('terms', terms) as escrow,
            to_char(holdfast.escrow_now(test_clock_id) at time zone 'UTC',
              'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now
       from holdfast.escrows where id = $1`,
    [opened.id],
  );
  const [row] = rows;
  if (!row) throw new Error('no escrow');
  const { id, type, body, actor } = message;
  const by = { kind: 'account', account: actor.on_behalf_of ?? BUYER } as const;
  const decision = decide(row.escrow, message as never, by, row.now as never);
  const answer = await recordStep(
    { pool: world.pool, requestHash, failpoint: async () => undefined },
    {
      escrow: row.escrow,
      platform: PLATFORM,
      livemode: false,
      command: { id, type, body, actor, signature: null, expected_version: null, is_stored: false },
      decision,
      by_default: null,
    },
  );
  expect(answer.kind).toBe('step');
}

test('a default finds a step that its workflow has not heard of, and gives way', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await recordBehind(opened, messageOf('dispute', { milestone, reason: 'scratched' }, BUYER));
  await advance(world, opened, inDays(4));
  await untilEvent(world, opened, 'disputed');
  const after = await ask(world, opened, 'approve', { milestone }, BUYER);
  expect(after.code).toBe('in_dispute');
  expect(await eventsOf(world, opened)).not.toContain('default_refused');
  await advance(world, opened, inDays(10));
  await untilEvent(world, opened, 'dispute_escalated');
});

test('a command finds a lost step that began a payout, and the payout is begun', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const [milestone] = opened.milestones;
  await ask(world, opened, 'mark_done', { milestone }, SELLER);
  await recordBehind(opened, messageOf('approve', { milestone }, BUYER));
  const late = await ask(world, opened, 'dispute', { milestone, reason: 'no' }, BUYER, 'signal');
  expect(late.code).toBe('release_is_final');
  await untilStatus(world, opened, 'closed_disbursement_complete');
});
