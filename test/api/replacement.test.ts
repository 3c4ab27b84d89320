/**
 * Owns replacing a party over HTTP, down to the books: two operators, what the parties see, and who
 * is paid and given back to afterwards.
 * Must not repeat the rules of the domain.
 */
import { createHash } from 'node:crypto';
import { canonical } from '../../domain/terms';
import { agreed, type Deal, funded, sent, someone, twoPeople, until } from './people';
import { at, listAt, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: Awaited<ReturnType<typeof twoPeople>>;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(async () => {
  const proof = await stack.call('POST', '/v1/ledger/verify', {});
  await stack.close();
  expect(proof.body).toMatchObject({ ok: true });
});

const platform = (path: string, body: object) => stack.twice('POST', path, body);
const as = (account: string, path: string, body: object) =>
  stack.twice('POST', path, body, { as: account });
const reason = 'The company has been taken over.';

const partyOf = (body: unknown, role: string): unknown =>
  listAt(body, 'parties').find((party) => at(party, 'role') === role);

async function pathOf(deal: Deal, role: string): Promise<string> {
  const { body } = await stack.get(deal.path);
  return `${deal.path}/parties/${textAt(partyOf(body, role), 'id')}/replace`;
}

async function wallet(account: string): Promise<unknown> {
  const { body } = await stack.get(`/v1/accounts/${account}/balances`);
  return at(body, 'data', 0, 'available') ?? 0;
}

async function expectProven({ path }: Deal): Promise<void> {
  const { body } = await stack.get(`${path}/proof`);
  expect(listAt(body, 'checks').filter((check) => at(check, 'ok') !== true)).toEqual([]);
  expect(body).toMatchObject({ ok: true });
}

/** On hold, asked by Ann, confirmed by Bob, lifted. */
async function replaced(deal: Deal, role: string, account_id: string, more: object = {}) {
  const path = await pathOf(deal, role);
  const body = { account_id, reason, ...more };
  await platform(`${deal.path}/hold`, { reason });
  expect((await platform(path, { ...body, operator: 'ann' })).status).toBe(200);
  const done = await platform(path, { ...body, operator: 'bob' });
  expect(done.status).toBe(200);
  await platform(`${deal.path}/unhold`, { reason });
  return done;
}

test('two operators replace the seller at work: the new one delivers and is paid', async () => {
  const deal = await funded(stack, people);
  const heir = await someone(stack, 'Sue Successor');
  const path = await pathOf(deal, 'seller');
  const asked = { account_id: heir, operator: 'ann', reason };

  expect(await platform(path, asked)).toMatchObject({ body: { code: 'conditions_unmet' } });
  await platform(`${deal.path}/hold`, { reason });
  expect(await as(deal.buyer, path, asked)).toMatchObject({ status: 403 });
  expect((await platform(path, asked)).status).toBe(200);

  const seen = await stack.get(deal.path, { as: deal.seller });
  expect(partyOf(seen.body, 'seller')).toMatchObject({ replacement: asked });
  const offer = listAt(seen.body, 'next_actions').find((a) => at(a, 'action') === 'replace_party');
  expect(offer).toMatchObject({ roles: ['platform'], parties: [] });
  expect(await platform(path, asked)).toMatchObject({ body: { code: 'already_done' } });

  const done = await platform(path, { ...asked, operator: 'bob' });
  expect(partyOf(done.body, 'seller')).toMatchObject({
    account_id: heir,
    status: 'accepted',
    replacement: null,
  });
  const hash = textAt(done.body, 'terms_hash');
  expect(hash).not.toBe(deal.hash);
  const terms = await stack.get(`${deal.path}/terms/${hash}`);
  const text = canonical(at(terms.body, 'terms'));
  expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
  const old = await stack.get(`${deal.path}/terms/${deal.hash}`);
  expect(at(old.body, 'terms', 'parties', 1, 'account_id')).toBe(deal.seller);
  await expectProven(deal);

  await platform(`${deal.path}/unhold`, { reason });
  expect(await as(deal.seller, `${deal.milestone}/mark_done`, {})).toMatchObject({ status: 403 });
  expect(await stack.get(deal.path, { as: deal.seller })).toMatchObject({ status: 403 });
  const mine = await stack.get('/v1/escrows', { as: heir });
  expect(listAt(mine.body, 'data').map((row) => at(row, 'id'))).toEqual([deal.escrow]);
  expect((await as(heir, `${deal.milestone}/mark_done`, {})).status).toBe(200);
  expect((await as(deal.buyer, `${deal.milestone}/approve`, {})).status).toBe(200);
  const closed = await until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'status') === 'closed_disbursement_complete',
  );
  expect(closed.body).toMatchObject({ money: { released: 125_000 } });
  const paid = await stack.get(`/v1/disbursements?escrow=${deal.escrow}`);
  expect(listAt(paid.body, 'data')).toMatchObject([{ recipient: heir, amount: 125_000 }]);
  const events = await stack.get(`${deal.path}/events?order=asc&limit=100`, { as: deal.buyer });
  const shown = listAt(events.body, 'data').find((e) => at(e, 'type') === 'party_replaced');
  expect(at(shown, 'data')).toMatchObject({
    before: { account: deal.seller },
    account: heir,
    operators: ['ann', 'bob'],
    reason,
  });
  await expectProven(deal);
});

