/**
 * Owns how events change a disbursement, and when all of a milestone have arrived.
 * Must not know how much money they carry.
 */
import { startCountdown } from './countdown';
import { type Disbursement, type Escrow, isComplete } from './escrow';
import { type Changes, onMilestone } from './evolve-milestone';
import type { DisbursementId, MilestoneId } from './ids';

type DisbursementEventType =
  | 'disbursement_settled'
  | 'disbursement_failed'
  | 'disbursement_returned'
  | 'disbursement_retried'
  | 'disbursement_redirected';

export const DISBURSEMENT_CHANGES: Changes<DisbursementEventType> = {
  disbursement_settled: (escrow, { milestone, disbursement, destination, returnable_until }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'settled',
      returnable_until,
      destination: destination ?? before.destination,
    })),

  disbursement_failed: (escrow, { at, milestone, disbursement, reason, due }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: reason === 'parked' ? 'parked' : 'failed',
      due: startCountdown(at, due, escrow.hold !== null),
    })),

  disbursement_returned: (escrow, { at, milestone, disbursement, due }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'returned',
      due: startCountdown(at, due, escrow.hold !== null),
    })),

  disbursement_retried: (escrow, { milestone, disbursement }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'pending',
    })),

  disbursement_redirected: (escrow, { milestone, disbursement, destination }) =>
    onDisbursement(escrow, milestone, disbursement, (before) => ({
      ...calm(before),
      state: 'pending',
      destination,
    })),
};

function onDisbursement(
  escrow: Escrow,
  id: MilestoneId,
  disbursement: DisbursementId,
  change: (before: Disbursement) => Disbursement,
): Escrow {
  return onMilestone(escrow, id, (here) => {
    const disbursements = here.disbursements.map((d) => (d.id === disbursement ? change(d) : d));
    if (here.stage !== 'releasing' && here.stage !== 'disbursed') return { ...here, disbursements };
    const stage = disbursements.every(isComplete) ? 'disbursed' : 'releasing';
    return { ...here, disbursements, stage };
  });
}

/** A disbursement without the wait of a state that it leaves. */
function calm(before: Disbursement): Omit<Disbursement, 'state' | 'due'> {
  const { id, party, account, amount, destination, returnable_until } = before;
  return { id, party, account, amount, destination, returnable_until };
}
