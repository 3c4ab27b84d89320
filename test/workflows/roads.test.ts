/**
 * Owns that the road of a command makes no difference: update, signal, or a raw signal past the
 * API; and what a refusal costs.
 * Must not know what the commands mean.
 */
import { ask, give, messageOf, type Outcome, type Road, update } from './commands';
import { begin, complete, type Opened, openEscrow } from './escrows';
import { closeWorld } from './proof';
import { booksOf, disputeIn, eventsOf, historyOf, rowOf, untilStatus } from './seen';
import { BUYER, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

/** A life with a dispute, refusals, a hold and a ruling; what came of each command. */
async function live(opened: Opened, road: Road): Promise<readonly Outcome[]> {
  const [milestone] = opened.milestones;
  const by = (type: Parameters<typeof ask>[2], body: object, who: Parameters<typeof ask>[4]) =>
    ask(world, opened, type, body, who, road);
  const outcomes = [
    await by('approve', { milestone }, BUYER),
    await by('accept', { terms_hash: 'other terms' }, SELLER),
    await by('accept', { terms_hash: opened.hash }, SELLER),
    await by('fund', { amount: 10_001 }, BUYER),
    await by('fund', { amount: 4_000 }, BUYER),
    await by('fund', { amount: 6_000 }, BUYER),
    await by('mark_done', { milestone, evidence: [] }, SELLER),
    await by('dispute', { milestone, reason: 'not as agreed' }, BUYER),
    await by('approve', { milestone }, BUYER),
    await by('hold', { reason: 'compliance' }, null),
    await by('unhold', { reason: 'cleared' }, null),
  ];
  const dispute = await disputeIn(world, opened);
  const split = { recipients: 7_000, payers: 3_000 };
  outcomes.push(
    await by('answer_dispute', { dispute, answer: 'it is' }, SELLER),
    await by('resolve', { dispute, reason: 'early', split }, null),
    await by('escalate', { dispute }, SELLER),
    await by('resolve', { dispute, reason: 'half', split: { recipients: 1, payers: 1 } }, null),
    await by('resolve', { dispute, reason: 'half', split }, null),
  );
  await untilStatus(world, opened, 'closed_disputed');
  return outcomes;
}

test('the same life gives the same events, outcomes and books by every road', async () => {
  const seen: object[] = [];
  for (const road of ['update', 'signal', 'raw signal'] as const) {
    const opened = await openEscrow(world);
    const outcomes = await live(opened, road);
    const settled = (await rowOf(world, opened)).version;
    seen.push({
      outcomes,
      settled,
      events: await eventsOf(world, opened),
      books: await booksOf(world, opened),
    });
  }
  expect(seen[0]).toMatchObject({
    outcomes: [
      { code: 'wrong_status' },
      { code: 'terms_changed' },
      { outcome: 'done' },
      { code: 'limit_reached' },
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'done' },
      { code: 'in_dispute' },
      { outcome: 'done' },
      { outcome: 'done' },
      { outcome: 'done' },
      { code: 'conditions_unmet' },
      { outcome: 'done' },
      { code: 'amount_mismatch' },
      { outcome: 'done' },
    ],
  });
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
});

test('a refusal by the validator costs no history', async () => {
  const opened = await openEscrow(world);
  await begin(world, opened);
  const before = await historyOf(world, opened.id);
  for (const [milestone] of [opened.milestones, opened.milestones]) {
    const refused = await ask(world, opened, 'approve', { milestone: 'mil_other' }, BUYER);
    expect(refused).toEqual({ outcome: 'refused', code: 'unknown_milestone' });
    expect((await ask(world, opened, 'release', { milestone }, BUYER)).code).toBe('wrong_status');
    expect((await ask(world, opened, 'approve', { milestone }, 'acc_x')).code).toBe('not_a_party');
  }
  expect(await historyOf(world, opened.id)).toHaveLength(before.length);
});

test('a refused update leaves the row open; a refused signal is answered on it', async () => {
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const early = messageOf('mark_done', { milestone: opened.milestones[0] }, SELLER);
  expect(await update(world, opened.id, early)).toEqual({
    outcome: 'refused',
    code: 'wrong_status',
  });
  // The update was refused, then the same command comes by signal: still one answer.
  expect(await give(world, opened.id, early, 'signal')).toEqual({
    outcome: 'refused',
    code: 'wrong_status',
  });
  const raw = messageOf('mark_done', { milestone: opened.milestones[0] }, SELLER);
  expect((await give(world, opened.id, raw, 'raw signal')).code).toBe('wrong_status');
  const { rows } = await world.pool.query(
    `select decision from holdfast.audit where command_id = any ($1)`,
    [[early.id, raw.id]],
  );
  expect(rows).toEqual([{ decision: 'wrong_status' }, { decision: 'wrong_status' }]);
});

test('an update with a condition is refused when the escrow has moved on', async () => {
  const opened = await openEscrow(world);
  await untilStatus(world, opened, 'sent_awaiting_confirmation');
  const stale = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  const asked = await give(world, opened.id, { ...stale, expected_version: 1 });
  expect(asked.code).toBe('stale_version');
  const fresh = messageOf('accept', { terms_hash: opened.hash }, SELLER);
  const { version } = await rowOf(world, opened);
  const given = await give(world, opened.id, { ...fresh, expected_version: version });
  expect(given.outcome).toBe('done');
});

test('by signal alone an escrow comes to its end', async () => {
  const opened = await openEscrow(world);
  await complete(world, opened, { road: 'raw signal' });
  await untilStatus(world, opened, 'closed_disbursement_complete');
});
