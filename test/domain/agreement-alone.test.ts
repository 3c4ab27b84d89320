/**
 * Owns the answer to every command about the whole escrow, by everybody, in every stage and order
 * of funding, where each milestone is funded alone. The expectations are those of `escrow.md`,
 * sections 5 and 8.
 * Must not know the table that is asked, nor funding as a whole (`agreement.test.ts`).
 */
import type { Escrow } from '../../domain/escrow';
import type { FundingOrder } from '../../domain/terms';
import {
  ACCOUNTS,
  act,
  ask,
  BESIDE,
  escrowOf,
  isName,
  outcome,
  play,
  SENT,
  waitFor,
} from './sample';
import { AGREEMENT_COMMANDS, isCommand } from './stages';
import { type Cell, testTable } from './table';

const BUYER_IN = [...SENT, 'buyer accept'];
const OTHERS = ['seller accept', 'broker accept'];
const fund = (escrow: Escrow, n: 1 | 2, amount = n * 10_000): Escrow =>
  act(escrow, 'buyer', 'fund', { milestone: `mil_${n}`, amount });
const approved = (escrow: Escrow, ...numbers: readonly (1 | 2)[]): Escrow =>
  numbers.reduce((now, n) => act(now, 'buyer', 'approve', { milestone: `mil_${n}` }), escrow);

/** Two milestones; nobody is initiator, the platform has sent it. */
const STAGES: { readonly [stage: string]: (draft: Escrow) => Escrow } = {
  draft: (draft) => draft,
  sent: (draft) => play(draft, ...SENT),
  buyer_in: (draft) => play(draft, ...BUYER_IN),
  one_paid: (draft) => fund(play(draft, ...BUYER_IN), 1),
  agreed: (draft) => play(draft, ...BUYER_IN, ...OTHERS),
  begun: (draft) => fund(play(draft, ...BUYER_IN, ...OTHERS), 1, 4_000),
  active: (draft) => fund(play(draft, ...BUYER_IN, ...OTHERS), 2),
  all_paid: (draft) => fund(fund(play(draft, ...BUYER_IN, ...OTHERS), 1), 2),
  half_done: (draft) => approved(fund(fund(play(draft, ...BUYER_IN, ...OTHERS), 1), 2), 1),
  paying: (draft) => approved(fund(fund(play(draft, ...BUYER_IN, ...OTHERS), 1), 2), 1, 2),
  unpaid: (draft) => {
    const one = waitFor(play(draft, ...BUYER_IN, ...OTHERS), 'milestone_funding').escrow;
    return waitFor(one, 'milestone_funding').escrow;
  },
  expired: (draft) => act(play(draft, ...SENT), 'clock', 'expire'),
};

const ORDERS = ['accept_first', 'fund_first', 'any'] as const;
const SITUATIONS: readonly (readonly [string, FundingOrder])[] = [
  ...['draft', 'sent', 'buyer_in'].flatMap((stage) => ORDERS.map((o) => [stage, o] as const)),
  ['one_paid', 'fund_first'],
  ['one_paid', 'any'],
  ...['agreed', 'begun'].flatMap((stage) =>
    (['accept_first', 'any'] as const).map((order) => [stage, order] as const),
  ),
  ...['active', 'all_paid', 'half_done', 'paying', 'unpaid', 'expired'].map(
    (stage) => [stage, 'accept_first'] as const,
  ),
];

const WORDS = {
  early: ['sent', 'buyer_in'],
  unagreed: ['sent', 'buyer_in', 'one_paid'],
  unstarted: ['sent', 'buyer_in', 'one_paid', 'agreed', 'begun'],
  agreeing: ['agreed', 'begun', 'active', 'all_paid', 'half_done'],
  working: ['active', 'all_paid', 'half_done'],
  open: ['sent', 'buyer_in', 'one_paid', 'agreed', 'begun', 'active', 'all_paid', 'half_done'],
  over: ['paying', 'unpaid', 'expired'],
  late: ['unpaid', 'expired'],
  asking: ['send', 'accept', 'reject', 'fund', 'cancel', 'expire'],
  refunding: ['settle_refund', 'fail_refund'],
  party: ['buyer', 'seller', 'broker'],
  others: ['seller', 'broker'],
};

