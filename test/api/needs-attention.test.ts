/**
 * Owns the proof that what waits for a person is listed, with a next step, and goes when its
 * reason goes.
 * Must not test how it is mended.
 */
import { delivered, funded, someone, twoPeople, until } from './people';
import { openReceiver } from './receivers';
import { anyName, at, each, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
});
afterAll(() => stack.close());

const attention = (reason: string) => stack.get(`/v1/needs_attention?reason=${reason}&limit=100`);
const about = (body: unknown, field: string, value: string) =>
  listAt(body).filter((row) => at(row, field) === value);

/** Waits until a reason is there about a subject, or has gone. */
const untilListed = async (reason: string, field: string, value: string, isThere = true) => {
  const { body } = await until(
    () => attention(reason),
    (answer) => about(answer.body, field, value).length > 0 === isThere,
  );
  return about(body, field, value)[0];
};

test('an escrow on hold is listed with its reason, and goes when the hold is lifted', async () => {
  const { escrow, path } = await funded(stack, await twoPeople(stack));
  await stack.call('POST', `${path}/hold`, { reason: 'A court has asked.' });
  expect(await untilListed('on_hold', 'escrow', escrow)).toEqual({
    object: 'attention',
    reason: 'on_hold',
    subject: escrow,
    escrow,
    since: expect.any(String),
    detail: expect.any(String),
    owner: 'compliance',
    next_step: expect.stringMatching(/unhold/),
    livemode: false,
  });
  for (const key of [stack.keys.other, stack.keys.live]) {
    expect(listAt((await stack.get('/v1/needs_attention', { key })).body)).toEqual([]);
  }
  await stack.call('POST', `${path}/unhold`, { reason: 'It has not.' });
  await untilListed('on_hold', 'escrow', escrow, false);
});

test('a payout that fails for good, and one without a destination, are listed', async () => {
  const buyer = await someone(stack, 'Bea Buyer');
  const broken = await someone(stack, 'Bo Broken', 'fault:fail-destination_closed');
  const bare = await stack.call('POST', '/v1/accounts', {
    kind: 'person',
    name: 'Nora Nowhere',
    email: `${anyName('n')}@example.com`,
  });
  for (const [seller, reason] of [
    [broken, 'effect_failed'],
    [bare.id, 'effect_parked'],
  ] as const) {
    const made = await delivered(stack, { buyer, seller });
    await stack.call('POST', `${made.milestone}/approve`, {}, { as: buyer });
    expect(await untilListed(reason, 'escrow', made.escrow)).toMatchObject({ owner: 'operator' });
  }
});

test('a stuck escrow and a command that nobody answers are for the engineer', async () => {
  const { escrow, path, buyer } = await funded(stack, await twoPeople(stack));
  const admin = stack.database.pool();
  await admin.query(`update holdfast.escrows set stuck = 'version_gap' where id = $1`, [escrow]);
  expect(await untilListed('workflow_stuck', 'subject', escrow)).toMatchObject({
    detail: 'version_gap',
    owner: 'engineer',
  });
  await stack.call('POST', `${path}/hold`, { reason: 'Any step clears it.' });
  await untilListed('workflow_stuck', 'subject', escrow, false);
  const command = `cmd_${anyName('lost')}`;
  await admin.query(
    `insert into holdfast.commands (id, platform_id, livemode, escrow_id, type, body, actor,
       request_hash, accepted_at, handed_over_at)
     select $1, platform_id, livemode, id, 'approve', '{}', $3, '\\x00',
            now() - interval '2 minutes', now()
       from holdfast.escrows where id = $2`,
    [command, escrow, { account: buyer, strength: 'key' }],
  );
  expect(await untilListed('command_unanswered', 'subject', command)).toMatchObject({ escrow });
});

test('an endpoint that is gone is listed until it is taken away', async () => {
  const to = await openReceiver();
  to.answer = (response) => void response.writeHead(410).end();
  const made = await stack.call('POST', '/v1/webhook_endpoints', { url: to.url });
  await someone(stack, 'Ann Author');
  expect(await untilListed('webhook_undeliverable', 'subject', made.id)).toMatchObject({
    detail: 'gone',
  });
  await stack.call('DELETE', `/v1/webhook_endpoints/${made.id}`);
  await untilListed('webhook_undeliverable', 'subject', made.id, false);
  await to.close();
});

test('the oldest comes first, page by page; a wrong cursor or reason is named', async () => {
  const whole = await stack.get('/v1/needs_attention?limit=100');
  const times = each(whole.body, 'since');
  expect(times.length).toBeGreaterThan(2);
  expect(times).toEqual([...times].sort());
  const seen: unknown[] = [];
  for (let cursor = '', isFirst = true; isFirst || cursor !== ''; isFirst = false) {
    const { body } = await stack.get(
      `/v1/needs_attention?limit=1${cursor === '' ? '' : `&starting_after=${cursor}`}`,
    );
    seen.push(...listAt(body));
    cursor = textAt(body, 'next_cursor');
  }
  expect(seen).toEqual(listAt(whole.body));
  for (const query of ['reason=boredom', 'starting_after=x']) {
    expect(await stack.get(`/v1/needs_attention?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'malformed_parameter' },
    });
  }
});
