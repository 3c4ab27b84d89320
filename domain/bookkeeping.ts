/**
 * Owns TABLE 3, which journal an event posts: one row per event, `null` when it moves nothing.
 * The amounts are in the event; a row only says from where to where.
 * Must not know how a journal is stored, who asked, or what time it is.
 * Templates: `ledger.md`, section 9, numbers in the comments.
 */
import {
  escrowFee,
  escrowUnallocated,
  milestoneDisputed,
  milestoneHeld,
  platformFee,
  reserve,
  rounding,
  tax,
  wallet,
} from './chart';
import type { ArbiterShare, Escrow } from './escrow';
import type { EarnedFee, Event, EventOf, EventType, GiveBack, Payout } from './events';
import type { MilestoneId } from './ids';
import {
  BrokenInvariant,
  credit,
  debit,
  type Journal,
  journalOf,
  type LedgerAccount,
  type Line,
} from './journal';
import { add, type Minor, negate, subtract, sum } from './money';
import { atOnce } from './reserves';

type Posting = readonly [LedgerAccount, Minor];
type Move = { readonly debit: readonly Posting[]; readonly credit: readonly Posting[] };
export type Bookkeeping = {
  readonly [E in EventType]: ((escrow: Escrow, event: EventOf<E>) => Move) | null;
};

/** Lines of zero are left out. */
export const BOOKKEEPING: Bookkeeping = {
  created: null,
  sent: null,
  party_accepted: null,
  party_rejected: null,
  agreed: null,

  // 5
  funded: (escrow, { payer, amount }) => ({
    debit: [[wallet(payer), amount]],
    credit: [[escrowUnallocated(escrow.id), amount]],
  }),

  // 6, with 5 for what is missing within the tolerance
  due_completed: (escrow, { held, fee_held, rounding: added }) => ({
    debit: [
      [
        escrowUnallocated(escrow.id),
        subtract(add(sum(held.map((h) => h.amount)), fee_held), added),
      ],
      [rounding(), added],
    ],
    credit: [
      ...held.map((h): Posting => [heldFor(escrow, h.milestone), h.amount]),
      [escrowFee(escrow.id), fee_held],
    ],
  }),

  // 6b
  fees_earned: (escrow, { milestones }) => {
    const earned = milestones.flatMap((milestone) => milestone.earned);
    return {
      debit: [[escrowFee(escrow.id), sum(earned.map(({ amount }) => amount))]],
      credit: earned.flatMap(earnedBy),
    };
  },

  // 5b
  contributions_returned: (escrow, { payers }) => ({
    debit: [[escrowUnallocated(escrow.id), sum(payers.map((p) => p.amount))]],
    credit: payers.map((payer): Posting => [wallet(payer.account), payer.amount]),
  }),

  started: null,
  payment_waiting: null,
  delivered: null,
  delivery_rejected: null,
  delivery_overdue: null,
  approved: null,
  delivery_accepted: null,

  // 7
  released: (escrow, event) => paidOutOf(heldFor(escrow, event.milestone), escrow, event),

  part_approved: null,

  // 7, of a part
  part_released: (escrow, event) => paidOutOf(heldFor(escrow, event.milestone), escrow, event),

  // 8
  refunded: (escrow, event) => givenBackOf(heldFor(escrow, event.milestone), escrow, event),

  cancelled: null,

  // 9
  disputed: (escrow, { milestone, amount }) => ({
    debit: [[heldFor(escrow, milestone), amount]],
    credit: [[disputedFor(escrow, milestone), amount]],
  }),

  dispute_answered: null,
  evidence_added: null,
  dispute_escalated: null,

  // 9b: what is left moves back by a journal of its own, not by reversal
  dispute_withdrawn: (escrow, { milestone, amount }) => ({
    debit: [[disputedFor(escrow, milestone), amount]],
    credit: [[heldFor(escrow, milestone), amount]],
  }),

  // 10: the lines of 7 and of 8, both from what is disputed; an arbiter's fee is less to both
  ruled: (escrow, { milestone, payout, give_back, arbiter_fee }) => {
    const from = disputedFor(escrow, milestone);
    const paid = paidOutOf(from, escrow, payout);
    const back = givenBackOf(from, escrow, give_back);
    const fee = arbiter_fee ? [arbiterGets(arbiter_fee)] : [];
    return {
      debit: [...paid.debit, ...back.debit],
      credit: [...paid.credit, ...back.credit, ...fee],
    };
  },

  // 11: the difference, in or out
  terms_amended: (escrow, event) => {
    const { unallocated, fee_held, payers, rounding: added, milestones } = event;
    const moved = [
      ...milestones.map(({ number, held }): Posting => [milestoneHeld(escrow.id, number), held]),
      [escrowFee(escrow.id), fee_held] as const,
    ];
    return {
      debit: [
        [escrowUnallocated(escrow.id), unallocated],
        ...moved
          .filter(([, amount]) => amount < 0)
          .map(([account, amount]): Posting => [account, negate(amount)]),
      ],
      credit: [
        ...moved.filter(([, amount]) => amount > 0),
        ...payers.map((payer): Posting => [wallet(payer.account), payer.amount]),
        [rounding(), added],
      ],
    };
  },

  proposal_made: null,
  proposal_accepted: null,
  proposal_declined: null,
  proposal_withdrawn: null,
  proposal_lapsed: null,
  reminded: null,
  put_on_hold: null,
  hold_lifted: null,
  disbursement_settled: null, // its journal is the payout script's (`cashbook.ts`)
  disbursement_failed: null,
  disbursement_returned: null,
  disbursement_retried: null,
  disbursement_redirected: null,
  refund_settled: null, // likewise: from the payer's wallet, 12 to 12d
  refund_failed: null,

  // 7, freed
  reserve_freed: (_, { account, amount }) => ({
    debit: [[reserve(account), amount]],
    credit: [[wallet(account), amount]],
  }),

  override_requested: null,
  overridden: null, // what it comes to is an event of its own
  replacement_requested: null,
  party_replaced: null, // what was paid in or out stays with whom it was
  default_refused: null,
  closed: null,
};

