/**
 * Owns the proof of one escrow: its events are folded again from the terms, the journals that they
 * must have posted are held against the books, and the money is added up from postings alone.
 * Must not know how a step was recorded.
 */
import { isDeepStrictEqual } from 'node:util';
import { dueNow } from '../domain/amending';
import { journalFor } from '../domain/bookkeeping';
import type { Escrow, Party, Ruling } from '../domain/escrow';
import type { Event } from '../domain/events';
import { evolve } from '../domain/evolve';
import type { AccountId } from '../domain/ids';
import type { Journal } from '../domain/journal';
import type { Minor } from '../domain/money';
import {
  type Proof,
  type ProofCheck,
  type ProofInput,
  prove,
  reservedOf,
  sumsOf,
} from '../domain/proof';
import type { Books } from '../ledger/books';
import { beginning, type FirstTerms, replacementsIn } from './replayed';
import { moneyOf } from './views/money';

export type Evidence = {
  readonly escrow: Escrow;
  readonly first: FirstTerms | null;
  readonly events: readonly Event[]; // all, oldest first
  readonly books: Books; // of the escrow alone
};

/** Every check; a failed one says by how much. */
export function proofOf(evidence: Evidence): Proof {
  const input = inputOf(evidence);
  const checks = [
    eventsMakeTheState(evidence),
    journalsFollowFromEvents(evidence),
    ...prove(input).checks,
    stateAgreesWithBooks(evidence, input),
  ];
  return { ok: checks.every(({ ok }) => ok), checks };
}

const check = (name: string, ok: boolean, detail: string): ProofCheck => ({ name, ok, detail });

/** The postings, and what the terms say of them. */
function inputOf({ escrow, events, books }: Evidence): ProofInput {
  const { milestones, contributions } = escrow;
  const fees = milestones.flatMap((milestone) => milestone.fees);
  const arbiters = milestones.flatMap((m) => (m.stage === 'ruled' ? arbiterOf(m.ruling) : []));
  return {
    escrow: escrow.id,
    postings: books.journals.flatMap(({ type, lines }) =>
      lines.map(({ account, amount }) => ({ account, amount, journalType: type })),
    ),
    payers: contributions.map(({ account }) => account),
    commissioned: [
      ...fees.flatMap(({ kept_by }) => (kept_by === 'platform' ? [] : kept_by)),
      ...arbiters,
      ...replacedAs(escrow, events, 'broker'),
    ],
    due: dueNow(escrow),
    prices: milestones.map(({ price }) => price),
    closed: escrow.agreement.stage === 'closed',
  };
}

const arbiterOf = ({ arbiter_fee }: Ruling): readonly AccountId[] =>
  arbiter_fee ? [arbiter_fee.account] : [];

/** Accounts that were parties of these roles, and may have been paid as such. */
function replacedAs(
  { parties }: Escrow,
  events: readonly Event[],
  ...roles: readonly Party['role'][]
): readonly AccountId[] {
  const ids = parties.filter(({ role }) => roles.includes(role)).map(({ id }) => id);
  return replacementsIn(events)
    .filter(({ party }) => ids.includes(party))
    .map(({ before }) => before.account);
}

function eventsMakeTheState({ escrow, first, events }: Evidence): ProofCheck {
  const folded = events.reduce(evolve, beginning(escrow, first, events));
  // What waits in a wallet can be forgotten without an event, when the wallet is too low.
  const plain = (state: Escrow): unknown =>
    JSON.parse(JSON.stringify({ ...state, payments_waiting: [] }));
  const ok = isDeepStrictEqual(plain(folded), plain(escrow));
  return check('state_follows_from_events', ok, `${events.length} events folded again`);
}

function journalsFollowFromEvents({ escrow, first, events, books }: Evidence): ProofCheck {
  let now = beginning(escrow, first, events);
  const expected: Journal[] = [];
  for (const event of events) {
    now = evolve(now, event);
    const journal = journalFor(now, now.version, event);
    if (journal) expected.push(journal);
  }
  const stored = new Map(books.journals.map((journal) => [journal.key, journal]));
  const wrong = expected.find((journal) => linesOf(journal) !== linesOf(stored.get(journal.key)));
  const ok = !wrong && stored.size === expected.length;
  const detail = wrong
    ? `the journal ${wrong.key} is missing or another one`
    : `${expected.length} journals expected, ${stored.size} in the books`;
  return check('journals_follow_from_events', ok, detail);
}

type Lines = readonly { readonly account: string; readonly amount: Minor }[];
const linesOf = (journal: { readonly lines: Lines } | undefined): string =>
  [...(journal?.lines ?? [])]
    .map(({ account, amount }) => `${account} ${amount}`)
    .sort()
    .join('\n');

/** What every view shows is what the books say. */
function stateAgreesWithBooks({ escrow, events }: Evidence, input: ProofInput): ProofCheck {
  const state = moneyOf(escrow);
  const { funded: _, ...booked } = sumsOf(input);
  // A wallet has one line in a journal: what one account gets in two roles cannot be told apart.
  const isBlurred = playsTwoRoles(escrow, input, replacedAs(escrow, events, 'seller', 'broker'));
  const out = ['released', 'refunded', 'fees'] as const;
  const gone = out.reduce((all, name) => all + booked[name] - BigInt(state[name]), 0n);
  const all = { ...booked, reserved: reservedOf(input) };
  const differing = Object.entries(all).filter(([name, sum]) => {
    const its = BigInt(state[name as keyof typeof all]); // the same names
    return isBlurred && out.some((each) => each === name) ? gone !== 0n : its !== sum;
  });
  const detail = differing.map(([name, sum]) => `${name} is ${sum} in the books`).join(', ');
  return check('state_agrees_with_books', differing.length === 0, detail || 'all sums do');
}

/** Is a payer or a recipient also one whom fees go to, or each other? */
function playsTwoRoles(
  { milestones }: Escrow,
  { payers, commissioned }: ProofInput,
  replaced: readonly AccountId[],
): boolean {
  const paid = milestones.flatMap((m) => m.recipients.map(({ account }) => account));
  const roles = [payers, commissioned, [...paid, ...replaced]].map((accounts) => [
    ...new Set(accounts),
  ]);
  const all = roles.flat();
  return new Set(all).size !== all.length;
}
