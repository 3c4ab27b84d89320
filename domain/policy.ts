/**
 * Owns what a platform allows in terms: defaults and bounds of every period, caps of fees, largest
 * amounts, currencies, calendars of business days; and what a policy itself may say.
 * Must not know where policies are kept, nor whether terms are right in themselves (`drafting.ts`).
 * What applies is copied into the terms, so that a later policy never alters a running escrow.
 */
import {
  type BusinessDays,
  hasBusinessDay,
  isPeriod,
  isRealDate,
  type Period,
  periodMillis,
} from './calendar';
import { localCurrency } from './countries';
import { isCurrency } from './currencies';
import type { Draft } from './draft';
import { feeTotals } from './fee-plan';
import { floorShare, type Minor } from './money';
import { type Refusal, refusal } from './refusals';
import { DEFAULT_PERIODS, type Fee, type PeriodName, type Terms } from './terms';

/** What is taken when terms are silent, and between which bounds they may choose. */
export type Range<T> = { readonly default: T; readonly min: T; readonly max: T };

export type Policy = {
  readonly version: number; // 0: nothing has been stored
  readonly periods: { readonly [N in PeriodName]: Range<Period> };
  readonly inspection_period: Range<number>; // days
  readonly extension_days_max: number; // all extensions of one milestone together
  readonly fee_bps_max: { readonly [K in Fee['kind']]: number }; // of the price, all of a kind
  readonly business_days: { readonly [name: string]: BusinessDays };
  readonly amount_max: { readonly [currency: string]: Minor }; // price of an escrow
  readonly currencies: readonly string[] | CurrencyRule;
};

/** `local`: parties of one country deal in its currency, all others in USD. */
export const CURRENCY_RULES = ['all', 'local'] as const;
export type CurrencyRule = (typeof CURRENCY_RULES)[number];

type Asked<R> = { readonly [F in keyof R]?: R[F] | undefined };

/** A policy as it is asked for: what is left out is the default. */
export type AskedPolicy = Omit<
  Asked<Policy>,
  'version' | 'periods' | 'inspection_period' | 'fee_bps_max'
> & {
  readonly periods?: { readonly [N in PeriodName]?: Asked<Range<string>> | undefined } | undefined;
  readonly inspection_period?: Asked<Range<number>> | undefined;
  readonly fee_bps_max?: Asked<Policy['fee_bps_max']> | undefined;
};

/** What any policy must stay within. */
const PERIOD_MIN: Period = 'PT1H';
const PERIOD_MAX: Period = 'P366D';
const INSPECTION_DAYS: Range<number> = { default: 3, min: 0, max: 365 };
const EXTENSION_DAYS: Range<number> = { default: 365, min: 0, max: 3_650 };
const WHOLE_BPS = 10_000;
const CALENDARS_MAX = 20;
const HOLIDAYS_MAX = 400;

export type PolicyMade =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly Refusal[] };

/** The rule of a platform that names no currencies: in test mode all. */
export const usualCurrencies = (livemode: boolean): CurrencyRule => (livemode ? 'local' : 'all');

