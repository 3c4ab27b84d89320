/**
 * Owns what is refused before any rule is asked: credentials, forms, fields, modes; and that
 * nothing changes then.
 * Must not need a worker.
 */
import { deal, twoPeople } from './people';
import { anyName, at, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: Awaited<ReturnType<typeof twoPeople>>;
beforeAll(async () => {
  stack = await openStack();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const account = () => ({ kind: 'person', name: 'Bea', email: `${anyName('bea')}@example.com` });
const rows = async (): Promise<unknown> => {
  const { rows } = await stack.pool.query(
    `select (select count(*) from holdfast.accounts) as accounts,
            (select count(*) from holdfast.escrows) as escrows,
            (select count(*) from holdfast.commands) as commands,
            (select count(*) from holdfast.effects) as effects`,
  );
  return rows[0];
};

/** Nothing may be written by what `work` asks for. */
async function changesNothing(work: () => Promise<void>): Promise<void> {
  const before = await rows();
  await work();
  expect(await rows()).toEqual(before);
}

describe('credentials', () => {
  test('without a key, with a wrong one or one of the other mode: one answer', async () => {
    const test = stack.keys.test;
    const keys = ['', 'nonsense', `${test.slice(0, -1)}x`, test.replace('hf_test_', 'hf_live_')];
    for (const key of keys) {
      const refused = await stack.get('/v1/escrows', { key });
      expect(refused).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(refused.headers.get('content-type')).toMatch(/application\/problem\+json/);
    }
  });

  test('On-Behalf-Of takes an account of this platform and mode only', async () => {
    const foreign = await stack.call('POST', '/v1/accounts', account(), { key: stack.keys.other });
    for (const as of [foreign.id, 'acc_01k9z6b0w2e8ra5m3q7t4n1xvc']) {
      expect(await stack.get('/v1/escrows', { as })).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    }
    const malformed = await stack.get('/v1/escrows', { as: 'bea' });
    expect(malformed).toMatchObject({ status: 400, body: { code: 'malformed_header' } });
  });

  test('every answer has a request id, its own or the one that was sent', async () => {
    const own = await stack.get('/v1/escrows/esc_1');
    expect(textAt(own.body, 'request_id')).toMatch(/^req_/);
    expect(own.headers.get('x-request-id')).toBe(textAt(own.body, 'request_id'));
    const given = await stack.get('/v1/escrows', { headers: { 'x-request-id': 'mine-1' } });
    expect(given.headers.get('x-request-id')).toBe('mine-1');
    expect(given.headers.get('holdfast-version')).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(given.headers.get('ratelimit-policy')).toBeTruthy();
  });
});

describe('forms', () => {
  test('a request that changes something needs an Idempotency-Key in its form', () =>
    changesNothing(async () => {
      for (const [key, code] of [
        ['', 'missing_idempotency_key'],
        ['ü', 'malformed_header'],
      ] as const) {
        const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
        const refused = await stack.call('POST', '/v1/accounts', account(), { headers });
        expect(refused).toMatchObject({ status: 400, body: { code } });
      }
    }));

  test.each([
    ['no JSON', '{"kind": ', 400, 'malformed_json', undefined],
    ['two values for one field', '{"name": "a", "name": "b"}', 422, 'malformed', 'repeated_field'],
    ['half a surrogate', '{"name": "\\ud800"}', 422, 'malformed', 'unusable_text'],
    ['a zero character', '{"name": "a\\u0000"}', 422, 'malformed', 'unusable_text'],
    ['a list', '[]', 422, 'malformed', 'wrong_type'],
  ] as const)('%s is named', (_what, text, status, code, field) =>
    changesNothing(async () => {
      const refused = await stack.call('POST', '/v1/accounts', text);
      expect(refused).toMatchObject({ status, body: { code, retryable: false } });
      expect(at(refused.body, 'errors', 0, 'code')).toBe(field);
    }),
  );

  test('only JSON, and not more than 256 kB of it', () =>
    changesNothing(async () => {
      const headers = { 'content-type': 'text/plain' };
      const plain = await stack.call('POST', '/v1/accounts', '{}', { headers });
      expect(plain).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
      const large = await stack.call('POST', '/v1/accounts', { name: 'x'.repeat(300_000) });
      expect(large).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
      const packed = { 'content-encoding': 'gzip' };
      const unread = await stack.call('POST', '/v1/accounts', account(), { headers: packed });
      expect(unread).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    }));

  test('every wrong field of a body is named at once, with its pointer', () =>
    changesNothing(async () => {
      const body = { kind: 'robot', name: '', email: 'no', extra: 1, metadata: { a: 1 } };
      const refused = await stack.call('POST', '/v1/accounts', body);
      expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
      expect(at(refused.body, 'errors')).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ pointer: '/kind', code: 'wrong_value' }),
          expect.objectContaining({ pointer: '/name', code: 'out_of_range' }),
          expect.objectContaining({ pointer: '/email', code: 'wrong_format' }),
          expect.objectContaining({ pointer: '/metadata/a', code: 'wrong_type' }),
          expect.objectContaining({ pointer: '/extra', code: 'unknown_field' }),
        ]),
      );
    }));

  test('who makes more mistakes than a hundred is told a hundred', () =>
    changesNothing(async () => {
      const unknown = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, 1]));
      const refused = await stack.call('POST', '/v1/accounts', unknown);
      expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
      expect(at(refused.body, 'errors', 'length')).toBe(100);
    }));

  test('a filter, a sort or a cursor that is not known is refused', async () => {
    for (const query of ['colour=red', 'sort=name', 'limit=0', 'limit=101', 'limit=1&limit=2']) {
      const refused = await stack.get(`/v1/accounts?${query}`);
      expect(refused).toMatchObject({ status: 400, body: { code: 'malformed_parameter' } });
    }
    for (const path of ['/v1/accounts', '/v1/escrows', '/v1/events', '/v1/disputes']) {
      const refused = await stack.get(`${path}?starting_after=nonsense`);
      expect(refused).toMatchObject({ status: 400, body: { code: 'malformed_parameter' } });
    }
  });

  test.each([
    ['/v1/escrows/engagement:%00', 404, 'not_found'],
    ['/v1/escrows/engagement:%00/proof', 404, 'not_found'],
    ['/v1/escrows?query=a%00b', 400, 'malformed_parameter'],
    ['/v1/escrows?engagement_id=%00', 400, 'malformed_parameter'],
    ['/v1/balances?escrows=esc_1,%00', 400, 'malformed_parameter'],
    ['/v1/events?type=%00', 400, 'malformed_parameter'],
    ['/v1/accounts?starting_after=%00', 400, 'malformed_parameter'],
  ] as const)('a zero character in %s is the mistake of the caller', async (path, status, code) => {
    expect(await stack.get(path)).toMatchObject({ status, body: { code } });
  });

  test('a webhook for an address with a zero character has no connection', async () => {
    const refused = await stack.call('POST', '/v1/webhooks/sandbox/%00', {});
    expect(refused).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test.each(['2026-99-99T99:99:99.999Z', '2026-02-30T00:00:00.000Z', '0000-01-01T00:00:00.000Z'])(
    'a cursor made of %s is none of ours',
    async (instant) => {
      const cursor = Buffer.from(`${instant} acc_1`).toString('base64url');
      const refused = await stack.get(`/v1/accounts?starting_after=${cursor}`);
      expect(refused).toMatchObject({ status: 400, body: { code: 'malformed_parameter' } });
    },
  );

  test('an address that is not there, and a method that it does not know', async () => {
    expect(await stack.get('/v1/nothing')).toMatchObject({ status: 404 });
    expect(await stack.get('/v1/escrows/%')).toMatchObject({ status: 404 });
    const refused = await stack.call('PUT', '/v1/accounts', {});
    expect(refused).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(refused.headers.get('allow')).toBe('POST, GET');
  });

  test('If-Match is a version of ours, or the request is refused', async () => {
    const made = await stack.call('POST', '/v1/accounts', account());
    const change = (tag: string) =>
      stack.call(
        'PATCH',
        `/v1/accounts/${made.id}`,
        { name: 'B' },
        { headers: { 'if-match': tag } },
      );
    expect(await change('nonsense')).toMatchObject({ status: 400 });
    expect(await change('W/"1"')).toMatchObject({ status: 412, body: { code: 'stale_version' } });
    expect(await change('*')).toMatchObject({ status: 200 });
  });
});

