/**
 * Owns the calls of the workflow engine: starting, updating, signalling, each under a time limit,
 * and what it means when one fails. A limit is never a failure: the command may have arrived.
 * Must not know what is asked, nor what is answered. Source: `temporal.md`, section 3.
 */
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import {
  ApplicationFailure,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import { isRefusalCode, type Refusal, refusal } from '../domain/refusals';
import {
  ADVANCE_CLOCK,
  type AdvanceClock,
  type EscrowInput,
  type Message,
  QUEUES,
  type ScriptInput,
  WORKFLOWS,
} from '../workflows/messages';
import { escrowStart } from '../workflows/start';
import type { Api } from './dependencies';

/** What became of a call. */
export type Handed =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly refusal: Refusal } // by the validator
  | { readonly kind: 'not_taken' } // or we do not know
  | { readonly kind: 'gone' }; // there is no such run

type Engine = Pick<Api, 'temporal' | 'limits'>;

/** Sends a command as an update; its id makes a repeat harmless. */
export const update = (engine: Engine, escrow: string, message: Message): Promise<Handed> =>
  limited(engine, () =>
    engine.temporal.workflow
      .getHandle(escrow)
      .executeUpdate<void, [Message]>(message.type, { args: [message], updateId: message.id }),
  );

/** Sends a command as a signal: it needs no worker that is alive. */
export const signal = (engine: Engine, escrow: string, message: Message): Promise<Handed> =>
  limited(engine, () => engine.temporal.workflow.getHandle(escrow).signal(message.type, message));

/** Tells a workflow of a test clock how late it is to be. */
export const advance = (engine: Engine, workflow: string, to: AdvanceClock): Promise<Handed> =>
  limited(engine, () => engine.temporal.workflow.getHandle(workflow).signal(ADVANCE_CLOCK, to));

/** Starts the workflow of an escrow with its first command. Running already: `not_taken`. */
export const startEscrow = (engine: Engine, input: EscrowInput): Promise<Handed> =>
  limited(engine, () => engine.temporal.workflow.start(WORKFLOWS.escrow, escrowStart(input)));

/** Starts the script of a payment or a withdrawal. Running already is success. */
export const startScript = (
  engine: Engine,
  workflow: 'payment' | 'payout',
  input: ScriptInput,
): Promise<Handed> =>
  limited(engine, () =>
    engine.temporal.workflow.start(WORKFLOWS[workflow], {
      workflowId: input.effect,
      taskQueue: QUEUES.money,
      args: [input],
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    }),
  );

async function limited(engine: Engine, call: () => Promise<unknown>): Promise<Handed> {
  try {
    await engine.temporal.withDeadline(Date.now() + engine.limits.acceptMs, call);
    return { kind: 'taken' };
  } catch (error) {
    return meaningOf(error);
  }
}

/** The table of `temporal.md`, section 3. Throws what is none of the engine's answers. */
function meaningOf(error: unknown): Handed {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
    if (!isRefusalCode(type)) return { kind: 'not_taken' };
    return { kind: 'refused', refusal: refusal(type, cause?.message) };
  }
  if (error instanceof WorkflowNotFoundError) return { kind: 'gone' };
  const isPassing =
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    error instanceof WorkflowExecutionAlreadyStartedError ||
    error instanceof ServiceError ||
    isGrpcServiceError(error);
  if (isPassing) return { kind: 'not_taken' };
  throw error;
}
