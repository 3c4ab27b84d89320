/**
 * Owns a milestone deal of one year on a test clock: its people, its terms, how days go by, and
 * its journals with people by name.
 * Must not know what happens in it.
 */
import { type Deal, dealOf, someone, until } from './people';
import { type Answered, at, listAt, type Stack, textAt } from './stack';

export const WHO = ['bea', 'bob', 'sal', 'bro'] as const;
export type Who = (typeof WHO)[number];

export type Year = {
  readonly stack: Stack;
  readonly people: Readonly<Record<Who, string>>;
  readonly deal: Deal;
  /** Nine in the morning, so many days after the first; UTC. */
  readonly day: (count: number) => string;
  /** The clock goes on to that day, and what was due until then has happened. */
  readonly goTo: (count: number) => Promise<void>;
  /** Sent twice. `path` is below the escrow, or an address of its own. */
  readonly ask: (who: Who, path: string, body?: object) => Promise<Answered>;
  readonly look: () => Promise<unknown>;
};

const DAY_MS = 86_400_000;

const PRICES = [
  { title: 'Ground', amount: 200_003, due: 60, inspection_period: 5, approvals_required: 2 },
  { title: 'Walls', amount: 300_000, due: 120, inspection_period: 5, after: [0] },
  { title: 'Roof', amount: 250_000, due: 200, inspection_period: 5, after: [1] },
  { title: 'Retention', amount: 49_999, due: 352, inspection_period: 14, after: [0, 1, 2] },
];

/** Half of the platform's 2.5 % by each side; the seller pays the broker's 3 %. */
const FEES = [
  { kind: 'platform', rate_bps: 250, paid_by: { buyer: 5_000, seller: 5_000 } },
  { kind: 'broker_commission', rate_bps: 300, paid_by: { seller: 10_000 } },
];

/** Written and sent by the broker: two buyers, a seller, four milestones in order. */
export async function openYear(stack: Stack): Promise<Year> {
  const people = {
    bea: await someone(stack, 'Bea Buyer'),
    bob: await someone(stack, 'Bob Buyer'),
    sal: await someone(stack, 'Sal Seller'),
    bro: await someone(stack, 'Bro Broker'),
  };
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, '2027-01-31'.length);
  const first = Date.parse(`${tomorrow}T09:00:00.000Z`);
  const day = (count: number): string => new Date(first + count * DAY_MS).toISOString();
  const clock = await stack.twice('POST', '/v1/test_clocks', { now: day(0) });
  const body = {
    title: 'A house',
    type: 'milestone',
    currency: 'USD',
    parties: [
      { account_id: people.bea, role: 'buyer' },
      { account_id: people.bob, role: 'buyer' },
      { account_id: people.sal, role: 'seller' },
      { account_id: people.bro, role: 'broker' },
    ],
    milestones: PRICES.map(({ due, ...milestone }) => ({ ...milestone, due_at: day(due) })),
    fees: FEES,
    test_clock: clock.id,
  };
  const made = await stack.twice('POST', '/v1/escrows', body, { as: people.bro });
  expect(made).toMatchObject({ status: 201 });
  const deal = dealOf({ buyer: people.bea, seller: people.sal }, made);
  const look = async (): Promise<unknown> => (await stack.get(deal.path)).body;
  return {
    stack,
    people,
    deal,
    day,
    look,
    goTo: (count) => advance(stack, clock.id, day(count)),
    ask: (who, path, asked = {}) => {
      const address = path.startsWith('/v1/') ? path : `${deal.path}/${path}`;
      return stack.twice('POST', address, asked, { as: people[who] });
    },
  };
}

async function advance(stack: Stack, clock: string, to: string): Promise<void> {
  const path = `/v1/test_clocks/${clock}`;
  const moved = await stack.twice('POST', `${path}/advance`, { to });
  expect(moved.status).toBeLessThan(300);
  await until(
    () => stack.get(path),
    ({ body }) => at(body, 'status') === 'ready',
  );
}

/** `milestones/{id}/{command}` of the n-th milestone, counted from 1. */
export const of = ({ deal }: Year, n: number, command: string): string =>
  `milestones/${deal.milestones[n - 1]}/${command}`;

/** Status codes of the milestones, in the order of the terms. */
export const codesOf = (body: unknown): readonly unknown[] =>
  listAt(body, 'milestones').map((milestone) => at(milestone, 'status_code'));

/** The day on which each wait with a milestone or a proposal ends, by the name of the deadline. */
export const deadlinesOf = (body: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    listAt(body, 'deadlines').map((each) => [textAt(each, 'name'), textAt(each, 'at')]),
  );

/** Some time on that day: a period counts from when something was done. */
export const onDay = (at: string): unknown =>
  expect.stringContaining(at.slice(0, '2027-01-31'.length));

/** The id of the newest proposal. */
export const newestOf = ({ body }: Answered): string =>
  textAt(body, 'proposals', listAt(body, 'proposals').length - 1, 'id');

/** Bank money, wallets, what is held: by a short name each. */
function namesOf({ deal, people }: Year): (code: string) => string {
  const names = new Map<string, string>(WHO.map((who) => [`liab:wallet:${people[who]}`, who]));
  const prefix = `liab:escrow:${deal.escrow}:`;
  return (code) => {
    if (code === 'rev:platform_fee') return 'platform';
    return code.startsWith(prefix) ? code.slice(prefix.length) : (names.get(code) ?? code);
  };
}

/** The journals of a type, oldest first: what each ledger account gets, debit positive. */
export async function journalsOf(year: Year, type: string): Promise<readonly unknown[]> {
  const nameOf = namesOf(year);
  const { body } = await year.stack.get(`${year.deal.path}/ledger`);
  return listAt(body, 'journals')
    .filter((journal) => at(journal, 'type') === type)
    .map((journal) =>
      Object.fromEntries(
        listAt(journal, 'lines').map((line) => [
          nameOf(textAt(line, 'account')),
          at(line, 'amount'),
        ]),
      ),
    );
}

/** The words that the escrow has had, each once as long as it stayed. */
export async function wordsOf({ stack, deal }: Year): Promise<readonly unknown[]> {
  const { body } = await stack.get(`${deal.path}/events?order=asc&limit=100`);
  expect(body).toMatchObject({ has_more: false });
  const words = listAt(body).map((event) => at(event, 'status'));
  return words.filter((word, n) => word !== words[n - 1]);
}

/** What is free in a wallet. */
export async function walletOf({ stack, people }: Year, who: Who): Promise<unknown> {
  const { body } = await stack.get(`/v1/accounts/${people[who]}/balances`);
  return at(body, 'data', 0, 'available') ?? 0;
}

/** Every check of a proof that does not hold. */
export const brokenIn = ({ status, body }: Answered): readonly unknown[] =>
  status === 200 && listAt(body, 'checks').length > 0
    ? listAt(body, 'checks').filter((check) => at(check, 'ok') !== true)
    : [body];

export async function isProved({ stack, deal }: Year): Promise<void> {
  expect(brokenIn(await stack.get(`${deal.path}/proof`))).toEqual([]);
}

/** The bank has paid so much, and the escrow knows. */
export const untilPaidOut = ({ stack, deal }: Year, settled: number): Promise<Answered> =>
  until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'disbursement', 'settled') === settled,
  );

/** So much is still missing. */
export const untilShort = ({ stack, deal }: Year, shortfall: number): Promise<Answered> =>
  until(
    () => stack.get(deal.path),
    ({ body }) => at(body, 'funding', 'shortfall') === shortfall,
  );
