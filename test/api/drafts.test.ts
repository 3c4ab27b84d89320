/**
 * Owns drafts, terms and finding escrows over HTTP.
 * Must not repeat every rule about terms: `test/domain` does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { deal, inAMonth, type People, someone, twoPeople } from './people';
import { anyName, at, each, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const keep = (fields: object = {}, as: string | undefined = people.buyer) =>
  stack.twice('POST', '/v1/escrows', deal(people, { draft: true, ...fields }), as ? { as } : {});

describe('a draft', () => {
  test('is kept, changed as a whole, sent once, and then no draft any more', async () => {
    const kept = await keep({ engagement_id: anyName('order-') });
    expect(kept).toMatchObject({ status: 201, body: { status: 'draft', version: 0 } });
    expect(kept.headers.get('etag')).toBe('"0"');
    const path = `/v1/escrows/${kept.id}`;
    const milestones = [{ title: 'Logo', amount: 90_000, due_at: inAMonth() }];
    const change = { title: 'Two logos', milestones, engagement_id: null };
    const changed = await stack.twice('PATCH', path, change, { as: people.buyer });
    expect(changed.body).toMatchObject({ title: 'Two logos', amount: 90_000, engagement_id: null });
    expect(textAt(changed.body, 'terms_hash')).not.toBe(textAt(kept.body, 'terms_hash'));
    expect(at(changed.body, 'parties')).toEqual(at(kept.body, 'parties'));
    expect(textAt(changed.body, 'milestones', 0, 'id')).toBe(
      textAt(kept.body, 'milestones', 0, 'id'),
    );
    expect(at(changed.body, 'parties', 0)).toMatchObject({ initiator: true, status: 'accepted' });

    const sent = await stack.twice('POST', `${path}/send`, {}, { as: people.buyer });
    expect(sent).toMatchObject({ status: 200, body: { status_code: 'sac', version: 2 } });
    const late = await stack.twice('PATCH', path, { title: 'Late' }, { as: people.buyer });
    expect(late).toMatchObject({ status: 409, body: { code: 'wrong_status' } });
    expect(await stack.twice('DELETE', path, undefined, { as: people.buyer })).toMatchObject({
      status: 409,
    });
    expect(await stack.twice('POST', `${path}/send`, {}, { as: people.buyer })).toMatchObject({
      status: 409,
      body: { code: 'wrong_status' },
    });
  });

  test('is deleted by whom it belongs to, and then not there', async () => {
    const { id } = await keep();
    const path = `/v1/escrows/${id}`;
    expect(await stack.twice('DELETE', path, undefined, { as: people.seller })).toMatchObject({
      status: 403,
      body: { code: 'not_allowed' },
    });
    const deleted = await stack.twice('DELETE', path, undefined, { as: people.buyer });
    expect(deleted.status).toBe(204);
    expect(await stack.get(path)).toMatchObject({ status: 404 });
  });

  test('whose sending was committed while a change waited is no draft any more', async () => {
    const { id } = await keep();
    const path = `/v1/escrows/${id}`;
    const client = await stack.pool.connect();
    try {
      await client.query('begin');
      await client.query('select from holdfast.escrows where id = $1 for share', [id]);
      const changes = [
        stack.call('PATCH', path, { title: 'Late' }, { as: people.buyer }),
        stack.call('DELETE', path, undefined, { as: people.buyer }),
      ];
      const waiting = () =>
        stack.pool.query(
          `select from pg_locks join pg_stat_activity using (pid)
            where not granted and datname = current_database()`,
        );
      while ((await waiting()).rows.length < changes.length) await sleep(20);
      await client.query(
        `insert into holdfast.commands (id, platform_id, livemode, escrow_id, type, body, actor,
           request_hash, accepted_at, handed_over_at)
         select $2, platform_id, livemode, id, 'send', '{}', '{}', sha256('x'), now(), now()
           from holdfast.escrows where id = $1`,
        [id, anyName('cmd_')],
      );
      await client.query('commit');
      for (const refused of await Promise.all(changes)) {
        expect(refused).toMatchObject({ status: 409, body: { code: 'in_flight' } });
      }
    } finally {
      client.release();
    }
    expect(await stack.get(path)).toMatchObject({ body: { title: 'Logo design' } });
  });

  test('that cannot be sent stays a draft: the rules are asked first', async () => {
    const past = [{ title: 'Logo', amount: 5, due_at: '2026-01-01T00:00:00Z' }];
    const { id } = await keep({ milestones: past });
    const refused = await stack.twice('POST', `/v1/escrows/${id}/send`, {}, { as: people.buyer });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'conditions_unmet', current_status: 'draft' },
    });
    const { rows } = await stack.pool.query(
      `select 1 from holdfast.commands where escrow_id = $1`,
      [id],
    );
    expect(rows).toEqual([]);
  });

  test('keeps the platform as initiator when nobody acts', async () => {
    const { id, body } = await keep({}, '');
    expect(listAt(body, 'parties').map((party) => at(party, 'initiator'))).toEqual([false, false]);
    const wrong = await stack.twice('POST', `/v1/escrows/${id}/send`, {}, { as: people.seller });
    expect(wrong).toMatchObject({ status: 403 });
    const sent = await stack.twice('POST', `/v1/escrows/${id}/send`, {});
    expect(listAt(sent.body, 'parties').map((party) => at(party, 'status'))).toEqual([
      'created',
      'created',
    ]);
  });
});

describe('terms', () => {
  test('an unknown e-mail makes an account; a known one finds it', async () => {
    const email = `${anyName('new')}@example.com`;
    const parties = [
      { account_id: people.buyer, role: 'buyer' },
      { email, name: 'Nora New', role: 'seller' },
    ];
    const first = await keep({ parties });
    const account = textAt(first.body, 'parties', 1, 'account_id');
    expect((await stack.get(`/v1/accounts/${account}`)).body).toMatchObject({ email });
    const second = await keep({ parties });
    expect(textAt(second.body, 'parties', 1, 'account_id')).toBe(account);
  });

  test('a refused one leaves no account behind', async () => {
    const email = `${anyName('new')}@example.com`;
    const parties = [
      { email, role: 'seller' },
      { account_id: people.seller, role: 'seller' },
    ];
    const refused = await stack.twice('POST', '/v1/escrows', deal(people, { parties }));
    expect(refused).toMatchObject({ status: 422, body: { code: 'malformed' } });
    const found = await stack.get(`/v1/accounts?email=${email}`);
    expect(each(found.body, 'id')).toEqual([]);
  });

  test.each([
    ['a sum that is none', { amount: 5 }, 'amount_mismatch', '/amount'],
    ['a calendar that is no name', { business_days: 1 }, 'malformed', '/business_days'],
    ['a zone that is none', { time_zone: 'Mars/Base' }, 'malformed', '/time_zone'],
    [
      'a period that is none',
      { deadlines: { acceptance: '2 days' } },
      'malformed',
      '/deadlines/acceptance',
    ],
    ['a field that is none', { colour: 'red' }, 'malformed', '/colour'],
    ['a currency that is none', { currency: 'XXX' }, 'malformed', '/currency'],
    [
      'a file over http',
      { files: [{ name: 'a', url: 'http://x.example' }] },
      'malformed',
      '/files/0/url',
    ],
  ])('%s is named with its place', async (_what, fields, code, pointer) => {
    const refused = await stack.twice('POST', '/v1/escrows', deal(people, fields));
    expect(refused).toMatchObject({ status: 422, body: { code, errors: [{ pointer }] } });
  });

  test('one account may not stand on both sides', async () => {
    const both = deal({ ...people, seller: people.buyer });
    expect(await stack.twice('POST', '/v1/escrows', both)).toMatchObject({
      status: 422,
      body: { code: 'conflict_of_interest' },
    });
  });

  test('who acts must be one who makes deals, and its party becomes the initiator', async () => {
    const stranger = await someone(stack, 'Otto Other');
    const body = deal(people);
    expect(await stack.twice('POST', '/v1/escrows', body, { as: stranger })).toMatchObject({
      status: 403,
      body: { code: 'not_a_party' },
    });
    const parties = [...body.parties, { account_id: stranger, role: 'observer' }];
    const watched = { ...body, parties };
    expect(await stack.twice('POST', '/v1/escrows', watched, { as: stranger })).toMatchObject({
      status: 403,
      body: { code: 'not_allowed' },
    });
  });

  test('a destination must be of its party, and take the currency', async () => {
    const { body: account } = await stack.get(`/v1/accounts/${people.buyer}`);
    const payout_destination = textAt(account, 'payout_destinations', 0, 'id');
    const parties = [
      { account_id: people.buyer, role: 'buyer' },
      { account_id: people.seller, role: 'seller', payout_destination },
    ];
    const refused = await stack.twice('POST', '/v1/escrows', deal(people, { parties }));
    expect(refused).toMatchObject({
      status: 404,
      body: { errors: [{ pointer: '/parties/1/payout_destination' }] },
    });
  });

  test('fees are shown as each side bears them', async () => {
    const fees = [{ kind: 'platform', rate_bps: 1000, paid_by: { buyer: 10_000 } }];
    const { body } = await keep({ fees });
    expect(body).toMatchObject({
      amount: 125_000,
      funding: { due: 137_500, shortfall: 137_500 },
      fees: [{ kind: 'platform', beneficiary: 'platform', amount: 12_500, earned: 0 }],
    });
  });
});

describe('finding escrows', () => {
  test('by the own reference, which is unique, also in the address of a command', async () => {
    const engagement_id = `order 4711/${anyName('')}`;
    const kept = await keep({ engagement_id });
    const path = `/v1/escrows/${encodeURIComponent(`engagement:${engagement_id}`)}`;
    expect((await stack.get(path)).body).toEqual(kept.body);
    const again = await keep({ engagement_id });
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'already_exists', errors: [{ pointer: '/engagement_id' }] },
    });
    expect(await stack.twice('POST', `${path}/send`, {}, { as: people.buyer })).toMatchObject({
      status: 200,
      body: { engagement_id },
    });
  });

  test('which two drafts ask for at once, one of them gets', async () => {
    const drafts = await Promise.all([keep(), keep(), keep(), keep()]);
    const change = { engagement_id: anyName('order-') };
    const answers = await Promise.all(
      drafts.map(({ id }) =>
        stack.call('PATCH', `/v1/escrows/${id}`, change, { as: people.buyer }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  test('by every filter, and only one’s own', async () => {
    const title = anyName('Title ');
    const mine = await keep({ title });
    const count = async (query: string, as?: string): Promise<number> =>
      listAt((await stack.get(`/v1/escrows?query=${title}&${query}`, as ? { as } : {})).body)
        .length;
    const { buyer, seller } = people;
    const stranger = await someone(stack, 'Otto Other');
    for (const query of [
      'status=draft',
      'status=in_progress,draft',
      `account=${buyer}`,
      `account=${buyer}&role=buyer`,
      'currency=USD',
      'amount[gte]=125000&amount[lt]=125001',
      'created_at[gte]=2026-01-01T00:00:00Z',
      `due_before=${new Date(Date.now() + 40 * 86_400_000).toISOString()}`,
      'disputed=false',
      'type=one_off',
    ]) {
      expect({ query, count: await count(query) }).toEqual({ query, count: 1 });
    }
    for (const query of [
      'status=closed',
      `account=${buyer}&role=seller`,
      `account=${stranger}`,
      'currency=EUR',
      'amount[gt]=125000',
      'created_at[lt]=2026-01-01T00:00:00Z',
      'due_before=2026-01-01T00:00:00Z',
      'disputed=true',
    ]) {
      expect({ query, count: await count(query) }).toEqual({ query, count: 0 });
    }
    expect(await count('', seller)).toBe(1);
    expect(await count('', stranger)).toBe(0);
    expect(await stack.get(`/v1/escrows/${mine.id}`, { as: stranger })).toMatchObject({
      status: 403,
      body: { code: 'not_a_party' },
    });
    const foreign = await stack.get(`/v1/escrows?query=${title}`, { key: stack.keys.other });
    expect(listAt(foreign.body)).toEqual([]);
    expect(await stack.get(`/v1/balances?escrows=${mine.id},esc_unknown`)).toMatchObject({
      status: 404,
    });
  });
});
