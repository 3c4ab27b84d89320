/**
 * Owns what a reminder emits.
 * Must not know when one is due (`deadlines.ts`).
 */
import type { AgreementBodies } from './commands';
import type { Event } from './events';
import { holdReviewDue } from './periods';
import { happened, type Standing } from './row';

/** hold_review begins again with its reminder; the other waits only count it. */
export function reminded(
  standing: Omit<Standing<unknown>, 'here'>,
  asked: AgreementBodies['remind'],
): Event {
  const { deadline, share, milestone, dispute, disbursement, reserve, proposal } = asked;
  const due = share === 100 ? holdReviewDue(standing.escrow.terms, standing.at) : null;
  return happened(standing, 'reminded', {
    deadline,
    share,
    due,
    ...(milestone && { milestone }),
    ...(dispute && { dispute }),
    ...(disbursement && { disbursement }),
    ...(reserve && { reserve }),
    ...(proposal && { proposal }),
  });
}
