/**
 * Owns how payloads become values inside workflows. A signal whose payload cannot be read would
 * fail its workflow task for ever: here it is null, which every reader drops.
 * Must not throw. The result of an activity that cannot be read is null too, and fails the task
 * of the workflow that uses it, which heals.
 */
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/** The name that the SDK looks for. */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload: <T>(payload: Payload): T => {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch {
      return null as T; // the interface has no word for "unreadable"
    }
  },
};
