/**
 * Owns a valid body with every field for each command, proposal and call to the sandbox, with an
 * escrow in the state in which it is taken.
 * Must not know how a field is spoilt.
 */
import { type Case, FILES, type Given, type Stage } from './full-terms';
import { agreed, type Deal, delivered, funded, inAMonth, sent, someone, until } from './people';
import { at, textAt } from './stack';

type Who = 'buyer' | 'seller' | 'platform';
type Made = { readonly deal: Deal; readonly id: string };

const [FILE] = FILES;
const evidence = [{ kind: 'text', summary: 'text', url: FILE?.url, sha256: FILE?.sha256 }];
const why = { reason: 'text' };
const manual = { release: { mode: 'manual' } };
const alone = { funding: { mode: 'per_milestone' } };

/** One command: how the escrow is brought there, who asks, at which address, with what. */
const command = (
  operation: string,
  who: Who,
  begin: (stage: Stage) => Promise<Made>,
  address: (made: Made) => string,
  body: (made: Made, stage: Stage) => object | Promise<object> = () => ({}),
): Case => ({
  operation,
  begin: async (stage): Promise<Given> => {
    const made = await begin(stage);
    const asked = await body(made, stage);
    const { deal } = made;
    return {
      path: address(made),
      ...(who !== 'platform' && { as: deal[who] }),
      body: { ...asked, terms_hash: deal.hash },
      seenAt: [deal.path, `${deal.path}/events?limit=100`],
    };
  },
});

const escrow = (word: string) => (made: Made) => `${made.deal.path}/${word}`;
const milestone = (word: string) => (made: Made) => `${made.deal.milestone}/${word}`;
const dispute = (word: string) => (made: Made) => `/v1/disputes/${made.id}/${word}`;
const proposal = (word: string) => (made: Made) => `${made.deal.path}/proposals/${made.id}${word}`;

type Begin = (stage: Stage) => Promise<Made>;
const of =
  (make: typeof sent, fields?: object): Begin =>
  async ({ stack, people }) => ({ deal: await make(stack, people, fields), id: '' });

async function done(stage: Stage, path: string, body: object, as: string) {
  const answer = await stage.stack.call('POST', path, body, as === '' ? {} : { as });
  expect(answer).toMatchObject({ status: 200 });
  return answer;
}

const approved: Begin = async (stage) => {
  const deal = await delivered(stage.stack, stage.people, manual);
  await done(stage, `${deal.milestone}/approve`, {}, deal.buyer);
  return { deal, id: '' };
};

const held: Begin = async (stage) => {
  const deal = await funded(stage.stack, stage.people);
  await done(stage, `${deal.path}/hold`, why, '');
  return { deal, id: '' };
};

/** On hold, with the seller's party. */
const heldParty: Begin = async (stage) => {
  const { deal } = await held(stage);
  const { body } = await stage.stack.get(deal.path);
  return { deal, id: textAt(body, 'parties', 1, 'id') };
};

const disputed: Begin = async (stage) => {
  const deal = await delivered(stage.stack, stage.people);
  const opened = await done(stage, `${deal.milestone}/dispute`, why, deal.buyer);
  return { deal, id: textAt(opened.body, 'disputes', 0, 'id') };
};

const answered: Begin = async (stage) => {
  const made = await disputed(stage);
  await done(stage, dispute('answer')(made), { answer: 'No.' }, made.deal.seller);
  return made;
};

const escalated: Begin = async (stage) => {
  const made = await answered(stage);
  await done(stage, dispute('escalate')(made), {}, made.deal.buyer);
  return made;
};

const proposed: Begin = async (stage) => {
  const deal = await funded(stage.stack, stage.people);
  const content = { milestone: deal.milestones[0], due_at: inTwoMonths() };
  const body = { kind: 'extension', content };
  const made = await done(stage, `${deal.path}/proposals`, body, deal.seller);
  return { deal, id: textAt(made.body, 'proposals', 0, 'id') };
};

