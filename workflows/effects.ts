/**
 * Owns starting what a recorded event asks for: a payout script under the id of its disbursement.
 * Must not know what the script does.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { Effect } from '../domain/effects';
import { HINT, QUEUES, type ScriptInput, WORKFLOWS } from './messages';
import type { Run } from './run';

/** Starts a payout, or wakes the one that waits. Doing it twice is doing it once. */
export async function startEffect(run: Run, effect: Effect): Promise<void> {
  if (effect.how !== 'begin' && (await wake(effect))) return;
  if (effect.how === 'wake') return;
  const input: ScriptInput = {
    effect: effect.id,
    escrow: run.escrow.id,
    clock: run.clockId && { id: run.clockId, offset_ms: run.clock.offset },
  };
  try {
    await startChild(WORKFLOWS.payout, {
      workflowId: effect.id,
      taskQueue: QUEUES.money,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy:
        effect.how === 'again'
          ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
          : WorkflowIdReusePolicy.REJECT_DUPLICATE,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** True when the script was there to hear it. */
async function wake(effect: Effect): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(effect.id).signal(HINT, { kind: 'payout', id: effect.id });
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false; // it had ended: it is started again and goes on from its rows
  }
}
