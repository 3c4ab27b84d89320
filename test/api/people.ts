/**
 * Owns the people and deals that tests of the API begin with.
 * Must not know what is tested.
 */
import { type Answered, anyName, at, type Stack, textAt } from './stack';

export type People = { readonly buyer: string; readonly seller: string };

/** An account with a destination at the bank; its name can script the bank. */
export async function someone(stack: Stack, name: string, destination = name): Promise<string> {
  const made = await stack.call('POST', '/v1/accounts', {
    kind: 'person',
    name,
    email: `${anyName('person')}@example.com`,
    payout_destinations: [
      {
        provider: 'sandbox',
        reference: anyName('IBAN-'),
        name: destination,
        currency: 'USD',
        default: true,
      },
    ],
  });
  expect(made.status).toBe(201);
  return made.id;
}

export const twoPeople = async (stack: Stack): Promise<People> => ({
  buyer: await someone(stack, 'Bea Buyer'),
  seller: await someone(stack, 'Sal Seller'),
});

/** A month from now. */
export const inAMonth = (): string => new Date(Date.now() + 30 * 86_400_000).toISOString();

/** The body of a one-off escrow between two people. */
export const deal = ({ buyer, seller }: People, fields: object = {}) => ({
  title: 'Logo design',
  type: 'one_off',
  currency: 'USD',
  parties: [
    { account_id: buyer, role: 'buyer' },
    { account_id: seller, role: 'seller' },
  ],
  milestones: [{ title: 'Logo', amount: 125_000, due_at: inAMonth(), inspection_period: 3 }],
  ...fields,
});

export type Deal = People & {
  readonly escrow: string;
  readonly path: string;
  readonly hash: string;
  readonly milestones: readonly string[];
  /** `…/milestones/{first}` */
  readonly milestone: string;
};

/** Sent by the buyer; waits for the seller. */
export async function sent(stack: Stack, people: People, fields: object = {}): Promise<Deal> {
  const made = await stack.call('POST', '/v1/escrows', deal(people, fields), { as: people.buyer });
  expect(made).toMatchObject({ status: 201, body: { status: 'sent_awaiting_confirmation' } });
  return dealOf(people, made);
}

export function dealOf(people: People, made: Answered): Deal {
  const list = at(made.body, 'milestones');
  const milestones = Array.isArray(list) ? list.map((item) => textAt(item, 'id')) : [];
  const path = `/v1/escrows/${made.id}`;
  return {
    ...people,
    escrow: made.id,
    path,
    hash: textAt(made.body, 'terms_hash'),
    milestones,
    milestone: `${path}/milestones/${milestones[0]}`,
  };
}

/** Accepted by the seller; waits for money. */
export async function agreed(stack: Stack, people: People, fields: object = {}): Promise<Deal> {
  const made = await sent(stack, people, fields);
  const body = { terms_hash: made.hash };
  const accepted = await stack.call('POST', `${made.path}/accept`, body, { as: made.seller });
  expect(accepted).toMatchObject({ status: 200, body: { status: 'accepted_not_funded' } });
  return made;
}

/** Paid; the seller is at work. */
export async function funded(stack: Stack, people: People, fields: object = {}): Promise<Deal> {
  const made = await agreed(stack, people, fields);
  const body = { provider: 'sandbox' };
  const paid = await stack.call('POST', `${made.path}/payments`, body, { as: made.buyer });
  expect(paid).toMatchObject({ status: 201 });
  await untilStatus(stack, made.path, 'in_progress');
  return made;
}

/** The seller says that it is done. */
export async function delivered(stack: Stack, people: People, fields: object = {}): Promise<Deal> {
  const made = await funded(stack, people, fields);
  const done = await stack.call('POST', `${made.milestone}/mark_done`, {}, { as: made.seller });
  expect(done).toMatchObject({ status: 200, body: { status: 'delivered' } });
  return made;
}

/** Waits for a status; what providers report comes a moment later. */
export const untilStatus = (stack: Stack, path: string, status: string): Promise<Answered> =>
  until(
    () => stack.get(path),
    (answer) => at(answer.body, 'status') === status,
  );

/** Looks until it holds; fails with what was seen last. */
export async function until(
  look: () => Promise<Answered>,
  holds: (answer: Answered) => boolean,
): Promise<Answered> {
  for (const end = Date.now() + 15_000; ; ) {
    const answer = await look();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`waited in vain: ${JSON.stringify(answer.body)}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}
