/**
 * Owns that a command sent often is one command, whichever roads it takes; and that an id stands
 * for what was first asked under it.
 * Must not know what the commands mean.
 */
import { ask, give, insertCommand, messageOf, outcomeOf, signal, update } from './commands';
import { begin, openEscrow } from './escrows';
import { closeWorld } from './proof';
import { eventsOf, rowOf, untilStatus, walletOf } from './seen';
import { BUYER, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

const stepsOf = async (command: string): Promise<number> => {
  const { rows } = await world.pool.query<{ count: number }>(
    `select count(distinct (escrow_id, step))::int as count from holdfast.events
      where command_id = $1`,
    [command],
  );
  return rows[0]?.count ?? 0;
};

const decisionsAbout = async (command: string): Promise<readonly string[]> => {
  const { rows } = await world.pool.query<{ decision: string }>(
    'select decision from holdfast.audit where command_id = $1 order by id',
    [command],
  );
  return rows.map(({ decision }) => decision);
};

test('the same command sent twice by each road has one effect', async () => {
  const opened = await openEscrow(world);
  const accept = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  await give(world, opened.id, accept);
  expect(await update(world, opened.id, accept)).toBeNull();
  await signal(world, opened.id, 'accept', accept);
  await signal(world, opened.id, 'accept', accept);
  expect((await ask(world, opened, 'fund', { amount: 10_000 }, BUYER)).outcome).toBe('done');
  expect(await stepsOf(accept.id)).toBe(1);
  expect(await decisionsAbout(accept.id)).toEqual(['done']);
});

test.each([
  ['updates', 50, 0],
  ['signals', 0, 50],
  ['both', 25, 25],
])('fifty times in parallel by %s has one effect', async (_, updates, signals) => {
  const opened = await openEscrow(world);
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  const before = await walletOf(world, BUYER);
  const fund = messageOf('fund', { amount: 2_000 }, BUYER);
  await insertCommand(world.pool, opened.id, fund);
  await Promise.all([
    ...Array.from({ length: updates }, () => update(world, opened.id, fund)),
    ...Array.from({ length: signals }, () => signal(world, opened.id, 'fund', fund)),
  ]);
  expect(await outcomeOf(world, fund.id)).toEqual({ outcome: 'done', code: null });
  await ask(world, opened, 'fund', { amount: 8_000 }, BUYER);
  expect(await stepsOf(fund.id)).toBe(1);
  expect(await walletOf(world, BUYER)).toBe(before - 10_000);
});

test('a forged message under the id of an accepted command does not take its place', async () => {
  const opened = await openEscrow(world);
  await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
  const real = messageOf('fund', { amount: 3_000 }, BUYER);
  await insertCommand(world.pool, opened.id, real); // accepted, not handed over yet
  await signal(world, opened.id, 'fund', { ...real, body: { amount: 9_000 } });
  await signal(world, opened.id, 'fund', real);
  expect(await outcomeOf(world, real.id)).toEqual({ outcome: 'done', code: null });
  expect((await rowOf(world, opened)).state.unallocated).toBe(3_000);
  expect(await decisionsAbout(real.id)).toEqual(['command_key_conflict', 'done']);
  expect((await ask(world, opened, 'fund', { amount: 7_000 }, BUYER)).outcome).toBe('done');
});

test('an unreadable forgery does not refuse the command whose id it bears', async () => {
  const opened = await openEscrow(world);
  const real = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  await insertCommand(world.pool, opened.id, real);
  await signal(world, opened.id, 'accept', { ...real, body: 'no body' });
  expect(await outcomeOf(world, real.id)).toEqual({ outcome: 'done', code: null });
});

test('an accepted command that cannot be read is refused once', async () => {
  const opened = await openEscrow(world);
  const odd = messageOf('accept', { terms_hash: opened.hash, more: 1 }, SELLER);
  await insertCommand(world.pool, opened.id, odd);
  await signal(world, opened.id, 'accept', odd);
  expect((await outcomeOf(world, odd.id)).code).toBe('malformed');
  expect(await decisionsAbout(odd.id)).toEqual(['command_key_conflict', 'malformed']);
});

test('the id of an answered command with another body is a conflict, not a replay', async () => {
  const opened = await openEscrow(world, undefined, { continueAsNewAt: 10 });
  await begin(world, opened);
  const [milestone] = opened.milestones;
  const other = await openEscrow(world);
  const taken = messageOf('accept', { terms_hash: other.hash }, SELLER);
  await give(world, other.id, taken);
  await signal(world, opened.id, 'mark_done', { ...taken, body: { milestone } });
  await signal(world, opened.id, 'mark_done', { ...taken, body: { milestone } });
  // The escrow goes on for everybody else, and nothing was done under the id.
  expect((await ask(world, opened, 'approve', { milestone }, BUYER)).outcome).toBe('done');
  expect(await eventsOf(world, opened)).not.toContain('delivered');
  expect((await rowOf(world, opened)).stuck).toBeNull();
  expect(await decisionsAbout(taken.id)).toEqual(['done', 'command_key_conflict']);
});

test('one id sent to ten escrows at the same time is a command of one of them', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => openEscrow(world)));
  for (const opened of all) await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const cancel = messageOf('cancel', { reason: 'changed my mind' }, BUYER);
  await Promise.all(all.map(({ id }) => signal(world, id, 'cancel', cancel)));
  expect((await outcomeOf(world, cancel.id)).outcome).toBe('done');
  const closed: string[] = [];
  for (const opened of all) {
    const { status } = await rowOf(world, opened);
    if (status === 'closed') closed.push(opened.id);
    else await ask(world, opened, 'accept', { terms_hash: opened.hash }, SELLER);
    expect((await rowOf(world, opened)).stuck).toBeNull();
  }
  expect(closed).toHaveLength(1);
  expect(await stepsOf(cancel.id)).toBe(1);
});
