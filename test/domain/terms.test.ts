/**
 * Owns the canonical text of terms: one text for one agreement, whatever the order of its fields.
 * Must not know how it is hashed.
 */
import fc from 'fast-check';
import { days, plus } from '../../domain/calendar';
import type { Draft } from '../../domain/draft';
import { toMinor } from '../../domain/money';
import { policyOf } from '../../domain/policy';
import { canonical, earliestDue } from '../../domain/terms';
import { AT, BUYER, escrowOf, part, SELLER } from './sample';

test.each<[unknown, string]>([
  [{ b: 1, a: [2, 'x', null, true] }, '{"a":[2,"x",null,true],"b":1}'],
  [{ 'a b': 1, a: { d: 1, c: [] } }, '{"a":{"c":[],"d":1},"a b":1}'],
  [{ a: undefined, b: 1 }, '{"b":1}'],
  [[undefined, 1], '[null,1]'],
  [{}, '{}'],
  ['é\n"\u0007', '"é\\n\\"\\u0007"'],
  // RFC 8785, section 3.2.3: members sorted by UTF-16 code units
  [
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  ],
])('%j is %s', (value, text) => expect(canonical(value)).toBe(text));

test('the canonical text says what the value says, in whatever order it was built', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string())), (value) => {
      expect(JSON.parse(canonical(value))).toEqual(value);
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonical(turned)).toBe(canonical(value));
    }),
  );
});

test('every change of what is agreed changes the text', () => {
  const texts = [
    escrowOf(),
    escrowOf({ title: 'Another' }),
    escrowOf({ description: 'more' }),
    escrowOf({ milestones: [part(1), part(2, { inspection_period: 4 })] }),
    escrowOf({ release: { mode: 'manual' } }),
    escrowOf({ deadlines: { rework: 'P8D' } }),
    escrowOf({ ruling_default: 'refund' }),
    escrowOf({ time_zone: 'Asia/Tokyo' }),
  ].map(({ terms }) => canonical(terms));
  expect(new Set(texts).size).toBe(texts.length);
  expect(canonical(escrowOf().terms)).toBe(texts[0]);
});

/** Each field of the terms, with another value than the draft of the sample has. */
const FIELDS = {
  title: 'Another',
  description: 'more',
  type: 'one_off',
  currency: 'USD',
  amount: toMinor(10_000),
  parties: [BUYER, SELLER],
  milestones: [part(1), part(3)],
  fees: [{ kind: 'platform', rate_bps: 100 }],
  funding: { order: 'any' },
  release: { mode: 'manual' },
  refund_to: 'source',
  dispute_handler: { kind: 'arbitration' },
  deadlines: { rework: 'P8D' },
  ruling_default: 'refund',
  rework_rounds_max: 1,
  arbiter_fee: { amount: toMinor(5), borne_by: 'both' },
  time_zone: 'Asia/Tokyo',
  business_days: 'office',
  files: [{ name: 'plan', url: 'https://example.com/plan' }],
  policy: null,
  rulebook: null,
} as const;
/** What a value needs beside it. */
const BESIDE: { readonly [field: string]: Partial<Draft> } = {
  type: { milestones: [part(1)] },
  amount: { milestones: [part(1)] },
  arbiter_fee: { dispute_handler: { kind: 'arbitration' } },
};
const office = policyOf(
  { business_days: { office: { weekend: ['sunday'], holidays: [] } }, extension_days_max: 9 },
  3,
);

test('the terms are these fields, and no engagement id, metadata, test clock or status', () => {
  const optional = ['description', 'ruling_default', 'arbiter_fee', 'business_days'];
  const plain = Object.keys(FIELDS).filter((field) => !optional.includes(field));
  expect(Object.keys(escrowOf().terms).sort()).toEqual(plain.sort());
});

test.each(Object.keys(FIELDS) as (keyof typeof FIELDS)[])(
  'another text, so another hash, is that of terms with another %s',
  (field) => {
    if (!office.ok) throw new Error('no policy');
    const value = FIELDS[field];
    const before = escrowOf(BESIDE[field], office.policy).terms;
    const changes = { ...BESIDE[field], ...(value !== null && { [field]: value }) };
    const after =
      field === 'rulebook'
        ? { ...before, rulebook: 9 }
        : escrowOf(changes as Partial<Draft>, field === 'policy' ? undefined : office.policy).terms;
    const wanted = field === 'type' || field === 'amount' ? escrowOf().terms : before;
    expect(canonical(after)).not.toBe(canonical(wanted));
    expect(JSON.stringify(after[field as keyof typeof after])).not.toBe(
      JSON.stringify(wanted[field as keyof typeof wanted]),
    );
  },
);

test('statuses and destinations are no part of what is agreed', () => {
  const { terms } = escrowOf();
  expect(Object.keys(terms.parties[0] ?? {})).toEqual(['id', 'account_id', 'role', 'access_level']);
});

test('the earliest due date is the first of all milestones', () => {
  const milestones = [part(1), part(2, { due_at: plus(AT, days(5)) })];
  expect(earliestDue(escrowOf({ milestones }).terms)).toBe(plus(AT, days(5)));
});
