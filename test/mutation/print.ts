/**
 * Owns the list of mutants as JSON, for `bin/mutate.mjs`.
 * Must not run a test.
 */
import { mutantsOf, nameOf } from './mutants';

const list = mutantsOf().map((mutant) => {
  const { table, file, row, guard } = mutant;
  return { name: nameOf(mutant), table, file, row, guard };
});
console.log(JSON.stringify(list));
