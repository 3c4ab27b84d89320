/**
 * Owns the answer to every command about the whole escrow, by everybody, in every stage and order
 * of funding. The expectations are those of `escrow.md`, section 5, and `contracts.md`, section 6.
 * Must not know the table that is asked.
 */
import type { Escrow } from '../../domain/escrow';
import type { FundingOrder } from '../../domain/terms';
import {
  ACCOUNTS,
  ACTIVE,
  act,
  ask,
  BESIDE,
  escrowOf,
  isName,
  outcome,
  play,
  SENT,
} from './sample';
import { AGREEMENT_COMMANDS, isCommand, MILESTONE_COMMANDS } from './stages';
import { type Cell, testTable } from './table';

const BUYER_IN = [...SENT, 'buyer accept'];
const OTHERS = ['seller accept', 'broker accept'];

/** The platform has sent it; nobody is initiator. */
function atStage(stage: string, order: FundingOrder): Escrow {
  const draft = escrowOf({ funding: { order } });
  switch (stage) {
    case 'draft':
      return draft;
    case 'sent':
      return play(draft, ...SENT);
    case 'buyer_in':
      return play(draft, ...BUYER_IN);
    case 'funded':
      return play(draft, ...BUYER_IN, 'buyer fund');
    case 'agreed':
      return play(draft, ...BUYER_IN, ...OTHERS);
    case 'active':
      return play(draft, ...ACTIVE);
    case 'paying':
      return released(play(draft, ...ACTIVE));
    case 'closed':
      return settled(released(play(draft, ...ACTIVE)));
    case 'expired':
      return act(play(draft, ...SENT), 'clock', 'expire');
    default:
      throw new Error(`no stage ${stage}`);
  }
}

const released = (escrow: Escrow): Escrow =>
  act(act(escrow, 'buyer', 'approve', { milestone: 'mil_1' }), 'buyer', 'approve', {
    milestone: 'mil_2',
  });

const settled = (escrow: Escrow): Escrow =>
  escrow.milestones
    .flatMap((milestone) => milestone.disbursements)
    .reduce(
      (now, { id }) => act(now, 'provider', 'settle_disbursement', { disbursement: id }),
      escrow,
    );

const ORDERS = ['accept_first', 'fund_first', 'any'] as const;
const SITUATIONS: readonly (readonly [string, FundingOrder])[] = [
  ...['draft', 'sent', 'buyer_in'].flatMap((stage) => ORDERS.map((o) => [stage, o] as const)),
  ['funded', 'fund_first'],
  ['funded', 'any'],
  ['agreed', 'accept_first'],
  ['agreed', 'any'],
  ['active', 'accept_first'],
  ['paying', 'accept_first'],
  ['closed', 'accept_first'],
  ['expired', 'accept_first'],
];

const WORDS = {
  early: ['sent', 'buyer_in'],
  unagreed: ['sent', 'buyer_in', 'funded'],
  agreeing: ['agreed', 'active'],
  unstarted: ['sent', 'buyer_in', 'funded', 'agreed'],
  lasting: ['sent', 'buyer_in', 'funded', 'agreed', 'active', 'paying'],
  over: ['paying', 'closed'],
  asking: ['send', 'accept', 'reject', 'fund', 'cancel', 'expire'],
  refunding: ['settle_refund', 'fail_refund'],
  holding: ['complete', 'hold', 'unhold'],
  party: ['buyer', 'seller', 'broker'],
  others: ['seller', 'broker'],
};

