/**
 * Owns shares of recipients and fees in a draft: what adds up, what does not, and as what amounts
 * shares are kept.
 * Must not know how fees are spread (`fees.test.ts`).
 */
import type { Draft, DraftFee, DraftMilestone } from '../../domain/draft';
import { toMinor } from '../../domain/money';
import { type Fault, faultsOf, fee, flags, one, parties, to } from './faults';
import { BROKER, BUYER, EVERYBODY, escrowOf, part, party, SELLER } from './sample';

const seller = { account_id: 'acc_seller' } as const;
const broker = { account_id: 'acc_broker' } as const;

const PAYER = 'malformed /fees/0/paid_by/buyer';
type Handler = NonNullable<Draft['dispute_handler']>;
const arbiter = (amount: number, dispute_handler: Handler = { kind: 'arbitration' }) => ({
  arbiter_fee: { amount: toMinor(amount), borne_by: 'both' as const },
  dispute_handler,
});
const commission = (fixed: number): DraftFee => ({
  kind: 'broker_commission',
  fixed: toMinor(fixed),
  paid_by: { buyer: 5_000, seller: 5_000 },
});
const platform = (
  paid_by: NonNullable<DraftFee['paid_by']>,
  earned: 'funding' | 'release' = 'release',
): DraftFee => ({
  kind: 'platform',
  fixed: toMinor(301),
  paid_by: { seller: 0, ...paid_by },
  earned,
});

