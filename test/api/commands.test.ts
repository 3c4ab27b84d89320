/**
 * Owns what every command answers over HTTP, and the refusals of the rules with the status of the
 * moment and what is allowed instead. Each request is sent twice.
 * Must not test disputes: `disputes.test.ts` does.
 */
import { agreed, type Deal, deal, delivered, funded, sent, someone, twoPeople } from './people';
import { at, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: Awaited<ReturnType<typeof twoPeople>>;
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

describe('before anything has started', () => {
  test('accept wants the hash of the terms, once, by somebody who must', async () => {
    const { path, hash, seller, buyer } = await sent(stack, people);
    const other = await someone(stack, 'Otto Other');
    expect(await ask(`${path}/accept`, {}, seller)).toMatchObject(refusal(422, 'malformed'));
    const wrong = { terms_hash: hash.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')) };
    expect(await ask(`${path}/accept`, wrong, seller)).toMatchObject(
      refusal(409, 'terms_changed', { current_status: 'sent_awaiting_confirmation' }),
    );
    const right = { terms_hash: hash };
    expect(await ask(`${path}/accept`, right, other)).toMatchObject(refusal(403, 'not_a_party'));
    expect(await ask(`${path}/accept`, right)).toMatchObject(refusal(403, 'not_allowed'));
    expect(await ask(`${path}/accept`, right, buyer)).toMatchObject(refusal(409, 'already_done'));
    expect(await ask(`${path}/accept`, right, seller)).toMatchObject({
      status: 200,
      body: { status: 'accepted_not_funded' },
    });
    const again = await ask(`${path}/accept`, right, seller);
    expect(again).toMatchObject(refusal(403, 'not_allowed'));
    expect(at(again.body, 'allowed_actions')).toEqual(['cancel', 'propose']);
  });

  test('reject and cancel close it, and nothing can be asked of it afterwards', async () => {
    const reason = { reason: 'No time.' };
    const first = await sent(stack, people);
    expect(await ask(`${first.path}/reject`, reason, first.seller)).toMatchObject({
      status: 200,
      body: { status: 'closed', close_reason: 'rejected' },
    });
    expect(await ask(`${first.path}/cancel`, reason, first.buyer)).toMatchObject(
      refusal(409, 'escrow_closed', { current_status: 'closed', allowed_actions: [] }),
    );
    const second = await agreed(stack, people);
    expect(await ask(`${second.path}/cancel`, {}, second.seller)).toMatchObject(
      refusal(422, 'malformed', { errors: [{ pointer: '/reason', code: 'required' }] }),
    );
    expect(await ask(`${second.path}/cancel`, reason, second.seller)).toMatchObject({
      body: { status: 'closed', close_reason: 'cancelled' },
    });
  });

  test('fund moves money from the wallet, not more than is due nor than there is', async () => {
    const { path, buyer, seller } = await agreed(stack, people);
    const empty = await ask(`${path}/fund`, { amount: 100 }, buyer);
    expect(empty).toMatchObject(refusal(409, 'insufficient_funds'));
    expect(await ask(`${path}/fund`, { amount: 100 }, seller)).toMatchObject(
      refusal(403, 'not_allowed'),
    );
    const topUp = { provider: 'sandbox', amount: 125_000, currency: 'USD' };
    const paid = await ask(`/v1/accounts/${buyer}/payments`, topUp, buyer);
    expect(paid).toMatchObject({ status: 201, body: { escrow: null, status: 'settled' } });
    expect(await ask(`${path}/fund`, { amount: 125_001 }, buyer)).toMatchObject(
      refusal(409, 'limit_reached'),
    );
    expect(await ask(`${path}/fund`, { amount: 25_000 }, buyer)).toMatchObject({
      body: { status: 'accepted_not_funded', funding: { received: 25_000, shortfall: 100_000 } },
    });
    expect(await ask(`${path}/fund`, { amount: 100_000 }, buyer)).toMatchObject({
      body: { status: 'in_progress', funding: { shortfall: 0 }, money: { held: 125_000 } },
    });
    expect(await ask(`${path}/fund`, { amount: 1 }, buyer)).toMatchObject(
      refusal(409, 'limit_reached'), // nothing is due until an amendment asks for more
    );
    await ask(`${path}/cancel`, { reason: 'Back.' }, seller); // the money is free again
  });
});

describe('a milestone', () => {
  let one: Deal;
  beforeAll(async () => {
    one = await funded(stack, people);
  });

  test('only the seller marks done, what exists, against the newest version', async () => {
    expect(await ask(`${one.milestone}/mark_done`, {}, one.buyer)).toMatchObject(
      refusal(403, 'not_allowed', { current_status: 'in_progress' }),
    );
    const unknown = await ask(`${one.path}/milestones/mil_unknown/mark_done`, {}, one.seller);
    expect(unknown).toMatchObject(refusal(404, 'unknown_milestone'));
    const stale = await stack.twice(
      'POST',
      `${one.milestone}/mark_done`,
      {},
      {
        as: one.seller,
        headers: { 'if-match': '"2"' },
      },
    );
    expect(stale).toMatchObject(refusal(412, 'stale_version'));
    const { headers } = await stack.get(one.path);
    const fresh = await stack.call(
      'POST',
      `${one.milestone}/mark_done`,
      {},
      {
        as: one.seller,
        headers: { 'if-match': headers.get('etag') ?? '' },
      },
    );
    expect(fresh).toMatchObject({ status: 200, body: { status: 'delivered' } });
  });

  test('reject_delivery sends it back; approve accepts, releases and is final', async () => {
    const reason = { reason: 'The colours.' };
    expect(await ask(`${one.milestone}/reject_delivery`, reason, one.seller)).toMatchObject(
      refusal(403, 'not_allowed'),
    );
    expect(await ask(`${one.milestone}/reject_delivery`, reason, one.buyer)).toMatchObject({
      body: { status: 'delivered_rejected' },
    });
    await ask(`${one.milestone}/mark_done`, {}, one.seller);
    expect(await ask(`${one.milestone}/release`, {}, one.buyer)).toMatchObject(
      refusal(409, 'wrong_status'),
    );
    expect(await ask(`${one.path}/complete`, {}, one.buyer)).toMatchObject(
      refusal(409, 'conditions_unmet'),
    );
    const approved = await ask(`${one.milestone}/approve`, {}, one.buyer);
    expect(at(approved.body, 'milestones', 0, 'approvals')).toHaveLength(1);
    expect(await ask(`${one.milestone}/approve`, {}, one.buyer)).toMatchObject(
      refusal(409, 'already_done'),
    );
    const late = await ask(`${one.milestone}/dispute`, reason, one.buyer);
    expect(late).toMatchObject(refusal(409, 'release_is_final'));
  });

  test('manual release waits for a second act; complete does it for all', async () => {
    const manual = { release: { mode: 'manual' } };
    const first = await delivered(stack, people, manual);
    expect(await ask(`${first.milestone}/approve`, {}, first.buyer)).toMatchObject({
      body: { status: 'delivered_accepted' },
    });
    expect(await ask(`${first.milestone}/release`, {}, first.seller)).toMatchObject(
      refusal(403, 'not_allowed'),
    );
    expect(await ask(`${first.milestone}/release`, {}, first.buyer)).toMatchObject({
      body: { close_reason: 'completed', money: { released: 125_000 } },
    });
    const second = await delivered(stack, people, manual);
    await ask(`${second.milestone}/approve`, {}, second.buyer);
    expect(await ask(`${second.path}/complete`, {}, second.buyer)).toMatchObject({
      body: { close_reason: 'completed' },
    });
    expect(await ask(`${second.path}/complete`, {}, second.buyer)).toMatchObject(
      refusal(409, 'already_done'),
    );
  });
});

describe('a hold', () => {
  test('stops everything at once, and only the platform sets and lifts it', async () => {
    const { path, milestone, buyer, seller } = await delivered(stack, people);
    const reason = { reason: 'Looked at by compliance.' };
    expect(await ask(`${path}/hold`, reason, buyer)).toMatchObject(refusal(403, 'not_allowed'));
    expect(await ask(`${path}/unhold`, reason)).toMatchObject(refusal(409, 'wrong_status'));
    expect(await ask(`${path}/hold`, reason)).toMatchObject({
      body: { on_hold: true, hold: reason },
    });
    expect(await ask(`${path}/hold`, reason)).toMatchObject(refusal(409, 'already_done'));
    expect(await ask(`${milestone}/approve`, {}, buyer)).toMatchObject(refusal(409, 'on_hold'));
    expect(await ask(`${path}/cancel`, reason, seller)).toMatchObject(refusal(409, 'on_hold'));
    const { rows } = await stack.pool.query('select 1 from holdfast.holds where escrow_id = $1', [
      path.split('/').at(-1),
    ]);
    expect(rows).toHaveLength(1);
    expect(await ask(`${path}/unhold`, reason)).toMatchObject({ body: { on_hold: false } });
    expect(await ask(`${milestone}/approve`, {}, buyer)).toMatchObject({ status: 200 });
  });

  test('one that the rules refuse leaves no row behind', async () => {
    const { path, buyer } = await sent(stack, people);
    await ask(`${path}/cancel`, { reason: 'No.' }, buyer);
    const refused = await ask(`${path}/hold`, { reason: 'Late.' });
    expect(refused).toMatchObject(refusal(409, 'escrow_closed'));
    const { rows } = await stack.pool.query('select 1 from holdfast.holds where escrow_id = $1', [
      path.split('/').at(-1),
    ]);
    expect(rows).toEqual([]);
  });
});

test('a draft is for nobody to accept, and what does not exist is not found', async () => {
  const kept = await ask('/v1/escrows', deal(people, { draft: true }), people.buyer);
  const body = { terms_hash: textAt(kept.body, 'terms_hash') };
  expect(await ask(`/v1/escrows/${kept.id}/accept`, body, people.seller)).toMatchObject(
    refusal(409, 'wrong_status', { current_status: 'draft' }),
  );
  expect(await ask('/v1/escrows/esc_unknown/accept', body)).toMatchObject(
    refusal(404, 'not_found'),
  );
  expect(await ask('/v1/escrows/engagement:none/accept', body)).toMatchObject(
    refusal(404, 'not_found'),
  );
});
