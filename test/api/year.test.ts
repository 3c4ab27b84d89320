/**
 * Owns one long deal on the real engine, from the terms to the last unit: a year on a test clock
 * with two payers, a broker, an extension, an amendment up and one down, a rejected delivery, a
 * settled dispute and a retention. The sums are worked out by hand, after `ledger.md`, section 10.
 * Must not know how any of it is done.
 */
import { at, listAt, openStack, type Stack, textAt } from './stack';
import { amendedUp, extended, groundPaid, signedAndFunded } from './year-beginning';
import {
  brokenIn,
  codesOf,
  deadlinesOf,
  isProved,
  journalsOf,
  newestOf,
  of,
  onDay,
  openYear,
  untilPaidOut,
  walletOf,
  wordsOf,
  type Year,
} from './year-deal';

let stack: Stack;
let year: Year;
let began = 0;
const hashes: string[] = [];
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  began = Date.now();
  year = await openYear(stack);
  hashes.push(year.deal.hash);
});
afterAll(() => stack.close());

describe('a one-year deal with payers, a broker, proposals, a dispute and a retention', () => {
  test('is written by the broker, accepted by all, funded by two; the first part starts', () =>
    signedAndFunded(year));

  test('is extended by a month when both payers agree; then the old date passes unnoticed', () =>
    extended(year));

  test('pays the first part when both have approved, and starts the second', () =>
    groundPaid(year));

  test('is amended up: new terms when the difference is there, the old by their hash', async () => {
    await amendedUp(year);
    hashes.push(textAt(await year.look(), 'terms_hash'));
  });

  // 360000 + 4500 on top; 4500 and 10800 out of it.
  test('has a delivery rejected, with a week for rework, and pays the second one', async () => {
    const { ask, goTo, day } = year;
    await goTo(115);
    await ask('sal', of(year, 2, 'mark_done'));
    await goTo(116);
    const reason = { reason: 'Not plumb.' };
    const rejected = await ask('bea', of(year, 2, 'reject_delivery'), reason);
    expect(codesOf(rejected.body)).toEqual(['cdc', 'dr', 'af', 'af']);
    expect(deadlinesOf(rejected.body)).toEqual({
      rework: onDay(day(123)),
    });
    await goTo(121);
    const again = await ask('sal', of(year, 2, 'mark_done'));
    expect(codesOf(again.body)).toEqual(['cdc', 'd', 'af', 'af']);
    const approved = await ask('bea', of(year, 2, 'approve'));
    expect(codesOf(approved.body)).toEqual(['cdc', 'cdp', 'ip', 'af']);
    expect(deadlinesOf(approved.body)).toEqual({ delivery: onDay(day(201)) });
    await untilPaidOut(year, 536_203);
    expect((await journalsOf(year, 'released')).slice(1)).toEqual([
      { 'ms:2': 360_000, fee: 4_500, sal: -344_700, bro: -10_800, platform: -9_000 },
    ]);
    await isProved(year);
  });

  // Price 820002: platform 20500, half each 10250, less 7000: 3250 = 2625 + 625; broker 24600 -
  // 16800: 7800 = 6300 + 1500. Back: 40000 + 500 by 510002 : 360750.
  test('is amended down: both payers get their part of the difference at once', async () => {
    const { ask, goTo, deal } = year;
    await goTo(150);
    const content = { milestones: [{ milestone: deal.milestones[2], amount: 210_000 }] };
    const made = await ask('bea', 'proposals', { kind: 'amendment', content, reason: 'Flat.' });
    const path = `proposals/${newestOf(made)}/accept`;
    await ask('bob', path);
    expect(await ask('sal', path)).toMatchObject({ body: { amount: 860_002 } });
    const last = await ask('bro', path);
    hashes.push(textAt(last.body, 'terms_hash'));
    expect(last).toMatchObject({
      body: {
        amount: 820_002,
        money: { held: 263_249, released: 536_203, fees: 30_800, refunded: 40_500 },
      },
    });
    expect((await journalsOf(year, 'terms_amended')).slice(1)).toEqual([
      { 'ms:3': 40_000, fee: 500, bea: -23_721, bob: -16_779 },
    ]);
    expect([await walletOf(year, 'bea'), await walletOf(year, 'bob')]).toEqual([23_721, 16_779]);
    await isProved(year);
  });

  // Of 210000 the seller gets 170001: of 2625 + 6300 earned 7225 = 2125 + 5100, of 2625 on top
  // 2125. Back: 39999 + 500 by 486281 : 343971.
  test('has a dispute settled by a counter-proposal that all whom it costs accept', async () => {
    const { ask, goTo } = year;
    await goTo(190);
    await ask('sal', of(year, 3, 'mark_done'));
    await goTo(191);
    const disputed = await ask('bob', of(year, 3, 'dispute'), { reason: 'It leaks.' });
    expect(disputed).toMatchObject({
      body: { disputed: true, status: 'in_progress', money: { held: 53_249, disputed: 210_000 } },
    });
    const dispute = textAt(disputed.body, 'disputes', 0, 'id');
    await ask('sal', `/v1/disputes/${dispute}/answer`, { answer: 'In one corner.' });
    await goTo(193);
    const offer = (recipients: number) => ({
      kind: 'settlement',
      content: { dispute, split: { recipients, payers: 210_000 - recipients } },
    });
    await ask('sal', 'proposals', offer(190_000));
    const counter = await ask('bea', 'proposals', offer(170_001));
    const path = `proposals/${newestOf(counter)}/accept`;
    expect(at(counter.body, 'proposals', 3)).toMatchObject({ status: 'lapsed' });
    for (const who of ['sal', 'bob'] as const) {
      expect(await ask(who, path)).toMatchObject({ body: { disputed: true } });
    }
    const settled = await ask('bro', path);
    expect(settled).toMatchObject({
      body: {
        disputed: false,
        status: 'in_progress',
        money: { held: 50_624, disputed: 0, released: 698_979, fees: 40_150, refunded: 80_999 },
        disputes: [{ status: 'ruled', ruling: { by: 'parties' } }],
      },
    });
    expect(codesOf(settled.body)).toEqual(['cdc', 'cdc', 'cd', 'ip']);
    await untilPaidOut(year, 698_979);
    expect(await journalsOf(year, 'ruled')).toEqual([
      {
        'dispute:3': 210_000,
        fee: 2_625,
        sal: -162_776,
        bro: -5_100,
        platform: -4_250,
        bea: -23_720,
        bob: -16_779,
      },
    ]);
    await isProved(year);
  });

  // 49999 + 625 on top; 625 and 1500 out of it.
  test('keeps a retention until the year is over, and silence releases it', async () => {
    const { ask, look, goTo, day } = year;
    expect(deadlinesOf(await look())).toEqual({ delivery: day(352) });
    await goTo(351);
    const done = await ask('sal', of(year, 4, 'mark_done'));
    expect(done).toMatchObject({ body: { status: 'delivered' } });
    expect(deadlinesOf(done.body)).toEqual({
      inspection: onDay(day(365)),
    });
    await goTo(364);
    expect(await look()).toMatchObject({ status: 'delivered' });
    await goTo(366);
    const { body } = await untilPaidOut(year, 746_853);
    expect(body).toMatchObject({ status: 'closed_disputed', deadlines: [] });
    expect(codesOf(body)).toEqual(['cdc', 'cdc', 'cd', 'cdc']);
    expect((await journalsOf(year, 'released')).slice(2)).toEqual([
      { 'ms:4': 49_999, fee: 625, sal: -47_874, bro: -1_500, platform: -1_250 },
    ]);
    expect(await wordsOf(year)).toEqual([
      'draft',
      'sent_awaiting_confirmation',
      'accepted_not_funded',
      'accepted_funded',
      'in_progress',
      'delivered',
      'delivered_accepted',
      'closed_disputed',
    ]);
  });

  test('ends proved to the last unit, in less than a minute', async () => {
    await isProved(year);
    const funded = 870_752;
    const fees = 42_900; // 23400 to the broker, 19500 to the platform
    const [released, refunded] = [746_853, 80_999];
    expect(released + refunded + fees).toBe(funded);
    expect(await year.look()).toMatchObject({
      funding: { received: funded, shortfall: 0 },
      money: { held: 0, disputed: 0, reserved: 0, charged_back: 0, released, refunded, fees },
      disbursement: { pending: 0, failed: 0, settled: released },
      fees: [{ earned: 19_500 }, { earned: 23_400 }],
    });
    const wallets = { bea: 47_441, bob: 33_558, sal: 0, bro: 23_400 } as const;
    for (const [who, amount] of Object.entries(wallets)) {
      expect([who, await walletOf(year, who as keyof typeof wallets)]).toEqual([who, amount]);
    }
    expect(Date.now() - began).toBeLessThan(60_000);
  });

  test('has paid the seller four times at the bank, to the unit', async () => {
    const { body } = await stack.get(`/v1/disbursements?escrow=${year.deal.escrow}`);
    const references = listAt(body).map((each) => textAt(each, 'attempts', 0, 'reference'));
    const paid: unknown[] = [];
    for (const reference of references) {
      const book = await stack.get(`/v1/test_helpers/sandbox/payouts?reference=${reference}`);
      paid.push(...listAt(book.body).map((each) => [at(each, 'state'), at(each, 'amount')]));
    }
    expect(paid.sort()).toEqual([
      ['settled', 162_776],
      ['settled', 191_503],
      ['settled', 344_700],
      ['settled', 47_874],
    ]);
  });

  test('leaves every version of its terms readable by its hash', async () => {
    expect(new Set(hashes).size).toBe(3);
    const amounts = [800_002, 860_002, 820_002];
    for (const [n, hash] of hashes.entries()) {
      expect(await year.stack.get(`${year.deal.path}/terms/${hash}`)).toMatchObject({
        status: 200,
        body: { terms_hash: hash, current: n === 2, terms: { amount: amounts[n] } },
      });
    }
  });

  test('leaves books that balance and can be proved', async () => {
    expect(brokenIn(await stack.call('POST', '/v1/ledger/verify', {}))).toEqual([]);
    const { body } = await stack.get('/v1/ledger/trial_balance');
    const { people } = year;
    const rows = listAt(body, 'data', 0, 'accounts').map((row) => [
      textAt(row, 'code').replace(/^asset:provider:con_\w+/, 'bank'),
      Number(at(row, 'debit')) - Number(at(row, 'credit')),
    ]);
    expect(Object.fromEntries(rows)).toEqual({
      'bank:available': 123_899,
      [`liab:wallet:${people.bea}`]: -47_441,
      [`liab:wallet:${people.bob}`]: -33_558,
      [`liab:wallet:${people.bro}`]: -23_400,
      'rev:platform_fee': -19_500,
    });
    expect(body).toMatchObject({ data: [{ debit: 123_899, credit: 123_899 }] });
  });
});
