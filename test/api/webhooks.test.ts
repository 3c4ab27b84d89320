/**
 * Owns the proof of webhooks that we send, on real receivers: signed so that the reference library
 * accepts them, in order when asked, asked for again, and refused where nobody may send.
 * Must not test what failures do (`webhook-failures.test.ts`). Source: `security.md`, section 11.
 */
import { Webhook } from 'standardwebhooks';
import { bodyOf, type Listeners, openListeners } from './listeners';
import { anyName, at, textAt } from './stack';

let all: Listeners;
let stack: Listeners['stack'];
let receiver: Listeners['receiver'];
let endpointAt: Listeners['endpointAt'];
let anything: Listeners['anything'];
let deliveries: Listeners['deliveries'];
beforeAll(async () => {
  all = await openListeners();
  ({ stack, receiver, endpointAt, anything, deliveries } = all);
});
afterAll(() => all.close());

test('what happens is posted once, thin, with a signature that the library accepts', async () => {
  const to = await receiver();
  const { id, path, secret } = await endpointAt(to.url, { types: ['account.created'] });
  const account = await anything();
  await to.has(1);
  const [first] = to.got;
  if (!first) throw new Error('nothing came');
  const headers = Object.fromEntries(
    Object.entries(first.headers).map(([name, value]) => [name, String(value)]),
  );
  const verified = new Webhook(secret).verify(first.body, headers);
  expect(verified).toEqual({
    id: headers['webhook-id'],
    object: 'event',
    type: 'account.created',
    created_at: expect.any(String),
    livemode: false,
    api_version: expect.any(String),
    escrow: null,
    subject: account,
    sequence: 1,
    data: { id: account, kind: 'person' },
  });
  expect(() => new Webhook(secret).verify(`${first.body} `, headers)).toThrow(/signature/);
  expect((await stack.get(`/v1/events/${headers['webhook-id']}`)).body).toEqual(verified);
  await deliveries(path, (list) => at(list, 0, 'state') === 'delivered');
  const [done] = await deliveries(path);
  expect(done).toMatchObject({ endpoint: id, tries: 1, last_status: 204, next_at: null });
  expect(to.got).toHaveLength(1);
});

test('the secret is shown once; a repeat of the request does not show it again', async () => {
  const body = { url: 'https://example.com/hooks' };
  const idempotency = anyName('key');
  const first = await stack.call('POST', '/v1/webhook_endpoints', body, { idempotency });
  const again = await stack.call('POST', '/v1/webhook_endpoints', body, { idempotency });
  expect(at(first.body, 'secret')).toMatch(/^whsec_[\w+/]{43}=$/);
  expect(again).toMatchObject({ status: 201, id: first.id, body: { secret: null } });
  const { rows } = await stack.database.pool().query('select answer::text from holdfast.commands');
  expect(JSON.stringify(rows)).not.toContain('whsec_');
  for (const key of [stack.keys.other, stack.keys.live]) {
    expect(await stack.get(`/v1/webhook_endpoints/${first.id}`, { key })).toMatchObject({
      status: 404,
    });
  }
  expect(await stack.twice('DELETE', `/v1/webhook_endpoints/${first.id}`)).toMatchObject({
    status: 204,
  });
  expect(await stack.get(`/v1/webhook_endpoints/${first.id}`)).toMatchObject({ status: 404 });
});

test('one event, or a range of time, can be asked for again', async () => {
  const to = await receiver();
  const from = new Date().toISOString();
  const accounts = [await anything(), await anything()];
  const { id, path } = await endpointAt(to.url, { types: ['account.created'] });
  const event = `evt_${String(accounts[0]).replace('_', '-')}_1`;
  const one = await stack.twice('POST', `${path}/replay`, { event });
  expect(one.body).toMatchObject({ deliveries: 1 });
  await to.has(1);
  expect(bodyOf(to.got[0] ?? { body: '' })).toMatchObject({ id: event });
  await deliveries(path, (list) => list.length === 1, '?state=delivered');
  const all = await stack.twice('POST', `${path}/replay`, { from });
  expect(all.body).toMatchObject({ deliveries: 2 });
  await to.has(3);
  expect((await stack.twice('POST', `${path}/replay`, { event: 'evt_none' })).body).toMatchObject({
    deliveries: 0,
  });
  expect(await stack.twice('POST', `${path}/replay`, {})).toMatchObject({ status: 422 });
  expect(id).toMatch(/^whe_/);
});

test('for a day after a change of the secret both sign', async () => {
  const to = await receiver();
  const old = await endpointAt(to.url, { types: ['account.created'] });
  const changed = await stack.call('POST', `${old.path}/rotate_secret`);
  const secret = textAt(changed.body, 'secret');
  expect(secret).not.toBe(old.secret);
  await anything();
  await to.has(1);
  const [got] = to.got;
  const headers = Object.fromEntries(
    Object.entries(got?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  for (const one of [secret, old.secret]) {
    expect(new Webhook(one).verify(got?.body ?? '', headers)).toMatchObject({ object: 'event' });
  }
  await stack.database
    .pool()
    .query(`update holdfast.webhook_endpoints set old_secret_until = now() where id = $1`, [
      old.id,
    ]);
  await anything();
  await to.has(2);
  expect(String(to.got[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
});

test('a test event goes to its endpoint alone, whatever that wants', async () => {
  const to = await receiver();
  const other = await receiver();
  await endpointAt(other.url);
  const { id, path } = await endpointAt(to.url, { types: ['dispute.*'] });
  expect(await stack.twice('POST', `${path}/test`)).toMatchObject({ status: 200 });
  await to.has(1);
  expect(bodyOf(to.got[0] ?? { body: '' })).toMatchObject({
    type: 'webhook_endpoint.test',
    subject: id,
  });
  await anything(); // which the other one wants
  await other.has(1);
  expect(other.got.map((each) => at(bodyOf(each), 'subject'))).not.toContain(id);
});

test.each([
  ['an unknown type', { url: 'https://example.com', types: ['escrow.melted'] }, '/types/0'],
  ['a name of a private network', { url: 'https://bank.internal/x' }, '/url'],
  ['metadata of a cloud', { url: 'https://169.254.169.254/latest' }, '/url'],
  ['a number that stands for a private address', { url: 'https://167772161/' }, '/url'],
  ['plain http', { url: 'http://example.com' }, '/url'],
  ['another port', { url: 'https://example.com:22' }, '/url'],
  ['credentials', { url: 'https://a:b@example.com' }, '/url'],
  ['no address at all', { url: 'example' }, '/url'],
])('%s is refused with a pointer', async (_, body, pointer) => {
  const answer = await stack.twice('POST', '/v1/webhook_endpoints', body);
  expect(answer).toMatchObject({ status: 422, body: { code: 'malformed', errors: [{ pointer }] } });
});
