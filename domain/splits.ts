/**
 * Owns what leaves a milestone: the facts of a release, a refund and a ruling.
 * Must not know when that is allowed, nor the arithmetic of fees (`fees.ts`).
 */
import type { SplitRequest } from './commands';
import { contributionsTo } from './due';
import type { Escrow, Milestone, Party } from './escrow';
import type { EventFacts, EventOf, GiveBack, Payee, Payout, Share } from './events';
import { evolve } from './evolve';
import { claimsAfter, refundedOf, releasedOf } from './fees';
import { type AccountId, type CommandId, disbursementId, refundId } from './ids';
import { BrokenInvariant } from './journal';
import { add, type Minor, min, split, subtract, sum, ZERO } from './money';
import { sourcesOf } from './refunds';
import { keptBack } from './reserves';
import { happened, type Standing } from './row';
import type { ArbiterFee, RulingDefault } from './terms';

/** All recipients get their shares of `amount`, or those named get theirs. */
export function payoutOf(
  escrow: Escrow,
  milestone: Milestone,
  amount: Minor,
  command: CommandId,
  named: readonly Share[] | null = null,
): Payout {
  const { paid, earned, fee_held } = releasedOf(
    milestone,
    amount,
    named?.map((share) => share.amount),
  );
  const payees = named
    ? named.map(({ account }) => receiverOf(escrow, account))
    : milestone.recipients.map(({ party }) => escrow.parties.find((p) => p.id === party));
  const shares = payees.map((party, at): Payee => {
    if (!party) throw new BrokenInvariant(`no party for share ${at} of ${milestone.id}`);
    return {
      account: party.account_id,
      amount: paid[at] ?? ZERO,
      party: party.id,
      disbursement: disbursementId(command, milestone.number * 100 + at),
      destination: party.destination,
      reserve: null,
    };
  });
  return { amount, payees: shares.filter((share) => share.amount > 0), earned, fee_held };
}

const receiverOf = (escrow: Escrow, account: AccountId): Party | undefined =>
  escrow.parties.find((p) => p.account_id === account && p.access_level.can_receive);

/** `amount` of the price goes back to the payers, with the fees that follow it. */
export function giveBackOf(
  escrow: Escrow,
  milestone: Milestone,
  amount: Minor,
  command: CommandId,
): GiveBack {
  const unearned = escrow.agreement.stage !== 'active';
  const back = refundedOf(milestone, amount, contributionsTo(escrow, milestone.id), unearned);
  const payers = back.payers.filter((payer) => payer.amount > 0);
  return { amount, ...back, payers, sources: sourcesOf(escrow, milestone, payers, command) };
}

/** The event that gives all that a milestone holds back to the payers. */
export const refundedNow = (
  standing: Omit<Standing<unknown>, 'here'>,
  milestone: Milestone,
  command: CommandId,
  reason: string,
): EventOf<'refunded'> =>
  happened(standing, 'refunded', {
    milestone: milestone.id,
    refund: refundId(command, milestone.number),
    reason,
    ...giveBackOf(standing.escrow, milestone, milestone.held, command),
  });

/** The event that gives all that a milestone holds to its recipients. */
export const releasedNow = (
  standing: Omit<Standing<unknown>, 'here'>,
  milestone: Milestone,
  command: CommandId,
): EventOf<'released'> =>
  happened(standing, 'released', {
    milestone: milestone.id,
    ...keptBack(
      standing.escrow,
      payoutOf(standing.escrow, milestone, milestone.held, command),
      standing.at,
    ),
  });

/** The two parts of a ruling, the second on top of the first. */
export function rulingOf(
  escrow: Escrow,
  milestone: Milestone,
  asked: SplitRequest,
  command: CommandId,
): Pick<EventFacts['ruled'], 'payout' | 'give_back'> {
  const named = typeof asked.recipients === 'number' ? null : asked.recipients;
  const payout = payoutOf(escrow, milestone, recipientsPart(asked), command, named);
  const afterwards = {
    ...milestone,
    released: add(milestone.released, payout.amount),
    fees: claimsAfter(milestone.fees, payout),
  };
  return { payout, give_back: giveBackOf(escrow, afterwards, asked.payers, command) };
}

/**
 * Template 10: who rules himself gets the arbiter's fee of the terms, out of what the side that
 * bears it gets by the ruling, and never more than that. What is left goes back to its sources.
 */
export function withArbiterFee(
  { payout, give_back }: Pick<EventFacts['ruled'], 'payout' | 'give_back'>,
  fee: ArbiterFee | undefined,
  arbiter: AccountId | null,
  sourcesFor: (payers: readonly Share[]) => GiveBack['sources'],
): Pick<EventFacts['ruled'], 'payout' | 'give_back' | 'arbiter_fee'> {
  if (!fee || !arbiter) return { payout, give_back, arbiter_fee: null };
  const weights = [fee.borne_by !== 'buyer', fee.borne_by !== 'seller'].map(Number);
  const [ofRecipients = ZERO, ofPayers = ZERO] = split(fee.amount, weights);
  const payees = lessened(payout.payees, ofRecipients);
  const payers = lessened(give_back.payers, ofPayers);
  return {
    payout: { ...payout, payees: payees.shares },
    give_back: { ...give_back, payers: payers.shares, sources: sourcesFor(payers.shares) },
    arbiter_fee: { account: arbiter, of_recipients: payees.taken, of_payers: payers.taken },
  };
}

/** Shares with `most` taken from them, or all that there is, each by what it is. */
function lessened<S extends Share>(
  shares: readonly S[],
  most: Minor,
): { shares: readonly S[]; taken: Minor } {
  const amounts = shares.map((share) => share.amount);
  const taken = min(most, sum(amounts));
  const parts = split(taken, amounts);
  const left = shares.map((share, at) => ({
    ...share,
    amount: subtract(share.amount, parts[at] ?? ZERO),
  }));
  return { shares: left.filter((share) => share.amount > 0), taken };
}

/** What a split gives to recipients in all. */
export const recipientsPart = ({ recipients }: SplitRequest): Minor =>
  typeof recipients === 'number' ? recipients : sum(recipients.map((r) => r.amount));

/** A ruling default as amounts of what is disputed. */
export function splitByDefault(rule: RulingDefault, disputed: Minor): SplitRequest {
  const bps = rule === 'refund' ? 0 : rule === 'release' ? 10_000 : rule.recipients_bps;
  const [recipients = ZERO, payers = ZERO] = split(disputed, [bps, 10_000 - bps]);
  return { recipients, payers };
}

/** Several milestones, each decided on the state that the one before it left. */
export function inTurn<T extends EventOf<'refunded'> | EventOf<'released'>>(
  escrow: Escrow,
  milestones: readonly Milestone[],
  decide: (escrow: Escrow, milestone: Milestone) => T,
): readonly T[] {
  const events: T[] = [];
  let now = escrow;
  for (const milestone of milestones) {
    const event = decide(now, milestone);
    events.push(event);
    now = evolve(now, event);
  }
  return events;
}
