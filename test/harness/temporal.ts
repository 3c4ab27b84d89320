/**
 * Owns how a test file reaches the Temporal server and the workflow bundle of the run.
 * Must not know any workflow.
 */
import { randomBytes } from 'node:crypto';
import { given } from './environment';

export type TestTemporal = {
  readonly address: string;
  readonly namespace: string;
  /** Address of the web interface, '' when the server was given and we do not know it. */
  readonly ui: string;
};

/** The server of this test run. Files share it: each uses a task queue of its own. */
export async function testTemporal(): Promise<TestTemporal> {
  return {
    address: given('temporalAddress'),
    namespace: given('temporalNamespace'),
    ui: given('temporalUi'),
  };
}

/** A name that no other file uses, for task queues and workflow ids. */
export const uniqueName = (what: string): string => `${what}-${randomBytes(8).toString('hex')}`;

/** The path of the workflow bundle, for `workflowBundle: { codePath }` of a worker. */
export function bundlePath(): string {
  const path = given('bundle');
  if (path === '') throw new Error('there is no workflow bundle: see the first lines of this run');
  return path;
}
