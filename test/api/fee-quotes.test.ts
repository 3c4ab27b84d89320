/**
 * Owns quotes of fees: a quote says what the escrow will say, and wrong questions are named with
 * their place.
 * Must not test the arithmetic (`test/domain/fees.test.ts`).
 */
import { deal, inAMonth, type People, someone, twoPeople } from './people';
import { at, openStack, type Stack } from './stack';

let stack: Stack;
let people: People;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
});
afterAll(() => stack.close());

const FEES = [
  {
    kind: 'platform',
    rate_bps: 200,
    paid_by: { buyer: 10_000 },
    earned: 'funding',
    tax_bps: 1_900,
  },
  { kind: 'platform', rate_bps: 300, paid_by: { buyer: 3_334, seller: 3_333, broker: 3_333 } },
  { kind: 'broker_commission', rate_bps: 500, paid_by: { buyer: 5_000, seller: 5_000 } },
];

const quote = (query: Readonly<Record<string, string>>) =>
  stack.get(`/v1/fees/quote?${new URLSearchParams(query)}`);
const withFees = (more: Readonly<Record<string, string>>) =>
  quote({ currency: 'USD', fees: JSON.stringify(FEES), ...more });

type Sides = { recipients: { party: unknown }[] };
/** Names of parties differ: a place in a quote, an id in an escrow. */
const nameless = (sides: unknown) => {
  const { recipients, ...rest } = sides as Sides; // as the answer's schema says
  return {
    ...rest,
    recipients: recipients.map(({ party: _, ...numbers }) => ({ ...numbers, role: undefined })),
  };
};
const milestonesOf = (body: unknown): readonly unknown[] => Object(at(body, 'milestones'));
const feesOf = (body: unknown): readonly object[] => Object(at(body, 'fees'));

