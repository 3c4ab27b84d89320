/**
 * Owns the list of what a test file has opened and not closed; closes it, so that jest can end.
 * Must not know what it was opened for. `strict-environment.mjs` asks at the end of the file.
 */
import { closeLeftDatabases } from './database';

Object.assign(globalThis, {
  holdfastLeftovers: async (): Promise<string[]> =>
    (await closeLeftDatabases()).map((name) => `test database ${name}`),
});
