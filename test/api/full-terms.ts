/**
 * Owns the stage on which bodies are tried (people, a policy, a clock) and terms with every field.
 * Must not know any operation.
 */
import { deal, inAMonth, type People, someone } from './people';
import { anyName, type Stack } from './stack';

/** A valid request; `seenAt`: where else its texts come back. */
export type Given = {
  readonly path: string;
  readonly as?: string;
  readonly body: object;
  readonly seenAt?: readonly string[];
  readonly isShown?: false; // the answer has no texts
};

/** A request of an operation; several of them where a body has alternatives. */
export type Case = {
  readonly operation: string;
  readonly begin: (stage: Stage) => Promise<Given>;
};

/** Who and what is there before any case begins. */
export type Stage = {
  readonly stack: Stack;
  readonly people: People;
  readonly others: {
    readonly broker: string;
    readonly arbiter: string;
    readonly observer: string;
    readonly helper: string;
    readonly payer: string;
    readonly handler: string;
  };
  readonly clock: string;
};

/** Makes the stage; the policy has the calendar that the terms name. */
export async function openStage(stack: Stack): Promise<Stage> {
  const named = async (name: string): Promise<string> => someone(stack, name);
  const made = await stack.call('POST', '/v1/test_clocks', {});
  expect(await stack.call('PUT', '/v1/policy', POLICY)).toMatchObject({ status: 200 });
  return {
    stack,
    people: { buyer: await named('Bea Buyer'), seller: await named('Sal Seller') },
    others: {
      broker: await named('Bob Broker'),
      arbiter: await named('Ada Arbiter'),
      observer: await named('Ola Observer'),
      helper: await named('Hal Helper'),
      payer: await named('Pat Payer'),
      handler: await named('Han Handler'),
    },
    clock: made.id,
  };
}

export const METADATA = { crm: 'text', constructor: 'text', '<b>\u202e': 'text', 'a/b~c': 'text' };
const SHA = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';
export const FILES = [{ name: 'text', url: 'https://example.com/1.pdf', sha256: SHA, size: 4_711 }];

const PERIODS = [
  'acceptance',
  'overdue',
  'rework',
  'release',
  'response',
  'negotiation',
  'ruling',
  'payout',
  'reserve',
];
const eachPeriod = (value: unknown): object =>
  Object.fromEntries(PERIODS.map((name) => [name, value]));

export const POLICY = {
  periods: eachPeriod({ default: 'P5D', min: 'P1D', max: 'P90D' }),
  inspection_period: { default: 3, min: 0, max: 30 },
  extension_days_max: 365,
  fee_bps_max: { platform: 2_000, broker_commission: 2_000 },
  business_days: { berlin: { weekend: ['saturday', 'sunday'], holidays: ['2027-01-01'] } },
  amount_max: { USD: 10_000_000 },
  currencies: ['USD', 'EUR'],
};

/** Two milestones; the first has a recipient of each kind. */
const milestones = (helper: string, due_at: string): readonly object[] => [
  {
    title: 'text',
    description: 'text',
    amount: 60_000,
    due_at,
    inspection_period: 3,
    recipients: [
      { party: 1, amount: 20_000 },
      { account_id: helper, share_bps: 2_500 },
      { party: 3, remainder: true },
    ],
    approvals_required: 1,
    files: FILES,
  },
  { title: 'text', amount: 40_000, due_date: due_at.slice(0, 10), after: [0] },
];

/** Terms with every field, and those with the other choice wherever there is one. */
export function terms({ people, others, clock }: Stage): readonly [object, object] {
  const { buyer, seller } = people;
  const due_at = inAMonth();
  const full = {
    title: 'text',
    type: 'milestone',
    currency: 'USD',
    engagement_id: 'text',
    description: 'text',
    amount: 100_000,
    parties: [
      {
        account_id: buyer,
        role: 'buyer',
        access_level: { can_view: true, can_receive: false, mark_as_done: false, approve: true },
        initiator: true,
        payout_destination: 'wallet',
      },
      { email: `${anyName('new')}@example.com`, name: 'text', phone: 'text', role: 'seller' },
      { account_id: others.helper, role: 'seller' },
      { account_id: others.broker, role: 'broker' },
      { account_id: others.arbiter, role: 'arbiter' },
      { account_id: others.observer, role: 'observer' },
    ],
    milestones: milestones(others.helper, due_at),
    fees: [
      {
        kind: 'platform',
        rate_bps: 290,
        min: 100,
        max: 5_000,
        paid_by: { buyer: 5_000, seller: 4_000, broker: 1_000 },
        earned: 'release',
        refundable: true,
        tax_bps: 1_900,
      },
      { kind: 'broker_commission', fixed: 2_000 },
    ],
    funding: {
      mode: 'full',
      order: 'any',
      due_at,
      by: [{ account_id: others.payer }, { party: 5 }],
      tolerance: 100,
    },
    release: {
      mode: 'manual',
      by: [{ party: 0 }, { account_id: others.broker }],
      reserve_bps: 500,
    },
    refund_to: 'source',
    dispute_handler: { kind: 'arbitration', handler: others.handler },
    deadlines: eachPeriod('P10D'),
    ruling_default: { recipients_bps: 5_000 },
    rework_rounds_max: 2,
    arbiter_fee: { amount: 1_000, borne_by: 'both' },
    time_zone: 'Europe/Berlin',
    business_days: 'berlin',
    files: FILES,
    metadata: METADATA,
    test_clock: clock,
  };
  const parties = [
    { account_id: buyer, role: 'buyer' },
    { account_id: seller, role: 'seller' },
  ];
  const other = { dispute_handler: { kind: 'platform' }, ruling_default: 'refund', parties };
  return [full, { ...deal(people), ...other }];
}