describe('a quote', () => {
  test('says what each side pays and gets, in all and by milestone', async () => {
    const { status, body } = await withFees({ amounts: '40000,60000' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: 'fee_quote',
      currency: 'USD',
      amount: 100_000,
      sides: {
        buyers: { fees: 5_500, pay: 105_500 },
        recipients: [{ party: 1, role: 'seller', amount: 100_000, net: 96_500 }],
        broker: { commission: 5_000, bears: 1_000, net: 4_000 },
        platform: { fees: 5_000, tax: 320, net: 4_680 },
      },
      fees: [
        { amount: 2_000, borne_by: { buyer: 2_000, seller: 0, broker: 0 }, tax: 320, net: 1_680 },
        { amount: 3_000, borne_by: { buyer: 1_000, seller: 1_000, broker: 1_000 }, net: 3_000 },
        { amount: 5_000, borne_by: { buyer: 2_500, seller: 2_500, broker: 0 }, net: 4_000 },
      ],
      milestones: [
        { amount: 40_000, buyers: { pay: 42_200 }, recipients: [{ net: 38_600 }] },
        { amount: 60_000, buyers: { pay: 63_300 }, recipients: [{ net: 57_900 }] },
      ],
    });
  });

  test('and the creation of the same show the same numbers', async () => {
    const recipients = [
      { party: 1, share_bps: 3_334 },
      { party: 2, amount: 777 },
      { party: 3, remainder: true },
    ];
    const parties = [
      { account_id: people.buyer, role: 'buyer' },
      { account_id: people.seller, role: 'seller' },
      { account_id: await someone(stack, 'Hal Helper'), role: 'seller' },
      { account_id: await someone(stack, 'Bob Broker'), role: 'broker' },
    ];
    const fees = [{ ...FEES[0], refundable: false, min: 2_223 }, FEES[1], { ...FEES[2], max: 999 }];
    const part = { title: 'A part', due_at: inAMonth() };
    const milestones = [{ amount: 33_334 }, { amount: 6_667, recipients }];
    const body = deal(people, {
      type: 'milestone',
      parties,
      fees,
      milestones: milestones.map((more) => ({ ...part, ...more })),
    });
    const made = await stack.call('POST', '/v1/escrows', body, { as: people.buyer });
    expect(made.status).toBe(201);
    const quoted = await quote({
      currency: 'USD',
      milestones: JSON.stringify(milestones),
      parties: 'buyer,seller,seller,broker',
      fees: JSON.stringify(fees),
    });
    expect(quoted.status).toBe(200);
    expect(nameless(at(quoted.body, 'sides'))).toEqual(nameless(at(made.body, 'sides')));
    expect(at(made.body, 'funding', 'due')).toBe(at(quoted.body, 'sides', 'buyers', 'pay'));
    const shown = milestonesOf(made.body).map((each) => at(each, 'sides'));
    expect(milestonesOf(quoted.body).map(nameless)).toEqual(shown.map(nameless));
    const plain = feesOf(made.body).map((fee) => ({
      ...fee,
      beneficiary: undefined,
      earned: undefined,
      returned: undefined,
    }));
    expect(feesOf(quoted.body)).toEqual(plain);
    const nets = milestonesOf(made.body).map((each) => at(each, 'recipients', 0, 'net'));
    expect(nets).toEqual(shown.map((sides) => at(sides, 'recipients', 0, 'net')));
  });

  test('needs no fees: then everybody gets what the buyer pays', async () => {
    expect(await quote({ currency: 'KWD', amounts: '5' })).toMatchObject({
      status: 200,
      body: { fees: [], sides: { buyers: { fees: 0, pay: 5 }, recipients: [{ net: 5 }] } },
    });
  });

  const FEE = { kind: 'platform', rate_bps: 100 };
  test.each<[string, Readonly<Record<string, string>>, number, string, string]>([
    ['no currency', { currency: 'XXX', amounts: '5' }, 400, 'malformed_parameter', '/currency'],
    ['no amount', {}, 400, 'malformed_parameter', ''],
    ['amounts and milestones', { amounts: '5', milestones: '[]' }, 400, 'malformed_parameter', ''],
    ['half a unit', { amounts: '5,0.5' }, 400, 'malformed_parameter', '/amounts'],
    ['nothing', { amounts: '0' }, 400, 'malformed_parameter', '/amounts'],
    ['too much', { amounts: '9999999999999999' }, 400, 'malformed_parameter', '/amounts/0'],
    ['what adds up to too much', { amounts: '9007199254740991,1' }, 422, 'malformed', '/amounts'],
    ['too many', { amounts: Array(51).fill('1').join() }, 400, 'malformed_parameter', '/amounts'],
    ['no roles', { amounts: '5', parties: 'king' }, 400, 'malformed_parameter', '/parties'],
    ['no seller', { amounts: '5', parties: 'buyer' }, 422, 'malformed', '/parties'],
    ['no JSON', { amounts: '5', fees: '{' }, 400, 'malformed_parameter', '/fees'],
    ['no list', { amounts: '5', fees: '{}' }, 400, 'malformed_parameter', '/fees'],
    [
      'a field twice',
      { amounts: '5', fees: '[{"min":1,"min":2}]' },
      400,
      'malformed_parameter',
      '/fees/0/min',
    ],
    [
      'a wrong type',
      { amounts: '5', fees: JSON.stringify([{ ...FEE, min: 'a' }]) },
      400,
      'malformed_parameter',
      '/fees/0/min',
    ],
    [
      'an unknown field',
      { milestones: JSON.stringify([{ amount: 5, price: 5 }]) },
      400,
      'malformed_parameter',
      '/milestones/0/price',
    ],
    [
      'a milestone of nothing',
      { milestones: JSON.stringify([{ amount: 0 }]) },
      400,
      'malformed_parameter',
      '/milestones/0/amount',
    ],
    [
      'a fee that no broker can bear',
      { amounts: '5', fees: JSON.stringify([{ ...FEE, paid_by: { broker: 10_000 } }]) },
      422,
      'malformed',
      '/fees/0/paid_by/broker',
    ],
    [
      'fees above the amount',
      { amounts: '5', fees: JSON.stringify([{ kind: 'platform', fixed: 6 }]) },
      422,
      'amount_mismatch',
      '/fees',
    ],
    [
      'what it does not know',
      { amounts: '5', colour: 'red' },
      400,
      'malformed_parameter',
      '/colour',
    ],
  ])('of %s is refused', async (_, query, status, code, pointer) => {
    const answer = await quote({ currency: 'USD', ...query });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(at(answer.body, 'errors', 0, 'pointer')).toBe(pointer);
  });
});
