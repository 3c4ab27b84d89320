/**
 * Owns a valid body with every field, for accounts, money, policies, escrows, previews, clocks and
 * webhooks: each with the state in which it is taken.
 * Must not know how a field is spoilt. Commands: `full-commands.ts`.
 */
import { type Case, METADATA, POLICY, type Stage, terms } from './full-terms';
import { agreed, deal, funded, inAMonth, someone } from './people';
import { anyName, at, textAt } from './stack';

const account = (): object => ({
  kind: 'company',
  name: 'text',
  email: `${anyName('company')}@example.com`,
  phone: 'text',
  country: 'DE',
  metadata: METADATA,
  payout_destinations: [
    { provider: 'sandbox', reference: 'text', name: 'text', currency: 'USD', default: true },
  ],
});

/** The terms with a destination of the helper, who gets a part of them. */
async function termsWithDestination(stage: Stage): Promise<readonly [object, object]> {
  const [full, other] = terms(stage);
  const { stack, others } = stage;
  const { body } = await stack.get(`/v1/accounts/${others.helper}`);
  const place = textAt(body, 'payout_destinations', 0, 'id');
  const parties = Object(full).parties.map((party: object) =>
    at(party, 'account_id') === others.helper ? { ...party, payout_destination: place } : party,
  );
  return [{ ...full, parties }, other];
}

async function emptyDraft({ stack, people }: Stage): Promise<string> {
  const body = deal(people, { draft: true });
  const made = await stack.call('POST', '/v1/escrows', body, { as: people.buyer });
  expect(made).toMatchObject({ status: 201 });
  return `/v1/escrows/${made.id}`;
}

/** An endpoint that hears nothing: nothing is kept back here. */
async function endpointOf({ stack }: Stage): Promise<string> {
  const body = { url: 'https://example.com/hooks', types: ['escrow.reserve_freed'] };
  const made = await stack.call('POST', '/v1/webhook_endpoints', body);
  expect(made).toMatchObject({ status: 201 });
  return `/v1/webhook_endpoints/${made.id}`;
}

const replay = (body: object): Case => ({
  operation: 'replayWebhooks',
  begin: async (stage) => ({ path: `${await endpointOf(stage)}/replay`, body, isShown: false }),
});

const WEBHOOK = {
  url: 'https://example.com/hooks',
  types: ['escrow.reserve_freed'],
  description: 'text',
  in_order: true,
  metadata: METADATA,
};

