/**
 * Owns that preview and engine never disagree: random stories, played by the preview and by the
 * real workflow on a test clock, come to the same events with the same amounts, refusals, journals,
 * deadlines and statuses. `HOLDFAST_TEST_STORIES` says how many: 25 unless told, 200 at night.
 * Must not know a rule, nor how either plays.
 */
import type { AccountId } from '../../domain/ids';
import { ACCOUNTS } from '../domain/sample';
import { closeWorld } from '../workflows/proof';
import type { World } from '../workflows/world';
import { fillBank, fillWallet, giveAccount, openWorld, PLATFORM } from '../workflows/world';
import { livedOn } from './engine-life';
import { storiesOf } from './stories';
import { disagreements, done, foretold } from './told';

const STORIES = Number(process.env.HOLDFAST_TEST_STORIES ?? 25);
const AT_ONCE = 8;
const RICH = 1_000_000_000;
jest.setTimeout(120_000 + STORIES * 12_000);

const stories = storiesOf(STORIES, 20_261_128);
let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const name of ACCOUNTS) {
    const account: AccountId = `acc_${name}`;
    if (!['buyer', 'seller', 'arbiter'].includes(name)) {
      await giveAccount(world.pool, account, name);
    }
    await giveDestination(account);
    await fillWallet(world.pool, account, RICH);
  }
  await fillBank(world, RICH);
  await world.engine.work();
});
afterAll(() => closeWorld(world));

/** The default one, which settles whatever the amount. */
async function giveDestination(account: AccountId): Promise<void> {
  const { pool } = world;
  await pool.query(
    'update holdfast.payout_destinations set is_default = false where account_id = $1',
    [account],
  );
  await pool.query(
    `insert into holdfast.payout_destinations
       (id, platform_id, livemode, account_id, provider, reference, name, currency, is_default)
     values ($1, $2, false, $3, 'sandbox', $1, 'Sal fault:settle', 'EUR', true)`,
    [`dst_${account.slice(4)}`, PLATFORM, account],
  );
}

test(`${STORIES} random stories come to the same on the engine and in the preview`, async () => {
  const queue = [...stories];
  const found: string[] = [];
  const seen = new Set<string>();
  let noticed = 0; // of stories told otherwise: nobody answers
  const play = async (): Promise<void> => {
    for (let story = queue.shift(); story; story = queue.shift()) {
      const lived = await livedOn(world, story);
      const did = await done(world, story, lived);
      const wrong = disagreements(did, foretold(story, lived));
      if (wrong.length > 0) found.push(...wrong.slice(0, 20), JSON.stringify(story));
      const silent = { ...story, lines: story.lines.slice(0, 1) };
      if (disagreements(did, foretold(silent, lived)).length > 0) noticed += 1;
      for (const { status_code } of lived.rests) seen.add(status_code);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, play));
  expect(found).toEqual([]);
  expect(noticed).toBeGreaterThan(STORIES / 2);
  expect([...seen]).toEqual(expect.arrayContaining(['sac', 'ip', 'cr', 'cdc']));
});
