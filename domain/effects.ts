/**
 * Owns what is started after an event: the payouts that carry a disbursement to its recipient.
 * Must not know how (`workflows/payout.ts`).
 */
import type { Disbursement, Escrow } from './escrow';
import type { Event, EventOf, EventType, Payee, SourceShare } from './events';
import type { AccountId, DisbursementId, MilestoneId, PaymentId, RefundId } from './ids';
import type { Minor } from './money';
import { atOnce } from './reserves';
import type { PartyDestination } from './terms';

/** `begin`: a new payout; `again`: one that exists goes on, after a retry or to a new place;
 * `wake`: a gate may have opened. */
type PayOut = {
  readonly type: 'pay_out';
  readonly how: 'begin' | 'again' | 'wake';
  readonly id: DisbursementId;
  readonly milestone: MilestoneId;
  readonly account: AccountId;
  readonly amount: Minor;
  readonly destination: PartyDestination;
};

/** A refund goes back through the provider that the payment came from. */
type SendBack = Omit<PayOut, 'type' | 'how' | 'id' | 'destination'> & {
  readonly type: 'send_back';
  readonly how: 'begin' | 'wake';
  readonly id: RefundId;
  readonly payment: PaymentId;
};
export type Effect = PayOut | SendBack;

/** What must be started after an event. `after` is the escrow as the event has left it. */
export function effectsOf(after: Escrow, event: Event): readonly Effect[] {
  // The table has a row for a type with exactly its event; the compiler cannot follow the pair.
  const row = EFFECTS[event.type] as ((after: Escrow, event: Event) => readonly Effect[]) | null;
  return row?.(after, event) ?? [];
}

/** All other events start nothing. */
const EFFECTS: {
  readonly [T in EventType]?: (after: Escrow, event: EventOf<T>) => readonly Effect[];
} = {
  released: (_, { milestone, payees }) => payees.flatMap((payee) => begun(milestone, payee)),
  part_released: (_, { milestone, payees }) => payees.flatMap((payee) => begun(milestone, payee)),
  ruled: (_, { milestone, payout, give_back }) => [
    ...payout.payees.flatMap((payee) => begun(milestone, payee)),
    ...give_back.sources.map((share) => sentBack(milestone, share)),
  ],
  refunded: (_, { milestone, sources }) => sources.map((share) => sentBack(milestone, share)),
  contributions_returned: (_, { milestones: [first], sources }) =>
    first ? sources.map((share) => sentBack(first, share)) : [],
  terms_amended: (_, { sources }) => sources.map((share) => sentBack(share.milestone, share)),
  disbursement_retried: (after, event) =>
    existing(after, 'again', ({ id }) => id === event.disbursement),
  disbursement_redirected: (after, event) =>
    existing(after, 'again', ({ id }) => id === event.disbursement),
  // Also one that has failed: its script may have tried again, and found the gate closed.
  hold_lifted: (after) => [
    ...existing(after, 'wake', ({ state }) => state !== 'settled'),
    ...after.refunds
      .filter(({ state }) => state === 'pending')
      .map(({ state: _, ...refund }) => ({ type: 'send_back', how: 'wake', ...refund }) as const),
  ],
};

const existing = (
  { milestones }: Escrow,
  how: PayOut['how'],
  isMeant: (disbursement: Disbursement) => boolean,
): readonly PayOut[] =>
  milestones.flatMap((milestone) =>
    milestone.disbursements.filter(isMeant).map(({ id, account, amount, destination }) => ({
      type: 'pay_out',
      how,
      id,
      milestone: milestone.id,
      account,
      amount,
      destination,
    })),
  );

const sentBack = (milestone: MilestoneId, share: SourceShare): SendBack => ({
  type: 'send_back',
  how: 'begin',
  id: share.refund,
  milestone,
  payment: share.payment,
  account: share.account,
  amount: share.amount,
});

/** A share that stays in the wallet needs nobody to carry it. */
function begun(milestone: MilestoneId, payee: Payee): readonly Effect[] {
  const { disbursement: id, account, destination } = payee;
  const amount = atOnce(payee);
  if (destination === 'wallet' || amount === 0) return [];
  return [{ type: 'pay_out', how: 'begin', id, milestone, account, amount, destination }];
}