describe('dates', () => {
  test.each([
    ['due_date', '0000-01-01'],
    ['due_date', '0001-01-01'],
    ['due_at', '1899-12-31T23:59:59Z'],
    ['due_date', '9999-12-31'],
    ['due_at', '0000-01-01T00:00:00Z'],
    ['due_at', '2500-01-01T00:00:00Z'],
  ])('a %s of %s is no date that terms can have', (field, date) =>
    changesNothing(async () => {
      const milestones = [{ title: 'Logo', amount: 125_000, [field]: date }];
      const body = { ...deal(people), draft: true, milestones };
      const refused = await stack.call('POST', '/v1/escrows', body, { as: people.buyer });
      expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
      expect(at(refused.body, 'errors', 0, 'pointer')).toBe(`/milestones/0/${field}`);
    }),
  );

  test('a filter takes any year that there is', async () => {
    for (const [year, status] of [
      ['0000', 400],
      ['0001', 200],
      ['9999', 200],
    ] as const) {
      const found = await stack.get(`/v1/accounts?created_at[lt]=${year}-06-01T00:00:00Z`);
      expect(found.status).toBe(status);
    }
  });

  test('a test clock goes no further than dates do', () =>
    changesNothing(async () => {
      for (const now of ['0000-01-01T00:00:00Z', '2500-01-01T00:00:00Z']) {
        const refused = await stack.call('POST', '/v1/test_clocks', { now });
        expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
      }
    }));
});

