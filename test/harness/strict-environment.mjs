/**
 * Owns the end of a test file: after its last hook, whatever the file has left open fails it.
 * A hook could not do this: hooks run in the order in which they are defined, ours first.
 * Owns too that programs which a test starts answer as to a pipe, whatever jest colours.
 * Must not know what databases are: `leftovers.ts` tells about those.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

// Jest tells its workers to colour what they print; a child would inherit that.
delete process.env.FORCE_COLOR;

export default class StrictEnvironment extends TestEnvironment {
  serversBefore = 0;

  /**
   * @param {{ name: string }} event of jest-circus
   * @param {{ unhandledErrors: unknown[] }} state what the file has failed with beside its tests
   */
  async handleTestEvent(event, state) {
    if (event.name === 'setup') this.serversBefore = listeningServers();
    if (event.name !== 'run_finish') return;
    const leftovers = /** @type {(() => Promise<string[]>) | undefined} */ (
      Reflect.get(this.global, 'holdfastLeftovers')
    );
    const left = (await leftovers?.()) ?? [];
    for (let tries = 0; listeningServers() > this.serversBefore && tries < 100; tries += 1) {
      await sleep(50); // closing takes a moment
    }
    if (listeningServers() > this.serversBefore) left.push('a listening server');
    // Thrown, it would hide why a test has failed.
    const error = `left open by this file: ${left.join(', ')}`;
    if (left.length > 0) state.unhandledErrors.push(new Error(error));
  }
}

/** How many servers listen in this process. */
const listeningServers = () =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
