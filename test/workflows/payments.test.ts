/**
 * Owns money coming in, from the planned row to the escrow that takes it.
 * Must not know how the bank is asked.
 */
import { ask } from './commands';
import { advance, begin, draftOf, inDays, type Opened, openEscrow } from './escrows';
import { bankBookOf, givePayer, movementOf, pay, untilState, webhook } from './money';
import { closeWorld } from './proof';
import { eventsOf, eventually, rowOf, untilEvent, untilStatus, walletOf } from './seen';
import { askBank, BUYER, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

const accept = (opened: Opened, by = SELLER) =>
  ask(world, opened, 'accept', { terms_hash: opened.hash }, by);

/** An escrow whose buyer pays as his name says. */
async function agreedWith(name: string, clock = true) {
  const buyer = await givePayer(world, name);
  const opened = await openEscrow(world, draftOf({}, SELLER, buyer), { clock });
  await accept(opened);
  return { opened, buyer };
}

/** The page that the payer is sent to, once the bank has answered. */
const checkoutOf = (payment: string): Promise<string> =>
  eventually(`a page for ${payment}`, async () => {
    const { payer_action } = await movementOf(world, payment);
    return payer_action?.checkout_url ?? null;
  });

test('a payment that settles at once funds its escrow', async () => {
  const { opened, buyer } = await agreedWith('Pat');
  const payment = await pay(world, opened, buyer, 10_000);
  await untilStatus(world, opened, 'in_progress');
  expect(await movementOf(world, payment)).toMatchObject({
    state: 'settled',
    settled_amount: 10_000,
    applied: 10_000,
  });
  expect(await walletOf(world, buyer)).toBe(0);
  expect(await bankBookOf(world, payment)).toEqual(['settled 10000']);
});

test('a payer is shown what to do, does it, and the escrow is funded', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:checkout');
  const payment = await pay(world, opened, buyer, 10_000);
  expect(await checkoutOf(payment)).toMatch(/^http:/);
  await askBank(world, `/control/payments/reference:${payment}-1/pay`, {});
  await webhook(world, payment);
  await untilStatus(world, opened, 'in_progress');
});

test('without a webhook the script finds it by looking', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:checkout fault:webhook_drop');
  const payment = await pay(world, opened, buyer, 10_000);
  await checkoutOf(payment);
  await askBank(world, `/control/payments/reference:${payment}-1/pay`, {});
  await advance(world, opened, inDays(0.1));
  await untilStatus(world, opened, 'in_progress');
});

test('a declined payment moves nothing, and another may be made', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:decline');
  const payment = await pay(world, opened, buyer, 10_000);
  expect(await untilState(world, payment, 'failed')).toMatchObject({ reason: 'declined' });
  expect((await rowOf(world, opened)).status).toBe('accepted_not_funded');
  await world.database
    .pool()
    .query(`update holdfast.accounts set name = 'Pat' where id = $1`, [buyer]);
  await pay(world, opened, buyer, 10_000);
  await untilStatus(world, opened, 'in_progress');
});

test('too little leaves a shortfall, too much an excess in the wallet', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:partial-6000');
  await pay(world, opened, buyer, 10_000);
  await untilEvent(world, opened, 'funded');
  expect((await rowOf(world, opened)).state.unallocated).toBe(6_000);
  await pay(world, opened, buyer, 10_000);
  await untilStatus(world, opened, 'in_progress');
  expect(await walletOf(world, buyer)).toBe(2_000);
});

test('a payment before all have agreed waits in the wallet and is taken then', async () => {
  const buyer = await givePayer(world, 'Pat');
  const opened = await openEscrow(world, draftOf({}, SELLER, buyer));
  await pay(world, opened, buyer, 10_000);
  await untilEvent(world, opened, 'payment_waiting');
  expect(await walletOf(world, buyer)).toBe(10_000);
  await accept(opened);
  await untilStatus(world, opened, 'in_progress');
  expect(await walletOf(world, buyer)).toBe(0);
  expect((await eventsOf(world, opened)).slice(-5)).toEqual([
    'party_accepted',
    'agreed',
    'funded',
    'due_completed',
    'started',
  ]);
});

