/**
 * Owns that `docs/coverage-of-rules.md` is what the rules and their tests print today, and that a
 * rule without a test, and a test that is gone or renamed, are noticed.
 * Must not know any rule. Mend a red test by `test/rules.txt`, then `npm run docs`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  faultsIn,
  printCoverage,
  type Sources,
  sourcesOfRepository,
} from '../../../bin/coverage-of-rules';
import { testsIn } from '../../../bin/test-titles';

const sources = sourcesOfRepository();

test('every rule names its tests, and every test that is named is there', () => {
  expect(faultsIn(sources)).toEqual([]);
});

test('docs/coverage-of-rules.md is what rules and tests print', () => {
  const page = join(__dirname, '../../../docs/coverage-of-rules.md');
  expect(readFileSync(page, 'utf8')).toBe(printCoverage(sources));
});

const TESTS = `
  const ROWS = [['red', 5], ['green', 6]];
  const TABLE = \`
# stage by what comes out
sent  -  buyer|seller  accept  party_accepted, agreed
\`;
  test('one', () => {});
  describe('a group', () => {
    test.each<[string, number]>(ROWS)('%s is %d', () => {});
    testTable(TABLE, {}, () => '');
  });
  describe.each(['full'])('mode %s', () => { test('holds', () => {}); });
  every('life goes on', () => null);
`;

test.each([
  ['one', true],
  ['two', false],
  ['a group › red is 5', true],
  ['a group › blue is 5', false],
  ['a group › %s is %d', true],
  ['red is 5', false],
  ['a group › sent, undisputed: buyer|seller accept → party_accepted, agreed', true],
  ['a group › sent, undisputed: buyer accept → party_accepted, agreed', false],
  ['a group › every cell has a row', true],
  ['mode full › holds', true],
  ['mode half › holds', false],
  ['life goes on', true],
])('a file of tests has "%s": %s', (title, expected) => {
  expect(testsIn(TESTS)(title)).toBe(expected);
});

const small = (proofs: string, rules = '**1.1** All is fine.\n\n**1.2** So\nit is.'): Sources => ({
  rules: `# Rules\n\n## 1. Terms\n\n${rules}\n`,
  proofs,
  testsOf: (file) => (file === 'domain/x' ? testsIn(TESTS) : null),
});

/** what is wrong, proofs, the fault */
const FAULTS: readonly (readonly [string, string, string])[] = [
  ['a rule that nothing is said about', '1.1\n  domain/x: one', '1.2: nothing says which'],
  ['a rule without a test', '1.1\n  domain/x: one\n1.2\n', '1.2: no test'],
  ['a test that there is not', '1.1\n  domain/x: two\n1.2\n  domain/x: one', '1.1: no test in'],
  ['a row that there is not', '1.1\n  domain/x: a group › blue is 5', '1.1: no test in domain/x'],
  ['a file that there is not', '1.1\n  domain/y: one', '1.1: no file test/domain/y.test.ts'],
  ['a rule that there is not', '1.1\n  domain/x: one\n1.3\n  domain/x: one', '1.3: no such rule'],
  ['a rule named twice', '1.1\n  domain/x: one\n1.1\n  domain/x: one', '1.1: twice'],
  ['a test named twice', '1.1\n  domain/x: one\n  domain/x: one', '1.1: the same test twice'],
];

test.each(FAULTS)('%s is a fault, and then there is no page', (_, proofs, fault) => {
  expect(faultsIn(small(proofs)).join('\n')).toContain(fault);
  expect(() => printCoverage(small(proofs))).toThrow(fault);
});

test('a rule that is not proved says so itself, and no other does', () => {
  expect(faultsIn(small(OPEN))).toEqual(['1.2: not proved, and its rule does not say so']);
  const proved = '1.1\n  domain/x: one\n1.2\n  domain/x: one';
  expect(faultsIn(small(proved, RULES))).toEqual([
    '1.2: proved, and its rule says it is not built',
  ]);
});

test('a rule out of its place is a fault', () => {
  const rules = '**1.1** All is fine.\n\n**1.3** So it is.';
  expect(faultsIn(small('', rules))).toContain('1.3: not in its place under "1. Terms"');
});

const RULES = '**1.1** All is fine.\n\n**1.2** So it is. *Not built yet.*';
const OPEN = '1.1\n  domain/x: one\n1.2\n  not proved: nobody has';

test('what is not proved is counted, and said first', () => {
  const page = printCoverage(small(OPEN, RULES));
  expect(page).toContain('2 rules: 1 are proved, by 1 tests, and 1 are not.');
  expect(page).toContain('## Not proved\n\n- 1.2: nobody has\n\n## 1. Terms');
  expect(page).toContain('**1.2** So it is. *Not built yet.*\n\n- not proved: nobody has');
});
