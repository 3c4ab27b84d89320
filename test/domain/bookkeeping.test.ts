/**
 * Owns the journal of every event, with numbers: 10000 and 20000, a fee of 3 % with 19 % tax
 * inside that the buyer bears, a commission of 1 % that the seller bears; and other bearers.
 * Must not know how a journal is stored. Templates: `ledger.md`, section 9.
 */
import { BOOKKEEPING, journalFor } from '../../domain/bookkeeping';
import type { CommandType } from '../../domain/commands';
import type { Draft } from '../../domain/draft';
import type { Event, EventType } from '../../domain/events';
import { evolveAll } from '../../domain/evolve';
import { BrokenInvariant, reversalOf } from '../../domain/journal';
import { Books, linesOf } from './books';
import { ACTIVE, AGREED, AT, ask, type Body, escrowOf, eventsOf, type Name, play } from './sample';

const FEES: Partial<Draft> = {
  fees: [
    { kind: 'platform', rate_bps: 300, paid_by: { buyer: 10_000 }, tax_bps: 1_900 },
    { kind: 'broker_commission', rate_bps: 100, paid_by: { seller: 10_000 } },
  ],
};
const [FEE, COMMISSION] = FEES.fees ?? [];
const KEPT: Partial<Draft> = {
  fees: [...(FEE ? [{ ...FEE, refundable: false }] : []), ...(COMMISSION ? [COMMISSION] : [])],
};
const KEEPING: Partial<Draft> = { release: { reserve_bps: 2_500 } };
/** The fee is earned on funding, and is refundable or not. */
const EARLY: Partial<Draft> = { fees: FEE ? [{ ...FEE, earned: 'funding' }] : [] };
const FINAL: Partial<Draft> = {
  fees: FEE ? [{ ...FEE, earned: 'funding', refundable: false }] : [],
};
/** The broker bears half of the fee, out of a commission of the buyer. */
const VIA: Partial<Draft> = {
  fees: [
    ...(FEE ? [{ ...FEE, paid_by: { buyer: 5_000, broker: 5_000 } }] : []),
    { kind: 'broker_commission', rate_bps: 500, paid_by: { buyer: 10_000 }, refundable: false },
  ],
};
const DISPUTED = [...ACTIVE, 'platform dispute'];
const second = { milestone: 'mil_2' };

/** event, its journal, terms, acts before, the act, its body */
const ROWS: readonly (readonly [
  EventType,
  string,
  Partial<Draft>,
  readonly string[],
  string,
  Body?,
])[] = [
  ['funded', 'D wallet:buyer 30900, C unallocated 30900', FEES, AGREED, 'buyer fund'],
  ['funded', 'D wallet:buyer 7, C unallocated 7', FEES, AGREED, 'buyer fund', { amount: 7 }],
  [
    'due_completed',
    'D unallocated 30900, C ms:1 10000, C ms:2 20000, C fee 900',
    FEES,
    AGREED,
    'buyer fund',
  ],
  ['due_completed', 'D unallocated 30000, C ms:1 10000, C ms:2 20000', {}, AGREED, 'buyer fund'],
  [
    'released',
    'D ms:1 10000, D fee 300, C wallet:seller 9900, C wallet:broker 100, ' +
      'C platform_fee 252, C tax 48',
    FEES,
    ACTIVE,
    'buyer approve',
  ],
  ['released', 'D ms:1 10000, C wallet:seller 10000', {}, ACTIVE, 'buyer approve'],
  [
    'part_released',
    'D ms:1 4000, D fee 120, C wallet:seller 3960, C wallet:broker 40, ' +
      'C platform_fee 101, C tax 19',
    FEES,
    ACTIVE,
    'buyer release_part',
    { amount: 4_000 },
  ],
  [
    'released',
    'D ms:1 10000, D fee 300, C wallet:seller 7425, C reserve:seller 2475, C wallet:broker 100, ' +
      'C platform_fee 252, C tax 48',
    { ...FEES, ...KEEPING },
    ACTIVE,
    'buyer approve',
  ],
  [
    'ruled',
    'D dispute:1 10000, C wallet:seller 3750, C reserve:seller 1250, C wallet:buyer 5000',
    KEEPING,
    DISPUTED,
    'platform resolve',
  ],
  [
    'reserve_freed',
    'D reserve:seller 2500, C wallet:seller 2500',
    KEEPING,
    [...ACTIVE, 'buyer approve'],
    'clock free_reserve',
  ],
  [
    'refunded',
    'D ms:1 10000, D fee 300, C wallet:buyer 10300',
    FEES,
    ACTIVE,
    'seller cancel',
    { milestone: 'mil_1' },
  ],
  [
    'refunded',
    'D ms:1 10000, D fee 300, C wallet:buyer 10000, C platform_fee 252, C tax 48',
    KEPT,
    ACTIVE,
    'seller cancel',
    { milestone: 'mil_1' },
  ],
  [
    'fees_earned',
    'D fee 900, C platform_fee 756, C tax 144', // 6b
    EARLY,
    AGREED,
    'buyer fund',
  ],
  ['released', 'D ms:1 10000, C wallet:seller 10000', EARLY, ACTIVE, 'buyer approve'],
  [
    'refunded',
    'D ms:1 10000, D platform_fee 252, D tax 48, C wallet:buyer 10300',
    EARLY,
    ACTIVE,
    'seller cancel',
    { milestone: 'mil_1' },
  ],
  [
    'refunded',
    'D ms:1 10000, C wallet:buyer 10000',
    FINAL,
    ACTIVE,
    'seller cancel',
    { milestone: 'mil_1' },
  ],
  [
    'released',
    'D ms:1 10000, D fee 650, C wallet:seller 10000, C platform_fee 252, C tax 48, ' +
      'C wallet:broker 350',
    VIA,
    ACTIVE,
    'buyer approve',
  ],
  [
    'refunded',
    'D ms:1 10000, D fee 650, C wallet:buyer 10150, C wallet:broker 500',
    VIA,
    ACTIVE,
    'seller cancel',
    { milestone: 'mil_1' },
  ],
  [
    'ruled',
    'D dispute:1 10000, D platform_fee 63, D tax 12, C wallet:seller 7500, C wallet:buyer 2575',
    EARLY,
    DISPUTED,
    'platform resolve',
    { split: { recipients: 7_500, payers: 2_500 } },
  ],
  ['disputed', 'D ms:1 10000, C dispute:1 10000', FEES, ACTIVE, 'buyer dispute'],
  ['disputed', 'D ms:2 20000, C dispute:2 20000', FEES, ACTIVE, 'buyer dispute', second],
  [
    'dispute_withdrawn',
    'D dispute:1 10000, C ms:1 10000',
    FEES,
    DISPUTED,
    'platform withdraw_dispute',
  ],
  [
    'ruled',
    'D dispute:1 10000, D fee 300, C wallet:seller 7425, C wallet:broker 75, ' +
      'C platform_fee 189, C tax 36, C wallet:buyer 2575',
    FEES,
    DISPUTED,
    'platform resolve',
    { split: { recipients: 7_500, payers: 2_500 } },
  ],
  [
    'ruled',
    'D dispute:1 10000, D fee 300, C wallet:buyer 10300',
    FEES,
    DISPUTED,
    'platform resolve',
    { split: { recipients: 0, payers: 10_000 } },
  ],
  [
    'ruled',
    'D dispute:1 10000, D fee 300, C wallet:seller 2475, C wallet:broker 7525, ' +
      'C platform_fee 252, C tax 48',
    FEES,
    DISPUTED,
    'platform resolve',
    {
      split: {
        recipients: [
          { account: 'acc_seller', amount: 2_500 },
          { account: 'acc_broker', amount: 7_500 },
        ],
        payers: 0,
      },
    },
  ],
];

