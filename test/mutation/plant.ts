/**
 * Owns taking one guard out before a test file runs: in the memory of its process alone.
 * Must not know what a test says to it.
 */
import { mutantsOf, nameOf } from './mutants';

const wanted = process.env.HOLDFAST_TEST_MUTANT;
if (wanted) {
  const found = mutantsOf().find((mutant) => nameOf(mutant) === wanted);
  if (!found) throw new Error(`there is no mutant ${wanted}`);
  found.plant();
}
