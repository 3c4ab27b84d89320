/**
 * Owns the proof of one escrow's money: both equations of `escrow.md`, section 8, recomputed from
 * postings and nothing else, so that it does not share a mistake with the state.
 * Must not know the state of the escrow, nor where postings are stored.
 */
import type { AccountId, EscrowId } from './ids';
import type { Minor } from './money';

/** A posting, or the sum of all on one ledger account under one journal type; debit positive. */
export type ProvenPosting = {
  readonly account: string;
  readonly amount: Minor;
  readonly journalType: string;
};

/** The postings of an escrow's own journals, and what its terms say of them. */
export type ProofInput = {
  readonly escrow: EscrowId;
  readonly postings: readonly ProvenPosting[];
  readonly payers: readonly AccountId[];
  /** Whom a commission or an arbiter's fee goes to; a broker who is a recipient as well counts here
   * with all of it. */
  readonly commissioned: readonly AccountId[];
  readonly due: Minor; // with that of an amendment that waits for its money
  readonly prices: readonly Minor[]; // of the milestones, in their order
  readonly closed: boolean;
};

export type ProofCheck = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type Proof = { readonly ok: boolean; readonly checks: readonly ProofCheck[] };

/** Sums are formed in BigInt: books that are wrong may be wrong beyond counting. */
type Sums = {
  readonly funded: bigint;
  readonly held: bigint;
  readonly disputed: bigint;
  readonly released: bigint;
  readonly refunded: bigint;
  readonly fees: bigint;
};

