/**
 * Owns `docs/coverage-of-rules.md`: each rule of `docs/rules.md` with the tests that prove it, by
 * `test/rules.txt`. A rule without a test, or with a test that there is not, makes no page: unless
 * its place says `not proved` and why, and the rule itself that it is not built; the page says so
 * first.
 * Must not know any rule.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type HasTest, testsIn } from './test-titles';

/** What a rule that is not proved ends with, so that nobody takes it for done. */
const NOT_BUILT = '*Not built yet.*';

const ROOT = resolve(__dirname, '..');

/** What a page is made from; `testsOf` answers null where there is no such file of tests. */
export type Sources = {
  readonly rules: string;
  readonly proofs: string;
  readonly testsOf: (file: string) => HasTest | null;
};

/** The sources as they stand in the repository. */
export function sourcesOfRepository(): Sources {
  const known = new Map<string, HasTest | null>();
  const read = (file: string): HasTest | null => {
    const path = resolve(ROOT, 'test', `${file}.test.ts`);
    return existsSync(path) ? testsIn(readFileSync(path, 'utf8')) : null;
  };
  return {
    rules: readFileSync(resolve(ROOT, 'docs', 'rules.md'), 'utf8'),
    proofs: readFileSync(resolve(ROOT, 'test', 'rules.txt'), 'utf8'),
    testsOf: (file) => {
      const tests = known.get(file) ?? read(file);
      known.set(file, tests);
      return tests;
    },
  };
}

/** The page; throws with every fault when there is one. */
export function printCoverage(sources: Sources = sourcesOfRepository()): string {
  const faults = faultsIn(sources);
  if (faults.length > 0) throw new Error(`no page of rules:\n${faults.join('\n')}`);
  const sections = sectionsOf(sources.rules);
  const rules = sections.flatMap((section) => section.rules);
  const proofs = new Map(proofsOf(sources.proofs).map((proof) => [proof.number, proof]));
  const open = rules.filter(({ number }) => proofs.get(number)?.open);
  const tests = new Set([...proofs.values()].flatMap(({ tests: all }) => all));
  return `${[
    '# Which tests prove the rules',
    'Printed from `docs/rules.md` and `test/rules.txt` by `npm run docs`; a test fails when it ' +
      'differs, when a rule has no test, and when a test that is named here is gone.',
    `${rules.length} rules: ${rules.length - open.length} are proved, by ${tests.size} tests, ` +
      `and ${open.length} are not.`,
    ...openChapter(open, proofs),
    ...sections.flatMap(({ title, rules: own }) => [
      `## ${title}`,
      ...own.map((rule) => proofText(rule, proofs.get(rule.number))),
    ]),
  ].join('\n\n')}\n`;
}

/** Everything that is wrong: what has no proof, what is proved and is no rule, what is no test. */
export function faultsIn({ rules, proofs, testsOf }: Sources): readonly string[] {
  const sections = sectionsOf(rules);
  const known = new Map(
    sections.flatMap((section) => section.rules.map((rule) => [rule.number, rule])),
  );
  const all = proofsOf(proofs);
  const silent = [...known.keys()].filter((number) => !all.some((each) => each.number === number));
  return [
    ...orderFaults(sections),
    ...silent.map((number) => `${number}: nothing says which test proves it`),
    ...all.flatMap((proof, at) => {
      const isSecond = all.findIndex(({ number }) => number === proof.number) < at;
      const faults = isSecond ? ['twice'] : proofFaults(proof, known.get(proof.number), testsOf);
      return faults.map((fault) => `${proof.number}: ${fault}`);
    }),
  ];
}

function proofFaults(
  { tests, open }: Proof,
  rule: Rule | undefined,
  testsOf: Sources['testsOf'],
): readonly string[] {
  if (!rule) return ['no such rule'];
  const saysSo = rule.text.endsWith(NOT_BUILT);
  if (open && !saysSo) return ['not proved, and its rule does not say so'];
  if (!open && saysSo) return ['proved, and its rule says it is not built'];
  if (!open && tests.length === 0) return ['no test'];
  if (new Set(tests).size < tests.length) return ['the same test twice'];
  return tests.flatMap((test) => missing(test, testsOf));
}

type Rule = { readonly number: string; readonly text: string };
type Section = { readonly title: string; readonly rules: readonly Rule[] };
type Proof = {
  readonly number: string;
  readonly tests: readonly string[]; // `folder/file: group › title`
  readonly open: string | null; // why it is not proved
};

function sectionsOf(page: string): readonly Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((chapter) => {
      const [title = '', ...paragraphs] = chapter.split(/\n\s*\n/);
      return { title: title.trim(), rules: paragraphs.flatMap(ruleIn) };
    });
}

function ruleIn(paragraph: string): readonly Rule[] {
  const [, number, text] = /^\s*\*\*(\d+\.\d+)\*\* ([\s\S]+)$/.exec(paragraph) ?? [];
  return number && text ? [{ number, text: text.trim().replace(/\s*\n\s*/g, ' ') }] : [];
}

/** A number a line, then its tests, each indented on a line of its own. `#` begins a remark. */
function proofsOf(text: string): readonly Proof[] {
  const blocks = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/^(?=\d)/m);
  return blocks.flatMap((block): readonly Proof[] => {
    const [number = '', ...lines] = block.split('\n').map((line) => line.trim());
    if (number === '') return [];
    const [open = null] = lines.flatMap((line) => /^not proved: (.+)$/.exec(line)?.[1] ?? []);
    const tests = lines.filter((line) => line !== '' && !line.startsWith('not proved:'));
    return [{ number, tests, open }];
  });
}

/** Rules are numbered by their section, without a gap. */
const orderFaults = (sections: readonly Section[]): readonly string[] =>
  sections.flatMap(({ title, rules }) => {
    const [section] = title.split('.');
    return rules
      .filter(({ number }, at) => number !== `${section}.${at + 1}`)
      .map(({ number }) => `${number}: not in its place under "${title}"`);
  });

function missing(test: string, testsOf: Sources['testsOf']): readonly string[] {
  const [file = '', ...rest] = test.split(': ');
  const tests = testsOf(file);
  if (!tests) return [`no file test/${file}.test.ts`];
  return tests(rest.join(': ')) ? [] : [`no test in ${file}: ${rest.join(': ')}`];
}

function openChapter(open: readonly Rule[], proofs: ReadonlyMap<string, Proof>): readonly string[] {
  if (open.length === 0) return [];
  const list = open.map(({ number }) => `- ${number}: ${proofs.get(number)?.open}`);
  return ['## Not proved', list.join('\n')];
}

function proofText({ number, text }: Rule, proof: Proof | undefined): string {
  const tests = (proof?.tests ?? []).map((test) => {
    const [file = '', ...rest] = test.split(': ');
    return `- [${file}](../test/${file}.test.ts): ${titleText(rest.join(': '))}`;
  });
  const open = proof?.open ? [`- not proved: ${proof.open}`] : [];
  return `**${number}** ${text}\n\n${[...open, ...tests].join('\n')}`;
}

/** Where a whole table is meant, its columns are not filled in. */
function titleText(title: string): string {
  const text = title.replace(/[<>|*_]/g, '\\$&');
  return /%[a-z]/.test(text) ? `${text.replace(/%[a-z]/g, '…')} (each row of its table)` : text;
}