const WEBHOOK_CASES: readonly Case[] = [
  {
    operation: 'createWebhookEndpoint',
    begin: async () => ({ path: '/v1/webhook_endpoints', body: WEBHOOK }),
  },
  {
    operation: 'updateWebhookEndpoint',
    begin: async (stage) => ({
      path: await endpointOf(stage),
      body: { ...WEBHOOK, state: 'enabled' },
    }),
  },
  replay({ event: 'evt_none' }),
  replay({ from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z' }),
  replay({ failed: true }),
];

/** An unknown e-mail makes an account, with name and phone. */
const ACCOUNTS = ['/v1/accounts?limit=100'];

/** Requests about what is there, and about new escrows. */
export const CASES: readonly Case[] = [
  ...WEBHOOK_CASES,
  { operation: 'createAccount', begin: async () => ({ path: '/v1/accounts', body: account() }) },
  {
    operation: 'updateAccount',
    begin: async ({ stack }) => {
      const path = `/v1/accounts/${await someone(stack, 'Una Updated')}`;
      const { payout_destinations: _, ...body } = Object(account());
      return { path, body };
    },
  },
  {
    operation: 'createPayoutDestination',
    begin: async ({ others }) => ({
      path: `/v1/accounts/${others.observer}/payout_destinations`,
      body: {
        provider: 'sandbox',
        reference: 'text',
        name: 'text',
        currency: 'USD',
        default: true,
      },
    }),
  },
  {
    operation: 'createWithdrawal',
    begin: async ({ stack }) => {
      const owner = await someone(stack, 'Wim Wallet');
      const path = `/v1/accounts/${owner}`;
      const topUp = { provider: 'sandbox', amount: 5_000, currency: 'USD' };
      expect(await stack.call('POST', `${path}/payments`, topUp)).toMatchObject({ status: 201 });
      const { body } = await stack.get(path);
      const destination = textAt(body, 'payout_destinations', 0, 'id');
      return { path: `${path}/withdrawals`, body: { amount: 1_000, currency: 'USD', destination } };
    },
  },
  {
    operation: 'createTopUp',
    begin: async ({ people }) => ({
      path: `/v1/accounts/${people.buyer}/payments`,
      body: { provider: 'sandbox', amount: 5_000, currency: 'USD' },
    }),
  },
  {
    operation: 'createPayment',
    begin: async ({ stack, people }) => {
      const fields = { funding: { mode: 'per_milestone' } };
      const { path, milestones } = await agreed(stack, people, fields);
      const body = { provider: 'sandbox', payer: people.buyer, amount: 1_000 };
      return { path: `${path}/payments`, body: { ...body, milestone: milestones[0] } };
    },
  },
  { operation: 'putPolicy', begin: async () => ({ path: '/v1/policy', body: POLICY }) },
  {
    operation: 'putPolicy',
    begin: async () => ({ path: '/v1/policy', body: { ...POLICY, currencies: 'all' } }),
  },
  {
    operation: 'createEscrow',
    begin: async (stage) => {
      const [full] = await termsWithDestination(stage);
      const body = { ...full, draft: false };
      return { path: '/v1/escrows', as: stage.people.buyer, body, seenAt: ACCOUNTS };
    },
  },
  {
    operation: 'createEscrow',
    begin: async (stage) => ({ path: '/v1/escrows', body: terms(stage)[1] }),
  },
  {
    operation: 'updateEscrow',
    begin: async (stage) => {
      const [full] = await termsWithDestination(stage);
      const path = await emptyDraft(stage);
      return { path, as: stage.people.buyer, body: full, seenAt: ACCOUNTS };
    },
  },
  {
    operation: 'updateEscrow',
    begin: async (stage) => ({ path: await emptyDraft(stage), body: terms(stage)[1] }),
  },
  {
    operation: 'previewEscrow',
    begin: async (stage) => {
      const [full] = await termsWithDestination(stage);
      const at = new Date().toISOString();
      const { buyer } = stage.people;
      const story = [
        { at, by: 'platform', command: 'hold', body: { reason: 'A look.' } },
        { at, by: buyer, command: 'cancel', milestone: 1, body: { reason: 'No.' } },
        { at, by: 1, command: 'mark_done', milestone: 1 },
      ];
      const body = { escrow: full, at, from: 'funded', story, payouts: 'settle' };
      return { path: '/v1/escrows/preview', as: buyer, body, isShown: false };
    },
  },
  {
    operation: 'previewEscrow',
    begin: async (stage) => ({
      path: '/v1/escrows/preview',
      body: { escrow: terms(stage)[1] },
      isShown: false,
    }),
  },
  {
    operation: 'sendEscrow',
    begin: async (stage) => {
      const path = await emptyDraft(stage);
      const { body } = await stage.stack.get(path);
      const terms_hash = textAt(body, 'terms_hash');
      return { path: `${path}/send`, as: stage.people.buyer, body: { terms_hash } };
    },
  },
  {
    operation: 'createTestClock',
    begin: async () => ({ path: '/v1/test_clocks', body: { now: inAMonth() } }),
  },
  {
    operation: 'advanceTestClock',
    begin: async ({ clock }) => ({
      path: `/v1/test_clocks/${clock}/advance`,
      body: { to: inAMonth() },
    }),
  },
  {
    operation: 'advanceTestClock',
    begin: async ({ stack, people }) => {
      const made = await stack.call('POST', '/v1/test_clocks', {});
      await funded(stack, people, { test_clock: made.id });
      return { path: `/v1/test_clocks/${made.id}/advance`, body: { to_next_deadline: true } };
    },
  },
];
