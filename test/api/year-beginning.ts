/**
 * Owns the first half of the long deal: signed and funded, extended, the first part paid, amended
 * up. The sums are worked out by hand, after `ledger.md`, section 10.
 * Must not know how any of it is done, nor what comes after.
 */
import { at, textAt } from './stack';
import {
  codesOf,
  deadlinesOf,
  isProved,
  journalsOf,
  newestOf,
  of,
  onDay,
  untilPaidOut,
  untilShort,
  walletOf,
  type Year,
} from './year-deal';

// Price 200003 + 300000 + 250000 + 49999 = 800002. Platform half-even(20000.05) = 20000, half
// each: 10000 = 2500 + 3750 + 3125 + 625. Broker half-even(24000.06) = 24000 = 6000 + 9000 +
// 7500 + 1500. Due 800002 + 10000.
export async function signedAndFunded(year: Year): Promise<void> {
  const { ask, look, deal, day, people } = year;
  expect(await look()).toMatchObject({
    status: 'sent_awaiting_confirmation',
    amount: 800_002,
    funding: { due: 810_002 },
    sides: {
      buyers: { fees: 10_000, pay: 810_002 },
      recipients: [{ net: 766_002 }],
      broker: { net: 24_000 },
      platform: { fees: 20_000 },
    },
  });
  const accept = { terms_hash: deal.hash };
  for (const who of ['bea', 'bob'] as const) {
    expect(await ask(who, 'accept', accept)).toMatchObject({
      body: { status: 'sent_awaiting_confirmation' },
    });
  }
  const agreed = await ask('sal', 'accept', accept);
  expect(agreed).toMatchObject({ body: { status: 'accepted_not_funded' } });
  await ask('bea', 'payments', { provider: 'sandbox', amount: 510_002 });
  await untilShort(year, 300_000);
  await ask('bob', 'payments', { provider: 'sandbox' });
  const { body } = await untilShort(year, 0);
  expect(body).toMatchObject({
    status: 'in_progress',
    money: { held: 810_002, released: 0, refunded: 0, fees: 0 },
    funding: {
      contributions: [
        { account: people.bea, amount: 510_002 },
        { account: people.bob, amount: 300_000 },
      ],
    },
  });
  expect(codesOf(body)).toEqual(['ip', 'af', 'af', 'af']);
  expect(deadlinesOf(body)).toEqual({ delivery: day(60) });
  expect(await journalsOf(year, 'due_completed')).toEqual([
    {
      unallocated: 810_002,
      'ms:1': -200_003,
      'ms:2': -300_000,
      'ms:3': -250_000,
      'ms:4': -49_999,
      fee: -10_000,
    },
  ]);
  await isProved(year);
}

export async function extended(year: Year): Promise<void> {
  const { ask, look, goTo, day, deal } = year;
  await goTo(50);
  const content = { milestone: deal.milestones[0], due_at: day(90) };
  const made = await ask('sal', 'proposals', { kind: 'extension', content, reason: 'Rock.' });
  const path = `proposals/${newestOf(made)}/accept`;
  const both = { delivery: day(60), proposal: onDay(day(57)) };
  expect(deadlinesOf(made.body)).toEqual(both);
  const one = await ask('bea', path);
  expect(one).toMatchObject({ status: 200, body: { proposals: [{ status: 'open' }] } });
  expect(deadlinesOf(one.body)).toEqual(both);
  const two = await ask('bob', path);
  expect(two).toMatchObject({
    status: 200,
    body: { terms_hash: deal.hash, proposals: [{ status: 'accepted' }] },
  });
  expect(deadlinesOf(two.body)).toEqual({ delivery: day(90) });
  await goTo(85);
  expect(at(await look(), 'milestones', 0)).toMatchObject({
    status: 'in_progress',
    overdue: false,
    due_at: day(90),
  });
}

// 200003 + 2500 on top; 2500 and 6000 out of it.
export async function groundPaid(year: Year): Promise<void> {
  const { ask, goTo, day } = year;
  const done = await ask('sal', of(year, 1, 'mark_done'));
  expect(codesOf(done.body)).toEqual(['d', 'af', 'af', 'af']);
  await goTo(86);
  const one = await ask('bea', of(year, 1, 'approve'));
  expect(codesOf(one.body)).toEqual(['d', 'af', 'af', 'af']);
  const two = await ask('bob', of(year, 1, 'approve'));
  expect(two).toMatchObject({ body: { status: 'in_progress' } });
  expect(codesOf(two.body)).toEqual(['cdp', 'ip', 'af', 'af']);
  // Done 26 days after what the terms say: so much later is the next one due.
  expect(deadlinesOf(two.body)).toEqual({ delivery: onDay(day(146)) });
  expect(codesOf((await untilPaidOut(year, 191_503)).body)).toEqual(['cdc', 'ip', 'af', 'af']);
  expect(await journalsOf(year, 'released')).toEqual([
    { 'ms:1': 200_003, fee: 2_500, sal: -191_503, bro: -6_000, platform: -5_000 },
  ]);
  expect(await walletOf(year, 'bro')).toBe(6_000);
  await isProved(year);
}

// Price 860002: platform 21500, half each 10750, less the 2500 of the first part: 8250 = 4500 +
// 3125 + 625; broker 25800 - 6000: 19800 = 10800 + 7500 + 1500. More: 60000 + 750.
export async function amendedUp(year: Year): Promise<void> {
  const { ask, look, goTo, deal } = year;
  await goTo(100);
  const content = { milestones: [{ milestone: deal.milestones[1], amount: 360_000 }] };
  const made = await ask('sal', 'proposals', { kind: 'amendment', content, reason: 'Thicker.' });
  const path = `proposals/${newestOf(made)}/accept`;
  for (const who of ['bea', 'bob'] as const) {
    expect(await ask(who, path)).toMatchObject({ body: { terms_hash: deal.hash } });
  }
  expect(await ask('bro', path)).toMatchObject({
    body: {
      amount: 800_002,
      terms_hash: deal.hash,
      proposals: [{}, { status: 'waiting', content: { amount_due: 60_750 } }],
      funding: { due: 870_752, shortfall: 60_750 },
    },
  });
  await ask('bob', 'payments', { provider: 'sandbox' });
  await untilShort(year, 0);
  const now = await look();
  expect(textAt(now, 'terms_hash')).not.toBe(deal.hash);
  expect(now).toMatchObject({
    status: 'in_progress',
    amount: 860_002,
    funding: { contributions: [{ amount: 510_002 }, { amount: 360_750 }] },
    money: { held: 668_249, released: 191_503, fees: 11_000, refunded: 0 },
  });
  expect(await journalsOf(year, 'terms_amended')).toEqual([
    { unallocated: 60_750, 'ms:2': -60_000, fee: -750 },
  ]);
  await isProved(year);
}
