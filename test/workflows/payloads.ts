/**
 * Owns signals made by hand, below everything that the SDK's client checks.
 * Must not know what is wrong with them.
 */
import type { temporal } from '@temporalio/proto';
import type { World } from './world';

export type Payload = temporal.api.common.v1.IPayload;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A payload that says that it is JSON. */
export const json = (text: string): Payload => ({
  metadata: { encoding: bytes('json/plain') },
  data: bytes(text),
});

export const rawSignal = (
  { engine }: World,
  workflow: string,
  name: string,
  payloads: Payload[],
): Promise<unknown> =>
  engine.client.workflowService.signalWorkflowExecution({
    namespace: engine.namespace,
    workflowExecution: { workflowId: workflow },
    signalName: name,
    input: { payloads },
  });
