/**
 * Owns the proof that a failing receiver gets everything in the end and harms nobody: tries,
 * rests, order, 410, five days, and a dispatcher that dies.
 * Must not test what is sent (`webhooks.test.ts`). Source: `security.md`, section 11.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { armFailpoints } from '../../runtime/failpoints';
import { bodyOf, type Listeners, openListeners } from './listeners';
import { until } from './people';
import { anyName, at, textAt } from './stack';

jest.setTimeout(60_000); // many rests and tries

let all: Listeners;
let stack: Listeners['stack'];
let receiver: Listeners['receiver'];
let endpointAt: Listeners['endpointAt'];
let anything: Listeners['anything'];
let deliveries: Listeners['deliveries'];
let hurry: Listeners['hurry'];
let awake: Listeners['awake'];
let freed: Listeners['freed'];
beforeAll(async () => {
  all = await openListeners();
  ({ stack, receiver, endpointAt, anything, deliveries, hurry, awake, freed } = all);
});
afterAll(() => all.close());

test('an answer that is no 2xx is tried again with the same id; every try is listed', async () => {
  const to = await receiver();
  to.answer = (response) => void response.writeHead(500).end('not \0 today');
  const { id, path } = await endpointAt(to.url, { types: ['account.*'] });
  await anything();
  await to.has(1);
  const [waiting] = await deliveries(path, (list) => at(list, 0, 'tries') === 1);
  const seconds = (Date.parse(textAt(waiting, 'next_at')) - Date.now()) / 1_000;
  expect(seconds).toBeGreaterThan(2);
  expect(seconds).toBeLessThan(6.1);
  to.answer = (response) => void response.writeHead(200).end('ok');
  await hurry(id);
  await to.has(2);
  const one = `${path}/deliveries/${textAt(waiting, 'id')}`;
  await until(
    () => stack.get(one),
    ({ body }) => at(body, 'state') === 'delivered',
  );
  expect((await stack.get(one)).body).toMatchObject({
    tries: 2,
    log: [
      { status: 200, answer: 'ok', error: null },
      { status: 500, answer: 'not \uFFFD today' },
    ],
  });
  expect(to.got[1]?.headers['webhook-id']).toBe(to.got[0]?.headers['webhook-id']);
  expect(to.got[1]?.body).toBe(to.got[0]?.body);
});

test('nine more tries, then it has failed; a replay of all that failed delivers it', async () => {
  const to = await receiver();
  to.answer = (response) => void response.writeHead(302, { location: 'https://example.com' }).end();
  const { id, path } = await endpointAt(to.url, { types: ['account.created'] });
  await anything();
  for (let tries = 1; tries <= 10; tries += 1) {
    await to.has(tries);
    await deliveries(path, (list) => at(list, 0, 'tries') === tries);
    await hurry(id);
    await awake(id);
  }
  expect(await deliveries(path, undefined, '?state=failed')).toMatchObject([
    { tries: 10, last_status: 302 },
  ]);
  to.answer = (response) => void response.writeHead(204).end();
  const replay = await stack.twice('POST', `${path}/replay`, { failed: true });
  expect(replay.body).toEqual({ object: 'webhook_replay', endpoint: id, deliveries: 1 });
  await to.has(11);
  expect(new Set(to.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('410 disables, which is an event; enabling needs the challenge to come back', async () => {
  const other = await receiver();
  await endpointAt(other.url, { types: ['webhook_endpoint.disabled'] });
  const to = await receiver();
  const { id, path } = await endpointAt(to.url, { types: ['account.created'] });
  to.answer = (response) => void response.writeHead(410).end();
  await anything();
  await other.has(1);
  expect(bodyOf(other.got[0] ?? { body: '' })).toMatchObject({
    type: 'webhook_endpoint.disabled',
    subject: id,
    data: { id, state: 'disabled' },
  });
  expect((await stack.get(path)).body).toMatchObject({ disabled_reason: 'gone' });
  expect(await stack.twice('POST', `${path}/test`)).toMatchObject({
    status: 409,
    body: { code: 'conditions_unmet' },
  });
  to.answer = (response) => void response.writeHead(204).end();
  const refused = await stack.call('PATCH', path, { state: 'enabled' });
  expect(refused).toMatchObject({ status: 409, body: { code: 'conditions_unmet' } });
  to.answer = (response, body) => void response.writeHead(200).end(body);
  const enabled = await stack.call('PATCH', path, { state: 'enabled' });
  expect(enabled).toMatchObject({ status: 200, body: { state: 'enabled', disabled_reason: null } });
});

test('five days without a success disable it; a success forgets the failures', async () => {
  const to = await receiver();
  to.answer = (response) => void response.writeHead(500).end();
  const { id, path } = await endpointAt(to.url, { types: ['account.created'] });
  await anything();
  await until(
    () => stack.get(path),
    ({ body }) => at(body, 'failing_since') !== null,
  );
  await stack.database.pool().query(
    `update holdfast.webhook_endpoints set failing_since = now() - interval '121 hours'
      where id = $1`,
    [id],
  );
  await hurry(id);
  await until(
    () => stack.get(path),
    ({ body }) => at(body, 'disabled_reason') === 'failing',
  );
  to.answer = (response, body) => void response.writeHead(200).end(body);
  await stack.call('PATCH', path, { state: 'enabled' });
  await hurry(id);
  await deliveries(path, (list) => list.length === 1, '?state=delivered');
  expect((await stack.get(path)).body).toMatchObject({ failing_since: null, state: 'enabled' });
});

test('an endpoint that is taken away gets nothing more of what was due', async () => {
  const to = await receiver();
  const { path } = await endpointAt(to.url, { types: ['account.created'] });
  const waiting: (() => void)[] = [];
  to.answer = (response) => void waiting.push(() => response.writeHead(204).end());
  await anything();
  await to.has(1);
  for (let more = 0; more < 3; more += 1) await anything();
  expect(await stack.call('DELETE', path)).toMatchObject({ status: 204 });
  to.answer = (response) => void response.writeHead(204).end();
  for (const answer of waiting) answer();
  await sleep(1_000);
  expect(to.got).toHaveLength(waiting.length);
});

test('a 410 that comes after an endpoint was taken away is no event', async () => {
  const other = await receiver();
  await endpointAt(other.url, { types: ['webhook_endpoint.disabled'] });
  const to = await receiver();
  const { id, path } = await endpointAt(to.url, { types: ['account.created'] });
  let late = (): void => undefined;
  to.answer = (response) => {
    late = () => void response.writeHead(410).end();
  };
  await anything();
  await to.has(1);
  expect(await stack.call('DELETE', path)).toMatchObject({ status: 204 });
  late();
  await sleep(1_000);
  const { rows } = await stack.pool.query('select 1 from holdfast.outbox where subject = $1', [id]);
  expect([rows, other.got]).toEqual([[], []]);
});

test('Retry-After is waited for', async () => {
  const to = await receiver();
  to.answer = (response) => void response.writeHead(429, { 'retry-after': '3600' }).end();
  const { path } = await endpointAt(to.url, { types: ['account.created'] });
  await anything();
  const { body } = await until(
    () => stack.get(path),
    (answer) => at(answer.body, 'paused_until') !== null,
  );
  const pause = (Date.parse(textAt(body, 'paused_until')) - Date.now()) / 1_000;
  expect(pause).toBeGreaterThan(3_500);
  expect(pause).toBeLessThanOrEqual(3_600);
});

test('a dead receiver rests ever longer and delays nobody else', async () => {
  const dead = await receiver();
  dead.answer = () => undefined; // never
  const good = await receiver();
  await endpointAt(dead.url, { types: ['account.created'] });
  await endpointAt(good.url, { types: ['account.created'] });
  for (let n = 0; n < 10; n += 1) await anything();
  await good.has(10);
  const last = Math.max(...good.got.map((each) => each.at));
  const waited = Date.now() - last;
  expect(waited).toBeLessThan(10_000);
  expect(dead.got.length).toBeLessThanOrEqual(4); // at a time
});

test('in order: a later event of a subject waits for an earlier one', async () => {
  const to = await receiver();
  const { id } = await endpointAt(to.url, { types: ['webhook_endpoint.disabled'], in_order: true });
  let isFirst = true;
  to.answer = (response) => {
    response.writeHead(isFirst ? 500 : 204).end();
    isFirst = false;
  };
  await stack.pool.query(
    `insert into holdfast.outbox (event_id, platform_id, livemode, subject, sequence, type, data)
     select 'evt_' || $1 || '_' || n, $2, false, $1, n, 'webhook_endpoint.disabled', '{}'
       from generate_series(1, 3) n`,
    [anyName('sub'), stack.platform],
  );
  await to.has(1);
  await until(
    () => stack.get(`/v1/webhook_endpoints/${id}`),
    ({ body }) => at(body, 'failing_since') !== null,
  );
  expect(to.got).toHaveLength(1);
  await hurry(id);
  await to.has(4);
  expect(to.got.map((each) => at(bodyOf(each), 'sequence'))).toEqual([1, 1, 2, 3]);
});

test('two dispatchers send an event once; one that dies, again under its id', async () => {
  const to = await receiver();
  const { id, path } = await endpointAt(to.url, { types: ['account.created'] });
  const second = await stack.engine.work();
  await Promise.all(Array.from({ length: 30 }, anything));
  await to.has(30);
  await deliveries(path, (list) => list.length === 30, '?limit=100&state=delivered');
  expect(to.got).toHaveLength(30);
  await second.stop();
  armFailpoints('outbox.before_mark=throw');
  await anything();
  await to.has(31);
  for (; to.got.length < 32; await sleep(50)) await freed(id);
  armFailpoints('');
  const ids = to.got.map(({ headers }) => headers['webhook-id']);
  expect([new Set(ids).size, ids[31]]).toEqual([31, ids[30]]);
});
