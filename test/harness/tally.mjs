/**
 * Owns the counts that `npm test` ends with: a jest reporter that writes them to a file.
 * Must not know how they are printed.
 */
import { writeFileSync } from 'node:fs';

export default class Tally {
  /**
   * A file that could not run at all has no tests to count; it counts as one failure.
   * @param {unknown} _contexts
   * @param {{ numPassedTests: number, numFailedTests: number,
   *   numRuntimeErrorTestSuites: number }} results
   */
  onRunComplete(_contexts, results) {
    const path = process.env.HOLDFAST_TEST_TALLY;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    if (path) writeFileSync(path, JSON.stringify({ passed: results.numPassedTests, failed }));
  }
}
