/**
 * Owns what the proof of an escrow's money says of good books, and that each of its checks turns
 * red when the books are made wrong.
 * Must not know the state beyond what the terms say.
 */
import { journalFor } from '../../domain/bookkeeping';
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { evolveAll } from '../../domain/evolve';
import { toMinor } from '../../domain/money';
import { type ProofInput, type ProvenPosting, prove, sumsOf } from '../../domain/proof';
import { ACTIVE, ask, escrowOf, eventsOf, isName, SENT } from './sample';
import { isCommand } from './stages';

const FEES: Partial<Draft> = {
  fees: [
    { kind: 'platform', rate_bps: 300, paid_by: { buyer: 10_000 }, tax_bps: 1_900 },
    { kind: 'broker_commission', rate_bps: 100, paid_by: { seller: 10_000 } },
  ],
};

/** The escrow after acts, with the postings of every journal on the way. */
function booked(terms: Partial<Draft>, acts: readonly string[]): ProofInput {
  let escrow: Escrow = escrowOf(terms);
  const events: Event[] = [];
  for (const text of acts) {
    const [name = '', type = ''] = text.split(' ');
    if (!isName(name) || !isCommand(type)) throw new Error(text);
    const more = eventsOf(ask(escrow, name, type));
    events.push(...more);
    escrow = evolveAll(escrow, more);
  }
  const postings = events.flatMap((event, n) =>
    (journalFor(escrow, n + 1, event)?.lines ?? []).map(
      ({ account, amount }): ProvenPosting => ({ account, amount, journalType: event.type }),
    ),
  );
  return {
    escrow: 'esc_1',
    postings,
    payers: ['acc_buyer'],
    commissioned: ['acc_broker'],
    due: escrow.due,
    prices: escrow.milestones.map(({ price }) => price),
    closed: escrow.agreement.stage === 'closed',
  };
}

const DISPUTED = [...ACTIVE, 'seller mark_done', 'platform dispute'];
const RULED = [...DISPUTED, 'platform resolve'];

test.each<[string, readonly string[]]>([
  ['nothing has happened', SENT],
  ['it is funded', ACTIVE],
  ['a milestone is released', [...ACTIVE, 'buyer approve']],
  ['a milestone is disputed', DISPUTED],
  ['a dispute is taken back', [...DISPUTED, 'platform withdraw_dispute']],
  ['a milestone is ruled', RULED],
  ['all is given back', [...ACTIVE, 'seller cancel']],
])('the books hold when %s', (_, acts) => {
  for (const terms of [{}, FEES]) {
    const { ok, checks } = prove(booked(terms, acts));
    expect([checks.filter((check) => !check.ok), ok]).toEqual([[], true]);
  }
});

test('it says where the money is', () => {
  const { checks } = prove(booked(FEES, [...ACTIVE, 'buyer approve']));
  expect(checks.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
    'journals_balance: all postings sum to 0',
    'accounts_known: all are',
    'nothing_below_zero: nothing is',
    'escrow_equation: ' +
      'funded 30900 = held 20600 + disputed 0 + released 9900 + refunded 0 + fees 400',
    'funded_at_most_due: funded 30900 of 30900',
    'milestone_1: funded 10000 of 10000 = held 0 + disputed 0 + released and refunded 10000',
    'milestone_2: funded 20000 of 20000 = held 20000 + disputed 0 + released and refunded 0',
  ]);
});

test('a ruling is told apart into recipients, payers and fees', () => {
  expect(sumsOf(booked(FEES, RULED))).toEqual({
    funded: 30_900n,
    held: 20_600n,
    disputed: 0n,
    released: 4_950n,
    refunded: 5_150n,
    fees: 200n,
  });
});

test('at the end every account of the escrow is zero, and that is checked', () => {
  const ended = booked(FEES, [...ACTIVE, 'seller cancel']);
  expect(prove(ended).checks.at(-1)).toEqual({
    name: 'all_zero_at_the_end',
    ok: true,
    detail: 'all are',
  });
});

describe('each check turns red', () => {
  const good = booked(FEES, RULED);
  const posting = (account: string, amount: number, journalType: string): ProvenPosting => ({
    account,
    amount: toMinor(amount),
    journalType,
  });
  const red = (input: ProofInput): readonly string[] => {
    const { ok, checks } = prove(input);
    expect(ok).toBe(false);
    return checks.flatMap((check) => (check.ok ? [] : [check.name]));
  };
  const plus = (...more: readonly ProvenPosting[]): ProofInput => ({
    ...good,
    postings: [...good.postings, ...more],
  });
  const ms = (n: number) => `liab:escrow:esc_1:ms:${n}`;

  test('when a line is lost', () => {
    expect(red({ ...good, postings: good.postings.slice(0, -1) })).toEqual(
      expect.arrayContaining(['journals_balance', 'escrow_equation']),
    );
  });

  test('when money goes to an account that is none of the escrow', () => {
    const lost = plus(
      posting(ms(2), 5, 'released'),
      posting('liab:escrow:esc_2:fee', -5, 'released'),
    );
    expect(red(lost)).toEqual(['accounts_known', 'escrow_equation']);
    expect(red(plus(posting(ms(3), 5, 'released'), posting(ms(2), -5, 'released')))).toContain(
      'accounts_known',
    );
  });

  test('when more leaves a milestone than was in it', () => {
    const over = plus(posting(ms(1), 5, 'released'), posting('liab:wallet:acc_x', -5, 'released'));
    expect(red(over)).toEqual(['nothing_below_zero']);
  });

  test('when money comes in by another way than funding', () => {
    const odd = plus(posting('liab:wallet:acc_buyer', 5, 'gift'), posting(ms(2), -5, 'gift'));
    expect(red(odd)).toEqual(['milestone_2']);
  });

  test('when more comes in than is due', () => {
    const much = plus(
      posting('liab:wallet:acc_buyer', 5, 'funded'),
      posting('liab:escrow:esc_1:unallocated', -5, 'funded'),
    );
    expect(red(much)).toEqual(['funded_at_most_due']);
  });

  test('when money moves between milestones', () => {
    const swapped = plus(posting(ms(2), 5, 'disputed'), posting(ms(1), -5, 'disputed'));
    expect(red(swapped)).toEqual(['milestone_1', 'milestone_2']);
  });

  test('when a milestone got another price than agreed', () => {
    const [first, second] = good.prices;
    if (first === undefined || second === undefined) throw new Error('no prices');
    expect(red({ ...good, prices: [second, first] })).toEqual(['milestone_1', 'milestone_2']);
  });

  test('when something is left at the end', () => {
    expect(red({ ...good, closed: true })).toEqual(['all_zero_at_the_end']);
  });
});

test('sums of many postings may stand for them', () => {
  const input = booked(FEES, RULED);
  const sums = new Map<string, ProvenPosting>();
  for (const posting of input.postings) {
    const key = `${posting.account} ${posting.journalType}`;
    const amount = toMinor((sums.get(key)?.amount ?? 0) + posting.amount);
    sums.set(key, { ...posting, amount });
  }
  expect(prove({ ...input, postings: [...sums.values()] })).toEqual(prove(input));
});
