/**
 * Owns the client of the simulated bank: orders into requests, answers into the port's states
 * (`providers.md`, section 5). Must not know the bank's code: it sees what travels, nothing else.
 */
import type { Millis } from '../domain/calendar';
import { toMinor } from '../domain/money';
import { type Exchange, exchange, LIMITS, type Limits } from './exchange';
import {
  type Answer,
  type Capabilities,
  type Failure,
  type Found,
  type Order,
  type Provider,
  ReadFailed,
  type Reference,
  type SendOrder,
  type TakeOrder,
  type TestTime,
} from './provider';
import {
  answerOf,
  foundIn,
  type Kind,
  readCurrent,
  readList,
  readObject,
  readProblem,
} from './sandbox-answers';
import { readSandboxWebhook } from './sandbox-webhook';

export type SandboxConnection = {
  readonly url: string; // where the bank listens
  readonly token: string;
  readonly webhookSecret: string;
  readonly returnsWithinDays: number;
  readonly chargebacksWithinDays: number;
  readonly limits?: Limits; // shorter in tests
};

const DAYS = { returnsWithinDays: 30, chargebacksWithinDays: 120 } as const;

/** The provider of one connection at the sandbox. */
export function createSandbox(
  settings: Pick<SandboxConnection, 'url' | 'token' | 'webhookSecret'> & Partial<SandboxConnection>,
): Provider {
  const connection: SandboxConnection = { ...DAYS, ...settings };
  return {
    capabilities: capabilitiesOf(connection),
    take: (order) => give(connection, 'payment', order, paymentBody(order)),
    send: (order) => give(connection, 'payout', order, payoutBody(order)),
    giveBack: (order) => give(connection, 'refund', order, { payment: order.payment }),
    cancel: (ref) => cancel(connection, ref),
    lookUp: (ref) => lookUp(connection, ref),
    readWebhook: async (raw) => readSandboxWebhook(connection.webhookSecret, raw),
  };
}

function capabilitiesOf({
  returnsWithinDays,
  chargebacksWithinDays,
}: SandboxConnection): Capabilities {
  return {
    custody: 'pooled',
    take: ['checkout', 'bank'],
    partialRelease: true,
    send: 'any',
    giveBack: { how: 'partial', withinDays: null },
    asyncSettle: true,
    holdMaxDays: null,
    returnsWithinDays,
    chargebacksWithinDays,
    currencies: 'all',
    step: () => toMinor(1),
    resendHours: 20, // the bank forgets a key after 24 hours
    proof: 'hmac',
  };
}

const paymentBody = ({ payer, returnUrl }: TakeOrder) => ({
  payer: { name: payer.name, ...(payer.email === null ? {} : { email: payer.email }) },
  ...(returnUrl === null ? {} : { return_url: returnUrl }),
});
const payoutBody = ({ destination: { reference, name } }: SendOrder) => ({
  destination: { reference, name },
});

async function give(
  connection: SandboxConnection,
  kind: Kind,
  order: Order,
  special: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  if (order.livemode) return { state: 'failed', code: 'not_supported', again: 'never' };
  const { reference, amount, currency, texts, clock, key } = order;
  const body = {
    reference,
    amount,
    currency,
    description: texts.description,
    ...(clock === null ? {} : { clock: clock.id }),
    ...special,
  };
  const answered = await call(connection, 'POST', `/${kind}s`, clock, {
    body: JSON.stringify(body),
    headers: { 'Idempotency-Key': key },
  });
  return answerTo(answered, kind, 201, orderRefused);
}

async function cancel(connection: SandboxConnection, ref: Reference): Promise<Answer> {
  const kind = kindOf(ref);
  const path = `/${kind}s/${nameOf(ref)}/cancel`;
  const answered = await call(connection, 'POST', path, ref.clock, { body: '{}' });
  return answerTo(answered, kind, 200, cancelRefused);
}

/** Reads the list under our reference: the bank documents it as complete. */
async function lookUp(connection: SandboxConnection, ref: Reference): Promise<Found> {
  const kind = kindOf(ref);
  const path = `/${kind}s?reference=${encodeURIComponent(ref.reference)}`;
  const answered = await call(connection, 'GET', path, ref.clock, {});
  if (answered.type !== 'answered') throw new ReadFailed('unreachable', answered.cause);
  const { status, body, retryAfter } = answered;
  if (status === 401 || status === 403) throw new ReadFailed('login', `status ${status}`);
  if (status === 429) throw new ReadFailed('limited', 'status 429', retryAfter);
  const list = status === 200 ? readList(kind, body) : null;
  if (list === null) throw new ReadFailed('unreadable', `status ${status}`);
  return foundIn(list, ref);
}

type Call = { readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

function call(
  { url, token, limits }: SandboxConnection,
  method: 'GET' | 'POST',
  path: string,
  clock: TestTime | null,
  { body, headers }: Call,
): Promise<Exchange> {
  return exchange({
    method,
    url: new URL(path, url),
    headers: {
      Authorization: `Bearer ${token}`,
      ...(clock === null ? {} : { 'Sandbox-Now': clock.now }),
      ...headers,
    },
    body: body ?? null,
    limits: limits ?? LIMITS,
  });
}

type Refusal = { readonly status: number; readonly body: string };

/** What every call shares; `refused` knows the documented refusals of its own call. */
function answerTo(
  answered: Exchange,
  kind: Kind,
  good: number,
  refused: (refusal: Refusal, kind: Kind) => Answer | null,
): Answer {
  if (answered.type === 'not_sent') return { state: 'not_executed', cause: answered.cause };
  if (answered.type === 'broken') return { state: 'unknown', cause: answered.cause };
  const { status, body, retryAfter } = answered;
  if (status === good) {
    const object = readObject(kind, body);
    return object === null ? { state: 'unknown', cause: 'unreadable answer' } : answerOf(object);
  }
  if (status === 401 || status === 403) return notExecuted(`status ${status}`, null);
  if (status === 429) return notExecuted('status 429', retryAfter);
  return refused({ status, body }, kind) ?? { state: 'unknown', cause: `status ${status}` };
}

const notExecuted = (cause: string, after: Millis | null): Answer => ({
  state: 'not_executed',
  cause,
  ...(after === null ? {} : { after }),
});

/** Refusals that the bank documents as final: nothing was carried out under this key. */
const FINAL: ReadonlyMap<string, Failure> = new Map([
  ['balance_too_low', { code: 'balance_too_low', again: 'later' }],
  ['amount_out_of_range', { code: 'amount_out_of_range', again: 'never' }],
  ['malformed', { code: 'not_supported', again: 'never' }],
  ['payment_unknown', { code: 'not_supported', again: 'never' }],
  ['fault_unknown', { code: 'not_supported', again: 'never' }],
]);

function orderRefused({ status, body }: Refusal): Answer | null {
  const failure = status === 422 ? FINAL.get(readProblem(body) ?? '') : undefined;
  return failure === undefined ? null : { state: 'failed', ...failure };
}

/** Too late: the state that won the race. Nothing there: there was nothing to stop. */
function cancelRefused({ status, body }: Refusal, kind: Kind): Answer | null {
  if (status === 404 && readProblem(body) === 'not_found') {
    return notExecuted('nothing there to cancel', null);
  }
  const current = status === 409 ? readCurrent(kind, body) : null;
  return current === null ? null : answerOf(current);
}

const KINDS = { take: 'payment', send: 'payout', give_back: 'refund' } as const;
const kindOf = ({ kind }: Reference): Kind => KINDS[kind];

const nameOf = ({ reference, theirs }: Reference): string =>
  encodeURIComponent(theirs ?? `reference:${reference}`);
