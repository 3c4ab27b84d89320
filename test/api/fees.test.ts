/**
 * Owns fees over HTTP: a quote says what the escrow will say, wrong questions are named with their
 * place, and a deal with every kind of fee ends in the books to the unit.
 * Must not test the arithmetic (`test/domain/fees.test.ts`).
 */
import { dealOf, inAMonth, type People, someone, twoPeople, untilStatus } from './people';
import { at, openStack, type Stack, textAt } from './stack';

let stack: Stack;
let people: People;
let broker: string;
let arbiter: string;
beforeAll(async () => {
  stack = await openStack();
  await stack.engine.work();
  people = await twoPeople(stack);
  broker = await someone(stack, 'Bob Broker');
  arbiter = await someone(stack, 'Ada Arbiter');
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

const partOf = (amount: number, recipients?: object) => ({
  title: 'A part',
  amount,
  due_at: inAMonth(),
  ...(recipients && { recipients }),
});

const dealWithFees = (fields: object = {}) => ({
  title: 'A house',
  type: 'milestone',
  currency: 'USD',
  parties: [
    { account_id: people.buyer, role: 'buyer' },
    { account_id: people.seller, role: 'seller' },
    { account_id: broker, role: 'broker' },
    { account_id: arbiter, role: 'arbiter' },
  ],
  milestones: [partOf(40_000), partOf(60_000)],
  fees: FEES,
  dispute_handler: { kind: 'arbitration' },
  arbiter_fee: { amount: 1_001, borne_by: 'both' },
  ...fields,
});

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
      ...dealWithFees().parties.slice(0, 2),
      { account_id: await someone(stack, 'Hal Helper'), role: 'seller' },
      { account_id: broker, role: 'broker' },
    ];
    const fees = [{ ...FEES[0], refundable: false, min: 2_223 }, FEES[1], { ...FEES[2], max: 999 }];
    const asked = dealWithFees({
      parties,
      fees,
      milestones: [partOf(33_334), partOf(6_667, recipients)],
      dispute_handler: { kind: 'platform' },
    });
    const { arbiter_fee: _, ...body } = asked;
    const made = await stack.call('POST', '/v1/escrows', body, { as: people.buyer });
    expect(made.status).toBe(201);
    const milestones = [{ amount: 33_334 }, { amount: 6_667, recipients }];
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

test('every kind of fee and a ruling of an arbiter end in the books to the unit', async () => {
  const made = await stack.twice('POST', '/v1/escrows', dealWithFees(), { as: people.buyer });
  expect(made).toMatchObject({
    status: 201,
    body: { funding: { due: 105_500 }, arbiter_fee: { amount: 1_001, borne_by: 'both' } },
  });
  const deal = dealOf(people, made);
  const [first = '', second = ''] = deal.milestones.map((id) => `${deal.path}/milestones/${id}`);
  const ask = (path: string, body: object, as: string) => stack.twice('POST', path, body, { as });
  for (const as of [people.seller, broker, arbiter]) {
    const answer = await ask(`${deal.path}/accept`, { terms_hash: deal.hash }, as);
    expect(answer.status).toBe(200);
  }
  await ask(`${deal.path}/payments`, { provider: 'sandbox' }, people.buyer);
  const started = await untilStatus(stack, deal.path, 'in_progress');
  expect(started.body).toMatchObject({
    money: { held: 103_500, fees: 2_000 }, // earned on funding
    fees: [{ earned: 2_000, returned: 0 }, { earned: 0 }, { earned: 0 }],
  });
  expect(await ask(`${first}/approve`, {}, people.buyer)).toMatchObject({
    body: { money: { released: 38_600, fees: 4_800 } },
  });
  const opened = await ask(`${second}/dispute`, { reason: 'It leaks.' }, people.buyer);
  const dispute = `/v1/disputes/${textAt(opened.body, 'disputes', 0, 'id')}`;
  await ask(`${dispute}/answer`, { answer: 'It rains.' }, people.seller);
  await ask(`${dispute}/escalate`, {}, people.buyer);
  const ruling = { reason: 'It does.', split: { recipients: 36_000, payers: 24_000 } };
  expect(await ask(`${dispute}/resolve`, ruling, arbiter)).toMatchObject({
    status: 200,
    body: {
      status: 'closed_disputed',
      money: { held: 0, disputed: 0, released: 72_839, refunded: 24_820, fees: 7_841 },
      fees: [
        { earned: 1_520, returned: 480 },
        { earned: 2_280, returned: 240 },
        { earned: 3_040, returned: 600 },
      ],
      disputes: [
        { ruling: { arbiter_fee: { account: arbiter, of_recipients: 501, of_payers: 500 } } },
      ],
    },
  });
  expect(await journalsOf(deal.path)).toEqual({
    fees_earned: { fee: 2_000, platform: -1_680, tax: -320 },
    released: { ms: 40_000, fee: 1_400, seller: -38_600, broker: -1_600, platform: -1_200 },
    ruled: {
      dispute: 60_000,
      fee: 2_100,
      seller: -34_239,
      broker: -1_440,
      platform: -677, // 1080 earned, 403 of what was earned on funding given back
      tax: 77,
      buyer: -24_820,
      arbiter: -1_001,
    },
  });
  expect(await stack.get(`${deal.path}/proof`)).toMatchObject({ body: { ok: true } });
  expect(await stack.get(`/v1/accounts/${arbiter}/balances`)).toMatchObject({
    body: { data: [{ currency: 'USD', available: 1_001 }] },
  });
});

/** The journals of fees and of what left the escrow, by type: names of ledger accounts, sums. */
async function journalsOf(path: string): Promise<Record<string, Record<string, number>>> {
  const { body } = await stack.get(`${path}/ledger`);
  const names: readonly (readonly [RegExp, string])[] = [
    [/^liab:escrow:.*:(ms|dispute|fee)(:\d+)?$/, '$1'],
    [new RegExp(`^liab:wallet:${people.buyer}$`), 'buyer'],
    [new RegExp(`^liab:wallet:${people.seller}$`), 'seller'],
    [new RegExp(`^liab:wallet:${broker}$`), 'broker'],
    [new RegExp(`^liab:wallet:${arbiter}$`), 'arbiter'],
    [/^rev:platform_fee$/, 'platform'],
    [/^liab:tax:platform_fee$/, 'tax'],
  ];
  const nameOf = (account: string): string =>
    names.reduce((name, [from, to]) => name.replace(from, to), account);
  const journals: readonly {
    type: string;
    lines: readonly { account: string; amount: number }[];
  }[] = Object(at(body, 'journals'));
  return Object.fromEntries(
    journals
      .filter(({ type }) => ['fees_earned', 'released', 'ruled'].includes(type))
      .map(({ type, lines }) => [
        type,
        Object.fromEntries(lines.map(({ account, amount }) => [nameOf(account), amount])),
      ]),
  );
}
