/**
 * Owns the rows of the arbiter's queue: each dispute that a step has touched, as it stands now.
 * Must not know how a dispute is decided.
 */
import { endOf } from '../domain/countdown';
import { type Dispute, disputeOf, type Escrow, type Milestone } from '../domain/escrow';
import type { Event } from '../domain/events';

export type DisputeRow = {
  readonly id: string;
  readonly milestone: string;
  readonly status: Dispute['stage'] | 'withdrawn' | 'ruled';
  readonly handler: string | null;
  readonly due_at: string | null;
  readonly view: object;
};

/** `{disputes: rows}` for a step that touched some, else nothing. */
export function disputeRowsOf(
  after: Escrow,
  events: readonly Event[],
): { readonly disputes?: readonly DisputeRow[] } {
  const touched = new Set(events.flatMap((event) => ('dispute' in event ? [event.milestone] : [])));
  const isHoldMoved = events.some(({ type }) => type === 'put_on_hold' || type === 'hold_lifted');
  const rows = after.milestones.flatMap((milestone) => {
    const open = disputeOf(milestone);
    if (open && (isHoldMoved || touched.has(milestone.id)))
      return [rowOf(milestone, open, open.stage)];
    if (milestone.stage === 'ruled' && touched.has(milestone.id)) {
      return [rowOf(milestone, milestone.ruling.dispute, 'ruled')];
    }
    return [];
  });
  const withdrawn = events.flatMap((event) =>
    event.type === 'dispute_withdrawn' ? [withdrawnRow(event.dispute, event.milestone)] : [],
  );
  const disputes = [...rows, ...withdrawn];
  return disputes.length === 0 ? {} : { disputes };
}

function rowOf(milestone: Milestone, dispute: Dispute, status: DisputeRow['status']): DisputeRow {
  const { id, due, ...facts } = dispute;
  return {
    id,
    milestone: milestone.id,
    status,
    handler: dispute.handler,
    due_at: status === 'ruled' ? null : endOf(due),
    view: {
      ...facts,
      ...(milestone.stage === 'ruled' && {
        ruling: {
          recipients: milestone.ruling.recipients,
          payers: milestone.ruling.payers,
          arbiter_fee: milestone.ruling.arbiter_fee,
          reason: milestone.ruling.reason,
          by: milestone.ruling.by,
          at: milestone.ruling.at,
        },
      }),
    },
  };
}

/** The state has forgotten it; its row keeps what it said and is closed. */
const withdrawnRow = (id: string, milestone: string): DisputeRow => ({
  id,
  milestone,
  status: 'withdrawn',
  handler: null,
  due_at: null,
  view: {},
});
