/**
 * Owns disputes over HTTP: opened, answered, ruled to the unit; and the queue of those who rule.
 * Must not test other commands.
 */
import { delivered, funded, type People, someone, twoPeople } from './people';
import { at, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const refusal = (status: number, code: string, more: object = {}) => ({
  status,
  body: { code, status, retryable: false, ...more },
});
const ask = (path: string, body: object, as?: string) =>
  stack.twice('POST', path, body, as === undefined ? {} : { as });

describe('a dispute', () => {
  test('is opened, answered, shown with evidence, handed over and ruled to the unit', async () => {
    const one = await delivered(stack, people);
    const reason = { reason: 'Not what was agreed.' };
    const opened = await ask(`${one.milestone}/dispute`, reason, one.buyer);
    expect(opened).toMatchObject({
      body: { disputed: true, money: { held: 0, disputed: 125_000 } },
    });
    const id = textAt(opened.body, 'disputes', 0, 'id');
    const path = `/v1/disputes/${id}`;
    expect(await ask(`${one.milestone}/approve`, {}, one.buyer)).toMatchObject(
      refusal(409, 'in_dispute'),
    );
    expect(await ask(`${path}/escalate`, {}, one.buyer)).toMatchObject(
      refusal(409, 'conditions_unmet'),
    );
    expect(await ask(`${path}/answer`, { answer: 'It is.' }, one.buyer)).toMatchObject(
      refusal(403, 'not_allowed'),
    );
    expect(await ask(`${path}/answer`, { answer: 'It is.' }, one.seller)).toMatchObject({
      body: { disputes: [{ status: 'negotiating', answer: 'It is.' }] },
    });
    const evidence = [{ kind: 'photo', summary: 'Proof', url: 'https://example.com/1.jpg' }];
    expect(await ask(`${path}/evidence`, { evidence }, one.seller)).toMatchObject({
      body: { disputes: [{ evidence: [{ side: 'seller', kind: 'photo' }] }] },
    });
    const split = (recipients: number, payers: number) => ({
      reason: 'Two thirds.',
      split: { recipients, payers },
    });
    expect(await ask(`${path}/resolve`, split(87_500, 37_500))).toMatchObject(
      refusal(409, 'conditions_unmet'),
    );
    expect(await ask(`${path}/escalate`, {}, one.buyer)).toMatchObject({ status: 200 });
    expect(await ask(`${path}/resolve`, split(87_500, 37_500), one.buyer)).toMatchObject(
      refusal(403, 'not_allowed'),
    );
    expect(await ask(`${path}/resolve`, split(87_500, 37_499))).toMatchObject(
      refusal(422, 'amount_mismatch'),
    );
    expect(await ask(`${path}/resolve`, split(87_500, 37_500))).toMatchObject({
      body: { status: 'closed_disputed', money: { released: 87_500, refunded: 37_500 } },
    });
    expect(await stack.get(path, { as: one.seller })).toMatchObject({
      status: 200,
      body: { status: 'ruled', escrow: one.escrow, ruling: { recipients: 87_500 } },
    });
    expect(await stack.get(`${one.path}/proof`)).toMatchObject({ body: { ok: true } });
  });

  test('can be taken back by who opened it; what never was is not there', async () => {
    const one = await funded(stack, people);
    const opened = await ask(`${one.milestone}/dispute`, { reason: 'Late.' }, one.buyer);
    const path = `/v1/disputes/${textAt(opened.body, 'disputes', 0, 'id')}`;
    expect(await ask(`${path}/withdraw`, {}, one.seller)).toMatchObject(
      refusal(403, 'not_allowed'),
    );
    expect(await ask(`${path}/withdraw`, {}, one.buyer)).toMatchObject({
      body: { disputed: false, money: { held: 125_000 } },
    });
    expect(await ask(`${path}/withdraw`, {}, one.buyer)).toMatchObject(
      refusal(404, 'unknown_dispute'),
    );
    expect(await stack.get(path)).toMatchObject({ body: { status: 'withdrawn' } });
    expect(await ask('/v1/disputes/dis_unknown/withdraw', {}, one.buyer)).toMatchObject(
      refusal(404, 'not_found'),
    );
  });

  test('the queue shows what is due first, to the platform and to those concerned', async () => {
    const one = await funded(stack, people);
    await ask(`${one.milestone}/dispute`, { reason: 'Late.' }, one.buyer);
    const stranger = await someone(stack, 'Otto Other');
    const open = await stack.get('/v1/disputes?status=open');
    expect(at(open.body, 'data')).toMatchObject([{ escrow: one.escrow, status: 'open' }]);
    const mine = await stack.get('/v1/disputes?limit=1', { as: one.seller });
    expect(mine.body).toMatchObject({ has_more: true, data: [{ escrow: one.escrow }] });
    const next = textAt(mine.body, 'next_cursor');
    const second = await stack.get(`/v1/disputes?starting_after=${next}`, { as: one.seller });
    expect(at(second.body, 'data', 0, 'due_at')).toBeNull(); // closed ones wait for nobody
    expect(await stack.get('/v1/disputes', { as: stranger })).toMatchObject({ body: { data: [] } });
    const id = textAt(open.body, 'data', 0, 'id');
    expect(await stack.get(`/v1/disputes/${id}`, { as: stranger })).toMatchObject(
      refusal(403, 'not_a_party'),
    );
  });
});
