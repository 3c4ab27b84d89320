/**
 * Owns where an escrow's countdowns stand and what each is called.
 * Must not know how long they are (`deadlines.ts`) nor what happens when they end.
 */
import type { Countdown } from './countdown';
import type {
  Agreement,
  DeadlineName,
  Disbursement,
  Dispute,
  Escrow,
  Hold,
  Milestone,
  Proposal,
  SubjectOf,
} from './escrow';

export type Waiting = {
  readonly name: DeadlineName;
  readonly subject: SubjectOf;
  readonly due: Countdown;
};

type Change = (waiting: Waiting) => Countdown;

/** The countdowns of a part of an escrow, running or stopped. */
export const waitsOfAgreement = (agreement: Agreement): readonly Waiting[] =>
  seen((see) => ofAgreement(agreement, see));
export const waitsOfMilestone = (milestone: Milestone): readonly Waiting[] =>
  seen((see) => ofMilestone(milestone, see));
export const waitsOfProposal = (proposal: Proposal): readonly Waiting[] =>
  seen((see) => ofProposal(proposal, see));
export const waitsOfHold = (hold: Hold): readonly Waiting[] => seen((see) => ofHold(hold, see));

/** The escrow with every countdown replaced by what `change` makes of it. */
export function mapCountdowns(escrow: Escrow, change: Change): Escrow {
  const { hold } = escrow;
  return {
    ...escrow,
    agreement: ofAgreement(escrow.agreement, change),
    milestones: escrow.milestones.map((milestone) => ofMilestone(milestone, change)),
    proposals: escrow.proposals.map((proposal) => ofProposal(proposal, change)),
    hold: hold && ofHold(hold, change),
  };
}

/** The escrow with the one countdown of that name and subject changed; all that it is not part of
 * stays the same object. */
export function changeCountdown(
  escrow: Escrow,
  name: DeadlineName,
  subject: SubjectOf,
  change: (due: Countdown) => Countdown,
): Escrow {
  const its: Change = (waiting) =>
    waiting.name === name && isSame(waiting.subject, subject) ? change(waiting.due) : waiting.due;
  const { agreement, milestones, proposals, hold } = escrow;
  if (subject.milestone) {
    const { milestone } = subject;
    return {
      ...escrow,
      milestones: milestones.map((m) => (m.id === milestone ? ofMilestone(m, its) : m)),
    };
  }
  if (subject.proposal) {
    const { proposal } = subject;
    return {
      ...escrow,
      proposals: proposals.map((p) => (p.id === proposal ? ofProposal(p, its) : p)),
    };
  }
  return { ...escrow, agreement: ofAgreement(agreement, its), hold: hold && ofHold(hold, its) };
}

function seen(part: (see: Change) => unknown): readonly Waiting[] {
  const found: Waiting[] = [];
  part((waiting) => {
    found.push(waiting);
    return waiting.due;
  });
  return found;
}

const ofHold = (hold: Hold, change: Change): Hold => ({
  ...hold,
  due: change({ name: 'hold_review', subject: {}, due: hold.due }),
});

const isSame = (a: SubjectOf, b: SubjectOf): boolean => SUBJECTS.every((of) => a[of] === b[of]);

const SUBJECTS = ['milestone', 'dispute', 'disbursement', 'reserve', 'proposal'] as const;

function ofAgreement(agreement: Agreement, change: Change): Agreement {
  if (agreement.stage !== 'sent' && agreement.stage !== 'agreed') return agreement;
  const { funding, acceptance } = agreement;
  return {
    ...agreement,
    funding: funding && change({ name: 'funding', subject: {}, due: funding }),
    acceptance: acceptance && change({ name: 'acceptance', subject: {}, due: acceptance }),
  };
}

function ofMilestone(milestone: Milestone, change: Change): Milestone {
  const here = ofMoneyOut(milestone, change);
  const subject = { milestone: milestone.id };
  switch (here.stage) {
    case 'in_progress': {
      const due = change({ name: here.overdue ? 'overdue' : 'delivery', subject, due: here.due });
      const dispute = ofDispute(milestone, here.dispute, change);
      return due === here.due && dispute === here.dispute ? here : { ...here, due, dispute };
    }
    case 'delivered':
    case 'rejected': {
      const name = here.stage === 'delivered' ? 'inspection' : 'rework';
      const due = change({ name, subject, due: here.due });
      const dispute = ofDispute(milestone, here.dispute, change);
      return due === here.due && dispute === here.dispute ? here : { ...here, due, dispute };
    }
    case 'accepted': {
      const due = here.due && change({ name: 'release', subject, due: here.due });
      const dispute = ofDispute(milestone, here.dispute, change);
      return due === here.due && dispute === here.dispute ? here : { ...here, due, dispute };
    }
    case 'waiting': {
      if (!here.funding) return here;
      return {
        ...here,
        funding: change({ name: 'milestone_funding', subject, due: here.funding }),
      };
    }
    case 'releasing':
    case 'disbursed':
    case 'ruled':
    case 'refunded':
    case 'cancelled':
      return here;
    default:
      return here satisfies never;
  }
}

/** What has left a milestone waits too: for its payout, or kept back for a while. */
function ofMoneyOut(milestone: Milestone, change: Change): Milestone {
  const { disbursements, reserves } = milestone;
  if (disbursements.length === 0 && reserves.length === 0) return milestone;
  return {
    ...milestone,
    disbursements: disbursements.map((each) => ofDisbursement(milestone, each, change)),
    reserves: reserves.map((each) => {
      const subject = { milestone: milestone.id, reserve: each.id };
      return { ...each, due: change({ name: 'reserve', subject, due: each.due }) };
    }),
  };
}

function ofProposal(proposal: Proposal, change: Change): Proposal {
  const subject = { proposal: proposal.id };
  if (proposal.stage === 'open') {
    return { ...proposal, due: change({ name: 'proposal', subject, due: proposal.due }) };
  }
  if (proposal.stage !== 'waiting') return proposal;
  return { ...proposal, due: change({ name: 'amendment_funding', subject, due: proposal.due }) };
}

const DISPUTE_WAITS = {
  open: 'response',
  negotiating: 'negotiation',
  with_handler: 'ruling',
} as const satisfies Record<Dispute['stage'], DeadlineName>;

function ofDispute(milestone: Milestone, dispute: Dispute | null, change: Change): Dispute | null {
  if (!dispute) return null;
  const subject = { milestone: milestone.id, dispute: dispute.id };
  const due = change({ name: DISPUTE_WAITS[dispute.stage], subject, due: dispute.due });
  return due === dispute.due ? dispute : { ...dispute, due };
}

function ofDisbursement(
  milestone: Milestone,
  disbursement: Disbursement,
  change: Change,
): Disbursement {
  if (!('due' in disbursement)) return disbursement;
  const subject = { milestone: milestone.id, disbursement: disbursement.id };
  return { ...disbursement, due: change({ name: 'payout', subject, due: disbursement.due }) };
}
