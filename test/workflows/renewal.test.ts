/**
 * Owns runs that end and go on as new ones in the middle of everything, and workers that keep no
 * workflow in memory.
 * Must not know when a run is too long.
 */
import { ask, give, insertCommand, messageOf, outcomeOf, signal, update } from './commands';
import { advance, begin, draftOf, inDays, type Opened, openEscrow } from './escrows';
import { disbursementOf } from './money';
import { closeWorld } from './proof';
import { booksOf, disputeIn, eventsOf, rowOf, untilEvent, untilStatus } from './seen';
import { BUYER, giveSeller, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

/** So short that almost every command is the last of its run. */
const SHORT = { continueAsNewAt: 12 };

async function runsOf({ id }: Opened): Promise<number> {
  let runs = 0;
  for await (const _ of world.engine.client.workflow.list({ query: `WorkflowId = '${id}'` })) {
    runs += 1;
  }
  return runs;
}

async function disputed(): Promise<{ opened: Opened; dispute: string }> {
  const opened = await openEscrow(world, draftOf(), SHORT);
  const [milestone] = opened.milestones;
  await begin(world, opened);
  await ask(world, opened, 'dispute', { milestone, reason: 'not as agreed' }, BUYER);
  return { opened, dispute: await disputeIn(world, opened) };
}

test('in the middle of a dispute no message is lost, whatever its road', async () => {
  const { opened, dispute } = await disputed();
  const before = await runsOf(opened);
  const evidence = Array.from({ length: 24 }, (_, at) =>
    messageOf(
      'submit_evidence',
      { dispute, evidence: [{ kind: 'note', summary: `page ${at}`, url: 'https://a.example' }] },
      at % 2 ? BUYER : SELLER,
    ),
  );
  const roads = ['update', 'signal', 'raw signal'] as const;
  const outcomes = await Promise.all(
    evidence.map((message, at) => {
      const road = roads[at % 3];
      // An update may meet the end of a run; then the API sends the signal.
      return give(world, opened.id, message, road).catch(async () => {
        await signal(world, opened.id, message.type, message);
        return outcomeOf(world, message.id);
      });
    }),
  );
  expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(24);
  const row = await rowOf(world, opened);
  const [milestone] = row.state.milestones;
  const kept = milestone && 'dispute' in milestone ? milestone.dispute?.evidence : [];
  expect(new Set(kept?.map(({ summary }) => summary)).size).toBe(24);
  expect(await runsOf(opened)).toBeGreaterThan(before);
});

test('known ids travel: what was answered in a run before is not done again', async () => {
  const { opened, dispute } = await disputed();
  const answer = messageOf('answer_dispute', { dispute, answer: 'it is' }, SELLER);
  await give(world, opened.id, answer);
  for (let more = 0; more < 3; more += 1) {
    const evidence = [{ kind: 'note', summary: `${more}`, url: 'https://a.example' }];
    await ask(world, opened, 'submit_evidence', { dispute, evidence }, BUYER);
  }
  const { version } = await rowOf(world, opened);
  expect(await update(world, opened.id, answer)).toBeNull();
  await signal(world, opened.id, 'answer_dispute', answer);
  await ask(world, opened, 'escalate', { dispute }, SELLER);
  expect((await rowOf(world, opened)).version).toBe(version + 1);
});

test('timers and the test clock travel', async () => {
  const { opened } = await disputed();
  await advance(world, opened, inDays(3));
  await untilEvent(world, opened, 'reminded');
  const early = messageOf('hold', { reason: 'one more run' }, null);
  await give(world, opened.id, early);
  await ask(world, opened, 'unhold', { reason: 'go on' }, null);
  const { deadline_at } = await rowOf(world, opened);
  expect(Date.parse(deadline_at ?? '')).toBeGreaterThan(Date.parse(inDays(4.9)));
  await advance(world, opened, inDays(6));
  await untilEvent(world, opened, 'dispute_escalated');
  await advance(world, opened, inDays(40));
  await untilStatus(world, opened, 'closed_disputed');
});

test('the filters of an operator are right in every run, and at the end', async () => {
  const seller = await giveSeller(world.pool, 'Sal');
  const opened = await openEscrow(world, draftOf({}, seller), SHORT);
  const handle = world.engine.client.workflow.getHandle(opened.id);
  const [milestone] = opened.milestones;
  await begin(world, opened, { seller });
  await ask(world, opened, 'hold', { reason: 'a moment' }, null);
  await ask(world, opened, 'unhold', { reason: 'go on' }, null);
  await ask(world, opened, 'mark_done', { milestone }, seller);
  await ask(world, opened, 'approve', { milestone }, BUYER);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  await advance(world, opened, inDays(60));
  const { id } = await disbursementOf(world, opened);
  await advance(world, opened, inDays(61));
  await handle.result();
  await world.engine.client.workflow.getHandle(id).result();
  const { typedSearchAttributes, status } = await handle.describe();
  const shown = Object.fromEntries(
    typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
  );
  expect(status.name).toBe('COMPLETED');
  expect(shown).toMatchObject({ EscrowStatus: 'closed_disbursement_complete' });
  expect(shown).not.toHaveProperty('EscrowFlags');
});

test('a run that ends after every step writes the same history of the deal', async () => {
  const [short, long] = [
    await openEscrow(world, draftOf(), SHORT),
    await openEscrow(world, draftOf()),
  ];
  for (const opened of [short, long]) {
    const [milestone] = opened.milestones;
    await begin(world, opened);
    await ask(world, opened, 'dispute', { milestone, reason: 'no' }, BUYER);
    const dispute = await disputeIn(world, opened);
    await ask(world, opened, 'withdraw_dispute', { dispute }, BUYER);
    await ask(world, opened, 'mark_done', { milestone }, SELLER);
    await advance(world, opened, inDays(4));
    await untilStatus(world, opened, 'closed_disbursement_complete');
  }
  expect(await eventsOf(world, short)).toEqual(await eventsOf(world, long));
  expect(await booksOf(world, short)).toEqual(await booksOf(world, long));
  expect(await runsOf(short)).toBeGreaterThan(2);
});

test('a message that comes in the task that would end the run is taken in it', async () => {
  const opened = await openEscrow(world, draftOf(), SHORT);
  await begin(world, opened);
  const [milestone] = opened.milestones;
  const both = [
    messageOf('mark_done', { milestone }, SELLER),
    messageOf('approve', { milestone }, BUYER),
  ];
  for (const message of both) await insertCommand(world.pool, opened.id, message);
  await Promise.all(both.map((message) => signal(world, opened.id, message.type, message)));
  for (const { id } of both) await outcomeOf(world, id);
  await untilStatus(world, opened, 'closed_disbursement_complete');
});
