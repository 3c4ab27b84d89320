/**
 * Owns the port: what the core may ask of any provider, and every answer it can get
 * (`providers.md`, sections 1 and 3). Must not know a provider, our tables, rights or wallets.
 */
import type { Instant, Millis } from '../domain/calendar';
import type { TestClockId } from '../domain/ids';
import type { Minor } from '../domain/money';

/**
 * One configured login at one provider. Each call is one HTTP exchange; nothing is tried again in
 * here. Refusals and doubts are answers; only a look-up that cannot be made throws, `ReadFailed`.
 */
export interface Provider {
  readonly capabilities: Capabilities;
  /** Asks for a payment. Repeating it with the same key is safe. */
  take(order: TakeOrder): Promise<Answer>;
  /** Pays out a disbursement or a withdrawal. Repeating it with the same key is safe. */
  send(order: SendOrder): Promise<Answer>;
  /** Gives a payment back, or a part of it. Repeating it with the same key is safe. */
  giveBack?(order: GiveBackOrder): Promise<Answer>;
  /** Stops what is not final yet. Losing the race is an answer: the state that won. */
  cancel?(ref: Reference): Promise<Answer>;
  /** Authenticated read: the only source of facts. Throws `ReadFailed`. */
  lookUp(ref: Reference): Promise<Found>;
  /** Checks the proof of a webhook and names what to look up, nothing else. */
  readWebhook(raw: RawWebhook): Promise<Hint | Forged>;
}

export type Currency = string;

export type Order = {
  readonly key: string; // into the provider's idempotency field
  readonly reference: string; // what the provider sees of us: effect id and attempt (`dsb_…-2`)
  readonly amount: Minor;
  readonly currency: Currency;
  readonly livemode: boolean;
  readonly texts: Texts;
  readonly clock: TestTime | null;
};
export type TakeOrder = Order & { readonly payer: Payer; readonly returnUrl: string | null };
export type SendOrder = Order & { readonly destination: Destination };
/** `payment`: our reference of the payment that it came from. */
export type GiveBackOrder = Order & { readonly payment: string };

/** What a person reads at the provider. */
export type Texts = { readonly description: string };
export type Payer = { readonly name: string; readonly email: string | null };
/** Where money goes: the provider's own number or name for it, and whose it is. */
export type Destination = { readonly reference: string; readonly name: string };

/** The test clock of the escrow, and its time now. Null is real time, as at a real provider. */
export type TestTime = { readonly id: TestClockId; readonly now: Instant };

export type Reference = {
  readonly kind: 'take' | 'send' | 'give_back';
  readonly reference: string;
  readonly theirs?: string; // the provider's id, when we know it
  readonly clock: TestTime | null;
};

export type Answer =
  | { readonly state: 'sent'; readonly theirs?: string; readonly payer?: PayerAction }
  | { readonly state: 'settled'; readonly fact: Fact }
  /** Documented, final for this attempt. */
  | ({ readonly state: 'failed' } & Failure)
  /** 429, 401, 403, refused connection: nothing was carried out; same attempt again. */
  | { readonly state: 'not_executed'; readonly cause: string; readonly after?: Millis }
  /** Everything else: it may have been carried out. */
  | { readonly state: 'unknown'; readonly cause: string };

export type Failure = { readonly code: FailureCode; readonly again: Again };
export type Again = 'never' | 'new_destination' | 'later';

export type Found =
  | {
      readonly found: true;
      readonly state: 'sent' | 'settled' | 'returned';
      readonly fact: Fact;
      readonly payer?: PayerAction;
    }
  | ({ readonly found: true; readonly state: 'failed'; readonly fact: Fact } & Failure)
  /** `complete`: the listing is documented as complete, so its silence counts as proof. */
  | { readonly found: false; readonly complete: boolean };

export type Fact = {
  readonly reference: string;
  readonly theirs: string;
  readonly amount: Minor; // moved, or ordered while nothing has moved
  readonly currency: Currency;
  readonly fee: Minor | null; // null: not known
  readonly at: Instant; // of the state that was read
  readonly version: string;
  readonly livemode: boolean;
  readonly destination: Fingerprint | null; // money out only
  readonly availableOn: Instant | null;
  readonly pulledBack: PulledBack | null;
};
export type PulledBack = { readonly amount: Minor; readonly at: Instant };

declare const fingerprintBrand: unique symbol;
/** Tells one destination from another without saying which it is. */
export type Fingerprint = string & { readonly [fingerprintBrand]: true };

export type PayerAction =
  | { readonly checkout_url: string }
  | { readonly instructions: Readonly<Record<string, string>> };

/** Every failure that a provider can name. */
export const FAILURE_CODES = [
  'declined',
  'expired',
  'cancelled',
  'destination_invalid',
  'destination_closed',
  'destination_blocked',
  'not_onboarded',
  'currency_not_supported',
  'amount_out_of_range',
  'balance_too_low',
  'compliance',
  'not_supported',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

export type RawWebhook = {
  readonly headers: Readonly<Record<string, string | undefined>>; // names in lower case
  readonly body: Uint8Array; // as it came, before any parsing
  readonly receivedAt: Instant;
};
/** What a webhook is good for: its id, to store it once, and what to look up. No facts. */
export type Hint = {
  readonly type: 'hint';
  readonly webhook: string;
  readonly kind: Reference['kind'];
  readonly reference: string;
  readonly theirs: string;
};
export type Forged = { readonly type: 'forged'; readonly why: string };

/** What a connection can do. Checked when terms are made, a payment opened, a destination saved. */
export type Capabilities = {
  readonly custody: 'pooled' | 'per_escrow';
  readonly take: readonly ('checkout' | 'bank' | 'on_chain')[];
  readonly partialRelease: boolean;
  readonly send: 'any' | 'onboarded' | 'listed' | 'no';
  readonly giveBack: {
    readonly how: 'partial' | 'as_payout' | 'no';
    readonly withinDays: number | null;
  };
  readonly asyncSettle: boolean;
  readonly holdMaxDays: number | null;
  readonly returnsWithinDays: number;
  readonly chargebacksWithinDays: number;
  readonly currencies: readonly Currency[] | 'all';
  readonly step: (currency: Currency) => Minor; // the smallest payable multiple
  readonly resendHours: number | 'for_ever';
  readonly proof: 'hmac' | 'rsa' | 'token' | 'none';
};

/** A read that gave no answer: nothing is known, try again later. */
export class ReadFailed extends Error {
  readonly reason: 'unreachable' | 'login' | 'limited' | 'unreadable';
  readonly after: Millis | null; // the provider's wish when to ask again
  constructor(reason: ReadFailed['reason'], detail: string, after: Millis | null = null) {
    super(`look-up failed (${reason}): ${detail}`);
    this.name = 'ReadFailed';
    this.reason = reason;
    this.after = after;
  }
}