/** Every check that the books of an escrow must pass at any time. */
export function prove(input: ProofInput): Proof {
  const checks = [
    journalsBalance(input),
    accountsKnown(input),
    nothingBelowZero(input),
    escrowEquation(sumsOf(input)),
    fundedAtMostDue(input),
    ...input.prices.map((price, at) => milestoneEquation(input, at + 1, BigInt(price))),
    ...(input.closed ? [allZero(input)] : []),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** Where the money of an escrow is, by postings alone. */
export function sumsOf(input: ProofInput): Sums {
  const { escrow, postings } = input;
  const holding = new RegExp(`^liab:escrow:${escrow}:(unallocated|fee|ms:\\d+)$`);
  const disputing = new RegExp(`^liab:escrow:${escrow}:dispute:\\d+$`);
  const credits = (fits: (posting: ProvenPosting) => boolean): bigint => -total(postings, fits);
  return {
    // What the platform added within the tolerance counts as funded, less what it got back.
    funded: total(
      postings,
      ({ account, journalType }) => (isWallet(account) && isIn(journalType)) || isAdded(account),
    ),
    held: credits(({ account }) => holding.test(account)),
    disputed: credits(({ account }) => disputing.test(account)),
    released: credits((posting) => destinationOf(input, posting) === 'released'),
    refunded: credits((posting) => destinationOf(input, posting) === 'refunded'),
    fees: credits((posting) => destinationOf(input, posting) === 'fees'),
  };
}

/** What is still kept back from recipients, by postings alone. */
export const reservedOf = ({ postings }: ProofInput): bigint =>
  -total(postings, ({ account }) => isReserve(account));

/** Journals that take held money to recipients and to nobody else. */
const RELEASES: readonly string[] = ['released', 'part_released'];
const TO_RECIPIENTS = [...RELEASES, 'reserve_freed'];

/** Where a posting takes money that leaves the escrow, null when it does not leave. */
function destinationOf(
  { payers, commissioned }: ProofInput,
  { account, journalType }: ProvenPosting,
): 'released' | 'refunded' | 'fees' | null {
  if (isIncome(account)) return 'fees';
  if (isReserve(account)) return 'released';
  if (!isWallet(account) || isIn(journalType)) return null;
  const isOf = (accounts: readonly AccountId[]): boolean =>
    accounts.some((each) => account === `liab:wallet:${each}`);
  if (!TO_RECIPIENTS.includes(journalType) && isOf(payers)) return 'refunded';
  return isOf(commissioned) ? 'fees' : 'released';
}

function journalsBalance({ postings }: ProofInput): ProofCheck {
  const left = total(postings, () => true);
  return { name: 'journals_balance', ok: left === 0n, detail: `all postings sum to ${left}` };
}

function accountsKnown({ escrow, postings, prices }: ProofInput): ProofCheck {
  const own = [
    ownAccount(escrow, 'unallocated'),
    ownAccount(escrow, 'fee'),
    ...prices.flatMap((_, at) => [
      ownAccount(escrow, `ms:${at + 1}`),
      ownAccount(escrow, `dispute:${at + 1}`),
    ]),
  ];
  const foreign = postings
    .map(({ account }) => account)
    .filter((account) => ![isWallet, isIncome, isReserve, isAdded].some((is) => is(account)))
    .filter((account) => !own.includes(account));
  const detail = foreign.length === 0 ? 'all are' : `not: ${[...new Set(foreign)].join(', ')}`;
  return { name: 'accounts_known', ok: foreign.length === 0, detail };
}

function nothingBelowZero({ escrow, postings }: ProofInput): ProofCheck {
  const below = ownAccounts(escrow, postings).filter((each) => balance(postings, each) < 0n);
  const detail = below.length === 0 ? 'nothing is' : `below: ${below.join(', ')}`;
  return { name: 'nothing_below_zero', ok: below.length === 0, detail };
}

function escrowEquation(sums: Sums): ProofCheck {
  const { funded, ...parts } = sums;
  const whole = Object.values(parts).reduce((all, part) => all + part, 0n);
  const said = Object.entries(parts).map(([name, part]) => `${name} ${part}`);
  const detail = `funded ${funded} ${funded === whole ? '=' : '≠'} ${said.join(' + ')}`;
  const ok = funded === whole && Object.values(parts).every((part) => part >= 0n);
  return { name: 'escrow_equation', ok, detail };
}

function fundedAtMostDue(input: ProofInput): ProofCheck {
  const { funded } = sumsOf(input);
  const back = -total(
    input.postings,
    ({ account, journalType }) => isWallet(account) && isUndoing(journalType),
  );
  const ok = funded - back <= BigInt(input.due);
  const undone = back > 0n ? ` less ${back} given back` : '';
  return { name: 'funded_at_most_due', ok, detail: `funded ${funded}${undone} of ${input.due}` };
}

/** Gives back what is no longer due: less was agreed, or an amendment was not paid for in time. */
const isUndoing = (journalType: string): boolean =>
  journalType === 'terms_amended' || journalType === 'contributions_returned';

/** What was allocated to it is its price, or nothing yet; and it is all accounted for. */
function milestoneEquation({ escrow, postings }: ProofInput, n: number, price: bigint): ProofCheck {
  const [held, disputed] = [ownAccount(escrow, `ms:${n}`), ownAccount(escrow, `dispute:${n}`)];
  const moved = (account: string, ...types: readonly string[]): bigint =>
    total(postings, (p) => p.account === account && types.includes(p.journalType));
  const funded = -moved(held, 'due_completed', 'terms_amended');
  const left = balance(postings, held);
  const frozen = balance(postings, disputed);
  const decided = moved(held, ...RELEASES, 'refunded') + moved(disputed, 'ruled');
  const isWhole = funded === left + frozen + decided;
  const ok = isWhole && (funded === price || funded === 0n);
  const parts = `held ${left} + disputed ${frozen} + released and refunded ${decided}`;
  const detail = `funded ${funded} of ${price} ${isWhole ? '=' : '≠'} ${parts}`;
  return { name: `milestone_${n}`, ok, detail };
}

function allZero({ escrow, postings }: ProofInput): ProofCheck {
  const full = ownAccounts(escrow, postings).filter((each) => balance(postings, each) !== 0n);
  const detail = full.length === 0 ? 'all are' : `not: ${full.join(', ')}`;
  return { name: 'all_zero_at_the_end', ok: full.length === 0, detail };
}

const ownAccount = (escrow: EscrowId, rest: string): string => `liab:escrow:${escrow}:${rest}`;

function ownAccounts(escrow: EscrowId, postings: readonly ProvenPosting[]): readonly string[] {
  const accounts = new Set(postings.map(({ account }) => account));
  return [...accounts].filter((account) => account.startsWith(ownAccount(escrow, '')));
}

/** What an account owes: credit positive. */
const balance = (postings: readonly ProvenPosting[], account: string): bigint =>
  -total(postings, (posting) => posting.account === account);

const total = (
  postings: readonly ProvenPosting[],
  fits: (posting: ProvenPosting) => boolean,
): bigint => postings.filter(fits).reduce((all, { amount }) => all + BigInt(amount), 0n);

const isIn = (journalType: string): boolean => journalType === 'funded';
const isAdded = (account: string): boolean => account === 'exp:rounding';
const isWallet = (account: string): boolean => account.startsWith('liab:wallet:');
const isReserve = (account: string): boolean => account.startsWith('liab:reserve:');
const isIncome = (account: string): boolean =>
  account === 'rev:platform_fee' || account.startsWith('liab:tax:');
