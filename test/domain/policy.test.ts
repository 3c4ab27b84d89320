/**
 * Owns what a platform's policy may say, what it does to terms, and that a later one never alters
 * a running escrow. Source: `escrow.md`, sections 1 and 6.
 * Must not know where policies are kept.
 */
import { days, plus } from '../../domain/calendar';
import { deadlinesOf } from '../../domain/deadlines';
import type { Draft } from '../../domain/draft';
import { drafted } from '../../domain/drafting';
import { toMinor } from '../../domain/money';
import {
  type AskedPolicy,
  DEFAULT_POLICY,
  type Policy,
  policyOf,
  usualCurrencies,
} from '../../domain/policy';
import { DEFAULT_PERIODS } from '../../domain/terms';
import { ACTIVE, AT, draftOf, escrowOf, part, play } from './sample';

const policy = (asked: AskedPolicy, version = 7): Policy => {
  const made = policyOf(asked, version);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  return made.policy;
};

function faultsOf(asked: AskedPolicy, changes: Partial<Draft>): readonly string[] {
  const made = drafted(draftOf(changes), policy(asked));
  if (made.ok) return [];
  return made.problems.map(({ code, pointer, detail }) => `${code} ${pointer}: ${detail}`);
}

test('a platform that has said nothing has the defaults of the rules, and version 0', () => {
  expect(DEFAULT_POLICY.version).toBe(0);
  for (const [name, period] of Object.entries(DEFAULT_PERIODS)) {
    expect(DEFAULT_POLICY.periods).toHaveProperty(name, {
      default: period,
      min: 'PT1H',
      max: 'P366D',
    });
  }
  expect(DEFAULT_POLICY).toMatchObject({
    inspection_period: { default: 3, min: 0, max: 365 },
    extension_days_max: 365,
    fee_bps_max: { platform: 10_000, broker_commission: 10_000 },
    business_days: {},
    amount_max: {},
    currencies: 'all',
  });
  expect(policyOf({}, 0)).toEqual({ ok: true, policy: DEFAULT_POLICY });
});

