/**
 * Owns the people and deals that are measured: made over HTTP, like anybody's.
 * Must not time anything.
 */
import { randomUUID } from 'node:crypto';
import type { Stack } from './stack';

export type Deal = {
  readonly id: string;
  readonly hash: string;
  readonly milestone: string;
  readonly people: People;
};
export type People = { readonly buyer: string; readonly seller: string };

type Api = Pick<Stack, 'api' | 'key'>;

/** A POST as an account; throws with the answer unless it is 2xx. */
export async function post<T>(
  { api, key }: Api,
  path: string,
  body: object,
  account?: string,
): Promise<T> {
  const response = await fetch(api + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(account && { 'on-behalf-of': account }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

export async function get<T>({ api, key }: Api, path: string): Promise<T> {
  const response = await fetch(api + path, { headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/** A buyer whose wallet is full, and a seller. */
export async function makePeople(stack: Api): Promise<People> {
  const [buyer, seller] = await Promise.all(['buyer', 'seller'].map((name) => person(stack, name)));
  if (!buyer || !seller) throw new Error('no people');
  await post(stack, `/accounts/${buyer}/payments`, {
    provider: 'sandbox',
    amount: 100_000_000_000,
    currency: 'EUR',
  });
  for (;;) {
    const { data } = await get<{ data: { available: number }[] }>(
      stack,
      `/accounts/${buyer}/balances`,
    );
    if (data.some((balance) => balance.available > 0)) return { buyer, seller };
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function person(stack: Api, name: string): Promise<string> {
  const account = await post<{ id: string }>(stack, '/accounts', {
    kind: 'person',
    name,
    email: `${name}-${randomUUID()}@example.com`,
    payout_destinations: [
      { provider: 'sandbox', reference: randomUUID(), name, currency: 'EUR', default: true },
    ],
  });
  return account.id;
}

/** A one-milestone escrow that waits for the seller. */
export async function makeDeal(stack: Api, people: People): Promise<Deal> {
  const escrow = await post<{ id: string; terms_hash: string; milestones: { id: string }[] }>(
    stack,
    '/escrows',
    {
      title: 'A measured deal',
      type: 'one_off',
      currency: 'EUR',
      parties: [
        { account_id: people.buyer, role: 'buyer' },
        { account_id: people.seller, role: 'seller' },
      ],
      milestones: [{ title: 'All', amount: 10_000, due_date: '2099-12-24' }],
      fees: [{ kind: 'platform', rate_bps: 250 }],
    },
    people.buyer,
  );
  const milestone = escrow.milestones[0]?.id ?? '';
  return { id: escrow.id, hash: escrow.terms_hash, milestone, people };
}

/** The four commands that are measured, in order. */
export function commandsOf({ id, hash, milestone, people }: Deal) {
  const ofMilestone = `/escrows/${id}/milestones/${milestone}`;
  return [
    {
      name: 'accept',
      path: `/escrows/${id}/accept`,
      body: { terms_hash: hash },
      by: people.seller,
    },
    { name: 'fund', path: `/escrows/${id}/fund`, body: { amount: 10_000 }, by: people.buyer },
    { name: 'mark_done', path: `${ofMilestone}/mark_done`, body: {}, by: people.seller },
    {
      name: 'reject_delivery',
      path: `${ofMilestone}/reject_delivery`,
      body: { reason: 'not yet' },
      by: people.buyer,
    },
  ] as const;
}