/** A payout that the bank has declined for good. */
const failed: Begin = async (stage) => {
  const { stack, people } = stage;
  const seller = await someone(stack, 'Fay Failed', 'Fay fault:declined');
  const deal = await delivered(stack, { ...people, seller });
  await done(stage, `${deal.milestone}/approve`, {}, deal.buyer);
  const found = await until(
    () => stack.get(`/v1/disbursements?escrow=${deal.escrow}`),
    ({ body }) => at(body, 'data', 0, 'status') === 'failed',
  );
  return { deal, id: textAt(found.body, 'data', 0, 'id') };
};

/** Money in the wallet of a new buyer, and a deal that waits for it. */
const withMoney: Begin = async ({ stack, people }) => {
  const buyer = await someone(stack, 'Ric Rich');
  const topUp = { provider: 'sandbox', amount: 125_000, currency: 'USD' };
  await stack.call('POST', `/v1/accounts/${buyer}/payments`, topUp);
  return { deal: await agreed(stack, { ...people, buyer }, alone), id: '' };
};

const inTwoMonths = (): string => new Date(Date.now() + 60 * 86_400_000).toISOString();
const half = { recipients: 62_500, payers: 62_500 };
const named = ({ deal }: Made) => ({
  recipients: [{ account: deal.seller, amount: 62_500 }],
  payers: 62_500,
});

const retried = (operation: string, word: string, body?: Parameters<typeof command>[4]): Case =>
  command(operation, 'platform', failed, ({ id }) => `/v1/disbursements/${id}/${word}`, body);

const replaced = (place: (newcomer: unknown) => unknown): Case =>
  command(
    'replaceParty',
    'platform',
    heldParty,
    ({ deal, id }) => `${deal.path}/parties/${id}/replace`,
    async (_, { stack }) => {
      const account_id = await someone(stack, 'Nia New');
      const { body } = await stack.get(`/v1/accounts/${account_id}`);
      return { account_id, payout_destination: place(body), operator: 'text', ...why };
    },
  );

async function newDestination({ deal }: Made, { stack }: Stage): Promise<object> {
  const place = { provider: 'sandbox', reference: 'DE-2', name: 'Fay', currency: 'USD' };
  const made = await stack.call('POST', `/v1/accounts/${deal.seller}/payout_destinations`, place);
  return { destination: made.id };
}

/** A proposal of each kind, with all that it may hold. */
const propose = (
  who: Who,
  begin: Begin,
  kind: string,
  content: (made: Made, stage: Stage) => object,
): Case =>
  command(
    'makeProposal',
    who,
    begin,
    ({ deal }) => `${deal.path}/proposals`,
    (made, stage) => ({ kind, content: content(made, stage), ...why }),
  );

const part = (title: string, amount: number) => ({ title, amount, due_at: inAMonth() });
const FOUR = {
  type: 'milestone',
  milestones: [part('A', 80_000), part('B', 20_000), part('C', 10_000), part('D', 15_000)],
};

/** Each way to name a recipient; there is one seller. */
const ways = ({ seller }: Deal, amount: number) => [
  [{ party: 1, amount }],
  [{ account_id: seller, share_bps: 10_000 }],
  [{ party: 1, remainder: true }],
];

function amendment({ deal }: Made): object {
  const [one, two, three, four] = deal.milestones;
  const [byAmount, byShare, byRest] = ways(deal, 85_000);
  const [addedAmount, ...others] = ways(deal, 1_000);
  const added = {
    title: 'text',
    description: 'text',
    amount: 1_000,
    due_date: inTwoMonths().slice(0, 10),
    inspection_period: 2,
    after: [0],
    approvals_required: 1,
    files: FILES,
  };
  return {
    title: 'text',
    description: 'text',
    milestones: [
      {
        milestone: one,
        title: 'text',
        description: 'text',
        amount: 85_000,
        due_at: inTwoMonths(),
        inspection_period: 4,
        recipients: byAmount,
        approvals_required: 1,
      },
      { milestone: two, due_date: inTwoMonths().slice(0, 10), recipients: byShare },
      { milestone: three, recipients: byRest, after: [0] },
    ],
    add: [
      { ...added, recipients: addedAmount },
      ...others.map((recipients) => ({ ...part('text', 1_000), recipients })),
    ],
    remove: [four],
  };
}

