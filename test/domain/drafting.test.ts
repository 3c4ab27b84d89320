/**
 * Owns what terms may be: every fault of a draft has a code and points at its field; what this
 * version does not do is refused; defaults are filled in; no draft makes the rules stumble.
 * Must not know how a request is parsed.
 */
import fc from 'fast-check';
import { days, plus } from '../../domain/calendar';
import type { DraftMilestone } from '../../domain/draft';
import { drafted, openDraft } from '../../domain/drafting';
import { toMinor, ZERO } from '../../domain/money';
import { type Fault, faultsOf, fee, many, one } from './faults';
import { AT, draftOf, escrowOf, HASH, part } from './sample';

const file = { name: 'plan', url: 'https://example.com/plan.pdf' };

test('a draft with nothing but the necessary is drafted', () => expect(faultsOf({})).toEqual([]));

const FAULTS: readonly Fault[] = [
  ['no title', { title: '' }, 'malformed /title'],
  ['a long title', { title: 'x'.repeat(201) }, 'malformed /title'],
  ['a long description', { description: 'x'.repeat(2001) }, 'malformed /description'],
  ['an unknown currency', { currency: 'EURO' }, 'malformed /currency'],
  ['a currency without money', { currency: 'XAU' }, 'malformed /currency'],
  ['an unknown zone', { time_zone: 'Mars/Olympus' }, 'malformed /time_zone'],
  ['another sum', { amount: toMinor(29_999) }, 'amount_mismatch /amount'],
  ['one-off with two', { type: 'one_off' }, 'malformed /milestones'],
  ['milestones with one', { ...one({}), type: 'milestone' }, 'malformed /milestones'],
  ['51 milestones', { milestones: many(51, (n) => part(n + 1)) }, 'malformed /milestones'],
  [
    'sums beyond counting',
    { milestones: [part(1, { amount: toMinor(9e15) }), part(2, { amount: toMinor(9e15) })] },
    'malformed /milestones',
  ],
  ['no amount', one({ amount: toMinor(0) }), 'malformed /milestones/0/amount'],
  ['an amount below zero', one({ amount: toMinor(-5) }), 'malformed /milestones/0/amount'],
  ['no title of a milestone', one({ title: '' }), 'malformed /milestones/0/title'],
  [
    'a long inspection',
    one({ inspection_period: 366 }),
    'malformed /milestones/0/inspection_period',
  ],
  ['half a day', one({ inspection_period: 0.5 }), 'malformed /milestones/0/inspection_period'],
  ['two due dates', one({ due_date: '2026-05-01' }), 'malformed /milestones/0/due_at'],
  [
    'no date of the calendar',
    { milestones: [dated('2026-02-30')] },
    'malformed /milestones/0/due_date',
  ],
  ['no due date', { milestones: [dated(undefined)] }, 'malformed /milestones/0/due_at'],
  ['21 files', { files: many(21, () => file) }, 'malformed /files'],
  ['a file over http', { files: [{ ...file, url: 'http://x.y' }] }, 'malformed /files/0/url'],
  [
    'a file of a milestone',
    one({ files: [{ ...file, url: 'ftp://x' }] }),
    'malformed /milestones/0/files/0/url',
  ],
  ['a period in weeks', { deadlines: { rework: 'P1W' } }, 'malformed /deadlines/rework'],
  ['a period of nothing', { deadlines: { rework: 'PT0H' } }, 'malformed /deadlines/rework'],
  ['a period beyond a year', { deadlines: { ruling: 'P367D' } }, 'malformed /deadlines/ruling'],
  ['a reserve below zero', { release: { reserve_bps: -1 } }, 'malformed /release/reserve_bps'],
  [
    'a reserve of more than all',
    { release: { reserve_bps: 10_001 } },
    'malformed /release/reserve_bps',
  ],
  ['rounds below zero', { rework_rounds_max: -1 }, 'malformed /rework_rounds_max'],
  [
    'more than all',
    { ruling_default: { recipients_bps: 10_001 } },
    'malformed /ruling_default/recipients_bps',
  ],
];

function dated(due_date: string | undefined): DraftMilestone {
  const { due_at: _, ...rest } = part(1);
  return due_date === undefined ? rest : { ...rest, due_date };
}

test.each(FAULTS)('%s is refused', (_, changes, fault) =>
  expect(faultsOf(changes)).toEqual([fault]),
);

test('what lies just within a limit is fine', () => {
  expect(faultsOf({ title: 'x'.repeat(200), description: 'x'.repeat(2000) })).toEqual([]);
  expect(faultsOf({ deadlines: { ruling: 'P366D', rework: 'PT1H' } })).toEqual([]);
  expect(faultsOf({ files: many(20, () => file) })).toEqual([]);
  expect(faultsOf({ milestones: many(50, (n) => part(n + 1)) })).toEqual([]);
  expect(faultsOf(one({ inspection_period: 365 }))).toEqual([]);
  expect(faultsOf(one({ inspection_period: 0, amount: toMinor(1) }))).toEqual([]);
  expect(faultsOf(one({ amount: toMinor(Number.MAX_SAFE_INTEGER) }))).toEqual([]);
  expect(faultsOf({ ruling_default: { recipients_bps: 10_000 } })).toEqual([]);
  expect(faultsOf({ rework_rounds_max: 0, amount: toMinor(30_000) })).toEqual([]);
  expect(faultsOf(fee({ min: toMinor(9), max: toMinor(9) }))).toEqual([]);
});

