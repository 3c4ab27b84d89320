/**
 * Owns money going out: what failed, came back, was parked or spent, and how it goes on.
 * Must not know how the bank is asked.
 */
import { armFailpoints } from '../../runtime/failpoints';
import { ask, insertCommand, messageOf, outcomeOf, signal } from './commands';
import { advance, complete, draftOf, inDays, moveClock, type Opened, openEscrow } from './escrows';
import {
  bankBookOf,
  disbursementOf,
  movementOf,
  untilAnswered,
  untilState,
  webhook,
  withdraw,
} from './money';
import { closeWorld } from './proof';
import { eventsOf, eventually, rowOf, untilEvent, untilStatus, walletOf } from './seen';
import { askBank, giveAccount, giveDestination, giveSeller, openWorld, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterEach(() => armFailpoints(''));
afterAll(() => closeWorld(world));

/** An escrow that is approved; its seller is paid as the destination's name says. */
async function paidTo(destination: string) {
  const seller = await giveSeller(world.pool, destination);
  const opened = await openEscrow(world, draftOf({}, seller));
  await complete(world, opened, { seller });
  return { opened, seller };
}

const stateInEscrow = async (opened: Opened): Promise<string | undefined> =>
  (await rowOf(world, opened)).state.milestones[0]?.disbursements[0]?.state;

test('a payout that failed for good is back in the wallet, and goes to a new place', async () => {
  const { opened, seller } = await paidTo('Sal fault:fail-destination_closed');
  await untilEvent(world, opened, 'disbursement_failed');
  const { id: disbursement } = await disbursementOf(world, opened);
  expect(await walletOf(world, seller)).toBe(10_000);
  expect(await movementOf(world, disbursement)).toMatchObject({
    state: 'failed',
    reason: 'destination_closed',
  });
  const destination = await giveDestination(world.pool, seller, 'Sal');
  await ask(world, opened, 'redirect_disbursement', { disbursement, destination }, null);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await walletOf(world, seller)).toBe(0);
  expect(await bankBookOf(world, disbursement)).toEqual(['failed 10000', 'settled 10000']);
});

test('a payout that failed for now is tried again by itself', async () => {
  const { opened } = await paidTo('Sal fault:fail_later-balance_too_low');
  const { id } = await disbursementOf(world, opened);
  await untilState(world, id, 'failed');
  await advance(world, opened, inDays(0.01));
  await eventually('a third attempt', async () =>
    (await movementOf(world, id)).attempt >= 3 ? true : null,
  );
  expect(await stateInEscrow(opened)).toBe('failed');
  expect((await bankBookOf(world, id)).slice(0, 2)).toEqual(['failed 10000', 'failed 10000']);
});

test('a failure that only time mends ends in the wallet when time is over', async () => {
  const { opened, seller } = await paidTo('Sal fault:fail_later');
  await untilEvent(world, opened, 'disbursement_failed');
  const { id } = await disbursementOf(world, opened);
  await advance(world, opened, inDays(2));
  await eventually('the last attempt', async () => {
    const { state, attempt } = await movementOf(world, id);
    return state === 'failed' && attempt === 6 ? true : null;
  });
  await advance(world, opened, inDays(31));
  await untilStatus(world, opened, 'closed_disbursement_complete');
  await untilState(world, id, 'cancelled');
  expect(await walletOf(world, seller)).toBe(10_000);
  await advance(world, opened, inDays(33)); // the script looks again, and ends
  await world.engine.client.workflow.getHandle(id).result();
});

test('money that comes back is in the wallet, and the escrow shows it', async () => {
  const { opened, seller } = await paidTo('Sal fault:returned-P5D');
  await untilStatus(world, opened, 'closed_disbursement_complete');
  await advance(world, opened, inDays(9));
  await untilEvent(world, opened, 'disbursement_returned');
  expect((await rowOf(world, opened)).status).toBe('closed_disbursement_pending');
  expect(await walletOf(world, seller)).toBe(10_000);
  const { id: disbursement } = await disbursementOf(world, opened);
  const attention = 'select reason from holdfast.needs_attention_view where object = $1';
  const { rows } = await world.pool.query(attention, [disbursement]);
  expect(rows).toEqual([{ reason: 'returned' }]);
  const destination = await giveDestination(world.pool, seller, 'Sal');
  await ask(world, opened, 'redirect_disbursement', { disbursement, destination }, null);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await bankBookOf(world, disbursement)).toEqual(['returned 10000', 'settled 10000']);
});

test('what comes back after its return window is booked, and waits for a person', async () => {
  const { opened, seller } = await paidTo('Sal fault:returned-P45D');
  await untilStatus(world, opened, 'closed_disbursement_complete');
  const { id } = await disbursementOf(world, opened);
  const isOver = (workflow: string) => world.engine.client.workflow.getHandle(workflow).result();
  await advance(world, opened, inDays(40)); // the bank's window is 30 days
  await Promise.all([isOver(id), isOver(opened.id)]);
  expect(await walletOf(world, seller)).toBe(0);
  await moveClock(world, opened, inDays(50));
  await webhook(world, id);
  await untilState(world, id, 'returned');
  await isOver(id);
  expect(await walletOf(world, seller)).toBe(10_000);
  expect((await rowOf(world, opened)).status).toBe('closed_disbursement_complete');
  const attention = 'select reason from holdfast.needs_attention_view where object = $1';
  const { rows } = await world.pool.query(attention, [id]);
  expect(rows).toEqual([{ reason: 'returned' }]);
});

