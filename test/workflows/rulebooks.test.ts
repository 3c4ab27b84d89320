/**
 * Owns that an escrow opened under an old rulebook goes on under it after a deploy, on the real
 * engine: workers of this release are replaced by those of a next one, which ships a second
 * rulebook with one deliberately changed rule.
 * Must not repeat what a rulebook changes (`test/domain/rulebook.test.ts`).
 */
import { RULEBOOKS, type Rulebook, rulebookOf } from '../../domain/rulebook';
import { RULEBOOK_VERSIONS } from '../../domain/rulebook-versions';
import { changedBundle } from '../harness/changed-bundle';
import { ask } from './commands';
import { advance, begin, inDays, type Opened, openEscrow } from './escrows';
import { closeWorld } from './proof';
import { rowOf, untilStatus } from './seen';
import { openWorld, SELLER, type World } from './world';

jest.setTimeout(180_000);

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => closeWorld(world));

/** The next release: under its rulebook a seller no longer cancels what is in progress. */
const SECOND = `{
    ...FIRST,
    milestone: {
      ...MILESTONE,
      in_progress: {
        ...MILESTONE.in_progress,
        cancel: MILESTONE.in_progress.cancel && {
          ...MILESTONE.in_progress.cancel,
          who: ['buyer_of_overdue', 'clock'],
        },
      },
    },
  }`;

const cancel = (opened: Opened) =>
  ask(world, opened, 'cancel', { milestone: opened.milestones[0], reason: 'ill' }, SELLER);

test('old escrows go on under their rulebook, new ones go by the new', async () => {
  const old = await world.engine.work();
  const [asked, silent] = [await openEscrow(world), await openEscrow(world)];
  for (const opened of [asked, silent]) await begin(world, opened);
  await old.stop();

  const bundle = await changedBundle([
    { file: 'domain/rulebook.ts', before: '1: FIRST,', after: `1: FIRST,\n  2: ${SECOND},` },
  ]);
  await world.engine.work({ bundle });
  Object.assign(RULEBOOKS, { 2: rulebookOf(1) satisfies Rulebook });
  Object.assign(RULEBOOK_VERSIONS, [1, 2]); // terms are made by its number
  const fresh = await openEscrow(world);
  await begin(world, fresh);
  expect(await rulebookIn(asked)).toBe(1);
  expect(await rulebookIn(fresh)).toBe(2);

  expect(await cancel(fresh)).toEqual({ outcome: 'refused', code: 'not_allowed' });
  expect(await cancel(asked)).toEqual({ outcome: 'done', code: null });
  await untilStatus(world, asked, 'closed_refunded');
  expect((await rowOf(world, fresh)).status).toBe('in_progress');

  // Who says nothing goes on as well: overdue, then refunded, by the defaults of its rulebook.
  await advance(world, silent, inDays(60));
  await untilStatus(world, silent, 'closed_refunded');
});

async function rulebookIn({ id }: Opened): Promise<number | undefined> {
  const { rows } = await world.pool.query<{ rulebook: number }>(
    `select (terms ->> 'rulebook')::int as rulebook from holdfast.escrows where id = $1`,
    [id],
  );
  return rows[0]?.rulebook;
}