const weekend = ['saturday', 'sunday'] as const;
const whole = [...weekend, 'monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const;
const closed = { weekend: whole, holidays: [] };
const many = Array.from({ length: 401 }, () => '2026-12-25');
const calendars = Array.from({ length: 21 }, (_, n) => [`c${n}`, { weekend, holidays: [] }]);

/** what a policy may not say, and where it is wrong */
const WRONG: readonly (readonly [string, AskedPolicy, string])[] = [
  ['no period', { periods: { rework: { min: 'soon' } } }, '/periods/rework/min'],
  ['less than an hour', { periods: { rework: { min: 'PT0H' } } }, '/periods/rework/min'],
  ['more than a year', { periods: { ruling: { max: 'P367D' } } }, '/periods/ruling/max'],
  ['min above max', { periods: { rework: { min: 'P9D', max: 'P8D' } } }, '/periods/rework/min'],
  ['a default below min', { periods: { rework: { min: 'P8D' } } }, '/periods/rework/default'],
  ['a default above max', { periods: { rework: { max: 'P6D' } } }, '/periods/rework/default'],
  ['a long inspection', { inspection_period: { max: 366 } }, '/inspection_period/max'],
  ['half a day', { inspection_period: { min: 0.5 } }, '/inspection_period/min'],
  ['crossed days', { inspection_period: { min: 9, max: 8 } }, '/inspection_period/min'],
  ['a default of days', { inspection_period: { max: 2 } }, '/inspection_period/default'],
  ['extensions below zero', { extension_days_max: -1 }, '/extension_days_max'],
  ['extensions without end', { extension_days_max: 3_651 }, '/extension_days_max'],
  ['a cap above all', { fee_bps_max: { platform: 10_001 } }, '/fee_bps_max/platform'],
  ['a week off', { business_days: { a: closed } }, '/business_days/a/weekend'],
  [
    'no date',
    { business_days: { 'a/b': { weekend, holidays: ['2026-12-25', '2026-02-30'] } } },
    '/business_days/a~1b/holidays/1',
  ],
  [
    '401 holidays',
    { business_days: { a: { weekend, holidays: many } } },
    '/business_days/a/holidays',
  ],
  ['21 calendars', { business_days: Object.fromEntries(calendars) }, '/business_days'],
  ['an amount of nothing', { amount_max: { EUR: toMinor(0) } }, '/amount_max/EUR'],
  ['an amount of no currency', { amount_max: { XXX: toMinor(5) } }, '/amount_max/XXX'],
  ['no currency at all', { currencies: [] }, '/currencies'],
  ['no currency', { currencies: ['EUR', 'DEM'] }, '/currencies/1'],
];

test.each(WRONG)('a policy with %s is refused', (_, asked, pointer) => {
  const made = policyOf(asked, 1);
  const pointers = made.ok ? [] : made.problems.map((problem) => problem.pointer);
  expect(pointers).toEqual([pointer]);
});

/** policy, draft, the refusal: it names the field and the bound */
const REFUSED: readonly (readonly [AskedPolicy, Partial<Draft>, string])[] = [
  [
    { periods: { rework: { min: 'P2D', max: 'P10D' } } },
    { deadlines: { rework: 'P1D' } },
    'malformed /deadlines/rework: a period of whole months, days or hours, P2D to P10D',
  ],
  [
    { periods: { rework: { min: 'P2D', max: 'P10D' } } },
    { deadlines: { rework: 'P11D' } },
    'malformed /deadlines/rework: a period of whole months, days or hours, P2D to P10D',
  ],
  [
    { inspection_period: { min: 2, max: 5 } },
    { milestones: [part(1), part(2, { inspection_period: 1 })] },
    'malformed /milestones/1/inspection_period: a whole number from 2 to 5',
  ],
  [
    { amount_max: { EUR: toMinor(29_999) } },
    {},
    'malformed /amount: the policy allows at most 29999 EUR, not 30000',
  ],
  [{ currencies: ['USD', 'GBP'] }, {}, 'malformed /currency: the policy allows USD, GBP'],
  [
    { fee_bps_max: { platform: 500 } },
    { fees: [{ kind: 'platform', rate_bps: 501 }] },
    'malformed /fees/0: the policy allows 500 bps of 30000: at most 1500, not 1503',
  ],
  [
    { fee_bps_max: { platform: 500 } },
    { fees: [{ kind: 'platform', fixed: toMinor(1_501) }] },
    'malformed /fees/0: the policy allows 500 bps of 30000: at most 1500, not 1501',
  ],
  [
    { fee_bps_max: { broker_commission: 500 } },
    {
      fees: [
        { kind: 'platform', rate_bps: 3_000 },
        { kind: 'broker_commission', rate_bps: 300 },
        { kind: 'broker_commission', rate_bps: 300 },
      ],
    },
    'malformed /fees/2: the policy allows 500 bps of 30000: at most 1500, not 1800',
  ],
  [
    { business_days: { berlin: { weekend, holidays: [] } } },
    { business_days: 'paris' },
    'malformed /business_days: a calendar of the policy: berlin',
  ],
  [{}, { business_days: 'toString' }, 'malformed /business_days: a calendar of the policy: none'],
];

test.each(REFUSED)('under %j the draft %j is refused', (asked, changes, refusal) => {
  expect(faultsOf(asked, changes)).toEqual([refusal]);
});

/** just within each bound */
const ALLOWED: readonly (readonly [AskedPolicy, Partial<Draft>])[] = [
  [{ periods: { rework: { min: 'P2D', max: 'P10D' } } }, { deadlines: { rework: 'P2D' } }],
  [{ periods: { rework: { min: 'P2D', max: 'P10D' } } }, { deadlines: { rework: 'PT240H' } }],
  [{ inspection_period: { min: 2, max: 5 } }, { milestones: [part(1, { inspection_period: 5 })] }],
  [{ amount_max: { EUR: toMinor(30_000), USD: toMinor(1) } }, {}],
  [{ currencies: ['EUR'] }, {}],
  [{ fee_bps_max: { platform: 500 } }, { fees: [{ kind: 'platform', rate_bps: 500 }] }],
];

test.each(ALLOWED)('under %j the draft %j is fine', (asked, changes) => {
  expect(faultsOf(asked, changes)).toEqual([]);
});

/** countries of buyer, seller and broker; the currency that they deal in under `local` */
const LOCAL: readonly (readonly [readonly (string | null)[], string])[] = [
  [['DE', 'DE', 'DE'], 'EUR'],
  [['CH', 'CH', 'CH'], 'CHF'],
  [['DE', 'FR', 'DE'], 'USD'], // one currency, two countries: the rule asks for one country
  [['DE', 'DE', 'US'], 'USD'],
  [['DE', 'DE', null], 'USD'],
  [[null, null, null], 'USD'],
];

test.each(LOCAL)('parties of %j deal in %s: one country its currency, else USD', (where, own) => {
  const [buyer, seller, broker] = where;
  const known = { acc_buyer: buyer, acc_seller: seller, acc_broker: broker, acc_arbiter: 'JP' };
  const entries = Object.entries(known).flatMap(([id, country]) =>
    country ? [[id, country] as const] : [],
  );
  const countries: { readonly [account: string]: string } = Object.fromEntries(entries);
  const other = own === 'USD' ? 'EUR' : 'USD';
  expect(faultsOf({ currencies: 'local' }, { countries, currency: own })).toEqual([]);
  expect(faultsOf({ currencies: 'local' }, { countries, currency: other })).toEqual([
    `malformed /currency: the policy allows ${own}`,
  ]);
});

test('the rule of countries is the default in live mode; in test mode all currencies are', () => {
  expect([usualCurrencies(true), usualCurrencies(false)]).toEqual(['local', 'all']);
  const made = policyOf({}, 1, usualCurrencies(true));
  expect(made).toMatchObject({ ok: true, policy: { currencies: 'local' } });
});

const BERLIN = { weekend, holidays: ['2026-03-06'] };
const own: AskedPolicy = {
  periods: { rework: { default: 'P2D' } },
  inspection_period: { default: 5 },
  extension_days_max: 30,
  business_days: { berlin: BERLIN },
};

test('what applies is copied into the terms', () => {
  const { terms } = escrowOf({ business_days: 'berlin' }, policy(own));
  expect(terms).toMatchObject({
    deadlines: { ...DEFAULT_PERIODS, rework: 'P2D' },
    business_days: { name: 'berlin', ...BERLIN },
    policy: { version: 7, extension_days_max: 30 },
  });
  expect(terms.milestones.map((milestone) => milestone.inspection_period)).toEqual([5, 5]);
});

test('a calendar is for those who name it', () => {
  expect(escrowOf({}, policy(own)).terms).not.toHaveProperty('business_days');
});

test('a later policy never alters a running escrow', () => {
  const before = escrowOf({ business_days: 'berlin' }, policy(own));
  const after = escrowOf({}, policy({ periods: { rework: { default: 'P9D' } } }, 8));
  const rework = (escrow: typeof before) =>
    deadlinesOf(play(escrow, ...ACTIVE, 'seller mark_done', 'buyer reject_delivery')).find(
      ({ name }) => name === 'rework',
    );
  expect(rework(before)).toMatchObject({
    at: plus(AT, days(2)),
    rule: 'deadlines.rework P2D, business days of berlin',
  });
  expect(rework(after)).toMatchObject({ at: plus(AT, days(9)), rule: 'deadlines.rework P9D' });
});