const FAULTS: readonly Fault[] = [
  [
    'recipients of too little',
    to({ ...seller, amount: toMinor(9_999) }),
    'amount_mismatch /milestones/0/recipients',
  ],
  [
    'recipients of too much',
    to({ ...seller, amount: toMinor(9_999) }, { ...broker, amount: toMinor(2) }),
    'amount_mismatch /milestones/0/recipients',
  ],
  [
    'a remainder below zero',
    {
      ...to(
        { ...seller, amount: toMinor(9_000) },
        { ...broker, amount: toMinor(9_000) },
        { party: 'pty_helper', remainder: true },
      ),
      ...parties(...EVERYBODY, party('helper', 'seller')),
    },
    'amount_mismatch /milestones/0/recipients',
  ],
  [
    'shares of more than all',
    to({ ...seller, share_bps: 6_000 }, { ...broker, share_bps: 6_000 }),
    'amount_mismatch /milestones/0/recipients',
  ],
  [
    'shares of less than all',
    to({ ...seller, share_bps: 6_000 }),
    'amount_mismatch /milestones/0/recipients',
  ],
  ['no recipient', to(), 'malformed /milestones/0/recipients'],
  [
    'two remainders',
    to({ ...seller, remainder: true }, { ...broker, remainder: true }),
    'malformed /milestones/0/recipients',
  ],
  [
    'a recipient named twice',
    to({ ...seller, share_bps: 5_000 }, { party: 1, share_bps: 5_000 }),
    'malformed /milestones/0/recipients/1',
  ],
  [
    'the buyer as recipient',
    to({ account_id: 'acc_buyer', share_bps: 10_000 }),
    'malformed /milestones/0/recipients/0',
  ],
  [
    'a stranger as recipient',
    to({ account_id: 'acc_x', share_bps: 10_000 }),
    'malformed /milestones/0/recipients/0',
  ],
  [
    'amount and share',
    to({ ...seller, amount: toMinor(10_000), share_bps: 10_000 }),
    'malformed /milestones/0/recipients/0',
  ],
  ['neither of them', to({ ...seller }), 'malformed /milestones/0/recipients/0'],
  [
    'nobody who can be paid',
    { ...one({}), ...parties(BUYER, flags(SELLER, { can_receive: false }), BROKER) },
    'malformed /milestones/0/recipients',
  ],

  ['a rate and a fixed fee', fee({ fixed: toMinor(5) }), 'malformed /fees/0'],
  ['neither rate nor fixed', { fees: [{ kind: 'platform' }] }, 'malformed /fees/0'],
  ['a rate above all', fee({ rate_bps: 10_001 }), 'malformed /fees/0/rate_bps'],
  [
    'a fee below zero',
    { fees: [{ kind: 'platform', fixed: toMinor(-1) }] },
    'malformed /fees/0/fixed',
  ],
  [
    'a minimum above the maximum',
    fee({ min: toMinor(9), max: toMinor(8) }),
    'malformed /fees/0/min',
  ],
  ['payers of less than all', fee({ paid_by: { buyer: 9_999 } }), 'malformed /fees/0/paid_by'],
  ['fees above the amount', fee({ min: toMinor(30_001) }), 'amount_mismatch /fees'],
  [
    'a commission without broker',
    { ...parties(BUYER, SELLER), ...fee({ kind: 'broker_commission' }) },
    'malformed /fees/0/kind',
  ],
  [
    'a commission with two',
    { ...parties(...EVERYBODY, party('b2', 'broker')), ...fee({ kind: 'broker_commission' }) },
    'malformed /fees/0/kind',
  ],
  ['a share of a payer above all', fee({ paid_by: { buyer: 10_001 } }), PAYER],
  ['a fee of sellers, earned on funding', fee({ earned: 'funding' }), 'malformed /fees/0/earned'],
  [
    'a fee partly of sellers, earned on funding',
    fee({ earned: 'funding', paid_by: { buyer: 9_999, seller: 1 } }),
    'malformed /fees/0/earned',
  ],
  [
    'a fee partly of a broker, earned on funding',
    { fees: [platform({ buyer: 9_999, broker: 1 }, 'funding'), commission(100)] },
    'malformed /fees/0/earned',
  ],
  [
    'a commission earned on funding',
    fee({ kind: 'broker_commission', earned: 'funding', paid_by: { buyer: 10_000 } }),
    'malformed /fees/0/earned',
  ],
  [
    'a fee of a broker without commission',
    fee({ paid_by: { broker: 10_000 } }),
    'malformed /fees/0/paid_by/broker',
  ],
  [
    'a commission of the broker himself',
    fee({ kind: 'broker_commission', paid_by: { broker: 1, buyer: 9_999 } }),
    'malformed /fees/0/paid_by/broker',
  ],
  [
    'more of a broker than his commission',
    { fees: [commission(300), platform({ broker: 10_000 })] }, // 300 of 300, and then one more
    'amount_mismatch /fees/1/paid_by/broker',
  ],
  [
    'with a second fee more of a broker than his commission',
    {
      fees: [
        commission(400),
        platform({ broker: 10_000 }),
        platform({ buyer: 5_000, broker: 5_000 }),
      ],
    },
    'amount_mismatch /fees/2/paid_by/broker',
  ],
  [
    'more of sellers than a milestone has',
    {
      milestones: [part(1, { amount: toMinor(1) }), part(2, { amount: toMinor(1) })],
      fees: [1, 1].map((fixed) => ({ kind: 'platform' as const, fixed: toMinor(fixed) })),
    },
    'amount_mismatch /milestones/0/amount', // a unit of each fee falls to the first
  ],
  ["an arbiter's fee without arbiter", arbiter(5, { kind: 'platform' }), 'malformed /arbiter_fee'],
  ["an arbiter's fee above all", arbiter(30_001), 'amount_mismatch /arbiter_fee/amount'],
  ["an arbiter's fee of nothing", arbiter(0), 'malformed /arbiter_fee/amount'],
  [
    'tax inside a commission',
    fee({ kind: 'broker_commission', tax_bps: 1 }),
    'malformed /fees/0/tax_bps',
  ],
];

test.each(FAULTS)('%s is refused', (_, changes, fault) =>
  expect(faultsOf(changes)).toEqual([fault]),
);