/**
 * The journal of an event, `number` being its number in the escrow; null when it moves nothing.
 * `escrow` is the state before or after the event: only ids and numbers are read from it.
 */
export function journalFor(escrow: Escrow, number: number, event: Event): Journal | null {
  // The table has a row for each type with exactly its event; the compiler cannot follow the pair.
  const row = BOOKKEEPING[event.type] as ((escrow: Escrow, event: Event) => Move) | null;
  if (!row) return null;
  const { currency } = escrow.terms;
  const { debit: debits, credit: credits } = row(escrow, event);
  const lines: readonly Line[] = [
    ...debits.map(([to, amount]) => debit(to, currency, amount)),
    ...credits.map(([to, amount]) => credit(to, currency, amount)),
  ];
  const key = `${escrow.id}:${number}`;
  return journalOf({ key, type: event.type, at: event.at, subject: escrow.id }, lines);
}

function paidOutOf(from: LedgerAccount, escrow: Escrow, payout: Payout): Move {
  return {
    debit: [
      [from, payout.amount],
      [escrowFee(escrow.id), payout.fee_held],
    ],
    credit: [
      ...payout.payees.map((payee): Posting => [wallet(payee.account), atOnce(payee)]),
      ...payout.payees.flatMap((payee): readonly Posting[] =>
        payee.reserve ? [[reserve(payee.account), payee.reserve.amount]] : [],
      ),
      ...payout.earned.flatMap(earnedBy),
    ],
  };
}

function givenBackOf(from: LedgerAccount, escrow: Escrow, back: GiveBack): Move {
  return {
    debit: [
      [from, back.amount],
      [escrowFee(escrow.id), back.fee_held],
      ...back.returned.filter(({ was }) => was === 'earned').flatMap(incomeOf),
    ],
    credit: [
      ...back.payers.map((payer): Posting => [wallet(payer.account), payer.amount]),
      [rounding(), back.rounding],
      ...back.kept.flatMap(earnedBy),
    ],
  };
}

const earnedBy = (fee: EarnedFee): readonly Posting[] =>
  fee.beneficiary === 'platform' ? incomeOf(fee) : [[wallet(fee.beneficiary), fee.amount]];

/** The platform's income of a fee, and the tax inside. */
const incomeOf = (fee: Pick<EarnedFee, 'amount' | 'tax'>): readonly Posting[] => [
  [platformFee(), subtract(fee.amount, fee.tax)],
  [tax('platform_fee'), fee.tax],
];

const arbiterGets = ({ account, of_recipients, of_payers }: ArbiterShare): Posting => [
  wallet(account),
  add(of_recipients, of_payers),
];

const heldFor = (escrow: Escrow, id: MilestoneId): LedgerAccount =>
  milestoneHeld(escrow.id, numberOf(escrow, id));
const disputedFor = (escrow: Escrow, id: MilestoneId): LedgerAccount =>
  milestoneDisputed(escrow.id, numberOf(escrow, id));

function numberOf(escrow: Escrow, id: MilestoneId): number {
  const milestone = escrow.milestones.find((m) => m.id === id);
  if (!milestone) throw new BrokenInvariant(`no milestone ${id} in ${escrow.id}`);
  return milestone.number;
}
