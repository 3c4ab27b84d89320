/**
 * Owns that an escrow goes by the rulebook of its terms, whatever newer one there is; a second one
 * with deliberately changed rules is shipped here.
 * Must not know what the rules are about.
 */
import { nextActionsOf } from '../../domain/actions';
import { decide } from '../../domain/decide';
import type { Escrow } from '../../domain/escrow';
import { RULEBOOKS, type Rulebook, rulebookOf } from '../../domain/rulebook';
import { newestRulebook, RULEBOOK_VERSIONS } from '../../domain/rulebook-versions';
import {
  ACTIVE,
  AT,
  act,
  ask,
  byOf,
  commandOf,
  escrowOf,
  outcome,
  part,
  play,
  waitFor,
} from './sample';

const one = { milestones: [part(1)] };
const first = rulebookOf(1);
const before = escrowOf(one);

/** A seller no longer cancels his own work; nobody may be overdue for long; closing is silent. */
const SECOND: Rulebook = {
  ...first,
  milestone: {
    ...first.milestone,
    in_progress: {
      ...first.milestone.in_progress,
      cancel: { ...cellOf('cancel'), who: ['buyer_of_overdue', 'clock'] },
    },
  },
  waits: { ...first.waits, delivery: { ...first.waits.delivery, otherwise: 'cancel' } },
  consequences: first.consequences.slice(0, -1),
};

function cellOf(command: 'cancel') {
  const cell = first.milestone.in_progress[command];
  if (!cell) throw new Error(`no ${command} in progress`);
  return cell;
}

const SHIPPED = {
  books: Object.keys(RULEBOOKS).map(Number),
  versions: [...RULEBOOK_VERSIONS],
};

beforeAll(() => {
  Object.assign(RULEBOOKS, { 2: SECOND });
  Object.assign(RULEBOOK_VERSIONS, [1, 2]);
});

test('there is a rulebook of every version, and no other', () => {
  expect(SHIPPED.books).toEqual(SHIPPED.versions);
});

const cancels = (escrow: Escrow) =>
  outcome(ask(play(escrow, ...ACTIVE), 'seller', 'cancel', { milestone: 'mil_1' }));

test('a new escrow takes the newest rulebook', () => {
  expect(newestRulebook()).toBe(2);
  expect(escrowOf(one).terms.rulebook).toBe(2);
  expect(before.terms.rulebook).toBe(1);
});

test('a changed who: both rulebooks decide side by side', () => {
  expect(cancels(before)).toBe('refunded, closed');
  expect(cancels(escrowOf(one))).toBe('! not_allowed');
  expect(cancels(before)).toBe('refunded, closed');
});

test('what is shown as allowed is what the rulebook of the escrow allows', () => {
  const sellersOf = (escrow: Escrow) =>
    nextActionsOf(play(escrow, ...ACTIVE), AT)
      .filter(({ parties, milestone }) => parties.includes('pty_seller') && milestone === 'mil_1')
      .map(({ action }) => action);
  expect(sellersOf(before)).toContain('cancel');
  expect(sellersOf(escrowOf(one))).toEqual(expect.not.arrayContaining(['cancel']));
  expect(sellersOf(escrowOf(one))).toContain('mark_done');
});

test('a changed default of a deadline', () => {
  expect(waitFor(play(before, ...ACTIVE), 'delivery').command).toBe('mark_overdue');
  expect(waitFor(play(escrowOf(one), ...ACTIVE), 'delivery').command).toBe('cancel');
});

test('a changed consequence', () => {
  const refund = (escrow: Escrow) =>
    outcome(ask(play(escrow, ...ACTIVE), 'clock', 'cancel', { milestone: 'mil_1' }));
  expect(refund(before)).toBe('refunded, closed');
  expect(refund(escrowOf(one))).toBe('refunded');
});

test('an amendment leaves the rulebook of the terms what it was', () => {
  const content = { kind: 'amendment', change: { title: 'Another' }, terms_hash: 'b'.repeat(64) };
  const asked = act(play(before, ...ACTIVE), 'seller', 'propose', { content });
  const { terms } = play(asked, 'buyer accept_proposal');
  expect([terms.title, terms.rulebook]).toEqual(['Another', 1]);
});

test('a rulebook that this program does not have decides nothing', () => {
  const { terms } = before;
  const later: Escrow = { ...before, terms: { ...terms, rulebook: 3 } };
  expect(() => decide(later, commandOf(later, 'send'), byOf('platform'), AT)).toThrow(
    /no rulebook 3/,
  );
});
