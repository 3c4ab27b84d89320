/**
 * Owns the end of a world: the proof that books, bank and engine agree.
 * Must not know what has happened in it.
 */
import { verify } from '../../ledger/proof';
import { doublePayouts, failedTasks, trialBalance } from './seen';
import type { World } from './world';

/** Ends the world, after the proof that nothing in it was broken. */
export async function closeWorld(world: World): Promise<void> {
  const found = await proofOf(world);
  await world.engine.close();
  await world.database.close();
  if (found.length > 0) throw new Error(`the world is broken:\n${found.join('\n')}`);
}

/** What is wrong with books, payouts and workflow tasks, one sentence each. */
async function proofOf(world: World): Promise<readonly string[]> {
  const { checks } = await verify(world.database.pool(), null);
  const balance = await trialBalance(world);
  return [
    ...checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`),
    ...(balance === 0 ? [] : [`the trial balance is ${balance}`]),
    ...(await doublePayouts(world)).map((id) => `${id} was paid out twice`),
    ...(await failedTasks(world)),
  ];
}
