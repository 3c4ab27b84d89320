/**
 * Owns what becomes of messages while no worker runs, of rows that nobody handed over, and of two
 * workers at once.
 * Must not know what the commands mean.
 */
import { WORKFLOWS } from '../../workflows/messages';
import { escrowStart } from '../../workflows/start';
import type { Working } from '../harness/workers';
import { ask, insertCommand, messageOf, outcomeOf, signal } from './commands';
import { advance, begin, complete, draftOf, inDays, makeRows, openEscrow } from './escrows';
import { json, rawSignal } from './payloads';
import { closeWorld } from './proof';
import { eventsOf, rowOf, untilStatus } from './seen';
import { BUYER, openWorld, SELLER, type World } from './world';

let world: World;
let working: Working;
beforeAll(async () => {
  world = await openWorld();
  working = await world.engine.work();
});
afterAll(() => closeWorld(world));

async function whileAway(act: () => Promise<void>): Promise<void> {
  await working.stop();
  await act();
  working = await world.engine.work();
}

/** As if the API had written the rows a while ago and had died. */
const letTimePass = (): Promise<unknown> =>
  world.database.pool().query(
    `update holdfast.commands set created_at = created_at - interval '11 seconds'
      where handed_over_at is null and answered_at is null`,
  );

test('raw signals while no worker runs are applied in the order in which they came', async () => {
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const [milestone] = opened.milestones;
  const messages = [
    messageOf('accept', { terms_hash: opened.hash }, SELLER),
    messageOf('fund', { amount: 10_000 }, BUYER),
    messageOf('mark_done', { milestone }, SELLER),
    messageOf('dispute', { milestone, reason: 'late' }, BUYER),
  ];
  await whileAway(async () => {
    for (const message of messages) await signal(world, opened.id, message.type, message);
  });
  for (const { id } of messages) expect((await outcomeOf(world, id)).outcome).toBe('done');
  expect((await eventsOf(world, opened)).at(-1)).toBe('disputed');
});

test('what is asked after a clock was moved is dated by that clock, in one task too', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const [milestone] = opened.milestones;
  const to = inDays(3);
  const dispute = messageOf('dispute', { milestone, reason: 'late' }, BUYER);
  await whileAway(async () => {
    await advance(world, opened, to);
    await signal(world, opened.id, 'dispute', dispute);
  });
  expect((await outcomeOf(world, dispute.id)).outcome).toBe('done');
  const { rows } = await world.pool.query<{ is_moved: boolean }>(
    'select at >= $2 as is_moved from holdfast.events where command_id = $1',
    [dispute.id, to],
  );
  expect(rows).toEqual([{ is_moved: true }]);
});

test('signals before the first task: what is good among them is taken in order', async () => {
  const { opened, input } = await makeRows(world, draftOf());
  const accept = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  await whileAway(async () => {
    await world.engine.client.workflow.start(WORKFLOWS.escrow, escrowStart(input));
    await rawSignal(world, opened.id, '__temporal_one', [json('{}')]);
    await rawSignal(world, opened.id, 'accept', [json('{"a":')]);
    await signal(world, opened.id, 'accept', accept);
    await rawSignal(world, opened.id, '__temporal_two', [json('{"a":')]);
    await rawSignal(world, opened.id, 'no_such_command', [json(JSON.stringify(accept))]);
    await signal(world, opened.id, 'fund', messageOf('fund', { amount: 10_000 }, BUYER));
    await rawSignal(world, opened.id, '__temporal_three', []);
  });
  await untilStatus(world, opened, 'in_progress');
  expect((await outcomeOf(world, accept.id)).outcome).toBe('done');
});

test('commands that were accepted while nobody worked are handed over and answered', async () => {
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const [milestone] = opened.milestones;
  const messages = [
    messageOf('accept', { terms_hash: opened.hash }, SELLER),
    messageOf('fund', { amount: 10_000 }, BUYER),
    messageOf('mark_done', { milestone }, SELLER),
    messageOf('release', { milestone }, BUYER),
  ];
  await whileAway(async () => {
    for (const message of messages) await insertCommand(world.pool, opened.id, message);
    await letTimePass();
  });
  const outcomes = await Promise.all(messages.map(({ id }) => outcomeOf(world, id)));
  expect(outcomes.map(({ outcome, code }) => code ?? outcome)).toEqual([
    'done',
    'done',
    'done',
    'wrong_status',
  ]);
  const { rows } = await world.pool.query(
    `select distinct handed_over_by from holdfast.commands where id = any ($1)`,
    [messages.map(({ id }) => id)],
  );
  expect(rows).toEqual([{ handed_over_by: 'signal' }]);
});

test('an escrow whose first command was never handed over is started', async () => {
  const { opened } = await makeRows(world, draftOf());
  await letTimePass();
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  await complete(world, opened);
  await untilStatus(world, opened, 'closed_disbursement_complete');
});

test('one bad row holds up nobody else', async () => {
  const { opened: lost } = await makeRows(world, draftOf());
  await world.database
    .pool()
    .query(`update holdfast.escrows set version = 1 where id = $1`, [lost.id]); // no workflow
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const accept = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  await insertCommand(world.pool, opened.id, accept);
  await letTimePass();
  expect((await outcomeOf(world, accept.id)).outcome).toBe('done');
  await world.database
    .pool()
    .query('update holdfast.escrows set version = 0 where id = $1', [lost.id]);
  await untilStatus(world, lost, 'sent_awaiting_confirmation');
}, 60_000);

test('what comes for an escrow that has ended is answered from its rows', async () => {
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  await ask(world, opened, 'cancel', { reason: 'no' }, BUYER);
  await world.engine.client.workflow.getHandle(opened.id).result();
  const late = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  const hold = messageOf('hold', { reason: 'late' }, null);
  await insertCommand(world.pool, opened.id, late);
  await insertCommand(world.pool, opened.id, hold);
  await letTimePass();
  expect((await outcomeOf(world, late.id)).code).toBe('escrow_closed');
  expect((await outcomeOf(world, hold.id)).code).toBe('escrow_closed');
  const { rows } = await world.pool.query('select from holdfast.holds where escrow_id = $1', [
    opened.id,
  ]);
  expect(rows).toHaveLength(0);
});

test('two workers at once do what one does', async () => {
  const other = await world.engine.work({ cached: 2 });
  const all = await Promise.all(Array.from({ length: 8 }, () => openEscrow(world)));
  await Promise.all(all.map((opened) => complete(world, opened)));
  for (const opened of all) await untilStatus(world, opened, 'closed_disbursement_complete');
  await other.stop();
});

test('two escrows at once share nothing', async () => {
  const [one, two] = await Promise.all([openEscrow(world), openEscrow(world)]);
  await Promise.all([begin(world, one), begin(world, two)]);
  await ask(world, one, 'mark_done', { milestone: one.milestones[0] }, SELLER);
  await ask(world, two, 'dispute', { milestone: two.milestones[0], reason: 'no' }, BUYER);
  const foreign = await ask(world, one, 'approve', { milestone: two.milestones[0] }, BUYER);
  expect(foreign.code).toBe('unknown_milestone');
  expect((await rowOf(world, one)).status).toBe('delivered');
  expect((await rowOf(world, two)).state.milestones[0]).toMatchObject({ stage: 'in_progress' });
});