test('what is in: fixed fees, minimum, maximum, tax, refundable or not, one approval', () => {
  const all = { min: toMinor(1), max: toMinor(900), tax_bps: 1_900, refundable: false };
  expect(faultsOf(fee({ ...all, paid_by: { buyer: 10_000 }, earned: 'release' }))).toEqual([]);
  expect(faultsOf({ fees: [{ kind: 'platform', fixed: toMinor(100) }] })).toEqual([]);
  expect(faultsOf(one({ approvals_required: 1, after: [] }))).toEqual([]);
  const zeros = {
    funding: { mode: 'full', tolerance: ZERO, by: [] },
    refund_to: 'wallet',
  } as const;
  expect(faultsOf(zeros)).toEqual([]);
});

test('all faults come at once', () => {
  const wrong = { title: '', currency: 'nothing', business_days: 'none' } as const;
  expect(faultsOf(wrong)).toEqual([
    'malformed /title',
    'malformed /currency',
    'malformed /business_days',
  ]);
});

test('defaults are filled in', () => {
  const { terms } = escrowOf();
  expect(terms).toMatchObject({
    type: 'milestone',
    amount: 30_000,
    funding: { mode: 'full', order: 'accept_first' },
    release: { mode: 'automatic', by: ['pty_buyer'] },
    refund_to: 'wallet',
    dispute_handler: { kind: 'platform' },
    deadlines: {
      acceptance: 'P7D',
      overdue: 'P14D',
      rework: 'P7D',
      release: 'P3D',
      response: 'P5D',
      negotiation: 'P14D',
      ruling: 'P30D',
      payout: 'P30D',
    },
    rework_rounds_max: 3,
    time_zone: 'UTC',
    files: [],
    fees: [],
    policy: { version: 0, extension_days_max: 365 },
    rulebook: 1,
  });
  expect(terms.milestones[0]).toMatchObject({ inspection_period: 3, files: [] });
  expect(terms.ruling_default).toBeUndefined();
});

test('what the draft says is kept', () => {
  const asked = {
    description: 'words',
    deadlines: { rework: 'P2D' },
    funding: { order: 'any', due_at: plus(AT, days(3)) },
    ruling_default: 'release',
    time_zone: 'Asia/Tokyo',
    rework_rounds_max: 0,
    files: [file],
  } as const;
  expect(escrowOf(asked).terms).toMatchObject(asked);
  expect(escrowOf(asked).terms.deadlines.ruling).toBe('P30D');
});

test('a due date is the end of that day in the zone of the escrow', () => {
  const draft = { milestones: [dated('2026-05-01')], time_zone: 'Asia/Tokyo' };
  expect(escrowOf(draft).terms.milestones[0]?.due_at).toBe('2026-05-01T14:59:59.999Z');
});

test('a new escrow is a draft at version 0 that holds nothing', () => {
  const made = drafted(draftOf());
  if (!made.ok) throw new Error('no terms');
  const escrow = openDraft('esc_1', made.terms, HASH, made.parties);
  expect(escrow).toMatchObject({ version: 0, agreement: { stage: 'draft' }, due: 30_000 });
  expect(escrow.milestones.map(({ stage, held, number }) => [stage, held, number])).toEqual([
    ['waiting', 0, 1],
    ['waiting', 0, 2],
  ]);
});

describe('whatever numbers a draft has', () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 20_001 }),
    fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1),
  );
  const minor = number.map((value) => toMinor(value));
  const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined, freq: 2 });
  const name = fc.constantFrom('acc_seller', 'acc_broker', 'acc_buyer', 'acc_x');
  const recipient = fc.record({
    account_id: name,
    amount: maybe(minor),
    share_bps: maybe(number),
    remainder: maybe(fc.constant(true)),
  });
  const aFee = fc.record({
    kind: fc.constantFrom('platform', 'broker_commission'),
    rate_bps: maybe(number),
    fixed: maybe(minor),
    min: maybe(minor),
    max: maybe(minor),
    paid_by: maybe(fc.constantFrom({ buyer: 10_000 }, { seller: 10_000 }, { buyer: 3 })),
    tax_bps: maybe(number),
  });
  const aMilestone = fc.record({
    amount: minor,
    recipients: maybe(fc.array(recipient, { maxLength: 3 })),
    inspection_period: maybe(number),
  });

  test('it is refused or drafted, and its sums are those of its parts', () => {
    fc.assert(
      fc.property(
        fc.array(aMilestone, { minLength: 1, maxLength: 3 }),
        fc.array(aFee, { maxLength: 2 }),
        (milestones, fees) => {
          const asked = draftOf({
            milestones: milestones.map((more, n) => part(n + 1, more as never)), // any numbers
            fees: fees as never,
          });
          const made = drafted(asked);
          if (!made.ok) return expect(made.problems.length).toBeGreaterThan(0);
          const { due, milestones: all } = openDraft('esc_1', made.terms, HASH, made.parties);
          const nets = all.flatMap((m) => m.recipients.map(({ net }) => net));
          const parts = all.flatMap((m) => m.fees.map(({ amount }) => amount));
          expect([...nets, ...parts].every((amount) => amount >= 0)).toBe(true);
          expect([...nets, ...parts].reduce<number>((a, b) => a + b, 0)).toBe(due);
        },
      ),
      { numRuns: 500 },
    );
  });
});
