/**
 * Owns amendments over HTTP, from the request to the ledger and the proof: up, down, milestones
 * that come and go, and one whose money never comes.
 * Must not test who may answer one in which stage (`test/domain/negotiation.test.ts`).
 */
import { type Deal, funded, inAMonth, type People, twoPeople } from './people';
import { days, idOf, proposing, refusal } from './proposing';
import { at, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const { ask, propose, accept, eventsOf, isProved, walletOf } = proposing(() => stack);

test('an amendment up waits for the difference and takes effect with its funding', async () => {
  const deal = await funded(stack, people);
  const [milestone] = deal.milestones;
  const change = { milestones: [{ milestone, amount: 150_000 }] };
  const id = idOf((await propose(deal, deal.seller, 'amendment', change)).body);
  const accepted = await accept(deal, id, deal.buyer);
  expect(accepted).toMatchObject({
    status: 200,
    body: {
      amount: 125_000,
      terms_hash: deal.hash,
      proposals: [{ status: 'waiting', content: { amount_due: 25_000 } }],
      funding: { due: 150_000, shortfall: 25_000 },
      deadlines: expect.arrayContaining([
        expect.objectContaining({ name: 'amendment_funding', otherwise: 'lapse' }),
      ]),
    },
  });
  await stack.call('POST', `${deal.path}/payments`, { provider: 'sandbox' }, { as: deal.buyer });
  await untilAmended(deal);
  const now = await stack.get(deal.path);
  const hash = textAt(now.body, 'terms_hash');
  expect(now).toMatchObject({
    body: { amount: 150_000, money: { held: 150_000 }, milestones: [{ amount: 150_000 }] },
  });
  expect(hash).not.toBe(deal.hash);
  expect(await stack.get(`${deal.path}/terms/${deal.hash}`, { as: deal.seller })).toMatchObject({
    status: 200,
    body: { object: 'terms', current: false, terms: { amount: 125_000 } },
  });
  expect(await stack.get(`${deal.path}/terms/${hash}`)).toMatchObject({
    body: { current: true, terms: { amount: 150_000 } },
  });
  expect(await stack.get(`${deal.path}/terms/${'0'.repeat(64)}`)).toMatchObject(
    refusal(404, 'not_found'),
  );
  const old = { terms_hash: deal.hash };
  expect(await ask(`${deal.milestone}/mark_done`, old, deal.seller)).toMatchObject(
    refusal(409, 'terms_changed'),
  );
  expect(await journalOf(deal, 'terms_amended')).toEqual([
    [`liab:escrow:${deal.escrow}:ms:1`, -25_000],
    [`liab:escrow:${deal.escrow}:unallocated`, 25_000],
  ]);
  await ask(`${deal.milestone}/mark_done`, { terms_hash: hash }, deal.seller);
  expect(await ask(`${deal.milestone}/approve`, {}, deal.buyer)).toMatchObject({
    body: { money: { released: 150_000 } },
  });
  await isProved(deal);
});

test('an amendment down gives the difference back in one step with its journal', async () => {
  const deal = await funded(stack, people);
  const [milestone] = deal.milestones;
  const before = await walletOf(deal.buyer);
  const change = {
    title: 'Logo design, smaller',
    milestones: [{ milestone, amount: 100_000, due_date: '2099-01-31' }],
  };
  const id = idOf((await propose(deal, deal.buyer, 'amendment', change)).body);
  expect(await accept(deal, id, deal.seller)).toMatchObject({
    status: 200,
    body: {
      title: 'Logo design, smaller',
      amount: 100_000,
      money: { held: 100_000, refunded: 25_000 },
      milestones: [{ amount: 100_000, due_at: '2099-01-31T23:59:59.999Z' }],
    },
  });
  expect(Number(await walletOf(deal.buyer)) - Number(before)).toBe(25_000);
  expect(await journalOf(deal, 'terms_amended')).toEqual([
    [`liab:escrow:${deal.escrow}:ms:1`, 25_000],
    [`liab:wallet:${deal.buyer}`, -25_000],
  ]);
  await isProved(deal);
});

test('milestones are added and taken away, and what is new starts at once', async () => {
  const deal = await funded(stack, people);
  const add = [{ title: 'Letter head', amount: 125_000, due_at: inAMonth() }];
  const change = { add, remove: deal.milestones };
  const id = idOf((await propose(deal, deal.seller, 'amendment', change)).body);
  expect(await accept(deal, id, deal.buyer)).toMatchObject({
    status: 200,
    body: {
      amount: 125_000,
      money: { held: 125_000, refunded: 0 },
      milestones: [{ title: 'Letter head', status: 'in_progress', held: 125_000 }],
    },
  });
  await isProved(deal);
  const now = await stack.get(deal.path);
  const milestone = textAt(now.body, 'milestones', 0, 'id');
  const path = `${deal.path}/milestones/${milestone}`;
  expect(await ask(`${path}/approve`, {}, deal.buyer)).toMatchObject({
    body: { money: { released: 125_000 } },
  });
  await isProved(deal);
});

test('nobody answers: a proposal lapses; nobody pays: contributions go back', async () => {
  const clock = await stack.call('POST', '/v1/test_clocks', {});
  const fields = { test_clock: clock.id };
  const advance = (count: number) =>
    stack.call('POST', `/v1/test_clocks/${clock.id}/advance`, { to: days(count) });
  const deal = await funded(stack, people, fields);
  const [milestone] = deal.milestones;
  await propose(deal, deal.seller, 'extension', { milestone, due_at: days(90) });
  expect(await advance(8)).toMatchObject({ status: 200 });
  const lapsed = await stack.get(deal.path);
  const first = idOf(lapsed.body);
  expect(lapsed).toMatchObject({
    body: {
      proposals: [{ status: 'lapsed', closed_because: 'the proposal deadline has passed' }],
    },
  });
  expect(await accept(deal, first, deal.buyer)).toMatchObject(refusal(409, 'deadline_passed'));

  const change = { milestones: [{ milestone, amount: 130_000 }] };
  const id = idOf((await propose(deal, deal.seller, 'amendment', change)).body, 1);
  await accept(deal, id, deal.buyer);
  const top = { provider: 'sandbox', amount: 2_000 };
  await stack.call('POST', `${deal.path}/payments`, top, { as: deal.buyer });
  await untilFunded(deal, 3_000);
  expect(await advance(16)).toMatchObject({ status: 200 });
  expect(await stack.get(deal.path)).toMatchObject({
    body: {
      terms_hash: deal.hash,
      amount: 125_000,
      money: { held: 125_000, refunded: 2_000 },
      proposals: [{}, { status: 'lapsed' }],
    },
  });
  await isProved(deal);
});

async function untilAmended(deal: Deal): Promise<void> {
  for (let n = 0; n < 300; n += 1) {
    if ((await eventsOf(deal)).includes('terms_amended')) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error('it was never amended');
}

async function untilFunded(deal: Deal, shortfall: number): Promise<void> {
  for (let n = 0; n < 300; n += 1) {
    const { body } = await stack.get(deal.path);
    if (at(body, 'funding', 'shortfall') === shortfall) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error('it was never funded');
}

/** The lines of the one journal of a type: account and amount, debit positive. */
async function journalOf(deal: Deal, type: string): Promise<unknown> {
  const { body } = await stack.get(`${deal.path}/ledger`);
  const journals = at(body, 'journals');
  const found = Array.isArray(journals) ? journals.filter((each) => at(each, 'type') === type) : [];
  expect(found).toHaveLength(1);
  const lines = at(found[0], 'lines');
  const rows = Array.isArray(lines) ? lines.map((l) => [at(l, 'account'), at(l, 'amount')]) : [];
  return rows.sort((a, b) => String(a[0]).localeCompare(String(b[0])));
}
