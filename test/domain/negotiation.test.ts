/**
 * Owns who may propose what in which stage, and who may answer a proposal. Expectations:
 * `escrow.md`, section 7.
 * Must not know the table that is asked, nor what comes of a proposal (`proposals.test.ts`).
 */
import type { Escrow } from '../../domain/escrow';
import { PROPOSAL_KINDS, type ProposalKind } from '../../domain/proposal';
import { askedOf } from './proposing';
import {
  ACCOUNTS,
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  BESIDE,
  escrowOf,
  isName,
  type Name,
  outcome,
  play,
  SENT,
  waitFor,
} from './sample';
import { DISPUTED, inSituation, PROPOSAL_COMMANDS, STARTED } from './stages';
import { type Cell, testTable } from './table';

const isKind = (text: string): text is ProposalKind => PROPOSAL_KINDS.some((kind) => kind === text);
const propose = (escrow: Escrow, by: Name, kind: ProposalKind, at = AT) => {
  const content = askedOf(escrow, { kind, milestone: 'mil_1', by });
  return ask(escrow, by, 'propose', { content }, at);
};
const proposed = (escrow: Escrow, by: Name, kind: ProposalKind): Escrow =>
  act(escrow, by, 'propose', { content: askedOf(escrow, { kind, milestone: 'mil_1', by }) });

const ACTORS: readonly Name[] = [
  ...ACCOUNTS.filter((name) => !BESIDE.includes(name)),
  'platform',
  'clock',
  'provider',
];

type Funded = 'full' | 'per_milestone';
const of = (mode: Funded): Escrow => escrowOf({ funding: { mode } });
const WHOLE: { readonly [stage: string]: (mode: Funded) => Escrow } = {
  draft: of,
  sent: (mode) => play(of(mode), ...SENT),
  agreed: (mode) => play(of(mode), ...AGREED),
  on_hold: (mode) => play(of(mode), ...ACTIVE, 'platform hold'),
  closed: (mode) => act(play(of(mode), ...ACTIVE), 'seller', 'cancel', { milestone: undefined }),
};

const MAKING = `
# stage              dispute   by             command       what comes out
*                    *         stranger       *             ! not_a_party

# a dispute that there never was is unknown; one that was ruled on is over
undisputed           -         *              settlement    ! unknown_dispute
ruled                -         *              settlement    ! wrong_status

# nothing is proposed before all have agreed, nor after the end
draft|sent           -         *              *             ! wrong_status
waiting              -         *              *             ! wrong_status
closed               -         *              *             ! escrow_closed

# a later date: the seller or broker, while it is worked on or done again
agreed               -         *              extension     ! wrong_status
moving               -         seller|broker  extension     proposal_made
moving               disputed  seller|broker  extension     ! in_dispute
moving               *         *              extension     ! not_allowed
on_hold              -         seller|broker  extension     ! on_hold
on_hold              -         *              extension     ! not_allowed
*                    *         *              extension     ! wrong_status

# a settlement: a side, while a dispute has no ruling
started              disputed  buyer|seller   settlement    proposal_made
started              disputed  *              settlement    ! not_allowed

# a cancellation: a side, of all that is not in dispute
on_hold              -         buyer|seller   cancellation  ! on_hold
*                    *         buyer|seller   cancellation  proposal_made
*                    *         *              cancellation  ! not_allowed

# an amendment: who has agreed to the terms
on_hold              -         parties        amendment     ! on_hold
*                    *         parties        amendment     proposal_made
*                    *         *              amendment     ! not_allowed
`;

describe.each(['full', 'per_milestone'] as const)('a proposal is made, funded %s', (mode) => {
  testTable(
    MAKING,
    {
      situations: [
        ...Object.keys(WHOLE).map((stage) => [stage, '-'] as const),
        ...['waiting', ...STARTED, 'releasing', 'ruled', 'refunded'].map((s) => [s, '-'] as const),
        ...STARTED.flatMap((stage) => DISPUTED.map((dispute) => [stage, dispute] as const)),
      ],
      actors: ACTORS,
      commands: PROPOSAL_KINDS,
      words: {
        started: STARTED,
        disputed: DISPUTED,
        moving: ['in_progress', 'parted', 'overdue', 'rejected'],
        parties: ['buyer', 'seller', 'broker'],
        undisputed: [...Object.keys(WHOLE), 'waiting', ...STARTED, 'releasing', 'refunded'],
      },
    },
    ({ stage, dispute, by, command }: Cell) => {
      if (!isName(by) || !isKind(command)) throw new Error(`no ${by} or no ${command}`);
      const escrow = WHOLE[stage]?.(mode) ?? inSituation(stage, dispute, mode);
      return outcome(propose(escrow, by, command));
    },
  );
});

/** Proposals by the seller, in each of their stages. */
const OFFERED = (): Escrow => proposed(play(escrowOf(), ...ACTIVE), 'seller', 'extension');
const PROPOSALS: { readonly [stage: string]: () => Escrow } = {
  open: OFFERED,
  waiting: () => {
    const escrow = play(escrowOf(), ...ACTIVE);
    const change = { milestones: [{ milestone: 'mil_1', amount: 12_000 }] };
    const content = { kind: 'amendment', change, terms_hash: 'b'.repeat(64) };
    return play(act(escrow, 'seller', 'propose', { content }), 'buyer accept_proposal');
  },
  accepted: () => play(OFFERED(), 'buyer accept_proposal'),
  declined: () => play(OFFERED(), 'buyer decline_proposal'),
  withdrawn: () => play(OFFERED(), 'seller withdraw_proposal'),
  lapsed: () => waitFor(OFFERED(), 'proposal').escrow,
};

const ANSWERING = `
# stage              dispute   by             command            what comes out
*                    -         stranger       *                  ! not_a_party
open                 -         buyer          accept_proposal    proposal_accepted
open                 -         seller         accept_proposal    ! already_done
open                 -         buyer          decline_proposal   proposal_declined
open                 -         seller         withdraw_proposal  proposal_withdrawn
open                 -         clock          lapse              proposal_lapsed
open                 -         *              *                  ! not_allowed
waiting              -         clock          lapse              proposal_lapsed
waiting              -         *              lapse              ! not_allowed
waiting              -         buyer|seller   accept_proposal    ! already_done
accepted             -         buyer|seller   accept_proposal    ! already_done
declined|withdrawn   -         seller         accept_proposal    ! already_done
lapsed               -         seller         accept_proposal    ! already_done
lapsed               -         *              *                  ! deadline_passed
*                    -         *              *                  ! wrong_status
`;

describe('a proposal is answered', () => {
  testTable(
    ANSWERING,
    {
      situations: Object.keys(PROPOSALS).map((stage) => [stage, '-'] as const),
      actors: ACTORS,
      commands: PROPOSAL_COMMANDS.filter((command) => command !== 'propose'),
      words: {},
    },
    ({ stage, by, command }: Cell) => {
      const escrow = PROPOSALS[stage]?.();
      const type = PROPOSAL_COMMANDS.find((each) => each === command);
      if (!escrow || !isName(by) || !type) throw new Error(`no ${stage}, ${by} or ${command}`);
      return outcome(ask(escrow, by, type));
    },
  );

  test('what was never proposed is unknown', () => {
    const escrow = play(escrowOf(), ...ACTIVE);
    expect(outcome(ask(escrow, 'buyer', 'accept_proposal'))).toBe('! unknown_proposal');
  });
});