test('a refund goes to the buyer who has paid, not to who has taken his place', async () => {
  const buyer = await someone(stack, 'Ben Buyer');
  const heir = await someone(stack, 'Hal Heir');
  const deal = await funded(stack, { ...people, buyer });
  await replaced(deal, 'buyer', heir);
  expect((await as(deal.seller, `${deal.path}/cancel`, { reason })).status).toBe(200);
  expect([await wallet(buyer), await wallet(heir)]).toEqual([125_000, 0]);
  await expectProven(deal);
});

test('before all have agreed the new one is asked to accept the terms that name him', async () => {
  const heir = await someone(stack, 'Sam Successor');
  const deal = await sent(stack, people);
  const done = await replaced(deal, 'seller', heir, { payout_destination: 'wallet' });
  expect(partyOf(done.body, 'seller')).toMatchObject({ account_id: heir, status: 'created' });
  expect(await as(heir, `${deal.path}/accept`, { terms_hash: deal.hash })).toMatchObject({
    body: { code: 'terms_changed' },
  });
  const terms_hash = textAt(done.body, 'terms_hash');
  expect(await as(heir, `${deal.path}/accept`, { terms_hash })).toMatchObject({
    body: { status: 'accepted_not_funded' },
  });
  await expectProven(deal);
});

test('what cannot be: wrong accounts and places, both sides in one hand, no party', async () => {
  const deal = await agreed(stack, people);
  await platform(`${deal.path}/hold`, { reason });
  const path = await pathOf(deal, 'seller');
  const give = (more: object, to = path) =>
    platform(to, { account_id: people.seller, operator: 'ann', reason, ...more });
  const nobody = people.seller.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
  const other = await someone(stack, 'Olga Other');

  expect(await give({})).toMatchObject({ status: 409, body: { code: 'already_done' } });
  expect(await give({ account_id: people.buyer })).toMatchObject({
    status: 422,
    body: { code: 'conflict_of_interest' },
  });
  expect(await give({ account_id: nobody })).toMatchObject({
    status: 404,
    body: { errors: [{ pointer: '/account_id' }] },
  });
  const strange = { account_id: other, payout_destination: 'dst_01k9z6b0w2e8ra5m3q7t4n1xvc' };
  expect(await give(strange)).toMatchObject({
    status: 404,
    body: { errors: [{ pointer: '/payout_destination' }] },
  });
  expect(await give({ account_id: 'somebody' })).toMatchObject({ status: 422 });
  expect(await give({ account_id: other, operator: '' })).toMatchObject({ status: 422 });
  const missing = `${deal.path}/parties/pty_01k9z6b0w2e8ra5m3q7t4n1xvc/replace`;
  expect(await give({ account_id: other }, missing)).toMatchObject({ status: 404 });
  expect(await give({ account_id: other, terms_hash: 'f'.repeat(64) })).toMatchObject({
    body: { code: 'terms_changed' },
  });
  expect(partyOf((await stack.get(deal.path)).body, 'seller')).toMatchObject({
    account_id: people.seller,
    replacement: null,
  });
});