/** The policy with its defaults, or everything that is wrong with it. */
export function policyOf(
  asked: AskedPolicy,
  version: number,
  usual: CurrencyRule = 'all',
): PolicyMade {
  const problems = [
    ...periodNames().flatMap((name) => rangeProblems(asked, name)),
    ...daysProblems(inspectionOf(asked)),
    ...outside('/extension_days_max', asked.extension_days_max, EXTENSION_DAYS),
    ...Object.entries(asked.fee_bps_max ?? {}).flatMap(([kind, bps]) =>
      outside(`/fee_bps_max/${kind}`, bps, { min: 0, max: WHOLE_BPS }),
    ),
    ...calendarProblems(asked.business_days ?? {}),
    ...Object.entries(asked.amount_max ?? {}).flatMap(([code, amount]) => [
      ...currencyProblems([code], '/amount_max'),
      ...outside(`/amount_max/${code}`, amount, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    ]),
    ...(Array.isArray(asked.currencies) ? listProblems(asked.currencies) : []),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, policy: filled(asked, version, usual) };
}

/** Everything in a draft that the policy does not allow. */
export const policyProblems = (draft: Draft, policy: Policy): readonly Refusal[] => [
  ...currencyRefused(draft, policy),
  ...periodNames().flatMap((name) => periodRefused(draft.deadlines?.[name], name, policy)),
  ...draft.milestones.flatMap(({ inspection_period: days }, at) =>
    outside(`/milestones/${at}/inspection_period`, days, policy.inspection_period),
  ),
  ...calendarRefused(draft, policy),
];

/** Everything in terms with their sums that the policy does not allow. */
export const sumsRefused = (terms: Terms, policy: Policy): readonly Refusal[] => [
  ...amountRefused(terms, policy),
  ...feesRefused(terms, policy),
];

/** The rules of a platform that has said nothing, in test mode. */
export const DEFAULT_POLICY: Policy = filled({}, 0, 'all');

function filled(asked: AskedPolicy, version: number, usual: CurrencyRule): Policy {
  const ranges = periodNames().map((name) => [name, rangeOf(asked, name)] as const);
  return {
    version,
    periods: Object.fromEntries(ranges) as Policy['periods'], // every name has its range
    inspection_period: inspectionOf(asked),
    extension_days_max: asked.extension_days_max ?? EXTENSION_DAYS.default,
    fee_bps_max: {
      platform: asked.fee_bps_max?.platform ?? WHOLE_BPS,
      broker_commission: asked.fee_bps_max?.broker_commission ?? WHOLE_BPS,
    },
    business_days: asked.business_days ?? {},
    amount_max: asked.amount_max ?? {},
    currencies: asked.currencies ?? usual,
  };
}

function periodNames(): readonly PeriodName[] {
  const isName = (name: string): name is PeriodName => Object.hasOwn(DEFAULT_PERIODS, name);
  return Object.keys(DEFAULT_PERIODS).filter(isName);
}

function rangeOf({ periods = {} }: AskedPolicy, name: PeriodName): Range<Period> {
  const asked = periods[name] ?? {};
  const period = (text: string | undefined, otherwise: Period): Period =>
    text !== undefined && isPeriod(text) ? text : otherwise;
  return {
    default: period(asked.default, DEFAULT_PERIODS[name]),
    min: period(asked.min, PERIOD_MIN),
    max: period(asked.max, PERIOD_MAX),
  };
}

function inspectionOf({ inspection_period: asked }: AskedPolicy): Range<number> {
  return {
    default: asked?.default ?? INSPECTION_DAYS.default,
    min: asked?.min ?? INSPECTION_DAYS.min,
    max: asked?.max ?? INSPECTION_DAYS.max,
  };
}

function rangeProblems(asked: AskedPolicy, name: PeriodName): readonly Refusal[] {
  const pointer = `/periods/${name}`;
  const given = Object.entries(asked.periods?.[name] ?? {});
  const wrong = given.flatMap(([end, text]) =>
    text === undefined || isBetween(text, PERIOD_MIN, PERIOD_MAX)
      ? []
      : [malformed(`${pointer}/${end}`, `a period from ${PERIOD_MIN} to ${PERIOD_MAX}`)],
  );
  if (wrong.length > 0) return wrong;
  const { default: usual, min, max } = rangeOf(asked, name);
  if (!isBetween(min, PERIOD_MIN, max)) return [malformed(`${pointer}/min`, `at most ${max}`)];
  if (isBetween(usual, min, max)) return [];
  return [malformed(`${pointer}/default`, `a period from ${min} to ${max}, not ${usual}`)];
}

function daysProblems({ default: usual, min, max }: Range<number>): readonly Refusal[] {
  const pointer = '/inspection_period';
  const wrong = [
    ...outside(`${pointer}/min`, min, INSPECTION_DAYS),
    ...outside(`${pointer}/max`, max, INSPECTION_DAYS),
  ];
  if (wrong.length > 0) return wrong;
  if (min > max) return [malformed(`${pointer}/min`, `at most ${max}`)];
  return outside(`${pointer}/default`, usual, { min, max });
}

function calendarProblems(calendars: NonNullable<AskedPolicy['business_days']>) {
  const all = Object.entries(calendars);
  const own = all.flatMap(([name, { weekend, holidays }]) => {
    const pointer = `/business_days/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const problems = holidays.flatMap((date, at) =>
      isRealDate(date) ? [] : [malformed(`${pointer}/holidays/${at}`, 'no date of the calendar')],
    );
    if (holidays.length > HOLIDAYS_MAX) {
      problems.push(malformed(`${pointer}/holidays`, `at most ${HOLIDAYS_MAX} holidays`));
    }
    if (!hasBusinessDay({ weekend, holidays })) {
      problems.push(malformed(`${pointer}/weekend`, 'at least one day of the week is worked'));
    }
    return problems;
  });
  if (all.length <= CALENDARS_MAX) return own;
  return [...own, malformed('/business_days', `at most ${CALENDARS_MAX} calendars`)];
}

function listProblems(codes: readonly string[]): readonly Refusal[] {
  if (codes.length === 0) return [malformed('/currencies', 'at least one currency')];
  return currencyProblems(codes, '/currencies');
}

const currencyProblems = (codes: readonly string[], pointer: string): readonly Refusal[] =>
  codes.flatMap((code, at) =>
    isCurrency(code)
      ? []
      : [malformed(`${pointer}/${pointer === '/currencies' ? at : code}`, 'no ISO 4217 code')],
  );

function currencyRefused(draft: Draft, { currencies }: Policy): readonly Refusal[] {
  const { currency } = draft;
  if (currencies === 'all') return [];
  const allowed = currencies === 'local' ? [localOf(draft)] : currencies;
  if (allowed.includes(currency)) return [];
  return [malformed('/currency', `the policy allows ${allowed.join(', ')}`)];
}

/** The currency of the country that all who pay or are paid share; else USD. */
function localOf({ parties, countries = {} }: Draft): string {
  const dealing = parties.filter(({ role }) => role !== 'arbiter' && role !== 'observer');
  const all = new Set(dealing.map(({ account_id }) => countries[account_id] ?? ''));
  const [country = ''] = all;
  return (all.size === 1 && localCurrency(country)) || 'USD';
}

function periodRefused(
  text: string | undefined,
  name: PeriodName,
  { periods }: Policy,
): readonly Refusal[] {
  const { min, max } = periods[name];
  if (text === undefined || isBetween(text, min, max)) return [];
  const detail = `a period of whole months, days or hours, ${min} to ${max}`;
  return [malformed(`/deadlines/${name}`, detail)];
}

function calendarRefused(draft: Draft, { business_days: known }: Policy): readonly Refusal[] {
  const { business_days: name } = draft;
  if (name === undefined || Object.hasOwn(known, name)) return [];
  const names = Object.keys(known).join(', ') || 'none';
  return [malformed('/business_days', `a calendar of the policy: ${names}`)];
}

function amountRefused({ amount, currency }: Terms, { amount_max }: Policy): readonly Refusal[] {
  const most = Object.hasOwn(amount_max, currency) ? amount_max[currency] : undefined;
  if (most === undefined || amount <= most) return [];
  return [malformed('/amount', `the policy allows at most ${most} ${currency}, not ${amount}`)];
}

/** All fees of a kind together; the one with which they become too much is named. */
function feesRefused(terms: Terms, { fee_bps_max }: Policy): readonly Refusal[] {
  const totals = feeTotals(terms);
  const sums: { [K in Fee['kind']]: number } = { platform: 0, broker_commission: 0 };
  return terms.fees.flatMap(({ kind }, at) => {
    const bps = fee_bps_max[kind];
    const most = floorShare(terms.amount, bps, WHOLE_BPS);
    const before = sums[kind];
    sums[kind] += totals[at] ?? 0;
    if (before > most || sums[kind] <= most) return [];
    const detail = `the policy allows ${bps} bps of ${terms.amount}: at most ${most}`;
    return [malformed(`/fees/${at}`, `${detail}, not ${sums[kind]}`)];
  });
}

function isBetween(text: string, min: Period, max: Period): boolean {
  if (!isPeriod(text)) return false;
  const length = periodMillis(text);
  return length >= periodMillis(min) && length <= periodMillis(max);
}

function outside(
  pointer: string,
  value: number | undefined,
  { min, max }: Pick<Range<number>, 'min' | 'max'>,
): readonly Refusal[] {
  if (value === undefined) return [];
  if (Number.isSafeInteger(value) && value >= min && value <= max) return [];
  return [malformed(pointer, `a whole number from ${min} to ${max}`)];
}

const malformed = (pointer: string, detail: string): Refusal =>
  refusal('malformed', detail, pointer);