describe('money', () => {
  test.each([
    ['a fraction', '1250.5', 'not_an_integer'],
    ['a fraction that is whole', '1250.0', 'not_an_integer'],
    ['an exponent', '1e3', 'not_an_integer'],
    ['more than 2^53-1', '9007199254740993', 'unsafe_integer'],
    ['text', '"1250"', 'wrong_type'],
    ['zero', '0', 'out_of_range'],
    ['less than zero', '-5', 'out_of_range'],
    ['nothing', 'null', 'wrong_type'],
  ])('%s is no amount', (_what, amount, code) =>
    changesNothing(async () => {
      const body = JSON.stringify(deal(people)).replace('125000', amount);
      const refused = await stack.call('POST', '/v1/escrows', body, { as: people.buyer });
      expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
      expect(at(refused.body, 'errors', 0)).toMatchObject({
        pointer: '/milestones/0/amount',
        code,
      });
    }),
  );
});

describe('ids of others', () => {
  test('of another platform, of the other mode and of nobody get the same 404', async () => {
    const foreign = await stack.call('POST', '/v1/accounts', account(), { key: stack.keys.other });
    const live = await stack.call('POST', '/v1/accounts', account(), { key: stack.keys.live });
    const answers = [];
    for (const id of [foreign.id, live.id, 'acc_unknown', 'no-id']) {
      const { status, body } = await stack.get(`/v1/accounts/${id}`);
      answers.push({ status, ...Object(body), request_id: '', instance: '' });
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('inside a body they are named by their place', () =>
    changesNothing(async () => {
      const { rows } = await stack.pool.query<{ id: string }>(
        `select id from holdfast.accounts where livemode limit 1`,
      );
      for (const seller of [rows[0]?.id ?? '', 'acc_unknown']) {
        const refused = await stack.call('POST', '/v1/escrows', deal({ ...people, seller }));
        expect(refused).toMatchObject({
          status: 404,
          body: { code: 'not_found', errors: [{ pointer: '/parties/1/account_id' }] },
        });
      }
    }));

  test('the hands of the tester are not for live keys', async () => {
    const key = stack.keys.live;
    for (const path of ['/v1/test_clocks', '/v1/test_helpers/sandbox/scripts']) {
      const refused = await stack.call('POST', path, {}, { key });
      expect(refused).toMatchObject({ status: 403, body: { code: 'test_mode_only' } });
    }
  });
});
