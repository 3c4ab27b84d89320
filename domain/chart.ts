/**
 * Owns the chart of ledger accounts: which kinds exist, how they behave, and the code of each.
 * Must not know any balance, nor which journal uses an account (`bookkeeping.ts`, `cashbook.ts`).
 *
 * The migration `0005_chart.sql` has the same rows; `test/ledger/chart.test.ts` holds both
 * together (`ledger.md`, section 8).
 */
import type { AccountId, ConnectionId, EscrowId } from './ids';
import type { LedgerAccount } from './journal';

/** How the ledger accounts of one kind behave. */
export type ChartRow = {
  /** The code; each `{name}` stands for one id or number, the first of them is the owner. */
  readonly code: string;
  /** +1 when a debit makes it grow, −1 when a credit does. */
  readonly side: 1 | -1;
  /** What side × balance never passes, in minor units; null for none. */
  readonly floor: 0 | null;
  /** `tracked` has a balance row that every posting locks; `accumulate` has none. */
  readonly mode: 'tracked' | 'accumulate';
  /** Postings carry a reference, and the sum per reference returns to zero. */
  readonly openItem: boolean;
  /** Counted in the safeguarding test as money of clients, or owed to them. */
  readonly client: 'asset' | 'liability' | null;
};

type Side = ChartRow['side'];
type Client = ChartRow['client'];
const DEBIT: Side = 1;
const CREDIT: Side = -1;

/** Has a floor of zero and a balance that decides. */
const tracked = (code: string, side: Side, client: Client): ChartRow => ({
  code,
  side,
  floor: 0,
  mode: 'tracked',
  openItem: false,
  client,
});

/** Part of most journals, so no row of it is ever locked; nothing decides on its balance. */
const accumulate = (code: string, side: Side, client: Client): ChartRow => ({
  code,
  side,
  floor: null,
  mode: 'accumulate',
  openItem: false,
  client,
});

const openItems = (code: string, side: Side, client: Client): ChartRow => ({
  ...accumulate(code, side, client),
  openItem: true,
});

/** Every kind of ledger account there is. */
export const CHART = {
  provider_pending: accumulate('asset:provider:{p}:pending', DEBIT, 'asset'),
  provider_available: accumulate('asset:provider:{p}:available', DEBIT, 'asset'),
  transit: openItems('asset:transit:{p}', DEBIT, 'asset'),
  bank_client: accumulate('asset:bank:{b}', DEBIT, 'asset'),
  bank_operating: accumulate('asset:bank:{b}', DEBIT, null),
  receivable: tracked('asset:receivable:{account}', DEBIT, null),
  fx: accumulate('asset:fx', DEBIT, null),
  wallet: tracked('liab:wallet:{account}', CREDIT, 'liability'),
  escrow_unallocated: tracked('liab:escrow:{id}:unallocated', CREDIT, 'liability'),
  escrow_milestone: tracked('liab:escrow:{id}:ms:{n}', CREDIT, 'liability'),
  escrow_dispute: tracked('liab:escrow:{id}:dispute:{n}', CREDIT, 'liability'),
  escrow_fee: tracked('liab:escrow:{id}:fee', CREDIT, 'liability'),
  reserve: tracked('liab:reserve:{account}', CREDIT, 'liability'),
  payout_in_flight: openItems('liab:payout_in_flight:{p}', CREDIT, 'liability'),
  unapplied: openItems('liab:unapplied:{p}', CREDIT, 'liability'),
  tax: accumulate('liab:tax:{kind}', CREDIT, null),
  platform_fee: accumulate('rev:platform_fee', CREDIT, null),
  fx_margin: accumulate('rev:fx_margin', CREDIT, null),
  equity: accumulate('equity:platform', CREDIT, null),
  provider_fee: accumulate('exp:provider_fee:{p}', DEBIT, null),
  loss: accumulate('exp:loss', DEBIT, null),
  rounding: accumulate('exp:rounding', DEBIT, null),
} as const satisfies Readonly<Record<string, ChartRow>>;

export type AccountKind = keyof typeof CHART;

/** At the provider, not yet at our disposal. */
export const providerPending = (connection: ConnectionId): LedgerAccount =>
  account('provider_pending', `asset:provider:${connection}:pending`);
/** At the provider, at our disposal. */
export const providerAvailable = (connection: ConnectionId): LedgerAccount =>
  account('provider_available', `asset:provider:${connection}:available`);
/** A sweep from provider to bank on its way. */
export const transit = (connection: ConnectionId): LedgerAccount =>
  account('transit', `asset:transit:${connection}`);
/** A bank account that holds clients' money. */
export const clientBank = (bank: string): LedgerAccount =>
  account('bank_client', `asset:bank:${bank}`);
/** A bank account of the platform's own money. */
export const operatingBank = (bank: string): LedgerAccount =>
  account('bank_operating', `asset:bank:${bank}`);
/** Owed to us by an account after a chargeback. */
export const receivable = (owner: AccountId): LedgerAccount =>
  account('receivable', `asset:receivable:${owner}`);
/** Open conversions, one per currency. */
export const openConversions = (): LedgerAccount => account('fx', 'asset:fx');
/** What an account can spend. */
export const wallet = (owner: AccountId): LedgerAccount =>
  account('wallet', `liab:wallet:${owner}`);
/** Funding before the due amount is complete. */
export const escrowUnallocated = (escrow: EscrowId): LedgerAccount =>
  account('escrow_unallocated', `liab:escrow:${escrow}:unallocated`);
/** Held for the n-th milestone. */
export const milestoneHeld = (escrow: EscrowId, n: number): LedgerAccount =>
  account('escrow_milestone', `liab:escrow:${escrow}:ms:${n}`);
/** Held for the n-th milestone, frozen by a dispute. */
export const milestoneDisputed = (escrow: EscrowId, n: number): LedgerAccount =>
  account('escrow_dispute', `liab:escrow:${escrow}:dispute:${n}`);
/** The payer's fees, not yet earned. */
export const escrowFee = (escrow: EscrowId): LedgerAccount =>
  account('escrow_fee', `liab:escrow:${escrow}:fee`);
/** Kept back from a recipient against chargebacks. */
export const reserve = (owner: AccountId): LedgerAccount =>
  account('reserve', `liab:reserve:${owner}`);
/** Has left a wallet and is not yet settled; the reference is the payout and its number. */
export const inFlight = (connection: ConnectionId): LedgerAccount =>
  account('payout_in_flight', `liab:payout_in_flight:${connection}`);
/** Money that matches no payment; the reference is the provider's object. */
export const unapplied = (connection: ConnectionId): LedgerAccount =>
  account('unapplied', `liab:unapplied:${connection}`);
/** Tax inside of fees, by kind of tax. */
export const tax = (kind: string): LedgerAccount => account('tax', `liab:tax:${kind}`);
/** Fees that the platform has earned. */
export const platformFee = (): LedgerAccount => account('platform_fee', 'rev:platform_fee');
/** Earned on conversions. */
export const fxMargin = (): LedgerAccount => account('fx_margin', 'rev:fx_margin');
/** The platform's own money and opening balances. */
export const equity = (): LedgerAccount => account('equity', 'equity:platform');
/** What a provider has charged. */
export const providerFee = (connection: ConnectionId): LedgerAccount =>
  account('provider_fee', `exp:provider_fee:${connection}`);
/** Receivables written off. */
export const loss = (): LedgerAccount => account('loss', 'exp:loss');
/** Differences within an agreed tolerance. */
export const rounding = (): LedgerAccount => account('rounding', 'exp:rounding');

function account(kind: AccountKind, code: string): LedgerAccount {
  return { kind, code };
}
