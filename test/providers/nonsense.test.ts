/**
 * Owns the proof that the sandbox's client believes no nonsense: whatever a server says or does,
 * the answer is a state of the port, and "unknown" wherever money may have moved.
 * Must not know the sandbox's code: the server here only pretends to be one.
 */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import fc from 'fast-check';
import type { Provider } from '../../providers/provider';
import { createSandbox } from '../../providers/sandbox';
import { refOf, sendOrder, takeOrder } from './double';

let server: Server;
let provider: Provider;
let behave: RequestListener;
let asked = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked += 1;
    request.resume();
    request.on('end', () => behave(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  provider = createSandbox({
    url: `http://127.0.0.1:${address.port}`,
    token: 'a-token-of-sixteen',
    webhookSecret: 'a-secret-of-sixteen',
    limits: { connect: 300, whole: 300 },
  });
});
beforeEach(() => {
  asked = 0;
});
afterAll(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

const payout = {
  id: 'sbo_1',
  object: 'payout',
  reference: 'dsb_1-1',
  state: 'settled',
  amount: 100,
  currency: 'EUR',
  livemode: false,
  settled_amount: 100,
  failure: null,
  description: '',
  clock: null,
  version: 3,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  settled_at: '2026-01-01T00:00:00.000Z',
  destination: { reference: 'DE-0001', name: 'Sal' },
  returned_at: null,
};
const says =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

test('the object that the others are changed from is believed', async () => {
  behave = says(201, payout);
  expect(await provider.send(sendOrder())).toMatchObject({ state: 'settled' });
});

const unknown: readonly [string, RequestListener][] = [
  ['HTML', says(201, '<html>It works</html>')],
  ['an empty body', says(201, '')],
  ['cut JSON', says(201, JSON.stringify(payout).slice(0, -2))],
  ['null', says(201, 'null')],
  ['a list', says(201, [payout])],
  ['an amount as text', says(201, { ...payout, amount: '100' })],
  ['a fraction', says(201, { ...payout, settled_amount: 0.5 })],
  ['an amount beyond what is exact', says(201, { ...payout, settled_amount: 2 ** 60 })],
  ['a state that nobody knows', says(201, { ...payout, state: 'done' })],
  ['settled, but no amount', says(201, { ...payout, settled_amount: null })],
  [
    'settled, with a failure',
    says(201, { ...payout, failure: { code: 'declined', again: 'never' } }),
  ],
  ['failed, but no code', says(201, { ...payout, state: 'failed' })],
  ['an instant that is none', says(201, { ...payout, settled_at: '2026-02-30T00:00:00Z' })],
  ['no destination', says(201, { ...payout, destination: null })],
  ['a payment instead', says(201, { ...payout, object: 'payment' })],
  ['another good status', says(200, payout)],
  ['a redirect', says(302, payout, { Location: '/elsewhere' })],
  ['409 key_in_use', says(409, { code: 'key_in_use' })],
  ['409 key_mismatch', says(409, { code: 'key_mismatch' })],
  ['404', says(404, { code: 'not_found' })],
  ['422 that nobody knows', says(422, { code: 'mood' })],
  ['422 in HTML', says(422, '<html>')],
  ['500', says(500, { code: 'internal' })],
  ['503', says(503, '')],
  ['more than 1 MiB', says(201, { ...payout, description: 'x'.repeat(1024 * 1024) })],
  ['nothing at all', () => undefined],
  [
    'half an answer',
    (_request, response) => {
      response.writeHead(201, { 'Content-Length': '1000' });
      response.write(JSON.stringify(payout));
      setTimeout(() => response.destroy(), 20);
    },
  ],
  ['a cut connection', (request) => request.socket.destroy()],
  [
    'one byte at a time',
    (_request, response) => {
      response.writeHead(201);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
  ],
];
test.each(unknown)('%s is unknown, after one exchange', async (_what, listener) => {
  behave = listener;
  const answer = await provider.send(sendOrder());
  expect(answer).toEqual({ state: 'unknown', cause: expect.any(String) });
  expect(asked).toBe(1);
});

test.each(unknown)('a look-up that reads %s throws', async (_what, listener) => {
  behave = listener;
  await expect(provider.lookUp(refOf('send', sendOrder()))).rejects.toMatchObject({
    name: 'ReadFailed',
  });
  expect(asked).toBe(1);
});

test.each`
  status | headers                      | after
  ${429} | ${{ 'Retry-After': '30' }}   | ${30_000}
  ${429} | ${{}}                        | ${undefined}
  ${429} | ${{ 'Retry-After': 'soon' }} | ${undefined}
  ${401} | ${{}}                        | ${undefined}
  ${403} | ${{}}                        | ${undefined}
`('$status is not executed; wait $after', async ({ status, headers, after }) => {
  behave = says(status, { code: 'whatever' }, headers);
  const answer = await provider.take(takeOrder());
  expect(answer).toMatchObject({ state: 'not_executed' });
  expect(answer.state === 'not_executed' && answer.after).toBe(after);
  const reason = status === 429 ? 'limited' : 'login';
  await expect(provider.lookUp(refOf('take', takeOrder()))).rejects.toMatchObject({ reason });
});

const lists: readonly [string, unknown][] = [
  ['no list', payout],
  ['a list that is not said to be complete', { object: 'list', data: [] }],
  ['a list that is not complete', { object: 'list', complete: false, data: [] }],
  ['a list with one unreadable object', { object: 'list', complete: true, data: [payout, {}] }],
];
test.each(lists)('%s proves no absence', async (_what, body) => {
  behave = says(200, body);
  await expect(provider.lookUp(refOf('send', sendOrder()))).rejects.toMatchObject({
    reason: 'unreadable',
  });
});

test('objects under another reference are not ours', async () => {
  behave = says(200, { object: 'list', complete: true, data: [payout] });
  const found = await provider.lookUp(refOf('send', sendOrder()));
  expect(found).toEqual({ found: false, complete: true });
});

test('of two objects under one reference the one that moved money counts', async () => {
  const order = sendOrder({ reference: payout.reference });
  const failure = { code: 'declined', again: 'never' };
  const unmoved = { settled_amount: null, settled_at: null };
  const failed = { ...payout, ...unmoved, id: 'sbo_0', state: 'failed', failure };
  const sent = { ...payout, ...unmoved, id: 'sbo_2', state: 'sent' };
  behave = says(200, { object: 'list', complete: true, data: [failed, sent, payout] });
  expect(await provider.lookUp(refOf('send', order))).toMatchObject({ fact: { theirs: 'sbo_1' } });
  behave = says(200, { object: 'list', complete: true, data: [failed, sent] });
  expect(await provider.lookUp(refOf('send', order))).toMatchObject({ fact: { theirs: 'sbo_2' } });
});

test('no JSON at all makes the client throw, or call a send settled or failed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(201, 422, 409), fc.json(), async (status, body) => {
      behave = says(status, body);
      expect((await provider.send(sendOrder())).state).toBe('unknown');
    }),
    { numRuns: 60 },
  );
});