/** `fund` is of all that is missing for the first milestone. */
const TABLE = `
# stage            order             by              command   what comes out
*                  *                 stranger        *         ! not_a_party

# a draft is sent by its initiator or the platform; nothing else can be done with it
draft              *                 platform        send      created, sent
draft              *                 *               send      ! not_allowed
draft              *                 *               *         ! wrong_status

# only a script reports a refund, and only one that has begun
unagreed           *                 *               refunding ! wrong_status
*                  *                 provider        refunding ! malformed
*                  *                 *               refunding ! not_allowed

# when nobody has paid for any of them in time, or not accepted, all is late
late               *                 *               asking    ! deadline_passed
over               *                 *               asking    ! escrow_closed
*                  *                 *               send      ! wrong_status

# who must accept does; under fund_first only payers before one of them is funded
sent               accept_first|any  party|arbiter   accept    party_accepted
sent               fund_first        buyer|arbiter   accept    party_accepted
early              fund_first        others          accept    ! conditions_unmet
buyer_in|one_paid  *                 buyer           accept    ! already_done
buyer_in           accept_first|any  others|arbiter  accept    party_accepted
buyer_in|one_paid  *                 arbiter         accept    party_accepted
one_paid           *                 others          accept    party_accepted
agreeing           *                 arbiter         accept    party_accepted
*                  *                 *               accept    ! not_allowed

# who has not accepted may reject: each milestone ends as it stands
sent               *                 party           reject    party_rejected, NOTHING, closed
buyer_in|one_paid  *                 buyer           reject    ! already_done
buyer_in           *                 others          reject    party_rejected, NOTHING, closed
one_paid           *                 others          reject    party_rejected, ONE, closed
*                  *                 arbiter         reject    party_rejected
*                  *                 *               reject    ! not_allowed

# a payer who has accepted pays for one that is not funded, also while others are worked on
sent               *                 provider        fund      payment_waiting
buyer_in           accept_first      buyer           fund      ! conditions_unmet
buyer_in           accept_first      provider        fund      payment_waiting
buyer_in           fund_first|any    buyer|provider  fund      funded, due_completed
one_paid           *                 buyer|provider  fund      ! limit_reached
agreed|begun       *                 buyer|provider  fund      funded, due_completed, started
active             *                 buyer|provider  fund      funded, due_completed, started
working            *                 buyer|provider  fund      ! limit_reached
*                  *                 *               fund      ! not_allowed

# before the start any of the three ends it; after the start only a seller who alone is paid
early|agreed       *                 party           cancel    NOTHING, closed
begun              *                 party           cancel    PART, closed
one_paid           *                 party           cancel    ONE, closed
active             *                 seller          cancel    cancelled, refunded, closed
all_paid           *                 seller          cancel    refunded, refunded, closed
half_done          *                 seller          cancel    refunded, closed
*                  *                 *               cancel    ! not_allowed

# complete wants everything accepted or closed, also what waits for its money
unstarted          *                 *               complete  ! wrong_status
working            *                 buyer|platform  complete  ! conditions_unmet
expired            *                 platform        complete  ! already_done
paying|unpaid      *                 buyer|platform  complete  ! already_done
*                  *                 *               complete  ! not_allowed

# the platform stops everything until all is settled
open|paying        *                 platform        hold      put_on_hold
late               *                 platform        hold      ! escrow_closed
*                  *                 *               hold      ! not_allowed
*                  *                 platform        unhold    ! wrong_status
*                  *                 *               unhold    ! not_allowed

# operators step in on hold alone: replacement.test.ts
late               *                 *               replace_party ! deadline_passed
paying             *                 *               replace_party ! escrow_closed
*                  *                 platform        replace_party ! conditions_unmet
*                  *                 *               replace_party ! not_allowed

# the clock
early|agreed       *                 clock           expire    NOTHING, closed
begun              *                 clock           expire    PART, closed
one_paid           *                 clock           expire    ONE, closed
working            *                 *               expire    ! wrong_status
*                  *                 *               expire    ! not_allowed
*                  *                 clock           remind    reminded
*                  *                 *               remind    ! not_allowed
`;

/** Where nothing, a part of the first, or all of the first has come in. */
const SHORT = [
  ['cancelled, cancelled', 'NOTHING'],
  ['contributions_returned, cancelled', 'PART'],
  ['refunded, cancelled', 'ONE'],
] as const;

const MADE = new Map<string, Escrow>();

function answer({ stage, dispute, by, command }: Cell): string {
  const order = ORDERS.find((each) => each === dispute);
  const make = STAGES[stage];
  if (!order || !make || !isName(by) || !isCommand(command)) throw new Error(`no ${by} ${command}`);
  const key = `${stage} ${order}`;
  const escrow = MADE.get(key) ?? make(escrowOf({ funding: { mode: 'per_milestone', order } }));
  MADE.set(key, escrow);
  const out = outcome(ask(escrow, by, command));
  return SHORT.reduce((text, [long, short]) => text.replace(long, short), out);
}

const ACTORS = [
  ...ACCOUNTS.filter((name) => !BESIDE.includes(name)),
  'platform',
  'clock',
  'provider',
];

describe('a command about an escrow whose milestones are funded alone', () => {
  const axes = { situations: SITUATIONS, actors: ACTORS, commands: AGREEMENT_COMMANDS };
  testTable(TABLE, { ...axes, words: WORDS }, answer);
});
