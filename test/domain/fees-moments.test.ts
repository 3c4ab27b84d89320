/**
 * Owns when fees are earned in the life of an escrow: nothing before it is both agreed and funded,
 * and what is earned on funding in exactly that step, whichever comes last.
 * Must not know how much (`fees.test.ts`, `fees-kinds.test.ts`).
 */
import type { Draft, DraftFee } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import { toMinor } from '../../domain/money';
import type { FundingOrder } from '../../domain/terms';
import {
  ACTIVE,
  act,
  ask,
  BROKER,
  BUYER,
  escrowOf,
  eventsOf,
  milestone,
  outcome,
  part,
  play,
  SELLER,
  the,
  waitFor,
} from './sample';

const early: DraftFee = {
  kind: 'platform',
  fixed: toMinor(1_191),
  paid_by: { buyer: 10_000 },
  earned: 'funding',
  tax_bps: 1_900,
};
const late: DraftFee = { kind: 'platform', rate_bps: 100, paid_by: { buyer: 10_000 } };
const ofOrder = (order: FundingOrder, fees: readonly DraftFee[] = [early, late]): Escrow =>
  escrowOf({ parties: [BUYER, SELLER, BROKER], funding: { order }, fees } satisfies Partial<Draft>);

const PAID = ['platform send', 'buyer accept', 'buyer fund'];

describe('a fee that is earned on funding is earned in the step in which', () => {
  test.each<[string, FundingOrder, readonly string[], 'buyer fund' | 'seller accept']>([
    ['the money comes, agreed before', 'accept_first', ['buyer accept'], 'buyer fund'],
    ['the money comes, agreed before', 'any', ['buyer accept'], 'buyer fund'],
    ['the last accepts, funded before', 'any', ['buyer accept', 'buyer fund'], 'seller accept'],
    [
      'the last accepts, funded before',
      'fund_first',
      ['buyer accept', 'buyer fund'],
      'seller accept',
    ],
  ])('%s (%s)', (_, order, acts, last) => {
    const others = last === 'buyer fund' ? ['seller accept'] : [];
    const before = play(ofOrder(order), 'platform send', ...acts, ...others, 'broker accept');
    const decision =
      last === 'buyer fund' ? ask(before, 'buyer', 'fund') : ask(before, 'seller', 'accept');
    expect(outcome(decision)).toMatch(/(due_completed|agreed), fees_earned, started$/);
    const { milestones } = the(eventsOf(decision), 'fees_earned');
    expect(milestones).toMatchObject([
      { milestone: 'mil_1', earned: [{ fee: 0, amount: 397, tax: 63 }] },
      { milestone: 'mil_2', earned: [{ fee: 0, amount: 794, tax: 127 }] },
    ]);
    const after = evolveAll(before, eventsOf(decision));
    expect([before.fee_held, after.fee_held]).toEqual([last === 'buyer fund' ? 0 : 1_491, 300]);
  });

  test('all is funded, not when a part of it is', () => {
    const agreed = play(ofOrder('any'), 'platform send', 'buyer accept', 'seller accept');
    const some = act(play(agreed, 'broker accept'), 'buyer', 'fund', { amount: 31_490 });
    expect(some.milestones.flatMap((m) => m.fees).every(({ earned }) => earned === 0)).toBe(true);
    expect(outcome(ask(some, 'buyer', 'fund'))).toBe('funded, due_completed, fees_earned, started');
  });

  test('there is one: without such fees nothing is earned by funding', () => {
    const agreed = play(ofOrder('any', [late]), 'platform send', 'buyer accept', 'seller accept');
    const funded = ask(play(agreed, 'broker accept'), 'buyer', 'fund');
    expect(outcome(funded)).toBe('funded, due_completed, started');
  });
});

describe('before the escrow is both agreed and funded every fee goes back', () => {
  const paid = play(ofOrder('any', [{ ...early, refundable: false }, late]), ...PAID);
  const back = (escrow: Escrow): void => {
    expect(escrow.contributions).toMatchObject([{ amount: 31_491, left: 0 }]);
    expect([escrow.fee_held, escrow.agreement.stage]).toEqual([0, 'closed']);
    const moved = escrow.milestones.flatMap((m) => m.fees.map((f) => [f.earned, f.kept]));
    expect(moved.flat().every((amount) => amount === 0)).toBe(true);
  };

  test('by a rejection', () => back(play(paid, 'seller reject')));
  test('by a cancellation', () => back(play(paid, 'buyer cancel')));
  test('by the clock', () => back(waitFor(paid, 'acceptance').escrow));
});

describe('buyer-paid fees are added to what is due, seller-paid ones taken from recipients', () => {
  const bearing = (paid_by: NonNullable<DraftFee['paid_by']>): Escrow =>
    escrowOf({
      parties: [BUYER, SELLER, BROKER],
      milestones: [
        part(1, {
          recipients: [
            { party: 1, amount: toMinor(7_500) },
            { party: 2, remainder: true },
          ],
        }),
      ],
      fees: [{ kind: 'platform', fixed: toMinor(100), paid_by }],
    });
  const nets = (escrow: Escrow) => milestone(escrow).recipients.map(({ net }) => net);

  test('in proportion', () => {
    expect([bearing({ buyer: 10_000 }).due, nets(bearing({ buyer: 10_000 }))]).toEqual([
      10_100,
      [7_500, 2_500],
    ]);
    expect([bearing({ seller: 10_000 }).due, nets(bearing({ seller: 10_000 }))]).toEqual([
      10_000,
      [7_425, 2_475],
    ]);
  });
});

test('minimum, maximum and fixed act once, on the total, not on each milestone', () => {
  const total = (fee: Partial<DraftFee>) =>
    escrowOf({
      fees: [{ kind: 'platform', rate_bps: 100, paid_by: { buyer: 10_000 }, ...fee }],
    }).milestones.map(({ fees }) => fees[0]?.amount);
  expect(total({})).toEqual([100, 200]);
  expect(total({ min: toMinor(600) })).toEqual([200, 400]);
  expect(total({ max: toMinor(60) })).toEqual([20, 40]);
});

test('seller- and broker-borne parts are never earned out of a refund', () => {
  const escrow = play(
    escrowOf({
      fees: [
        { kind: 'platform', rate_bps: 100, paid_by: { seller: 5_000, broker: 5_000 } },
        { kind: 'broker_commission', rate_bps: 200, refundable: false },
      ],
    }),
    ...ACTIVE,
  );
  const refunded = the(
    eventsOf(ask(escrow, 'seller', 'cancel', { milestone: 'mil_1' })),
    'refunded',
  );
  expect(refunded).toMatchObject({ kept: [], returned: [], payers: [{ amount: 10_000 }] });
});
