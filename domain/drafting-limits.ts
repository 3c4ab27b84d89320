/**
 * Owns the sizes of a draft: how long texts are, how many of a thing there may be, between which
 * bounds a number lies. Source: `escrow.md`, sections 1 and 3.
 * Must not know what the fields mean together (`drafting.ts`).
 */
import type { Draft, DraftFee } from './draft';
import { type Refusal, refusal } from './refusals';
import type { FileRef } from './terms';

const TITLE_MAX = 200;
const DESCRIPTION_MAX = 2000;
const FILES_MAX = 20;
const WHOLE_BPS = 10_000;

/** Everything in a draft that is too long, too many, or out of bounds. */
export function limitProblems(draft: Draft): readonly Refusal[] {
  const { milestones, fees = [], ruling_default: rule, rework_rounds_max: rounds } = draft;
  return [
    ...textProblems(draft, ''),
    ...filesProblems(draft.files, '/files'),
    ...milestones.flatMap((milestone, at) => [
      ...textProblems(milestone, `/milestones/${at}`),
      ...filesProblems(milestone.files, `/milestones/${at}/files`),
      ...outside(`/milestones/${at}/amount`, milestone.amount, 1, Number.MAX_SAFE_INTEGER),
    ]),
    ...sumProblems(draft),
    ...fees.flatMap((fee, at) => feeLimits(fee, `/fees/${at}`)),
    ...outside('/arbiter_fee/amount', draft.arbiter_fee?.amount, 1, Number.MAX_SAFE_INTEGER),
    ...outside('/release/reserve_bps', draft.release?.reserve_bps, 0, WHOLE_BPS),
    ...outside('/rework_rounds_max', rounds, 0, Number.MAX_SAFE_INTEGER),
    ...(typeof rule === 'object'
      ? outside('/ruling_default/recipients_bps', rule.recipients_bps, 0, WHOLE_BPS)
      : []),
  ];
}

/** Prices add up to something that can be counted. */
function sumProblems({ milestones }: Draft): readonly Refusal[] {
  const total = milestones.reduce((sum, milestone) => sum + milestone.amount, 0);
  if (total <= Number.MAX_SAFE_INTEGER) return [];
  return [refusal('malformed', 'the milestones sum to more than can be counted', '/milestones')];
}

function textProblems(
  { title, description = '' }: { readonly title: string; readonly description?: string },
  pointer: string,
): readonly Refusal[] {
  const problems: Refusal[] = [];
  if (title.length < 1 || title.length > TITLE_MAX) {
    problems.push(refusal('malformed', `1 to ${TITLE_MAX} characters`, `${pointer}/title`));
  }
  if (description.length > DESCRIPTION_MAX) {
    const detail = `at most ${DESCRIPTION_MAX} characters`;
    problems.push(refusal('malformed', detail, `${pointer}/description`));
  }
  return problems;
}

function filesProblems(files: readonly FileRef[] = [], pointer: string): readonly Refusal[] {
  const problems = files.flatMap(({ url }, at) =>
    url.startsWith('https://') ? [] : [refusal('malformed', 'https only', `${pointer}/${at}/url`)],
  );
  if (files.length <= FILES_MAX) return problems;
  return [...problems, refusal('malformed', `at most ${FILES_MAX} files`, pointer)];
}

const feeLimits = (fee: DraftFee, pointer: string): readonly Refusal[] => [
  ...outside(`${pointer}/rate_bps`, fee.rate_bps, 0, WHOLE_BPS),
  ...outside(`${pointer}/tax_bps`, fee.tax_bps, 0, WHOLE_BPS),
  ...outside(`${pointer}/fixed`, fee.fixed, 0, Number.MAX_SAFE_INTEGER),
  ...outside(`${pointer}/min`, fee.min, 0, Number.MAX_SAFE_INTEGER),
  ...outside(`${pointer}/max`, fee.max, 0, Number.MAX_SAFE_INTEGER),
  ...(['buyer', 'seller', 'broker'] as const).flatMap((side) =>
    outside(`${pointer}/paid_by/${side}`, fee.paid_by?.[side], 0, WHOLE_BPS),
  ),
];

/** A whole number from `least` to `most`, or left out. */
function outside(
  pointer: string,
  value: number | undefined,
  least: number,
  most: number,
): readonly Refusal[] {
  if (value === undefined) return [];
  if (Number.isSafeInteger(value) && value >= least && value <= most) return [];
  return [refusal('malformed', `a whole number from ${least} to ${most}`, pointer)];
}
