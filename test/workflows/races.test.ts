/**
 * Owns who wins when several ask at once: people among themselves, and people against the clock.
 * Must not know why a loser is refused beyond its code.
 */

import type { Working } from '../harness/workers';
import { ask, give, insertCommand, messageOf, outcomeOf, signal, update } from './commands';
import { advance, begin, draftOf, inDays, moveClock, type Opened, openEscrow } from './escrows';
import { closeWorld } from './proof';
import { eventsOf, rowOf, untilEvent, untilStatus } from './seen';
import { BUYER, openWorld, SELLER, type World } from './world';

let world: World;
let working: Working;
beforeAll(async () => {
  world = await openWorld();
  working = await world.engine.work();
});
afterAll(() => closeWorld(world));

/** Delivered and waiting for the buyer's word. */
async function delivered(): Promise<Opened> {
  const opened = await openEscrow(world);
  await begin(world, opened);
  await ask(world, opened, 'mark_done', { milestone: opened.milestones[0] }, SELLER);
  return opened;
}

/** What happens before the workers are back comes to them in one workflow task. */
async function whileAway(act: () => Promise<void>): Promise<void> {
  await working.stop();
  await act();
  working = await world.engine.work();
}

/** Where the money has gone: exactly one of these. */
const ENDS = ['released', 'disputed', 'refunded'];
const endsOf = async (opened: Opened): Promise<readonly string[]> =>
  (await eventsOf(world, opened)).filter((type) => ENDS.includes(type));

test.each([1, 2, 3, 4, 5])(
  'of approve, dispute, cancel and the clock exactly one wins, round %i',
  async (round) => {
    const opened = await delivered();
    const [milestone] = opened.milestones;
    const messages = [
      messageOf('approve', { milestone }, BUYER),
      messageOf('dispute', { milestone, reason: 'scratched' }, BUYER),
      messageOf('cancel', { milestone, reason: 'sold elsewhere' }, SELLER),
    ];
    const turned = [...messages.slice(round % 3), ...messages.slice(0, round % 3)];
    const roads = ['update', 'signal', 'raw signal'] as const;
    const outcomes = Promise.all(
      turned.map((message, at) => give(world, opened.id, message, roads[(at + round) % 3])),
    );
    await advance(world, opened, inDays(4));
    const codes = (await outcomes).map(({ outcome, code }) => code ?? outcome);
    const ends = await endsOf(opened);
    expect(ends).toHaveLength(1);
    expect(codes.filter((code) => code === 'done').length).toBeLessThanOrEqual(1);
    for (const code of codes) {
      expect([
        'done',
        'in_dispute',
        'release_is_final',
        'deadline_passed',
        'wrong_status',
        'escrow_closed',
      ]).toContain(code);
    }
  },
);

test('what was accepted before a deadline is decided before its default', async () => {
  const opened = await delivered();
  const [milestone] = opened.milestones;
  const dispute = messageOf('dispute', { milestone, reason: 'scratched' }, BUYER);
  await insertCommand(world.pool, opened.id, dispute); // the signal is held back
  await advance(world, opened, inDays(4));
  expect(await outcomeOf(world, dispute.id)).toEqual({ outcome: 'done', code: null });
  expect(await endsOf(opened)).toEqual(['disputed']);
  await signal(world, opened.id, 'dispute', dispute); // and comes late, to no effect
  expect((await ask(world, opened, 'approve', { milestone }, BUYER)).code).toBe('in_dispute');
  expect(await endsOf(opened)).toEqual(['disputed']);
});

test('what was accepted after the recorded default comes too late', async () => {
  const opened = await delivered();
  const [milestone] = opened.milestones;
  await advance(world, opened, inDays(4));
  await untilEvent(world, opened, 'released');
  const late = await ask(world, opened, 'reject_delivery', { milestone, reason: 'late' }, BUYER);
  expect(late.code).toBe('deadline_passed');
  expect((await ask(world, opened, 'dispute', { milestone, reason: 'late' }, BUYER)).code).toBe(
    'release_is_final',
  );
});

test('what is accepted after the deadline and before its default is decided normally', async () => {
  const working = await delivered();
  const [milestone] = working.milestones;
  await moveClock(world, working, inDays(4)); // time has passed; the workflow has not noticed
  const dispute = messageOf('dispute', { milestone, reason: 'scratched' }, BUYER);
  expect((await give(world, working.id, dispute)).outcome).toBe('done');
  await advance(world, working, inDays(4));
  expect(await endsOf(working)).toEqual(['disputed']);
});

test('a message and a deadline in one workflow task: the message goes first', async () => {
  const rounds = Array.from({ length: 5 }, async () => {
    const opened = await openEscrow(world);
    await untilStatus(world, opened, 'sent_awaiting_confirmation');
    return opened;
  });
  const all = await Promise.all(rounds);
  await whileAway(async () => {
    for (const opened of all) {
      const accept = messageOf('accept', { terms_hash: opened.hash }, SELLER);
      await insertCommand(world.pool, opened.id, accept);
      await advance(world, opened, inDays(8)); // past the acceptance deadline
      await signal(world, opened.id, 'accept', accept);
    }
  });
  for (const opened of all) {
    await untilEvent(world, opened, 'agreed');
    expect((await rowOf(world, opened)).status).toBe('accepted_not_funded');
  }
});

test('a real deadline is not passed over while its worker is away', async () => {
  const opened = await openEscrow(world, draftOf({ deadlines: { acceptance: 'PT1H' } }), {
    clock: true,
  });
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const early = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  await whileAway(async () => {
    await insertCommand(world.pool, opened.id, early);
    await advance(world, opened, inDays(1));
  });
  expect((await outcomeOf(world, early.id)).outcome).toBe('done');
  expect(await update(world, opened.id, early)).toBeNull();
});

test('the clock runs on in real time after it was moved near a deadline', async () => {
  const opened = await openEscrow(world);
  const { deadline_at } = await untilStatus(world, opened, 'sent_awaiting_confirmation');
  if (!deadline_at) throw new Error('no deadline');
  await advance(world, opened, new Date(Date.parse(deadline_at) - 1_500).toISOString() as never);
  await untilStatus(world, opened, 'closed');
});
