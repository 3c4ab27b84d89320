/**
 * Owns the calls of providers: a movement in, one HTTP exchange, an answer out. Runs on the
 * provider's own queue; that worker alone holds credentials.
 * Must not write what was answered (`movements.ts`), nor try anything twice.
 */
import { ApplicationFailure, heartbeat } from '@temporalio/activity';
import type { Pool } from 'pg';
import { type Instant, seconds } from '../domain/calendar';
import type { TestClockId } from '../domain/ids';
import {
  type Answer,
  type Destination,
  type Found,
  type Provider,
  ReadFailed,
  type Reference,
  type TestTime,
} from '../providers/provider';
import { isOurs } from './facts';
import { type Movement, referenceOf } from './movement';

/** The provider of a connection, with its credentials. Throws when there is none. */
export type ProviderOf = (connection: string) => Promise<Provider>;

export type ProviderDependencies = {
  readonly pool: Pick<Pool, 'query'>;
  readonly providerOf: ProviderOf;
  readonly failpoint: (name: CallFailpoint) => Promise<void>;
};

type CallFailpoint = 'effect.before_send' | 'effect.after_send' | 'payout.after_send';

/** What to call about, and the time of its test clock. */
export type Call = { readonly movement: Movement; readonly now: Instant };

/** `is_ours`: the fact that came with it is about what was ordered. */
type Reading = { readonly is_ours: boolean; readonly returns_within_days: number };
export type Called = Reading & { readonly answer: Answer };
export type LookedUp = Reading & { readonly found: Found };

export const createProviderCalls = (dependencies: ProviderDependencies) => ({
  takePayment: (call: Call) => alive(() => takePayment(dependencies, call)),
  sendPayout: (call: Call) => alive(() => sendPayout(dependencies, call)),
  giveBack: (call: Call) => alive(() => giveBack(dependencies, call)),
  lookUp: (call: Call) => alive(() => lookUp(dependencies, call)),
});

export type ProviderCalls = ReturnType<typeof createProviderCalls>;

async function takePayment(
  { pool, providerOf, failpoint }: ProviderDependencies,
  { movement, now }: Call,
): Promise<Called> {
  const provider = await providerOf(movement.connection ?? '');
  const payer = await payerOf(pool, movement);
  await failpoint('effect.before_send');
  const answer = await provider.take({ ...orderOf(movement, now), payer, returnUrl: null });
  await failpoint('effect.after_send');
  return called(provider, movement, null, answer);
}

async function sendPayout(
  { pool, providerOf, failpoint }: ProviderDependencies,
  { movement, now }: Call,
): Promise<Called> {
  const provider = await providerOf(movement.connection ?? '');
  const destination = await destinationOf(pool, movement);
  await failpoint('effect.before_send');
  const answer = (await maySend(pool, movement))
    ? await provider.send({ ...orderOf(movement, now), destination })
    : ({ state: 'not_executed', cause: 'held back' } as const);
  await failpoint('effect.after_send');
  await failpoint('payout.after_send');
  return called(provider, movement, destination, answer);
}

/** A provider that cannot give back says so without a call. */
async function giveBack(
  { pool, providerOf, failpoint }: ProviderDependencies,
  { movement, now }: Call,
): Promise<Called> {
  const provider = await providerOf(movement.connection ?? '');
  const payment = await paymentOf(pool, movement);
  await failpoint('effect.before_send');
  const answer = (await maySend(pool, movement))
    ? ((await provider.giveBack?.({ ...orderOf(movement, now), payment })) ?? NO_GIVE_BACK)
    : ({ state: 'not_executed', cause: 'held back' } as const);
  await failpoint('effect.after_send');
  return called(provider, movement, null, answer);
}

const NO_GIVE_BACK = { state: 'failed', code: 'not_supported', again: 'never' } as const;

async function lookUp(
  { pool, providerOf }: ProviderDependencies,
  { movement, now }: Call,
): Promise<LookedUp> {
  const provider = await providerOf(movement.connection ?? '');
  const kind = LOOKED_UP[movement.kind];
  const destination = kind === 'send' ? await destinationOf(pool, movement) : null;
  const found = await reading(() =>
    provider.lookUp({
      kind,
      reference: referenceOf(movement),
      clock: timeOf(movement, now),
    }),
  );
  return {
    found,
    is_ours: !found.found || isOurs(found.fact, movement, destination),
    returns_within_days: provider.capabilities.returnsWithinDays,
  };
}

const LOOKED_UP = {
  payment: 'take',
  disbursement: 'send',
  withdrawal: 'send',
  refund: 'give_back',
} as const satisfies Record<Movement['kind'], Reference['kind']>;

const called = (
  { capabilities }: Provider,
  movement: Movement,
  destination: Destination | null,
  answer: Answer,
): Called => ({
  answer,
  is_ours: answer.state !== 'settled' || isOurs(answer.fact, movement, destination),
  returns_within_days: capabilities.returnsWithinDays,
});

/** The last look before the first byte: a process that slept until now sends nothing. */
async function maySend(
  pool: ProviderDependencies['pool'],
  { id, attempt }: Movement,
): Promise<boolean> {
  const { rows } = await pool.query<{ may: boolean }>('select holdfast.may_send($1, $2) as may', [
    id,
    attempt,
  ]);
  return rows[0]?.may === true;
}

/** A read that failed is repeated, when the provider wishes. */
async function reading(read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ReadFailed) || error.after === null) throw error;
    const { message, reason: type, after: nextRetryDelay } = error;
    throw ApplicationFailure.create({ message, type, nextRetryDelay, cause: error });
  }
}

const BEAT_MS = seconds(3);

/** Says while a call lasts that this process lives: when it dies, others know in seconds. */
async function alive<T>(call: () => Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat(), BEAT_MS);
  try {
    return await call();
  } finally {
    clearInterval(beat);
  }
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

async function payerOf(pool: ProviderDependencies['pool'], { account, platform }: Movement) {
  const { rows } = await pool.query<{ name: string; email: string | null }>(
    'select name, email from holdfast.accounts where id = $1 and platform_id = $2',
    [account, platform],
  );
  const [row] = rows;
  if (!row) throw new Error(`no account ${account}`);
  return row;
}

async function destinationOf(
  pool: ProviderDependencies['pool'],
  { id }: Movement,
): Promise<Destination> {
  const { rows } = await pool.query<Destination>(
    `select d.reference, d.name from holdfast.effects e
       join holdfast.payout_destinations d on d.id = e.destination_id where e.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`${id} has no destination`);
  return row;
}

/** Our reference of the payment that a refund gives back: of the attempt that settled. */
async function paymentOf(pool: ProviderDependencies['pool'], { id }: Movement): Promise<string> {
  const { rows } = await pool.query<{ reference: string }>(
    `select a.reference from holdfast.effects e
       join holdfast.attempts a on a.effect_id = e.payment_id and a.state = 'settled'
      where e.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`${id} gives back no payment`);
  return row.reference;
}
