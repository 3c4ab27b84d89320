/**
 * Owns how an escrow is shown: everything is computed from terms and state when it is read.
 * Must not know who is looking, nor how the state came about.
 */
import type { z } from 'zod';
import { dueNow } from '../../domain/amending';
import { shortfallOf } from '../../domain/due';
import { type Escrow, type Party, receivedOf } from '../../domain/escrow';
import type { MilestonePlan } from '../../domain/fee-plan';
import { type FeeNumbers, quoteOf } from '../../domain/fee-quote';
import { standingOf } from '../../domain/fees';
import { ZERO } from '../../domain/money';
import { statusOf } from '../../domain/status';
import type { Fee } from '../../domain/terms';
import { type EscrowRow, escrowOf } from '../escrow-row';
import type { escrowAnswer } from '../schemas/escrow-answers';
import { deadlineViews, nextActionViews } from './deadline';
import { disputeView, milestoneView, sidesView } from './milestone';
import { disbursedOf, moneyOf, sentBackOf } from './money';
import { proposalViews } from './proposal';

type Shown = z.input<typeof escrowAnswer>;

/** The full view of an escrow. */
export function escrowView(row: EscrowRow): Shown {
  const escrow = escrowOf(row);
  const { terms } = escrow;
  return {
    id: row.id,
    object: 'escrow',
    livemode: row.livemode,
    created_at: row.created_at,
    updated_at: row.updated_at,
    version: row.version,
    metadata: row.metadata,
    engagement_id: row.engagement_id,
    ...statusOf(escrow),
    close_reason: escrow.agreement.stage === 'closed' ? escrow.agreement.reason : null,
    disputed: escrow.milestones.some((milestone) => 'dispute' in milestone && milestone.dispute),
    on_hold: escrow.hold !== null,
    hold: escrow.hold && { reason: escrow.hold.reason, since: escrow.hold.since },
    title: terms.title,
    description: terms.description ?? null,
    type: terms.type,
    currency: terms.currency,
    amount: terms.amount,
    terms_hash: row.terms_hash,
    rulebook: terms.rulebook,
    time_zone: terms.time_zone,
    business_days: calendarView(terms),
    policy: { ...terms.policy },
    files: [...terms.files],
    parties: escrow.parties.map(partyView),
    ...partsOf(escrow),
    release: { ...terms.release, by: [...terms.release.by] },
    dispute_handler: handlerView(terms.dispute_handler),
    money: moneyOf(escrow),
    refund_to: terms.refund_to,
    disbursement: disbursedOf(escrow),
    refund: sentBackOf(escrow),
    proposals: proposalViews(escrow),
    next_actions: nextActionViews(escrow, row.now),
    deadlines: deadlineViews(escrow),
    test_clock: row.test_clock_id,
  };
}

/** Where its money goes is not for the others to see. */
function partyView({ destination: _, replacement, ...party }: Party): Shown['parties'][number] {
  if (!replacement) return { ...party, replacement };
  const { account: account_id, operator, reason, at } = replacement;
  return { ...party, replacement: { account_id, operator, reason, at } };
}

function calendarView({ business_days: calendar }: Escrow['terms']): Shown['business_days'] {
  if (!calendar) return null;
  const { name, weekend, holidays } = calendar;
  return { name, weekend: [...weekend], holidays: [...holidays] };
}

type Part = 'milestones' | 'fees' | 'sides' | 'arbiter_fee' | 'funding' | 'disputes';

function partsOf(escrow: Escrow): Pick<Shown, Part> {
  const { terms, milestones } = escrow;
  const quote = quoteOf(terms, plannedOf(escrow));
  const sides = new Map(terms.milestones.map(({ id }, at) => [id, quote.milestones[at]]));
  const agreed = new Map(terms.milestones.map((milestone) => [milestone.id, milestone]));
  return {
    milestones: milestones.flatMap((milestone) => {
      const its = agreed.get(milestone.id);
      const numbers = sides.get(milestone.id);
      return its && numbers ? [milestoneView(escrow, milestone, its, numbers)] : [];
    }),
    fees: quote.fees.flatMap((numbers, at) => {
      const fee = terms.fees[at];
      return fee ? [{ ...feeView(fee, numbers), ...standingView(escrow, fee, at) }] : [];
    }),
    sides: sidesView(quote.sides),
    arbiter_fee: terms.arbiter_fee ?? null,
    funding: {
      mode: terms.funding.mode,
      order: terms.funding.order,
      due_at: terms.funding.due_at ?? null,
      tolerance: terms.funding.tolerance ?? ZERO,
      by: [...(terms.funding.by ?? [])],
      due: dueNow(escrow),
      received: receivedOf(escrow),
      shortfall: shortfallOf(escrow),
      contributions: escrow.contributions.map((each) => ({
        ...each,
        milestone: each.milestone ?? null,
      })),
    },
    disputes: milestones.flatMap((milestone) => disputeView(milestone) ?? []),
  };
}

/** What milestones have planned, in the order of the terms. */
const plannedOf = ({ terms, milestones }: Escrow): readonly MilestonePlan[] =>
  terms.milestones.flatMap(({ id }) => milestones.find((milestone) => milestone.id === id) ?? []);

/** A fee with its numbers, as it stands in terms: a quote and an escrow show the same. */
export const feeView = (fee: Fee, numbers: FeeNumbers) => ({
  kind: fee.kind,
  rate_bps: fee.rate_bps ?? null,
  fixed: fee.fixed ?? null,
  min: fee.min ?? null,
  max: fee.max ?? null,
  paid_by: fee.paid_by,
  earned_on: fee.earned,
  refundable: fee.refundable,
  tax_bps: fee.tax_bps,
  ...numbers,
});

function standingView({ terms, milestones }: Escrow, fee: Fee, at: number) {
  const broker = terms.parties.find((party) => party.role === 'broker')?.account_id;
  return {
    beneficiary: (fee.kind === 'broker_commission' && broker) || 'platform',
    ...standingOf(
      milestones.flatMap((milestone) => milestone.fees),
      at,
    ),
  };
}

const handlerView = (handler: Escrow['terms']['dispute_handler']): Shown['dispute_handler'] => ({
  kind: handler.kind,
  handler: handler.kind === 'arbitration' ? (handler.handler ?? null) : null,
});