function eventOf(
  type: EventType,
  terms: Partial<Draft>,
  acts: readonly string[],
  last: string,
  body: Body,
) {
  const before = play(escrowOf(terms), ...acts);
  const [name = '', command = ''] = last.split(' ');
  const events = eventsOf(ask(before, name as Name, command as CommandType, body)); // as rows say
  const event = events.find((each) => each.type === type);
  if (!event) throw new Error(`no ${type}`);
  return { event, before };
}

test.each(ROWS.map((row) => [row[0], row[1], row] as const))('%s posts %s', (type, lines, row) => {
  const [, , terms, acts, last, body = {}] = row;
  const { event, before } = eventOf(type, terms, acts, last, body);
  expect(linesOf(journalFor(before, 7, event))).toBe(lines);
});

test('these events move money, all others none', () => {
  const moving = Object.entries(BOOKKEEPING).flatMap(([type, row]) => (row ? [type] : []));
  expect(moving.sort()).toEqual(
    // the last two: `bookkeeping-early.test.ts` and `amendment.test.ts`
    [
      ...new Set(ROWS.map(([type]) => type as string)),
      'contributions_returned',
      'terms_amended',
    ].sort(),
  );
});

test('a journal is keyed by escrow and event number, dated and filed by its event', () => {
  const { event, before } = eventOf('funded', {}, AGREED, 'buyer fund', {});
  expect(journalFor(before, 7, event)).toMatchObject({
    key: 'esc_1:7',
    type: 'funded',
    at: AT,
    subject: 'esc_1',
  });
  expect(journalFor(before, 7, event)?.lines).toMatchObject([
    { account: 'liab:wallet:acc_buyer', kind: 'wallet', currency: 'EUR', amount: 30_000 },
    { account: 'liab:escrow:esc_1:unallocated', kind: 'escrow_unallocated', amount: -30_000 },
  ]);
});

test('the journal is the same before and after its event', () => {
  const { event, before } = eventOf('released', FEES, ACTIVE, 'buyer approve', {});
  const after = evolveAll(before, eventsOf(ask(before, 'buyer', 'approve')).slice(0, 3));
  expect(journalFor(after, 7, event)).toEqual(journalFor(before, 7, event));
});

test('an event about a milestone that is not there is a broken invariant', () => {
  const { event, before } = eventOf('disputed', {}, ACTIVE, 'buyer dispute', {});
  const lost = { ...event, milestone: 'mil_9' } as Event;
  expect(() => journalFor(before, 7, lost)).toThrow(BrokenInvariant);
});

test('a journal and its reversal leave nothing behind', () => {
  const { event, before } = eventOf('released', FEES, ACTIVE, 'buyer approve', {});
  const journal = journalFor(before, 7, event);
  if (!journal) throw new Error('no journal');
  const back = reversalOf(journal, AT);
  expect(back).toMatchObject({ key: 'rev:esc_1:7', reverses: 'esc_1:7' });
  const left = journal.lines.map((line, n) => line.amount + (back.lines[n]?.amount ?? 0));
  expect(left.every((amount) => amount === 0)).toBe(true);
});

test('books that do not balance, or pass a floor, are refused', () => {
  const { event, before } = eventOf('funded', {}, AGREED, 'buyer fund', {});
  const journal = journalFor(before, 7, event);
  expect(() => new Books().post(journal)).toThrow('takes liab:wallet:acc_buyer to 30000');
});
