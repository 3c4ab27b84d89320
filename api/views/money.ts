/**
 * Owns the sums of an escrow as its state knows them; `/proof` holds them against the books.
 * Must not know how money moves.
 */
import { disputeOf, type Escrow } from '../../domain/escrow';
import { add, type Minor, subtract, sum, ZERO } from '../../domain/money';

/** Where the money of an escrow is: `funded` is the sum of all of it. */
export function moneyOf(escrow: Escrow) {
  const { milestones, contributions, unallocated, fee_held } = escrow;
  const heldBy = (isDisputed: boolean): Minor =>
    sum(milestones.filter((m) => (disputeOf(m) !== null) === isDisputed).map((m) => m.held));
  return {
    held: add(heldBy(false), add(unallocated, fee_held)),
    disputed: heldBy(true),
    released: sum(milestones.flatMap((m) => m.recipients.map(({ paid }) => paid))),
    reserved: sum(milestones.flatMap((m) => m.reserves.map(({ amount }) => amount))),
    refunded: sum(contributions.map(({ amount, left }) => subtract(amount, left))),
    fees: sum(milestones.flatMap(feesOf)),
    charged_back: ZERO,
  };
}

/** What fees have brought to their beneficiaries, and rulings to arbiters. */
const feesOf = (milestone: Escrow['milestones'][number]): readonly Minor[] => {
  const arbiter = milestone.stage === 'ruled' ? milestone.ruling.arbiter_fee : null;
  return [
    ...milestone.fees.flatMap(({ earned, kept }) => [earned, kept]),
    ...(arbiter ? [arbiter.of_recipients, arbiter.of_payers] : []),
  ];
};

/** Disbursements as the escrow's own events know them. */
export function disbursedOf({ milestones }: Escrow) {
  const all = milestones.flatMap(({ disbursements }) => disbursements);
  const sumOf = (...states: readonly string[]): Minor =>
    sum(all.filter(({ state }) => states.includes(state)).map(({ amount }) => amount));
  return {
    pending: sumOf('pending'),
    settled: sumOf('settled'),
    failed: sumOf('failed', 'returned', 'parked'),
  };
}

/** Refunds to the source as the escrow's own events know them; `failed` is in the wallets. */
export function sentBackOf({ refunds }: Escrow) {
  const sumOf = (state: Escrow['refunds'][number]['state']): Minor =>
    sum(refunds.filter((refund) => refund.state === state).map(({ amount }) => amount));
  return { pending: sumOf('pending'), settled: sumOf('settled'), failed: sumOf('failed') };
}