test('a payment that waits while its money is spent is forgotten', async () => {
  const buyer = await givePayer(world, 'Pat');
  const one = await openEscrow(world, draftOf({}, SELLER, buyer));
  const two = await openEscrow(world, draftOf({}, SELLER, buyer));
  await pay(world, one, buyer, 10_000);
  await untilEvent(world, one, 'payment_waiting');
  await accept(two);
  await ask(world, two, 'fund', { amount: 10_000 }, buyer); // with the money of the payment
  await accept(one);
  await untilEvent(world, one, 'agreed');
  expect((await rowOf(world, one)).status).toBe('accepted_not_funded');
  await pay(world, one, buyer, 10_000);
  await untilStatus(world, one, 'in_progress');
});

test('on hold a payment waits, and is taken when the hold is lifted', async () => {
  const { opened, buyer } = await agreedWith('Pat');
  await ask(world, opened, 'hold', { reason: 'who is that' }, null);
  await pay(world, opened, buyer, 10_000);
  await untilEvent(world, opened, 'payment_waiting');
  await ask(world, opened, 'unhold', { reason: 'a friend' }, null);
  await untilStatus(world, opened, 'in_progress');
});

test('a payment that settles after closing stays in the wallet', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:delay-P1D');
  const payment = await pay(world, opened, buyer, 10_000);
  await untilState(world, payment, 'sent');
  await ask(world, opened, 'cancel', { reason: 'no longer' }, SELLER);
  await untilStatus(world, opened, 'closed');
  await advance(world, opened, inDays(2));
  await untilState(world, payment, 'settled');
  expect(await walletOf(world, buyer)).toBe(10_000);
  expect(await eventsOf(world, opened)).not.toContain('funded');
});

test('the funding deadline waits for a payment on its way, but not for ever', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:delay-P40D');
  const payment = await pay(world, opened, buyer, 10_000);
  await untilState(world, payment, 'sent');
  const before = (await rowOf(world, opened)).deadline_at ?? '';
  await advance(world, opened, inDays(31));
  await untilEvent(world, opened, 'default_refused');
  expect((await rowOf(world, opened)).deadline_at ?? '').not.toBe(before);
  const sql = 'select reason, detail from holdfast.needs_attention_view where object = $1';
  const attention = async () => (await world.pool.query(sql, [opened.id])).rows;
  const refused = { reason: 'default_refused', detail: 'conditions_unmet' };
  expect(await attention()).toEqual([refused]);
  await ask(world, opened, 'hold', { reason: 'looking into it' }, null);
  expect(await attention()).toContainEqual(refused); // another event does not hide it
  await ask(world, opened, 'unhold', { reason: 'looked' }, null);
  await advance(world, opened, inDays(39)); // the grace counts from where the hold has left it
  await untilStatus(world, opened, 'closed');
  expect(await attention()).toEqual([]);
  await advance(world, opened, inDays(45));
  await untilState(world, payment, 'settled');
  expect(await walletOf(world, buyer)).toBe(10_000);
});

test('a payment that settles within the grace of the deadline starts the work', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:delay-P32D');
  await pay(world, opened, buyer, 10_000);
  await advance(world, opened, inDays(31));
  await untilEvent(world, opened, 'default_refused');
  await advance(world, opened, inDays(33));
  await untilEvent(world, opened, 'started');
});

test('carried out and then cut: found by its reference, moved once', async () => {
  const { opened, buyer } = await agreedWith('Pat fault:cut', false);
  const payment = await pay(world, opened, buyer, 10_000);
  await untilStatus(world, opened, 'in_progress');
  expect(await bankBookOf(world, payment)).toEqual(['settled 10000']);
  const { rows } = await world.pool.query<{ type: string }>(
    'select type from holdfast.outbox where subject = $1 order by sequence',
    [payment],
  );
  expect(rows.map(({ type }) => type)).toEqual([
    'payment.created',
    'payment.unknown',
    'payment.settled',
  ]);
});

test('a webhook after the script has ended is looked at, and changes nothing', async () => {
  const { opened, buyer } = await agreedWith('Pat');
  const payment = await pay(world, opened, buyer, 10_000);
  await untilStatus(world, opened, 'in_progress');
  const { version } = await rowOf(world, opened);
  for (let copy = 0; copy < 10; copy += 1) await webhook(world, payment);
  await ask(world, opened, 'mark_done', { milestone: opened.milestones[0] }, SELLER);
  expect((await rowOf(world, opened)).version).toBe(version + 1);
  await begin(world, await openEscrow(world), {}); // the engine works on for others
  expect(await walletOf(world, BUYER)).toBe(990_000);
});
