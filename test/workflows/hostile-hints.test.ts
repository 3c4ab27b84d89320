/**
 * Owns hostile hints and clocks: messages that are no commands, and yet move an escrow.
 * Must not know how a hint becomes a command.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, messageOf, outcomeOf, signal } from './commands';
import { advance, begin, complete, draftOf, inDays, type Opened, openEscrow } from './escrows';
import { closeWorld } from './proof';
import { eventsOf, rowOf, untilEvent, untilStatus } from './seen';
import { BUYER, giveAccount, giveSeller, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

async function delivered(clock = true): Promise<Opened> {
  const opened = await openEscrow(world, draftOf(), { clock });
  await begin(world, opened);
  await ask(world, opened, 'mark_done', { milestone: opened.milestones[0] }, SELLER);
  return opened;
}

test('hints for what is unknown, foreign or nonsense change nothing', async () => {
  const other = await openEscrow(world, draftOf({}, await giveAccount(world.pool, 'acc_n', 'N')));
  await complete(world, other, { seller: 'acc_n' }); // its disbursement is parked
  const { rows } = await world.pool.query<{ id: string }>(
    'select id from holdfast.effects where escrow_id = $1',
    [other.id],
  );
  const opened = await delivered();
  const { version } = await rowOf(world, opened);
  for (const hint of [
    { kind: 'payout', id: rows[0]?.id },
    { kind: 'payment', id: rows[0]?.id },
    { kind: 'payment', id: 'pay_unknown' },
    { kind: 'payout', id: `dsb_${'x'.repeat(300)}` },
    { kind: 'payout', id: "dsb_' or true --" },
    { kind: 'payout', id: 'dsb_\0' },
    { id: ['dsb_1'] },
    { id: {} },
    'dsb_1',
    null,
    7,
  ]) {
    await signal(world, opened.id, 'hint', hint);
  }
  expect(await ask(world, opened, 'mark_done', {}, SELLER)).toMatchObject({ outcome: 'refused' });
  expect((await rowOf(world, opened)).version).toBe(version);
  expect((await ask(world, opened, 'approve', ofOnly(opened), BUYER)).outcome).toBe('done');
});

const ofOnly = (opened: Opened) => ({ milestone: opened.milestones[0] });

test('nobody takes an id under which a script or a clock speaks, here or elsewhere', async () => {
  const [opened, other] = [await delivered(), await delivered()];
  const approve = messageOf('approve', ofOnly(opened), BUYER);
  const { version } = await rowOf(world, other);
  for (const id of [
    `cmd_dsb-${approve.id.slice(4)}_100_settled_1`,
    `cmd_${opened.id.slice(4)}_9_inspection_1`,
    `cmd_${other.id.slice(4)}_${version + 2}_inspection_1`, // after two reminders
  ]) {
    await signal(world, opened.id, 'approve', { ...approve, id });
  }
  await advance(world, other, inDays(4));
  await untilStatus(world, other, 'closed_disbursement_complete');
  expect((await rowOf(world, opened)).status).toBe('delivered');
  await signal(world, opened.id, 'approve', approve);
  await untilStatus(world, opened, 'closed_disbursement_complete');
});

test('ids with dashes and of full length lead to a payout that is heard of', async () => {
  for (const id of ['cmd_handler-7_case-9', `cmd_${'r'.repeat(150)}`] as const) {
    const opened = await delivered();
    await signal(world, opened.id, 'approve', {
      ...messageOf('approve', ofOnly(opened), BUYER),
      id,
    });
    await untilStatus(world, opened, 'closed_disbursement_complete');
  }
});

test('a clock that is garbage, past or far beyond dates moves nothing', async () => {
  const opened = await delivered();
  const { version } = await rowOf(world, opened);
  for (const to of [
    null,
    7,
    {},
    'tomorrow',
    '2020-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '+275760-09-13T00:00:00.000Z',
    inDays(-1),
  ]) {
    await signal(world, opened.id, 'advance_clock', { to });
    await world.engine.client.workflow
      .getHandle(opened.id)
      .executeUpdate('advance_clock', { args: [{ to }] });
  }
  await signal(world, opened.id, 'advance_clock', inDays(9));
  expect((await rowOf(world, opened)).version).toBe(version);
  expect((await ask(world, opened, 'approve', ofOnly(opened), BUYER)).outcome).toBe('done');
});

test('an escrow without a test clock has none', async () => {
  const opened = await delivered(false);
  await signal(world, opened.id, 'advance_clock', { to: inDays(9) });
  const { version } = await rowOf(world, opened);
  await sleep(300);
  expect((await rowOf(world, opened)).version).toBe(version);
  expect((await ask(world, opened, 'approve', ofOnly(opened), BUYER)).outcome).toBe('done');
});

test('a clock moved behind the back of the database waits, and holds up no message', async () => {
  const opened = await delivered();
  await signal(world, opened.id, 'advance_clock', { to: inDays(300) });
  await sleep(300);
  expect(await eventsOf(world, opened)).not.toContain('released');
  const reason = 'scratched';
  const given = await ask(world, opened, 'dispute', { ...ofOnly(opened), reason }, BUYER);
  expect(given.outcome).toBe('done');
  await advance(world, opened, inDays(310));
  await untilEvent(world, opened, 'dispute_escalated');
});

test('a flood of what is dropped continues as a new run, and the escrow goes on', async () => {
  const opened = await openEscrow(world, draftOf(), { continueAsNewAt: 60 });
  await begin(world, opened);
  const handle = world.engine.client.workflow.getHandle(opened.id);
  const before = (await handle.describe()).runId;
  for (let round = 0; round < 4; round += 1) {
    const garbage = Array.from({ length: 25 }, (_, at) =>
      signal(world, opened.id, at % 2 ? 'approve' : 'hint', { at }),
    );
    await Promise.all(garbage);
  }
  const late = messageOf('mark_done', ofOnly(opened), SELLER);
  await signal(world, opened.id, 'mark_done', late);
  expect((await outcomeOf(world, late.id)).outcome).toBe('done');
  const now = await handle.describe();
  expect(now.runId).not.toBe(before);
  expect(now.historyLength).toBeLessThan(100);
});

test('a payout that was retried by itself is not begun a second time by hand', async () => {
  const seller = await giveSeller(world.pool, 'Sal fault:fail_later');
  const opened = await openEscrow(world, draftOf({}, seller));
  await complete(world, opened, { seller });
  await untilEvent(world, opened, 'disbursement_failed');
  const { rows } = await world.pool.query<{ id: string }>(
    'select id from holdfast.effects where escrow_id = $1',
    [opened.id],
  );
  const disbursement = rows[0]?.id;
  await world.database
    .pool()
    .query(`update holdfast.effects set state = 'unknown', reason = 'x' where id = $1`, [
      disbursement,
    ]);
  const retried = await ask(world, opened, 'retry_disbursement', { disbursement }, null);
  expect(retried.code).toBe('conditions_unmet');
  await world.database
    .pool()
    .query(`update holdfast.effects set state = 'failed' where id = $1`, [disbursement]);
  expect((await ask(world, opened, 'retry_disbursement', { disbursement }, null)).outcome).toBe(
    'done',
  );
});
