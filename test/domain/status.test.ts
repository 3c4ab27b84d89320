/**
 * Owns the fourteen statuses: a story for each, in which order they are passed through, and what a
 * milestone shows. The rules are those of `escrow.md`, section 4.
 * Must not know how a stage is reached in general.
 */
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import { evolve, evolveAll } from '../../domain/evolve';
import {
  CLOSED_RULES,
  milestoneStatusOf,
  OPEN_RULES,
  STATUSES,
  type StatusCode,
  statusOf,
} from '../../domain/status';
import { askedOf } from './proposing';
import { ACTIVE, AGREED, act, ask, escrowOf, eventsOf, part, play, SENT, waitFor } from './sample';

const code = (escrow: Escrow): StatusCode => statusOf(escrow).status_code;
const codes = (escrow: Escrow): string =>
  escrow.milestones.map((each) => milestoneStatusOf(escrow, each).status_code).join(' ');
const one: Partial<Draft> = { milestones: [part(1)] };
const any: Partial<Draft> = { ...one, funding: { order: 'any' } };
const manual: Partial<Draft> = { ...one, release: { mode: 'manual' } };
const FUNDED = [...SENT, 'buyer accept', 'buyer fund'];
const RELEASED = [...ACTIVE, 'buyer approve'];
const DELIVERED = [...ACTIVE, 'seller mark_done'];

test('there are fourteen, by code of the source document', () => {
  expect(Object.keys(STATUSES).join(' ')).toBe('draft fr sac af anf ip dr d da cd cdp cdc cr c');
  const ordered = [...OPEN_RULES, ...CLOSED_RULES].map(([each]) => each);
  expect(ordered).toEqual(Object.keys(STATUSES));
});

/** word, when it is shown, its code, which its milestone shows too, terms, acts */
const STORIES: readonly (readonly [string, string, string, Partial<Draft>, readonly string[]])[] = [
  ['draft', 'saved, not sent', 'draft', one, []],
  ['sent_awaiting_confirmation', 'nobody has accepted', 'sac', one, SENT],
  [
    'sent_awaiting_confirmation',
    'somebody who must has not',
    'sac',
    one,
    [...SENT, 'buyer accept'],
  ],
  ['accepted_funded', 'fully funded, an acceptance outstanding', 'af', any, FUNDED],
  ['accepted_not_funded', 'all have accepted, what is due is not complete', 'anf', one, AGREED],
  ['in_progress', 'something has started', 'ip', one, ACTIVE],
  ['delivered', 'under inspection', 'd', one, DELIVERED],
  ['delivered_rejected', 'sent back', 'dr', one, [...DELIVERED, 'buyer reject_delivery']],
  ['delivered_accepted', 'accepted and waiting for its release', 'da', manual, RELEASED],
  ['closed_disbursement_pending', 'a disbursement is incomplete', 'cdp', one, RELEASED],
  [
    'closed_disbursement_complete',
    'something was released and all of it is disbursed',
    'cdc',
    one,
    [...RELEASED, 'provider settle_disbursement'],
  ],
  ['closed_refunded', 'given up after money came in', 'cr', one, [...ACTIVE, 'seller cancel']],
  ['closed_refunded', 'rejected after money came in', 'cr', any, [...FUNDED, 'seller reject']],
  ['closed', 'no money ever came in', 'c', one, [...SENT, 'seller reject']],
  [
    'closed_disputed',
    'closed by a ruling',
    'cd',
    one,
    [...ACTIVE, 'platform dispute', 'platform resolve'],
  ],
  [
    'closed_disputed',
    'closed by the settlement of a dispute',
    'cd',
    one,
    [...ACTIVE, 'buyer dispute', 'buyer propose', 'seller accept_proposal'],
  ],
];

test.each(STORIES)('%s: %s', (word, _, short, terms, acts) => {
  const escrow = acts.reduce(
    (now, text) => (text === 'buyer propose' ? settlementBy(now) : play(now, text)),
    escrowOf(terms),
  );
  expect(statusOf(escrow)).toEqual({ status: word, status_code: short });
  expect(codes(escrow)).toBe(short);
});

function settlementBy(escrow: Escrow): Escrow {
  const content = askedOf(escrow, { kind: 'settlement', milestone: 'mil_1', by: 'buyer' });
  return act(escrow, 'buyer', 'propose', { content });
}

/** how it ended, reason, acts, deadline that passes */
const REASONS = [
  ['nobody has paid in time', 'unfunded', AGREED, 'funding'],
  ['somebody has not accepted in time', 'unaccepted', SENT, 'acceptance'],
  ['somebody has rejected', 'rejected', [...SENT, 'seller reject'], null],
  ['somebody has cancelled', 'cancelled', [...AGREED, 'broker cancel'], null],
] as const;

test.each(REASONS)('closed says why: %s is %s', (_, reason, acts, deadline) => {
  const before = play(escrowOf(one), ...acts);
  const escrow = deadline === null ? before : waitFor(before, deadline).escrow;
  expect([code(escrow), escrow.agreement]).toEqual(['c', { stage: 'closed', reason }]);
});

/** The statuses that the events of the last act show one after the other; `a part` is paid. */
function shown(terms: Partial<Draft>, acts: readonly string[]): string {
  const before = acts
    .slice(0, -1)
    .reduce(
      (now, text) =>
        text === 'a part' ? act(now, 'buyer', 'fund', { amount: 1 }) : play(now, text),
      escrowOf(terms),
    );
  const [name = '', type = ''] = (acts.at(-1) ?? '').split(' ');
  const events = eventsOf(ask(before, name as 'buyer', type as 'send')); // any, as the act says
  return events
    .map(
      ({ type: happened }, n) => `${happened}:${code(evolveAll(before, events.slice(0, n + 1)))}`,
    )
    .join(' ');
}

