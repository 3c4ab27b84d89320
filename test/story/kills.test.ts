/**
 * Owns the proof that SIGKILL at any moment loses no acknowledged command and moves no money
 * twice: a real `npm start`, its worker, API and Temporal server killed by turns under load.
 * Must not look into the program: it asks over HTTP, and the bank in its own book.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  insist,
  newData,
  type Product,
  pidOf,
  removeData,
  request,
  startProduct,
  untilStatus,
} from './product';

const DEALS = 10;
const AMOUNT = 10_000;
const VICTIMS = ['worker', 'api', 'temporal', 'worker', 'temporal', 'api', 'worker'] as const;

let data: string;
let product: Product;
beforeAll(async () => {
  data = newData();
  product = await startProduct(data);
}, 260_000);
afterAll(async () => {
  await product.stop();
  removeData(data);
}, 60_000);

type Deal = { readonly id: string; readonly milestone: string };
let people: { buyer: string; seller: string };

async function person(name: string): Promise<string> {
  const destination = { provider: 'sandbox', reference: `${name}-1`, name, currency: 'EUR' };
  const account = await insist(product, '/accounts', {
    kind: 'person',
    name,
    email: `${name}@example.com`,
    payout_destinations: [{ ...destination, default: true }],
  });
  return String(account.id);
}

/** One life, each step repeated until it is acknowledged. */
async function live(n: number): Promise<Deal> {
  const { buyer, seller } = people;
  const parties = [
    { account_id: buyer, role: 'buyer' },
    { account_id: seller, role: 'seller' },
  ];
  const milestones = [{ title: 'All', amount: AMOUNT, due_date: '2099-12-24' }];
  const terms = { title: `Deal ${n}`, type: 'one_off', currency: 'EUR', parties, milestones };
  const escrow = await insist(product, '/escrows', terms, buyer);
  const id = String(escrow.id);
  const [first] = escrow.milestones as { id: string }[];
  const milestone = first?.id ?? '';
  await insist(product, `/escrows/${id}/accept`, { terms_hash: escrow.terms_hash }, seller);
  await insist(product, `/escrows/${id}/payments`, { provider: 'sandbox' }, buyer);
  await untilStatus(product, id, 'in_progress');
  await insist(product, `/escrows/${id}/milestones/${milestone}/mark_done`, {}, seller);
  await insist(product, `/escrows/${id}/milestones/${milestone}/approve`, {}, buyer);
  await untilStatus(product, id, 'closed_disbursement_complete');
  return { id, milestone };
}

async function killByTurns(over: AbortSignal): Promise<number> {
  let kills = 0;
  for (const name of VICTIMS) {
    await sleep(2_000);
    if (over.aborted) break;
    const pid = pidOf(product, name);
    if (pid <= 0) continue;
    try {
      process.kill(pid, 'SIGKILL');
      kills += 1;
    } catch {
      // it is down already, and being started again
    }
  }
  return kills;
}

test('killed by turns under load, every deal is paid out once', async () => {
  people = { buyer: await person('ada'), seller: await person('ben') };
  const over = new AbortController();
  const killing = killByTurns(over.signal);
  const deals = await Promise.all(Array.from({ length: DEALS }, (_, n) => live(n)));
  over.abort();
  expect(await killing).toBeGreaterThanOrEqual(3);

  for (const { id } of deals) {
    const proof = await request(product, 'GET', `/escrows/${id}/proof`);
    expect(proof.body).toMatchObject({ ok: true });
    const list = await request(product, 'GET', `/disbursements?escrow=${id}`);
    const [disbursement] = list.body.data as { id: string }[];
    const paid = await settledAtBank(`${disbursement?.id}-1`);
    expect(paid).toEqual([AMOUNT]);
  }
  const books = await request(product, 'POST', '/ledger/verify');
  expect(books.body).toMatchObject({ ok: true });
}, 240_000);

test('npm start itself killed: the next one goes on where it was', async () => {
  const before = await request(product, 'GET', '/escrows?limit=100');
  await product.kill();
  product = await startProduct(data);
  const after = await request(product, 'GET', '/escrows?limit=100');
  expect(after.body.data).toEqual(before.body.data);
  const deal = await live(DEALS);
  expect(deal.id).toMatch(/^esc_/);
}, 260_000);

/** Amounts that the bank's own book has paid out under a reference. */
async function settledAtBank(reference: string): Promise<number[]> {
  const path = `/test_helpers/sandbox/payouts?reference=${reference}`;
  const { body } = await request(product, 'GET', path);
  const all = body.data as { state: string; amount: number }[];
  return all.filter(({ state }) => state === 'settled').map(({ amount }) => amount);
}
