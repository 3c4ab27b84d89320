/**
 * Owns the proof of whole lives: whatever has happened, what an escrow shows is what its journals
 * say, and a wrong sum is noticed.
 * Must not need a server: the books are those that the events must have posted.
 */
import { proofOf } from '../../api/escrow-proof';
import { journalFor } from '../../domain/bookkeeping';
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { evolve } from '../../domain/evolve';
import type { Journal } from '../../domain/journal';
import { type Life, livesOf } from './life';
import {
  ACTIVE,
  ask,
  type Body,
  BUYER,
  escrowOf,
  eventsOf,
  isName,
  part,
  party,
  SELLER,
} from './sample';
import { isCommand } from './stages';

/** The names of the checks that fail. */
function failedIn({ draft, events, end }: Pick<Life, 'draft' | 'events' | 'end'>) {
  const journals: Journal[] = [];
  let now = draft;
  for (const event of events) {
    now = evolve(now, event);
    const journal = journalFor(now, now.version, event);
    if (journal) journals.push(journal);
  }
  const books = { accounts: [], journals: journals.map((journal, id) => ({ id, ...journal })) };
  const evidence = { escrow: end, first: draft, events, books };
  const { checks } = proofOf(evidence as never); // no rows of a database
  return checks.filter(({ ok }) => !ok);
}

function lived(terms: Partial<Draft>, acts: readonly string[], body: Body = {}) {
  const draft = escrowOf(terms);
  const events: Event[] = [];
  let end: Escrow = draft;
  for (const text of acts) {
    const [name = '', type = ''] = text.split(' ');
    if (!isName(name) || !isCommand(type)) throw new Error(text);
    const more = eventsOf(ask(end, name, type, type === 'resolve' ? body : {}));
    events.push(...more);
    end = more.reduce(evolve, end);
  }
  return { draft, events, end };
}

test('whatever has happened, what an escrow shows is what its journals say', () => {
  const lives = livesOf(150, 20_261_128);
  expect(lives.length).toBeGreaterThan(75);
  for (const life of lives) expect(failedIn(life)).toEqual([]);
});

const COMMISSION: Partial<Draft> = {
  fees: [{ kind: 'broker_commission', rate_bps: 500, paid_by: { seller: 10_000 } }],
};
const RULED = ['seller mark_done', 'platform dispute', 'platform resolve'];
const WITHOUT_BROKER = ['platform send', 'buyer accept', 'seller accept', 'buyer fund'];

const HALF_EACH = [
  { party: 1, share_bps: 5_000 },
  { party: 2, remainder: true as const },
];
test.each<[string, readonly string[], Partial<Draft>]>([
  ['a recipient too', ACTIVE, { milestones: [part(1, { recipients: HALF_EACH })] }],
  [
    'the buyer',
    WITHOUT_BROKER,
    {
      parties: [BUYER, SELLER, party('agent', 'broker', { account_id: 'acc_buyer' })],
      milestones: [part(1)],
    },
  ],
])('a broker who is %s gets both in one line, and the proof knows', (_who, started, terms) => {
  const life = lived({ ...COMMISSION, ...terms }, [...started, ...RULED]);
  expect(failedIn(life)).toEqual([]);
  const milestones = life.end.milestones.map((m) => ({ ...m, recipients: [] }));
  const end = { ...life.end, milestones }; // says what the books do not
  expect(failedIn({ ...life, end }).map(({ name }) => name)).toContain('state_agrees_with_books');
});

test('also a broker whom only the ruling names', () => {
  const recipients = [{ account: 'acc_broker', amount: 4_000 }];
  const ruling = { split: { recipients, payers: 6_000 } };
  const life = lived({ ...COMMISSION, milestones: [part(1)] }, [...ACTIVE, ...RULED], ruling);
  expect(failedIn(life)).toEqual([]);
});
