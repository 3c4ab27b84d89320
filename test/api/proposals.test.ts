/**
 * Owns proposals over HTTP, from the request to the ledger and the proof: each kind, an amendment
 * up and one down, one that lapses, and what is no proposal.
 * Must not test who may answer one in which stage (`test/domain/negotiation.test.ts`).
 */
import { delivered, funded, type People, twoPeople, untilStatus } from './people';
import { days, idOf, proposing, refusal } from './proposing';
import { openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const { ask, propose, accept, eventsOf, isProved } = proposing(() => stack);

test('an extension moves the due date when the buyer accepts it', async () => {
  const deal = await funded(stack, people);
  const [milestone] = deal.milestones;
  const due_at = days(60);
  const made = await propose(deal, deal.seller, 'extension', { milestone, due_at });
  expect(made).toMatchObject({
    status: 200,
    body: {
      proposals: [
        {
          kind: 'extension',
          status: 'open',
          content: { milestone, due_at },
          reason: 'As we said.',
        },
      ],
      next_actions: expect.arrayContaining([
        expect.objectContaining({ action: 'accept_proposal', roles: ['buyer'] }),
      ]),
      deadlines: expect.arrayContaining([
        expect.objectContaining({ name: 'proposal', otherwise: 'lapse' }),
      ]),
    },
  });
  const id = idOf(made.body);
  expect(await propose(deal, deal.seller, 'extension', { milestone, due_at })).toMatchObject(
    refusal(409, 'limit_reached'),
  );
  expect(await accept(deal, id, deal.seller)).toMatchObject(refusal(409, 'already_done'));
  expect(await ask(`${deal.path}/proposals/${id}/withdraw`, {}, deal.buyer)).toMatchObject(
    refusal(403, 'not_allowed'),
  );
  expect(await accept(deal, id, deal.buyer)).toMatchObject({
    status: 200,
    body: { milestones: [{ due_at, overdue: false }], proposals: [{ status: 'accepted' }] },
  });
  expect(await stack.get(deal.path)).toMatchObject({
    body: { deadlines: [expect.objectContaining({ name: 'delivery', at: due_at })] },
  });
  const later = await propose(deal, deal.seller, 'extension', { milestone, due_at: days(70) });
  const second = idOf(later.body, 1);
  expect(
    await ask(`${deal.path}/proposals/${second}/withdraw`, { reason: 'No need.' }, deal.seller),
  ).toMatchObject({ body: { proposals: [{}, { status: 'withdrawn' }] } });
  expect(await accept(deal, 'prp_unknown', deal.buyer)).toMatchObject(
    refusal(404, 'unknown_proposal'),
  );
  await isProved(deal);
});

test('a settlement that supersedes another is carried out like a ruling', async () => {
  const deal = await delivered(stack, people);
  const opened = await ask(`${deal.milestone}/dispute`, { reason: 'Not it.' }, deal.buyer);
  const dispute = textAt(opened.body, 'disputes', 0, 'id');
  const split = (recipients: number) => ({
    dispute,
    split: { recipients, payers: 125_000 - recipients },
  });
  const wrong = { dispute, split: { recipients: 1, payers: 1 } };
  expect(await propose(deal, deal.buyer, 'settlement', wrong)).toMatchObject(
    refusal(422, 'amount_mismatch'),
  );
  const first = idOf((await propose(deal, deal.buyer, 'settlement', split(50_000))).body);
  const counter = await propose(deal, deal.seller, 'settlement', split(75_000));
  expect(counter).toMatchObject({
    body: { proposals: [{ id: first, status: 'lapsed' }, { status: 'open' }] },
  });
  const second = idOf(counter.body, 1);
  expect(textAt(counter.body, 'proposals', 0, 'closed_because')).toBe(`superseded by ${second}`);
  expect(await accept(deal, second, deal.buyer)).toMatchObject({
    status: 200,
    body: {
      status: 'closed_disputed',
      money: { released: 75_000, refunded: 50_000, held: 0, disputed: 0 },
      disputes: [{ status: 'ruled', ruling: { by: 'parties', recipients: 75_000 } }],
    },
  });
  expect((await eventsOf(deal)).slice(-6, -1)).toEqual(
    expect.arrayContaining(['proposal_lapsed', 'proposal_made', 'proposal_accepted', 'ruled']),
  );
  await isProved(deal);
});

test('a cancellation splits what is held; it lapses by a delivery', async () => {
  const deal = await funded(stack, people);
  const content = { split: { recipients: 40_000, payers: 85_000 } };
  const id = idOf((await propose(deal, deal.seller, 'cancellation', content)).body);
  expect(await accept(deal, id, deal.buyer)).toMatchObject({
    status: 200,
    body: { money: { released: 40_000, refunded: 85_000, held: 0 } },
  });
  const types = (await eventsOf(deal)).slice(-4);
  expect(types).toEqual(expect.arrayContaining(['part_released', 'refunded', 'closed']));
  await untilStatus(stack, deal.path, 'closed_disbursement_complete');
  await isProved(deal);

  const other = await funded(stack, people);
  await propose(other, other.buyer, 'cancellation', content);
  expect(await ask(`${other.milestone}/mark_done`, {}, other.seller)).toMatchObject({
    body: {
      proposals: [{ status: 'lapsed', closed_because: 'a milestone of it has been delivered' }],
    },
  });
});

const DUE = '2099-01-01T00:00:00.000Z';

/** kind, content, what is answered, where */
const WRONG: readonly (readonly [string, object, number, string])[] = [
  ['gift', {}, 422, '/kind'],
  ['extension', { milestone: 'mil_1' }, 422, '/content/due_at'],
  ['extension', { milestone: 'acc_1', due_at: DUE }, 422, '/content/milestone'],
  ['extension', { milestone: 'mil_1', due_at: 'soon' }, 422, '/content/due_at'],
  ['settlement', { dispute: 'dis_1' }, 422, '/content/split'],
  ['cancellation', { split: { recipients: -1, payers: 0 } }, 422, '/content/split'],
  ['cancellation', { milestones: [], split: { recipients: 0, payers: 0 } }, 422, '/content'],
  ['amendment', { milestones: [{ milestone: 'mil_1', amount: 0.5 }] }, 422, '/content'],
  ['amendment', { add: [{ title: 'x', amount: 1 }] }, 422, '/content/add/0/due_at'],
  [
    'amendment',
    { add: [{ title: 'x', amount: 1, due_at: DUE, after: [9] }] },
    422,
    '/content/add/0/after',
  ],
  ['amendment', { currency: 'EUR' }, 422, '/content'],
];

test('what is no proposal is refused by name, and nothing is written', async () => {
  const deal = await funded(stack, people);
  for (const [kind, content, status, pointer] of WRONG) {
    const answer = await stack.call(
      'POST',
      `${deal.path}/proposals`,
      { kind, content },
      { as: deal.seller },
    );
    expect({ kind, content, status: answer.status }).toEqual({ kind, content, status });
    expect(textAt(answer.body, 'errors', 0, 'pointer')).toContain(pointer);
  }
  const unknown = { milestone: 'mil_other', due_at: DUE };
  expect(await propose(deal, deal.seller, 'extension', unknown)).toMatchObject(
    refusal(404, 'unknown_milestone'),
  );
  const stale = { kind: 'amendment', content: { title: 'x' }, terms_hash: '0'.repeat(64) };
  expect(await ask(`${deal.path}/proposals`, stale, deal.seller)).toMatchObject(
    refusal(409, 'terms_changed'),
  );
  const nobody = await stack.call('POST', `${deal.path}/proposals`, {
    kind: 'amendment',
    content: { title: 'x' },
  });
  expect(nobody).toMatchObject(refusal(403, 'not_allowed'));
  expect((await stack.get(deal.path)).body).toMatchObject({ proposals: [], terms_hash: deal.hash });
});
