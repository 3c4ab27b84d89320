/**
 * Owns the calls of providers: a movement in, one HTTP exchange, an answer out. Runs on the
 * provider's own queue; that worker alone holds credentials.
 * Must not write what was answered (`movements.ts`), nor try anything twice.
 */
import type { Pool } from 'pg';
import type { Instant } from '../domain/calendar';
import type { TestClockId } from '../domain/ids';
import type { Answer, Found, Provider, TestTime } from '../providers/provider';
import { type Movement, referenceOf } from './changes';

/** The provider of a connection, with its credentials. Throws when there is none. */
export type ProviderOf = (connection: string) => Promise<Provider>;

type Dependencies = {
  readonly pool: Pick<Pool, 'query'>;
  readonly providerOf: ProviderOf;
  readonly failpoint: (name: 'effect.before_send' | 'effect.after_send') => Promise<void>;
};

/** What to call about, and the time of its test clock. */
export type Call = { readonly movement: Movement; readonly now: Instant };

/** The answer, and how long money can still come back through this provider. */
export type Called = { readonly answer: Answer; readonly returnsWithinDays: number };
export type LookedUp = { readonly found: Found; readonly returnsWithinDays: number };

export const createProviderCalls = (dependencies: Dependencies) => ({
  takePayment: (call: Call) => takePayment(dependencies, call),
  sendPayout: (call: Call) => sendPayout(dependencies, call),
  lookUp: (call: Call) => lookUp(dependencies, call),
});

export type ProviderCalls = ReturnType<typeof createProviderCalls>;

async function takePayment(
  { pool, providerOf, failpoint }: Dependencies,
  { movement, now }: Call,
): Promise<Called> {
  const provider = await providerOf(movement.connection ?? '');
  const payer = await payerOf(pool, movement);
  await failpoint('effect.before_send');
  const answer = await provider.take({
    ...orderOf(movement, now),
    payer: { name: payer.name, email: payer.email },
    returnUrl: null,
  });
  await failpoint('effect.after_send');
  return { answer, returnsWithinDays: provider.capabilities.returnsWithinDays };
}

async function sendPayout(
  { pool, providerOf, failpoint }: Dependencies,
  { movement, now }: Call,
): Promise<Called> {
  const provider = await providerOf(movement.connection ?? '');
  const destination = await destinationOf(pool, movement);
  await failpoint('effect.before_send');
  const answer = await provider.send({ ...orderOf(movement, now), destination });
  await failpoint('effect.after_send');
  return { answer, returnsWithinDays: provider.capabilities.returnsWithinDays };
}

async function lookUp({ providerOf }: Dependencies, { movement, now }: Call): Promise<LookedUp> {
  const provider = await providerOf(movement.connection ?? '');
  const found = await provider.lookUp({
    kind: movement.kind === 'payment' ? 'take' : 'send',
    reference: referenceOf(movement),
    clock: timeOf(movement, now),
  });
  return { found, returnsWithinDays: provider.capabilities.returnsWithinDays };
}

function orderOf(movement: Movement, now: Instant) {
  const reference = referenceOf(movement);
  return {
    key: reference,
    reference,
    amount: movement.amount,
    currency: movement.currency,
    livemode: movement.livemode,
    texts: { description: movement.escrow ?? movement.id },
    clock: timeOf(movement, now),
  };
}

const timeOf = ({ test_clock }: Movement, now: Instant): TestTime | null =>
  test_clock === null ? null : { id: test_clock as TestClockId, now };

async function payerOf(pool: Dependencies['pool'], { account, platform }: Movement) {
  const { rows } = await pool.query<{ name: string; email: string | null }>(
    'select name, email from holdfast.accounts where id = $1 and platform_id = $2',
    [account, platform],
  );
  const [row] = rows;
  if (!row) throw new Error(`no account ${account}`);
  return row;
}

async function destinationOf(pool: Dependencies['pool'], { id }: Movement) {
  const { rows } = await pool.query<{ reference: string; name: string }>(
    `select d.reference, d.name from holdfast.effects e
       join holdfast.payout_destinations d on d.id = e.destination_id where e.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`${id} has no destination`);
  return row;
}
