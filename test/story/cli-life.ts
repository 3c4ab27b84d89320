/**
 * Owns what the command line is tried on: objects of every kind, made over HTTP.
 * Must not know the command line.
 */
import { insist, type Product, request, untilStatus } from './product';

export type Life = {
  /** One id of every kind that can be asked for. */
  readonly ids: Readonly<Record<string, string>>;
  /** Disputed, with money. */
  readonly escrow: string;
  /** Agreed, not funded, on a test clock. */
  readonly waiting: string;
  readonly clock: string;
};

const field = (value: unknown, ...path: readonly (string | number)[]): string =>
  String(path.reduce<unknown>((here, key) => Object(here)[key], value));

async function person(product: Product, name: string): Promise<Person> {
  const destination = { provider: 'sandbox', reference: `${name}-1`, name, currency: 'USD' };
  const account = await insist(product, '/accounts', {
    kind: 'person',
    name,
    email: `${name}@example.com`,
    payout_destinations: [{ ...destination, default: true }],
  });
  return { id: field(account, 'id'), destination: field(account, 'payout_destinations', 0, 'id') };
}

type Person = { readonly id: string; readonly destination: string };

const termsOf = (buyer: Person, seller: Person, more: object) => ({
  title: 'A camera',
  type: 'milestone',
  currency: 'USD',
  parties: [
    { account_id: buyer.id, role: 'buyer' },
    { account_id: seller.id, role: 'seller' },
  ],
  milestones: [
    { title: 'Body', amount: 90_000, due_date: '2099-12-24' },
    { title: 'Lens', amount: 30_000, due_date: '2099-12-24' },
  ],
  ...more,
});

export async function liveOn(product: Product): Promise<Life> {
  const [buyer, seller] = [await person(product, 'ada'), await person(product, 'ben')];
  const made = await insist(product, '/test_clocks', {});
  const clock = field(made, 'id');
  const agree = async (more: object) => {
    const escrow = await insist(product, '/escrows', termsOf(buyer, seller, more), buyer.id);
    const path = `/escrows/${field(escrow, 'id')}`;
    const terms_hash = field(escrow, 'terms_hash');
    await insist(product, `${path}/accept`, { terms_hash }, seller.id);
    return { escrow, path };
  };
  const waiting = await agree({ test_clock: clock });
  const { escrow, path } = await agree({
    engagement_id: 'order 7/a',
    release: { reserve_bps: 1_000 },
  });
  const id = field(escrow, 'id');
  const payment = await insist(product, `${path}/payments`, { provider: 'sandbox' }, buyer.id);
  await untilStatus(product, id, 'in_progress');
  const longer = { milestone: field(escrow, 'milestones', 1, 'id'), due_date: '2100-01-31' };
  const proposed = { kind: 'extension', content: longer };
  const { proposals } = await insist(product, `${path}/proposals`, proposed, seller.id);
  const [body, lens] = [0, 1].map(
    (n) => `${path}/milestones/${field(escrow, 'milestones', n, 'id')}`,
  );
  await insist(product, `${body}/mark_done`, {}, seller.id);
  await insist(product, `${body}/approve`, {}, buyer.id);
  await insist(product, `${lens}/dispute`, { reason: 'It is scratched.' }, buyer.id);
  const now = (await request(product, 'GET', path)).body;
  const disbursements = (await request(product, 'GET', `/disbursements?escrow=${id}`)).body;
  const events = (await request(product, 'GET', `${path}/events?order=asc`)).body;
  const books = (await request(product, 'GET', `${path}/ledger`)).body;
  return {
    ids: {
      esc: id,
      engagement: 'engagement:order 7/a',
      acc: buyer.id,
      pty: field(escrow, 'parties', 0, 'id'),
      mil: field(escrow, 'milestones', 1, 'id'),
      pay: field(payment, 'id'),
      dsb: field(disbursements, 'data', 0, 'id'),
      ref: await refundOf(product, await agree({}), buyer.id, seller.id),
      rsv: field(now, 'milestones', 0, 'reserves', 0, 'id'),
      dst: seller.destination,
      prp: field(proposals, 0, 'id'),
      dis: field(now, 'milestones', 1, 'dispute', 'id'),
      cmd: field(events, 'data', 2, 'command'),
      evt: field(events, 'data', 2, 'id'),
      clk: clock,
      jrn: `jrn_${field(books, 'journals', 0, 'id')}`,
      whe: field(await insist(product, '/webhook_endpoints', WEBHOOK), 'id'),
      con: /con_\w+/.exec(JSON.stringify(books))?.[0] ?? '',
      plt: product.ready().platform,
      wdr: await withdrawalOf(product, buyer),
    },
    escrow: id,
    waiting: field(waiting.escrow, 'id'),
    clock,
  };
}

/** One that nothing is sent to. */
const WEBHOOK = { url: 'https://example.com/hook', types: ['dispute.*'] };

/** Paid, and given up by the seller. */
async function refundOf(
  product: Product,
  { escrow, path }: { escrow: Record<string, unknown>; path: string },
  buyer: string,
  seller: string,
): Promise<string> {
  await insist(product, `${path}/payments`, { provider: 'sandbox' }, buyer);
  await untilStatus(product, field(escrow, 'id'), 'in_progress');
  await insist(product, `${path}/cancel`, { reason: 'No time.' }, seller);
  const events = await request(product, 'GET', `${path}/events?type=refunded`);
  return field(events.body, 'data', 0, 'data', 'refund');
}

/** Money into a wallet, and out of it again. */
async function withdrawalOf(product: Product, { id, destination }: Person) {
  const path = `/accounts/${id}`;
  const top = { provider: 'sandbox', amount: 5_000, currency: 'USD' };
  const payment = await insist(product, `${path}/payments`, top);
  for (let status = ''; status !== 'settled'; ) {
    status = field(
      (await request(product, 'GET', `/payments/${field(payment, 'id')}`)).body,
      'status',
    );
  }
  const order = { amount: 5_000, currency: 'USD', destination };
  return field(await insist(product, `${path}/withdrawals`, order), 'id');
}