const TABLE = `
# stage          order             by              command   what comes out
*                *                 stranger        *         ! not_a_party

# a draft is sent by its initiator or the platform; nothing else can be done with it
draft            *                 platform        send      created, sent
draft            *                 *               send      ! not_allowed

# only a script reports a refund, and only one that has begun
draft            *                 *               *         ! wrong_status
unagreed         *                 *               refunding ! wrong_status
*                *                 provider        refunding ! malformed
*                *                 *               refunding ! not_allowed

# after expiry everything is late, after the end everything is closed
expired          *                 platform        complete  ! already_done
expired          *                 platform        hold      ! escrow_closed
expired          *                 platform        unhold    ! wrong_status
expired          *                 *               holding   ! not_allowed
expired          *                 clock           remind    reminded
expired          *                 *               remind    ! not_allowed
expired          *                 *               *         ! deadline_passed
over             *                 *               asking    ! escrow_closed
*                *                 *               send      ! wrong_status

# who must accept does; under fund_first only payers before it is fully funded; arbiters any time
sent             accept_first|any  party|arbiter   accept    party_accepted
sent             fund_first        buyer|arbiter   accept    party_accepted
early            fund_first        others          accept    ! conditions_unmet
buyer_in|funded  *                 buyer           accept    ! already_done
buyer_in         accept_first|any  others|arbiter  accept    party_accepted
buyer_in|funded  *                 arbiter         accept    party_accepted
funded           *                 others          accept    party_accepted
agreeing         *                 arbiter         accept    party_accepted
*                *                 *               accept    ! not_allowed

# who has not accepted may reject: money goes back; an arbiter's own ends its appointment alone
# (REFUNDED: party_rejected, refunded, refunded, closed)
sent             *                 party           reject    party_rejected, cancelled, closed
buyer_in|funded  *                 buyer           reject    ! already_done
buyer_in         *                 others          reject    party_rejected, cancelled, closed
funded           *                 others          reject    REFUNDED
*                *                 arbiter         reject    party_rejected
*                *                 *               reject    ! not_allowed

# a payer who has accepted pays when it is time; what comes too early waits in the wallet
sent             *                 provider        fund      payment_waiting
buyer_in         accept_first      buyer           fund      ! conditions_unmet
buyer_in         accept_first      provider        fund      payment_waiting
buyer_in         fund_first|any    buyer|provider  fund      funded, due_completed
funded           *                 buyer|provider  fund      ! limit_reached
agreed           *                 buyer|provider  fund      funded, due_completed, started
active           *                 buyer|provider  fund      ! limit_reached
*                *                 *               fund      ! not_allowed

# before the start any of the three ends it; after the start only a seller who alone is paid
early|agreed     *                 party           cancel    cancelled, closed
funded           *                 party           cancel    refunded, refunded, closed
active           *                 seller          cancel    refunded, refunded, closed
*                *                 *               cancel    ! not_allowed

# complete wants everything accepted or closed
unstarted        *                 *               complete  ! wrong_status
active           *                 buyer|platform  complete  ! conditions_unmet
over             *                 buyer|platform  complete  ! already_done
*                *                 *               complete  ! not_allowed

# the platform stops everything until all is settled
lasting          *                 platform        hold      put_on_hold
closed           *                 platform        hold      ! escrow_closed
*                *                 *               hold      ! not_allowed
*                *                 platform        unhold    ! wrong_status
*                *                 *               unhold    ! not_allowed

# operators step in on hold alone: replacement.test.ts
over             *                 *               replace_party ! escrow_closed
*                *                 platform        replace_party ! conditions_unmet
*                *                 *               replace_party ! not_allowed

# the clock
early|agreed     *                 clock           expire    cancelled, closed
funded           *                 clock           expire    refunded, refunded, closed
active           *                 *               expire    ! wrong_status
*                *                 *               expire    ! not_allowed
*                *                 clock           remind    reminded
*                *                 *               remind    ! not_allowed
`;

const MADE = new Map<string, Escrow>();

function answer({ stage, dispute, by, command }: Cell): string {
  const order = ORDERS.find((each) => each === dispute);
  if (!order || !isName(by) || !isCommand(command)) throw new Error(`no ${by} ${command}`);
  const key = `${stage} ${order}`;
  const escrow = MADE.get(key) ?? atStage(stage, order);
  MADE.set(key, escrow);
  const out = outcome(ask(escrow, by, command));
  return out.replace('party_rejected, refunded, refunded, closed', 'REFUNDED');
}

const ACTORS = [
  ...ACCOUNTS.filter((name) => !BESIDE.includes(name)),
  'platform',
  'clock',
  'provider',
];

describe('a command about the whole escrow', () => {
  const axes = { situations: SITUATIONS, actors: ACTORS, commands: AGREEMENT_COMMANDS };
  testTable(TABLE, { ...axes, words: WORDS }, answer);
});

/** What is left of a milestone when the escrow is over. */
const OVER: { readonly [how: string]: () => Escrow } = {
  released: () => released(play(escrowOf(), ...ACTIVE)),
  refunded: () => act(play(escrowOf(), ...ACTIVE), 'seller', 'cancel'),
  cancelled: () => act(play(escrowOf(), ...SENT), 'buyer', 'cancel'),
  rejected: () => act(play(escrowOf(), ...SENT), 'buyer', 'reject'),
  expired: () => act(play(escrowOf(), ...SENT), 'clock', 'expire'),
};

const OVER_TABLE = `
# how by command what comes out
*         -  stranger  *                    ! not_a_party
released  -  buyer     approve              ! already_done
released  -  *         dispute              ! release_is_final
*         -  *         disputing            ! unknown_dispute
released  -  provider  settle_disbursement  disbursement_settled
released  -  provider  fail_disbursement    disbursement_failed
released  -  provider  return_disbursement  ! already_done
released  -  clock     settle_disbursement  ! conditions_unmet
released  -  platform  repairing            ! conditions_unmet
released  -  *         paying               ! not_allowed
*         -  *         paying|free_reserve  ! malformed
expired   -  *         *                    ! deadline_passed
*         -  *         *                    ! escrow_closed
`;

describe('a command about a milestone of an escrow that is over', () => {
  const axes = {
    situations: Object.keys(OVER).map((how) => [how, '-'] as const),
    actors: ACTORS,
    commands: MILESTONE_COMMANDS,
    words: {
      disputing: ['answer_dispute', 'submit_evidence', 'withdraw_dispute', 'escalate', 'resolve'],
      repairing: ['retry_disbursement', 'redirect_disbursement'],
      paying: MILESTONE_COMMANDS.filter((command) => command.endsWith('_disbursement')),
    },
  };
  testTable(OVER_TABLE, axes, ({ stage, by, command }) => {
    const over = OVER[stage];
    if (!over || !isName(by) || !isCommand(command)) throw new Error(`no ${stage}`);
    const escrow = MADE.get(stage) ?? over();
    MADE.set(stage, escrow);
    return outcome(ask(escrow, by, command, { milestone: 'mil_1' }));
  });
});
