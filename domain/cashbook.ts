/**
 * Owns TABLE 4, which journal a step of a payment or a payout posts: one row per step.
 * Must not know how a provider is called, nor which escrow the money is for.
 * Templates: `ledger.md`, section 9; keys: section 6.
 */
import type { Instant } from './calendar';
import { inFlight, providerAvailable, providerFee, wallet } from './chart';
import type { AccountId, ConnectionId, EffectId } from './ids';
import { credit, debit, type Journal, journalOf, type Line } from './journal';
import { add, type Minor, subtract } from './money';

export type CashStep =
  | 'payment_settled'
  | 'payout_started'
  | 'payout_settled'
  | 'payout_failed'
  | 'payout_returned';

/** What a step is about; `fee` is what the provider keeps, borne by the platform. */
export type Movement = {
  readonly effect: EffectId;
  readonly connection: ConnectionId;
  readonly account: AccountId;
  readonly currency: string;
  readonly amount: Minor;
  readonly fee: Minor;
  readonly at: Instant;
  readonly reservation: number; // counts payouts started from the wallet, not attempts
};

type CashRow = {
  readonly key: (movement: Movement) => string;
  readonly needs?: (movement: Movement) => readonly string[];
  readonly isTerminal?: true;
  readonly lines: (movement: Movement) => readonly Line[];
};

export const CASHBOOK: { readonly [S in CashStep]: CashRow } = {
  // 1
  payment_settled: {
    key: ({ effect }) => `${effect}:settled`,
    lines: (m) => [
      debit(providerAvailable(m.connection), m.currency, subtract(m.amount, m.fee)),
      debit(providerFee(m.connection), m.currency, m.fee),
      credit(wallet(m.account), m.currency, m.amount),
    ],
  },

  // 12
  payout_started: {
    key: (m) => `${refOf(m)}:started`,
    lines: (m) => [
      debit(wallet(m.account), m.currency, m.amount),
      credit(inFlight(m.connection), m.currency, m.amount, refOf(m)),
    ],
  },

  // 12b
  payout_settled: {
    key: (m) => `${refOf(m)}:settled`,
    needs: (m) => [`${refOf(m)}:started`],
    isTerminal: true,
    lines: (m) => [
      debit(inFlight(m.connection), m.currency, m.amount, refOf(m)),
      debit(providerFee(m.connection), m.currency, m.fee),
      credit(providerAvailable(m.connection), m.currency, add(m.amount, m.fee)),
    ],
  },

  // 12c
  payout_failed: {
    key: (m) => `${refOf(m)}:failed`,
    needs: (m) => [`${refOf(m)}:started`],
    isTerminal: true,
    lines: (m) => [
      debit(inFlight(m.connection), m.currency, m.amount, refOf(m)),
      credit(wallet(m.account), m.currency, m.amount),
    ],
  },

  // 12d
  payout_returned: {
    key: (m) => `${refOf(m)}:returned`,
    needs: (m) => [`${refOf(m)}:settled`],
    lines: (m) => [
      debit(providerAvailable(m.connection), m.currency, subtract(m.amount, m.fee)),
      debit(providerFee(m.connection), m.currency, m.fee),
      credit(wallet(m.account), m.currency, m.amount),
    ],
  },
};

/** The journal of a step; null when it moves nothing. */
export function cashJournal(step: CashStep, movement: Movement): Journal | null {
  const row = CASHBOOK[step];
  const head = {
    key: row.key(movement),
    type: step,
    at: movement.at,
    subject: movement.effect,
    ...(row.needs && { needs: row.needs(movement) }),
    ...(row.isTerminal && { terminal: refOf(movement) }),
  };
  return journalOf(head, row.lines(movement));
}

/** The open item of a payout in flight: its id and the number of the reservation. */
const refOf = ({ effect, reservation }: Movement): string => `${effect}:${reservation}`;
