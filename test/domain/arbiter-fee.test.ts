/**
 * Owns what an arbiter gets for a ruling: out of whose part, how much at most, and when nothing.
 * Must not know who rules (`rulings.test.ts`). Source: `ledger.md`, section 9, template 10.
 */
import { journalFor } from '../../domain/bookkeeping';
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import { toMinor } from '../../domain/money';
import type { ArbiterFee } from '../../domain/terms';
import { linesOf } from './books';
import {
  ACTIVE,
  ARBITER,
  ask,
  BROKER,
  BUYER,
  escrowOf,
  eventsOf,
  milestone,
  type Name,
  part,
  party,
  play,
  SELLER,
  the,
  waitFor,
} from './sample';

const HELPER = party('helper', 'seller');
const HANDED_OVER = ['buyer dispute', 'seller answer_dispute', 'buyer escalate'];
type Bearer = ArbiterFee['borne_by'];

function disputed(amount: number, borne_by: Bearer, more: Partial<Draft> = {}): Escrow {
  const escrow = escrowOf({
    parties: [BUYER, SELLER, HELPER, BROKER, ARBITER],
    milestones: [part(1)],
    dispute_handler: { kind: 'arbitration', handler: 'acc_handler' },
    arbiter_fee: { amount: toMinor(amount), borne_by },
    ...more,
  });
  const [send = '', ...rest] = ACTIVE;
  return play(escrow, send, 'arbiter accept', 'helper accept', ...rest, ...HANDED_OVER);
}

function ruled(escrow: Escrow, recipients: number, name: Name = 'arbiter') {
  const split = { recipients, payers: 10_000 - recipients };
  const events = eventsOf(ask(escrow, name, 'resolve', { split }));
  const event = the(events, 'ruled');
  return { lines: linesOf(journalFor(escrow, 9, event)), after: evolveAll(escrow, events) };
}

describe('less to the side that bears it, credited to who has ruled', () => {
  const D = 'D dispute:1 10000, ';
  test.each<[Bearer, number, number, string]>([
    ['seller', 500, 6_000, 'C wallet:seller 2750, C wallet:helper 2750, C wallet:buyer 4000'],
    ['buyer', 500, 6_000, 'C wallet:seller 3000, C wallet:helper 3000, C wallet:buyer 3500'],
    ['both', 500, 6_000, 'C wallet:seller 2875, C wallet:helper 2875, C wallet:buyer 3750'],
    // 126 and 125 of the sellers, 250 of the buyer
    ['both', 501, 6_000, 'C wallet:seller 2874, C wallet:helper 2875, C wallet:buyer 3750'],
  ])('%s bears %d of a ruling on %d', (bearer, amount, recipients, shares) => {
    const { lines } = ruled(disputed(amount, bearer), recipients);
    expect(lines).toBe(`${D}${shares}, C wallet:arbiter ${amount}`);
  });

  test('never more than what that side gets', () => {
    const rest = 'C wallet:arbiter';
    expect(ruled(disputed(500, 'seller'), 300).lines).toBe(`${D}C wallet:buyer 9700, ${rest} 300`);
    expect(ruled(disputed(500, 'seller'), 0).lines).toBe(`${D}C wallet:buyer 10000`);
    expect(ruled(disputed(500, 'both'), 100).lines).toBe(`${D}C wallet:buyer 9650, ${rest} 350`);
    expect(ruled(disputed(10_000, 'buyer'), 1).lines).toBe(`${D}C wallet:seller 1, ${rest} 9999`);
  });

  test('after the fees of that side, and with the fees that go back to it', () => {
    const fees: Draft['fees'] = [
      { kind: 'platform', rate_bps: 300, paid_by: { buyer: 5_000, seller: 5_000 } },
    ];
    expect(ruled(disputed(9_999, 'both', { fees }), 6_000).lines).toBe(
      'D dispute:1 10000, D fee 150, C wallet:seller 455, C wallet:helper 455, ' +
        'C platform_fee 180, C wallet:arbiter 9060',
    );
  });
});

test('the state tells it: shares, disbursements, what has gone to whom', () => {
  const { after } = ruled(disputed(501, 'both'), 6_000);
  const here = milestone(after);
  expect(here).toMatchObject({
    stage: 'ruled',
    ruling: {
      recipients: 6_000,
      payers: 4_000,
      arbiter_fee: { account: 'acc_arbiter', of_recipients: 251, of_payers: 250 },
    },
    recipients: [{ paid: 2_874 }, { paid: 2_875 }],
    disbursements: [{ amount: 2_874 }, { amount: 2_875 }],
  });
  expect(after.contributions).toMatchObject([{ amount: 10_000, left: 6_250 }]);
});

describe('nobody gets it', () => {
  test('when the clock rules by default', () => {
    const { events } = waitFor(disputed(500, 'both'), 'ruling');
    expect(the(events, 'ruled')).toMatchObject({ by: 'clock', arbiter_fee: null });
  });

  test('when the platform rules because there is no arbiter who has accepted', () => {
    const escrow = escrowOf({
      milestones: [part(1)],
      dispute_handler: { kind: 'arbitration' },
      arbiter_fee: { amount: toMinor(500), borne_by: 'both' },
    });
    const { lines } = ruled(play(escrow, ...ACTIVE, ...HANDED_OVER), 6_000, 'platform');
    expect(lines).toBe('D dispute:1 10000, C wallet:seller 6000, C wallet:buyer 4000');
  });
});

test('a handler from outside gets it as an arbiter does', () => {
  const escrow = escrowOf({
    parties: [BUYER, SELLER],
    milestones: [part(1)],
    dispute_handler: { kind: 'arbitration', handler: 'acc_handler' },
    arbiter_fee: { amount: toMinor(500), borne_by: 'buyer' },
  });
  const acts = ['platform send', 'buyer accept', 'seller accept', 'buyer fund', ...HANDED_OVER];
  const { lines } = ruled(play(escrow, ...acts), 6_000, 'handler');
  expect(lines).toBe(
    'D dispute:1 10000, C wallet:seller 6000, C wallet:buyer 3500, C wallet:handler 500',
  );
});

test('whom a ruling names beside the recipients is paid, and the state knows', () => {
  const escrow = disputed(500, 'seller');
  const split = {
    recipients: [
      { account: 'acc_seller', amount: 1_000 },
      { account: 'acc_broker', amount: 9_000 },
    ],
    payers: 0,
  };
  const events = eventsOf(ask(escrow, 'arbiter', 'resolve', { split }));
  expect(milestone(evolveAll(escrow, events)).recipients).toMatchObject([
    { account: 'acc_seller', paid: 950 },
    { account: 'acc_helper', paid: 0 },
    { account: 'acc_broker', net: 0, paid: 8_550 },
  ]);
});