describe('a status that is passed through has an event of its own', () => {
  test('af before ip', () => {
    expect(shown(one, ACTIVE)).toBe('funded:anf due_completed:af started:ip');
  });

  test('af also when the last acceptance comes after the money', () => {
    expect(shown(any, [...FUNDED, 'seller accept', 'broker accept'])).toBe(
      'party_accepted:af agreed:af started:ip',
    );
  });

  test('anf with the last acceptance', () => {
    expect(shown(one, AGREED)).toBe('party_accepted:anf agreed:anf');
  });

  test('da before cdp', () => {
    expect(shown(one, RELEASED)).toBe('approved:ip delivery_accepted:da released:cdp closed:cdp');
  });

  test('fr before cr', () => {
    expect(shown(any, [...FUNDED, 'seller reject'])).toBe(
      'party_rejected:fr refunded:cr closed:cr',
    );
  });

  /** the event that leaves no milestone open, terms, acts, what the last of them shows */
  const LAST: readonly (readonly [string, Partial<Draft>, readonly string[], string])[] = [
    ['released', manual, [...RELEASED, 'buyer release'], 'released:cdp closed:cdp'],
    ['refunded', one, [...ACTIVE, 'seller cancel'], 'refunded:cr closed:cr'],
    ['ruled', one, [...ACTIVE, 'platform dispute', 'platform resolve'], 'ruled:cd closed:cd'],
    ['cancelled', one, [...AGREED, 'buyer cancel'], 'cancelled:c closed:c'],
    [
      'contributions_returned',
      one,
      [...AGREED, 'a part', 'buyer cancel'],
      'contributions_returned:cr closed:cr',
    ],
  ];
  test.each(LAST)('closed already from %s on', (_, terms, acts, out) => {
    expect(shown(terms, acts)).toBe(out);
  });

  test('nothing is rejected after money when there was none', () => {
    expect(shown(any, [...SENT, 'seller reject'])).toBe('party_rejected:sac cancelled:c closed:c');
  });
});

describe('of several milestones', () => {
  const two = play(escrowOf(), ...ACTIVE);
  const second = { milestone: 'mil_2' };

  test('in progress comes before rejected, rejected before delivered, that before accepted', () => {
    const draft = escrowOf({
      release: { mode: 'manual' },
      milestones: [part(1), part(2), part(3)],
    });
    const start = play(draft, ...ACTIVE);
    const delivered = play(start, 'seller mark_done');
    expect([code(delivered), codes(delivered)]).toEqual(['ip', 'd ip ip']);
    const both = act(delivered, 'seller', 'mark_done', second);
    const all = act(both, 'seller', 'mark_done', { milestone: 'mil_3' });
    expect([code(all), codes(all)]).toEqual(['d', 'd d d']);
    const accepted = play(all, 'buyer approve');
    expect([code(accepted), codes(accepted)]).toEqual(['d', 'da d d']);
    const sentBack = act(accepted, 'buyer', 'reject_delivery', second);
    expect([code(sentBack), codes(sentBack)]).toEqual(['dr', 'da dr d']);
    const rest = act(act(sentBack, 'buyer', 'approve', second), 'buyer', 'approve', {
      milestone: 'mil_3',
    });
    expect([code(rest), codes(rest)]).toEqual(['da', 'da da da']);
  });

  test('the open ones decide while there is one', () => {
    const released = play(two, 'buyer approve');
    expect([code(released), codes(released)]).toEqual(['ip', 'cdp ip']);
    const ruled = play(two, 'platform dispute', 'platform resolve');
    expect([code(ruled), codes(ruled)]).toEqual(['ip', 'cd ip']);
  });

  test('at the end a ruling comes before a payout, a payout before a refund', () => {
    const ruled = play(two, 'platform dispute', 'platform resolve');
    expect(code(act(ruled, 'buyer', 'approve', second))).toBe('cd');
    const some = act(play(two, 'buyer approve'), 'seller', 'cancel', second);
    expect([code(some), codes(some)]).toEqual(['cdp', 'cdp cr']);
    expect(code(play(some, 'provider settle_disbursement'))).toBe('cdc');
  });
});

test('money that came in and went back closes as refunded, whoever ended it', () => {
  const agreed = act(play(escrowOf(one), ...AGREED), 'buyer', 'fund', { amount: 1 });
  const ended = play(agreed, 'seller cancel');
  expect([code(ended), codes(ended), ended.agreement]).toEqual([
    'cr',
    'c',
    { stage: 'closed', reason: 'cancelled' },
  ]);
  expect(code(waitFor(agreed, 'funding').escrow)).toBe('cr');
});

test('a payout that comes back opens pending again', () => {
  const paid = play(escrowOf(one), ...RELEASED, 'provider settle_disbursement');
  expect(code(play(paid, 'provider return_disbursement'))).toBe('cdp');
});

test('a dispute is a condition beside the status', () => {
  const disputed = play(escrowOf(one), ...ACTIVE, 'seller mark_done', 'buyer dispute');
  expect([code(disputed), codes(disputed)]).toEqual(['d', 'd']);
});

test('a hold changes no status', () => {
  for (const acts of [SENT, AGREED, ACTIVE, RELEASED]) {
    const escrow = play(escrowOf(one), ...acts);
    const [held] = eventsOf(ask(escrow, 'platform', 'hold'));
    expect(held && code(evolve(escrow, held))).toBe(code(escrow));
  }
});
