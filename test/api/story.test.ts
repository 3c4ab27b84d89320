/**
 * Owns the five-minute path over HTTP, every request sent twice; at its end books, bank and proof
 * agree.
 * Must not test what goes wrong on the way.
 */
import { TOPICS } from '../../domain/topics';
import { deal, type People, someone, until, untilStatus } from './people';
import { at, each, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
});
afterAll(() => stack.close());

test('seven calls, each sent twice, end in a payout that the bank has settled', async () => {
  const people: People = {
    buyer: await someone(stack, 'Bea Buyer'), // 1
    seller: await someone(stack, 'Sal Seller'), // 2
  };
  const { buyer, seller } = people;
  const made = await stack.twice('POST', '/v1/escrows', deal(people), { as: buyer }); // 3
  expect(made.status).toBe(201);
  expect(made.headers.get('location')).toBe(`/v1/escrows/${made.id}`);
  expect(made.headers.get('etag')).toBe('"2"');
  expect(made.body).toMatchObject({ status_code: 'sac', version: 2, on_hold: false });
  const path = `/v1/escrows/${made.id}`;
  const terms_hash = textAt(made.body, 'terms_hash');

  const accepted = await stack.twice('POST', `${path}/accept`, { terms_hash }, { as: seller }); // 4
  expect(accepted).toMatchObject({ status: 200, body: { status: 'accepted_not_funded' } });

  const body = { provider: 'sandbox' };
  const paid = await stack.twice('POST', `${path}/payments`, body, { as: buyer }); // 5
  expect(paid.status).toBe(201);
  expect(paid.headers.get('location')).toBe(`/v1/payments/${paid.id}`);
  expect(paid.body).toMatchObject({ object: 'payment', escrow: made.id, amount: 125_000 });
  await untilStatus(stack, path, 'in_progress');

  const milestone = `${path}/milestones/${textAt(made.body, 'milestones', 0, 'id')}`;
  const done = await stack.twice('POST', `${milestone}/mark_done`, {}, { as: seller }); // 6
  expect(done).toMatchObject({ status: 200, body: { status: 'delivered' } });
  expect(listAt(done.body, 'deadlines')).toMatchObject([
    {
      name: 'inspection',
      otherwise: 'approve',
      who: [textAt(made.body, 'parties', 0, 'id')],
      moves: { amount: 125_000, currency: 'USD' },
    },
  ]);

  const approved = await stack.twice('POST', `${milestone}/approve`, {}, { as: buyer }); // 7
  expect(approved.body).toMatchObject({ status_code: 'cdp', disbursement: { pending: 125_000 } });
  const closed = await untilStatus(stack, path, 'closed_disbursement_complete');
  expect(closed.body).toMatchObject({
    close_reason: 'completed',
    money: { held: 0, disputed: 0, released: 125_000, refunded: 0, fees: 0 },
    disbursement: { pending: 0, settled: 125_000, failed: 0 },
    next_actions: [],
    deadlines: [],
  });
  await booksAgree(path);
  await everythingIsTold(path, people);
  await moneyHasArrived(made.id, people);
});

async function booksAgree(path: string): Promise<void> {
  const books = await stack.get(`${path}/ledger`);
  const debit = listAt(books.body, 'accounts').reduce<number>(
    (all, account) => all + Number(at(account, 'balance')),
    0,
  );
  expect(debit).toBe(0);
  expect(listAt(books.body, 'journals').map((journal) => at(journal, 'type'))).toEqual([
    'payment_settled',
    'funded',
    'due_completed',
    'released',
    'payout_started',
    'payout_settled',
  ]);
  const proof = await stack.get(`${path}/proof`);
  expect(proof.body).toMatchObject({ object: 'proof', ok: true });
  const verified = await stack.twice('POST', '/v1/ledger/verify', {});
  expect(verified.body).toMatchObject({ ok: true });
  const trial = await stack.get('/v1/ledger/trial_balance');
  expect(listAt(trial.body)).toEqual([]); // all that came in has left
}

async function everythingIsTold(path: string, { buyer, seller }: People): Promise<void> {
  const events = await stack.get(`${path}/events?order=asc`, { as: seller });
  expect(each(events.body, 'type').slice(0, 4)).toEqual([
    'created',
    'sent',
    'party_accepted',
    'agreed',
  ]);
  expect(each(events.body, 'sequence')).toEqual(listAt(events.body).map((_, n) => n + 1));
  // In order of writing, so only once no transaction of the server can come before the last one.
  const all = await until(
    () => stack.get('/v1/events?limit=100&order=asc'),
    (answer) => each(answer.body, 'type').includes('escrow.closed'),
  );
  expect(each(all.body, 'type')).toEqual(
    expect.arrayContaining(['account.created', 'payment.created', 'payment.settled']),
  );
  expect(TOPICS).toEqual(expect.arrayContaining([...new Set(each(all.body, 'type'))]));
  const first = at(all.body, 'data', 0);
  const alone = `/v1/events/${textAt(first, 'id')}`;
  expect(await stack.get(alone)).toMatchObject({ status: 200, body: first });
  expect(await stack.get(alone, { key: stack.keys.other })).toMatchObject({ status: 404 });
  const escrow = await stack.get(path);
  for (const part of ['milestones', 'parties']) {
    const asked = `/v1/escrows?query=${textAt(escrow.body, part, 0, 'id')}`;
    expect(each((await stack.get(asked)).body, 'id')).toEqual([escrow.id]);
    expect(listAt((await stack.get(asked, { key: stack.keys.other })).body)).toEqual([]);
  }
  const timeline = await stack.get(`${path}/timeline`, { as: buyer });
  expect(at(timeline.body, 'object')).toBe('timeline');
}

async function moneyHasArrived(id: string, { seller }: People): Promise<void> {
  const sent = await stack.get('/v1/disbursements', { as: seller });
  expect(listAt(sent.body)).toMatchObject([
    { escrow: id, recipient: seller, status: 'settled', attempts: [{ n: 1, state: 'settled' }] },
  ]);
  const reference = textAt(sent.body, 'data', 0, 'attempts', 0, 'reference');
  const bank = await stack.get(`/v1/test_helpers/sandbox/payouts?reference=${reference}`);
  expect(listAt(bank.body)).toMatchObject([{ state: 'settled', amount: 125_000 }]);
  const sums = await stack.get(`/v1/balances?escrows=${id}`);
  expect(listAt(sums.body)).toEqual([
    {
      escrow: id,
      currency: 'USD',
      held: 0,
      disputed: 0,
      released: 125_000,
      reserved: 0,
      refunded: 0,
      fees: 0,
    },
  ]);
  const wallet = await until(
    () => stack.get(`/v1/accounts/${seller}/balances`),
    (answer) => at(answer.body, 'data', 0, 'in_flight') === 0,
  );
  expect(listAt(wallet.body)).toEqual([
    { currency: 'USD', available: 0, in_flight: 0, reserved: 0 },
  ]);
  const statement = await stack.get(`/v1/accounts/${seller}/statement`);
  expect(each(statement.body, 'amount')).toEqual([-125_000, 125_000]);
  expect(each(statement.body, 'balance')).toEqual([0, 125_000]);
}