test('carried out and then cut: found by its reference, moved once', async () => {
  const { opened } = await paidTo('Sal fault:cut');
  await untilStatus(world, opened, 'closed_disbursement_complete');
  const { id } = await disbursementOf(world, opened);
  expect(await bankBookOf(world, id)).toEqual(['settled 10000']);
});

test('a payout that takes its time is found by a webhook', async () => {
  const { opened } = await paidTo('Sal fault:delay-PT2H');
  const { id } = await disbursementOf(world, opened);
  await untilAnswered(world, id);
  await askBank(world, '/control/clock', { clock: opened.clock?.id, now: inDays(1) });
  await webhook(world, id);
  await untilStatus(world, opened, 'closed_disbursement_complete');
});

test('a wallet that was emptied meanwhile keeps what it has used', async () => {
  const seller = await giveAccount(world.pool, 'acc_spender', 'Sal');
  const opened = await openEscrow(world, draftOf({}, seller));
  await complete(world, opened, { seller }); // parked: there is no destination
  await untilEvent(world, opened, 'disbursement_failed');
  const destination = await giveDestination(world.pool, seller, 'Sal');
  const withdrawal = await withdraw(world, seller, destination, 6_000);
  await untilState(world, withdrawal, 'settled');
  const { id: disbursement } = await disbursementOf(world, opened);
  await ask(world, opened, 'retry_disbursement', { disbursement }, null);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await movementOf(world, disbursement)).toMatchObject({ state: 'cancelled' });
  expect(await walletOf(world, seller)).toBe(4_000);
  expect(await bankBookOf(world, disbursement)).toEqual([]);
});

test('a withdrawal is paid out; one of too much is refused by the books', async () => {
  const seller = await giveAccount(world.pool, 'acc_saver', 'Sal');
  const opened = await openEscrow(world, draftOf({}, seller));
  await complete(world, opened, { seller });
  await untilEvent(world, opened, 'disbursement_failed');
  const destination = await giveDestination(world.pool, seller, 'Sal');
  const [one, two] = await Promise.all([
    withdraw(world, seller, destination, 7_000),
    withdraw(world, seller, destination, 7_000),
  ]);
  const states = await eventually('both to end', async () => {
    const rows = [await movementOf(world, one), await movementOf(world, two)];
    const ended = rows.filter(({ state }) => state === 'settled' || state === 'failed');
    return ended.length === 2 ? ended.map(({ state }) => state).sort() : null;
  });
  expect(states).toEqual(['failed', 'settled']);
  expect(await walletOf(world, seller)).toBe(3_000);
});

test('on hold nothing is sent; afterwards the payout goes on', async () => {
  const { opened, seller } = await paidTo('Sal fault:fail_later');
  const { id } = await disbursementOf(world, opened);
  await untilEvent(world, opened, 'disbursement_failed');
  await ask(world, opened, 'hold', { reason: 'screening' }, null);
  await world.database
    .pool()
    .query(`update holdfast.payout_destinations set name = 'Sal' where account_id = $1`, [seller]);
  await advance(world, opened, inDays(0.01)); // the next try
  await untilState(world, id, 'parked');
  expect(await movementOf(world, id)).toMatchObject({ reason: 'on_hold', attempt: 2 });
  expect(await bankBookOf(world, id)).toEqual(['failed 10000']);
  await ask(world, opened, 'unhold', { reason: 'cleared' }, null);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await bankBookOf(world, id)).toEqual(['failed 10000', 'settled 10000']);
});

test('a hold between the row and the first byte stops the payout', async () => {
  armFailpoints('effect.before_send=delay:1500@1');
  const { opened } = await paidTo('Sal');
  const { id } = await disbursementOf(world, opened);
  await untilState(world, id, 'sent');
  const hold = messageOf('hold', { reason: 'at the last moment' }, null);
  await insertCommand(world.pool, opened.id, hold);
  await signal(world, opened.id, 'hold', hold);
  await outcomeOf(world, hold.id);
  await untilState(world, id, 'unknown');
  expect(await bankBookOf(world, id)).toEqual([]);
  await ask(world, opened, 'unhold', { reason: 'cleared' }, null);
  await untilStatus(world, opened, 'closed_disbursement_complete');
  expect(await bankBookOf(world, id)).toEqual(['settled 10000']);
  expect(await movementOf(world, id)).toMatchObject({ attempt: 1, reservation: 1 });
});

test('a fact about something else is never booked', async () => {
  const { opened, seller } = await paidTo('Sal fault:delay-PT2H');
  const { id } = await disbursementOf(world, opened);
  await untilAnswered(world, id);
  // The row says another place than was ordered: what the bank tells is about something else.
  const orderedTo = (place: string): Promise<unknown> =>
    world.database
      .pool()
      .query('update holdfast.payout_destinations set reference = $2 where account_id = $1', [
        seller,
        place,
      ]);
  const { rows } = await world.pool.query<{ reference: string }>(
    'select reference from holdfast.payout_destinations where account_id = $1',
    [seller],
  );
  await orderedTo('IBAN-of-somebody-else');
  await advance(world, opened, inDays(1));
  await untilState(world, id, 'unknown');
  expect(await movementOf(world, id)).toMatchObject({ reason: 'fact_mismatch', attempt: 1 });
  await advance(world, opened, inDays(2));
  await eventually('the bank to settle', async () =>
    (await bankBookOf(world, id))[0] === 'settled 10000' ? true : null,
  );
  expect(await eventsOf(world, opened)).not.toContain('disbursement_settled');
  await orderedTo(rows[0]?.reference ?? '');
  await webhook(world, id);
  await untilStatus(world, opened, 'closed_disbursement_complete');
});