const shares = (...recipients: NonNullable<DraftMilestone['recipients']>) =>
  escrowOf(to(...recipients)).terms.milestones[0]?.recipients.map((r) => [r.party, r.amount]);

test('shares in basis points become amounts, by largest remainder', () => {
  expect(shares({ ...seller, share_bps: 3_333 }, { ...broker, share_bps: 6_667 })).toEqual([
    ['pty_seller', 3_333],
    ['pty_broker', 6_667],
  ]);
  const halves = [
    { ...seller, share_bps: 5_000 },
    { ...broker, share_bps: 5_000 },
  ];
  const { terms } = escrowOf(one({ amount: toMinor(3), recipients: halves }));
  expect(terms.milestones[0]?.recipients.map(({ amount }) => amount)).toEqual([2, 1]);
});

test('one recipient may take the remainder, be it nothing', () => {
  expect(shares({ ...seller, amount: toMinor(9_000) }, { ...broker, remainder: true })).toEqual([
    ['pty_seller', 9_000],
    ['pty_broker', 1_000],
  ]);
  expect(shares({ ...seller, share_bps: 10_000 }, { ...broker, remainder: true })).toEqual([
    ['pty_seller', 10_000],
    ['pty_broker', 0],
  ]);
});

test('amounts and shares may stand side by side', () => {
  expect(shares({ ...seller, amount: toMinor(7_500) }, { ...broker, share_bps: 2_500 })).toEqual([
    ['pty_seller', 7_500],
    ['pty_broker', 2_500],
  ]);
});

test('without recipients the sellers who can receive share equally', () => {
  const helper = party('helper', 'seller');
  const third = flags(party('third', 'seller'), { can_receive: false });
  const { terms } = escrowOf({
    ...one({ amount: toMinor(10_001) }),
    ...parties(BUYER, SELLER, helper, third, BROKER),
  });
  expect(terms.milestones[0]?.recipients.map(({ party: id, amount }) => [id, amount])).toEqual([
    ['pty_seller', 5_001],
    ['pty_helper', 5_000],
  ]);
});

test('a fee is paid by the seller and refundable unless the draft says otherwise', () => {
  expect(escrowOf(fee({})).terms.fees).toEqual([
    {
      kind: 'platform',
      rate_bps: 100,
      paid_by: { buyer: 0, seller: 10_000, broker: 0 },
      earned: 'release',
      refundable: true,
      tax_bps: 0,
    },
  ]);
});

test('fees may take the whole amount, no unit more', () => {
  expect(faultsOf(fee({ rate_bps: 10_000 }))).toEqual([]);
  expect(faultsOf({ fees: [{ kind: 'platform', fixed: toMinor(30_000) }] })).toEqual([]);
  expect(faultsOf({ fees: [{ kind: 'platform', fixed: toMinor(30_001) }] })).toEqual([
    'amount_mismatch /fees',
  ]);
});

test('a fee may be of all payers, and earned on funding by the buyer alone', () => {
  const all = { buyer: 3_334, seller: 3_333, broker: 3_333 };
  expect(faultsOf({ fees: [platform(all), commission(101)] })).toEqual([]);
  expect(faultsOf({ fees: [platform({ broker: 10_000 }), commission(301)] })).toEqual([]);
  expect(faultsOf(fee({ earned: 'funding', paid_by: { buyer: 10_000 } }))).toEqual([]);
  expect(faultsOf(arbiter(30_000))).toEqual([]);
  const handler: Handler = { kind: 'arbitration', handler: 'acc_x' };
  expect(faultsOf({ ...parties(BUYER, SELLER), ...arbiter(1, handler) })).toEqual([]);
});

test('fees and amount together can be counted', () => {
  const most = one({ amount: toMinor(Number.MAX_SAFE_INTEGER) });
  expect(faultsOf({ ...most, ...fee({ paid_by: { buyer: 10_000 } }) })).toEqual([
    'malformed /fees',
  ]);
});
