/**
 * Owns the roads of a command: while nobody works, when a process dies between two steps, when
 * the same is asked many times at once. One effect, one answer.
 * Must not test what a command means.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool } from '../../runtime/database';
import { armFailpoints } from '../../runtime/failpoints';
import { openTemporal } from '../../runtime/temporal';
import type { Working } from '../harness/workers';
import { agreed, deal, type People, sent, twoPeople, until } from './people';
import { type Answered, at, each, openStack, type Stack, send, textAt } from './stack';

let stack: Stack;
let people: People;
let working: Working;
beforeAll(async () => {
  stack = await openStack({ limits: { acceptMs: 1_000, answerMs: 3_000 } });
  working = await stack.engine.work();
  people = await twoPeople(stack);
});
afterEach(() => armFailpoints(''));
afterAll(() => stack.close());

const eventsOf = async (path: string): Promise<readonly unknown[]> =>
  each((await stack.get(`${path}/events?order=asc`)).body, 'type');
const commandsOf = async (escrow: string): Promise<number> => {
  const { rowCount } = await stack.pool.query(
    'select 1 from holdfast.commands where escrow_id = $1',
    [escrow],
  );
  return rowCount ?? 0;
};

describe('many at once', () => {
  test('fifty requests under one key make one escrow and one answer', async () => {
    const idempotency = randomUUID();
    const body = deal(people);
    const ask = () => stack.call('POST', '/v1/escrows', body, { as: people.buyer, idempotency });
    const answers = await Promise.all(Array.from({ length: 50 }, ask));
    const done = await until(ask, ({ status }) => status === 201);
    for (const answer of answers) {
      if (answer.status === 201) expect(answer.body).toEqual(done.body);
      else
        expect(answer).toMatchObject({ status: 409, body: { code: 'in_flight', retryable: true } });
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await commandsOf(done.id)).toBe(1);
    expect(await eventsOf(`/v1/escrows/${done.id}`)).toEqual(['created', 'sent']);
  });

  test('fifty acceptances under fifty keys: one accepts, the others are told why not', async () => {
    const { path, hash, seller } = await sent(stack, people);
    const ask = () => stack.call('POST', `${path}/accept`, { terms_hash: hash }, { as: seller });
    const answers: Answered[] = [];
    for (let n = 0; n < 5; n += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 10 }, ask))));
    }
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, at(body, 'code')]).toEqual([403, 'not_allowed']);
    }
    expect(await eventsOf(path)).toEqual(['created', 'sent', 'party_accepted', 'agreed']);
  });

  test('the same key with another body, or at another address, is a mismatch', async () => {
    const idempotency = randomUUID();
    const [one, two] = [await sent(stack, people), await sent(stack, people)];
    const ask = (path: string, reason: string) =>
      stack.call('POST', `${path}/cancel`, { reason }, { as: people.buyer, idempotency });
    expect(await ask(one.path, 'No.')).toMatchObject({ status: 200 });
    for (const other of [await ask(one.path, 'Yes.'), await ask(two.path, 'No.')]) {
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
    }
    expect((await stack.get(two.path)).body).toMatchObject({ status_code: 'sac' });
    // A key belongs to the actor: the other party may use the same word.
    const other = { as: people.seller, idempotency };
    expect(await stack.call('POST', `${two.path}/cancel`, { reason: 'No.' }, other)).toMatchObject({
      status: 200,
    });
  });

  test('one payment is planned, however often it is asked for under one key', async () => {
    const { path, buyer } = await agreed(stack, people);
    const idempotency = randomUUID();
    const ask = () =>
      stack.call('POST', `${path}/payments`, { provider: 'sandbox' }, { as: buyer, idempotency });
    await Promise.all(Array.from({ length: 20 }, ask));
    const done = await until(ask, ({ status }) => status === 201);
    const listed = await stack.get(`/v1/payments?escrow=${path.split('/').at(-1)}`);
    expect(each(listed.body, 'id')).toEqual([done.id]);
  });
});

describe('while nobody works', () => {
  beforeAll(() => working.stop());
  afterAll(async () => {
    working = await stack.engine.work();
  });

  test('commands are accepted, can be looked up, and are done afterwards', async () => {
    const body = deal(people);
    const idempotency = randomUUID();
    const create = () => stack.call('POST', '/v1/escrows', body, { as: people.buyer, idempotency });
    const first = await create();
    expect(first).toMatchObject({
      status: 202,
      body: { object: 'command', type: 'send', status: 'handed_over', answered_at: null },
    });
    const address = `/v1/commands/${first.id}`;
    expect(first.headers.get('location')).toBe(address);
    const escrow = `/v1/escrows/${textAt(first.body, 'escrow')}`;
    expect((await stack.get(escrow)).body).toMatchObject({ status: 'draft' });
    expect(await create()).toMatchObject({ status: 202, body: { id: first.id } });
    expect(
      await stack.call('PATCH', escrow, { title: 'Changed' }, { as: people.buyer }),
    ).toMatchObject({ status: 409, body: { code: 'in_flight' } });

    const worker = await stack.engine.work();
    await until(
      () => stack.get(address),
      (answer) => at(answer.body, 'status') === 'done',
    );
    const done = await create();
    expect(done).toMatchObject({ status: 201, body: { status_code: 'sac' } });
    expect((await create()).headers.get('idempotency-replayed')).toBe('true');
    expect(await eventsOf(escrow)).toEqual(['created', 'sent']);
    await worker.stop();
  });

  test('an update that no worker takes becomes a signal; both are one command', async () => {
    const worker = await stack.engine.work();
    const { path, hash, seller, escrow } = await sent(stack, people);
    await worker.stop();
    const options = { as: seller, idempotency: randomUUID() };
    const ask = () => stack.call('POST', `${path}/accept`, { terms_hash: hash }, options);
    const first = await ask();
    expect(first).toMatchObject({ status: 202, body: { type: 'accept', status: 'handed_over' } });
    const { rows } = await stack.pool.query<{ handed_over_by: string }>(
      'select handed_over_by from holdfast.commands where id = $1',
      [first.id],
    );
    expect(rows).toEqual([{ handed_over_by: 'signal' }]);
    const again = await stack.engine.work();
    const done = await until(ask, ({ status }) => status !== 202);
    expect(done).toMatchObject({ status: 200, body: { id: escrow } });
    expect(await eventsOf(path)).toEqual(['created', 'sent', 'party_accepted', 'agreed']);
    await again.stop();
  });

  test('a payment is planned and begun later', async () => {
    const worker = await stack.engine.work();
    const { path, buyer } = await agreed(stack, people);
    await worker.stop();
    const options = { as: buyer, idempotency: randomUUID() };
    const ask = () => stack.call('POST', `${path}/payments`, { provider: 'sandbox' }, options);
    const first = await ask();
    expect(first).toMatchObject({ status: 202, body: { status: 'pending', payer_action: null } });
    expect(first.headers.get('location')).toBe(`/v1/payments/${first.id}`);
    const again = await stack.engine.work();
    const done = await until(ask, ({ status }) => status !== 202);
    expect(done).toMatchObject({ status: 201, body: { id: first.id, status: 'settled' } });
    await again.stop();
  });
});

describe('when a part is away', () => {
  test('the engine: accepted at once, handed over by the sweeper when it is back', async () => {
    const { path, hash, seller } = await sent(stack, people);
    const nowhere = { ...stack.engine.settings, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const temporal = openTemporal(nowhere);
    const cut = await stack.serve({ temporal });
    const options = { key: stack.keys.test, as: seller, idempotency: randomUUID() };
    const body = { terms_hash: hash };
    const first = await send(`${cut}${path}/accept`, 'POST', body, options);
    expect(first).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect((await stack.get(path)).status).toBe(200); // reads need no engine
    const done = await until(
      () => stack.get(`/v1/commands/${first.id}`),
      (answer) => at(answer.body, 'status') === 'done',
    );
    expect(done.body).toMatchObject({ escrow_version: 4, refusal: null });
    await temporal.connection.close();
  });

  test('the listening connection: answers are found by looking; it is opened anew', async () => {
    const { path, hash, seller } = await sent(stack, people);
    const listeners = async (): Promise<number> => {
      const { rowCount } = await stack.database.pool().query(
        `select pid from pg_stat_activity
          where application_name = 'test answers' and datname = current_database()`,
      );
      return rowCount ?? 0;
    };
    await stack.database.pool().query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'test answers' and datname = current_database()`,
    );
    const accepted = await stack.call(
      'POST',
      `${path}/accept`,
      { terms_hash: hash },
      { as: seller },
    );
    expect(accepted.status).toBe(200);
    for (let n = 0; n < 50 && (await listeners()) === 0; n += 1) await sleep(100);
    expect(await listeners()).toBe(1);
  });

  test('the database: not answered, and safe to repeat', async () => {
    const { path, hash, seller } = await sent(stack, people);
    const broken = openPool({
      url: 'postgres://nobody@127.0.0.1:1/none',
      role: null,
      name: 'nowhere',
      max: 1,
      onError: () => undefined,
    });
    const cut = await stack.serve({ database: broken });
    const options = { key: stack.keys.test, as: seller };
    const refused = await send(`${cut}${path}/accept`, 'POST', { terms_hash: hash }, options);
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable', retryable: true } });
    expect(refused.headers.get('retry-after')).toBe('1');
    await broken.end();
  });
});

describe('when a step fails', () => {
  test('a request that dies behind its row is answered on its repeat', async () => {
    const { path, hash, seller } = await sent(stack, people);
    const options = { as: seller, idempotency: randomUUID() };
    const ask = () => stack.call('POST', `${path}/accept`, { terms_hash: hash }, options);
    armFailpoints('command.row_committed=throw@1');
    expect(await ask()).toMatchObject({ status: 500, body: { code: 'internal', retryable: true } });
    armFailpoints('');
    expect(await ask()).toMatchObject({ status: 409, body: { code: 'in_flight' } });
    const done = await until(ask, ({ status }) => status !== 409); // by the sweeper
    expect(done).toMatchObject({ status: 200, body: { status: 'accepted_not_funded' } });
  });

  test('an answer does not wait for the call that carried the command', async () => {
    const { path, hash, seller } = await sent(stack, people);
    armFailpoints('handover.after_accept=delay:2000');
    const startedAt = Date.now();
    const accepted = await stack.call(
      'POST',
      `${path}/accept`,
      { terms_hash: hash },
      { as: seller },
    );
    expect(accepted.status).toBe(200);
    expect(Date.now() - startedAt).toBeLessThan(1_500);
  });
});
