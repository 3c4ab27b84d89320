/**
 * Owns what a provider brings to its contract: a double that can be told what to do, and orders.
 * Must not know which provider it is, nor its paths, bodies or signatures.
 */
import { randomBytes } from 'node:crypto';
import { type Instant, toInstant } from '../../domain/calendar';
import { type Minor, toMinor } from '../../domain/money';
import type {
  Answer,
  Destination,
  Fingerprint,
  Found,
  GiveBackOrder,
  Order,
  Provider,
  RawWebhook,
  Reference,
  SendOrder,
  TakeOrder,
  TestTime,
} from '../../providers/provider';

export type Kind = Reference['kind'];
/** What a double can be told to do with the order under a reference. */
export type Fault =
  | { readonly type: 'wait_for_payer' | 'cut' | 'hang' | 'drop_webhook' }
  | { readonly type: 'cancellable' }
  | { readonly type: 'fail'; readonly code: 'declined' | 'compliance'; readonly again: 'later' }
  | { readonly type: 'settle_after_days' | 'return_after_days'; readonly days: number }
  | { readonly type: 'partial'; readonly amount: Minor }
  | { readonly type: 'copies'; readonly count: number };

export type Double = {
  readonly provider: Provider;
  readonly stranger: Provider; // the same, with credentials that nobody has
  readonly unreachable: Provider; // the same, where nobody listens
  fingerprint(destination: Destination): Fingerprint;
  script(kind: Kind, reference: string, fault: Fault): Promise<void>;
  payAsPayer(reference: string): Promise<void>;
  advance(clock: TestTime['id'], to: Instant): Promise<void>;
  /** Completed movements in the double's own book: settled, whether or not returned since. */
  movements(kind: Kind, reference: string): Promise<number>;
  /** Webhooks about a reference that have come so far. */
  webhooks(reference: string): readonly RawWebhook[];
  close(): Promise<void>;
};

export const name = (prefix: string): string => `${prefix}_${randomBytes(8).toString('hex')}-1`;

export function takeOrder(change: Partial<TakeOrder> = {}): TakeOrder {
  const reference = name('pay');
  return {
    key: change.reference ?? reference,
    reference,
    amount: toMinor(10_000),
    currency: 'EUR',
    livemode: false,
    texts: { description: 'Garden shed' },
    clock: null,
    payer: { name: 'Bea Buyer', email: 'bea@example.com' },
    returnUrl: null,
    ...change,
  };
}

export function sendOrder(change: Partial<SendOrder> = {}): SendOrder {
  const reference = name('dsb');
  return {
    key: change.reference ?? reference,
    reference,
    amount: toMinor(100),
    currency: 'EUR',
    livemode: false,
    texts: { description: 'Garden shed' },
    clock: null,
    destination: { reference: 'DE-0001', name: 'Sal Seller' },
    ...change,
  };
}

/** A payment that has brought enough for all that is paid out and given back here. */
export const LARGE: TakeOrder = takeOrder({ amount: toMinor(1_000_000_000) });

/** Of the large payment, unless another one is named. */
export function giveBackOrder(change: Partial<GiveBackOrder> = {}): GiveBackOrder {
  const reference = name('ref');
  return {
    key: change.reference ?? reference,
    reference,
    amount: toMinor(100),
    currency: 'EUR',
    livemode: false,
    texts: { description: 'Garden shed' },
    clock: null,
    payment: LARGE.reference,
    ...change,
  };
}

export const refOf = (kind: Kind, order: AnyOrder, theirs?: string): Reference => ({
  kind,
  reference: order.reference,
  clock: order.clock,
  ...(theirs === undefined ? {} : { theirs }),
});

/** Waits until something holds, at most ten seconds. */
export async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await look()); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${look.toString()}`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

/** A test clock that nobody has used, at the real time. */
export const newClock = (): TestTime => ({
  id: `clk_${randomBytes(6).toString('hex')}`,
  now: toInstant(Date.now()),
});

/** What the tests of the contract work with; the double comes when the suite has started. */
export type Bench = {
  readonly double: Double;
  give(kind: Kind, order: AnyOrder): Promise<Answer>;
  lookUp(kind: Kind, order: AnyOrder): Promise<Found>;
};
export type AnyOrder = TakeOrder | SendOrder | GiveBackOrder;
export type Given = () => Bench;
export const KINDS: readonly Kind[] = ['take', 'send', 'give_back'];

export const benchOf = (double: Double): Bench => ({
  double,
  give: (kind, order) => giveBy(double.provider, kind, order),
  lookUp: (kind, order) => double.provider.lookUp(refOf(kind, order)),
});

/** An order of any kind; where payer, destination or payment is missing it gets the usual one. */
export async function giveBy(provider: Provider, kind: Kind, order: AnyOrder): Promise<Answer> {
  if (kind === 'take') return provider.take(takeOrder({ ...order }));
  if (kind === 'send') return provider.send(sendOrder({ ...order }));
  if (!provider.giveBack) throw new Error('this provider gives nothing back');
  return provider.giveBack(giveBackOrder({ ...order }));
}

export function orderOf(kind: Kind, change: Partial<Order> = {}): AnyOrder {
  if (kind === 'take') return takeOrder(change);
  return kind === 'send' ? sendOrder(change) : giveBackOrder(change);
}