const PROPOSALS: readonly Case[] = [
  propose('seller', of(funded), 'extension', ({ deal }) => ({
    milestone: deal.milestones[0],
    due_at: inTwoMonths(),
  })),
  propose('seller', of(funded), 'extension', ({ deal }) => ({
    milestone: deal.milestones[0],
    due_date: inTwoMonths().slice(0, 10),
  })),
  propose('buyer', disputed, 'settlement', ({ id }) => ({ dispute: id, split: half })),
  propose('seller', disputed, 'settlement', (made) => ({ dispute: made.id, split: named(made) })),
  propose('buyer', of(funded), 'cancellation', ({ deal }) => ({
    milestones: [deal.milestones[0]],
    split: half,
  })),
  propose('buyer', of(funded), 'cancellation', (made) => ({ split: named(made) })),
  propose('seller', of(funded, FOUR), 'amendment', amendment),
  command('acceptProposal', 'buyer', proposed, proposal('/accept')),
  command('declineProposal', 'buyer', proposed, proposal('/decline'), () => why),
  command('withdrawProposal', 'seller', proposed, proposal('/withdraw'), () => why),
];

const COMMANDS: readonly Case[] = [
  command('acceptEscrow', 'seller', of(sent), escrow('accept')),
  command('rejectEscrow', 'seller', of(sent), escrow('reject'), () => why),
  command('fundEscrow', 'buyer', withMoney, escrow('fund'), ({ deal }) => ({
    amount: 125_000,
    milestone: deal.milestones[0],
  })),
  command('cancelEscrow', 'buyer', of(sent), escrow('cancel'), () => why),
  command('completeEscrow', 'buyer', approved, escrow('complete')),
  command('holdEscrow', 'platform', of(funded), escrow('hold'), () => why),
  command('unholdEscrow', 'platform', held, escrow('unhold'), () => why),
  command('markDoneMilestone', 'seller', of(funded), milestone('mark_done'), () => ({ evidence })),
  command('approveMilestone', 'buyer', of(delivered), milestone('approve')),
  command(
    'rejectDeliveryMilestone',
    'buyer',
    of(delivered),
    milestone('reject_delivery'),
    () => why,
  ),
  command('releaseMilestone', 'buyer', approved, milestone('release')),
  command('releasePartMilestone', 'buyer', of(funded, FOUR), milestone('release_part'), () => ({
    amount: 1_000,
  })),
  command('overrideMilestone', 'platform', held, milestone('override'), () => ({
    act: 'refund',
    operator: 'text',
    ...why,
  })),
  replaced(() => 'wallet'),
  replaced((newcomer) => at(newcomer, 'payout_destinations', 0, 'id')),
  command('disputeMilestone', 'buyer', of(delivered), milestone('dispute'), () => why),
  command('cancelMilestone', 'seller', of(funded), milestone('cancel'), () => why),
  command('answerDispute', 'seller', disputed, dispute('answer'), () => ({ answer: 'text' })),
  command('evidenceDispute', 'seller', answered, dispute('evidence'), () => ({ evidence })),
  command('withdrawDispute', 'buyer', disputed, dispute('withdraw')),
  command('escalateDispute', 'buyer', answered, dispute('escalate')),
  command('resolveDispute', 'platform', escalated, dispute('resolve'), () => ({
    ...why,
    split: half,
  })),
  command('resolveDispute', 'platform', escalated, dispute('resolve'), (made) => ({
    ...why,
    split: named(made),
  })),
  retried('retryDisbursement', 'retry'),
  retried('redirectDisbursement', 'redirect', newDestination),
];

/** Requests about escrows that are under way. */
export const COMMAND_CASES: readonly Case[] = [...COMMANDS, ...PROPOSALS];
