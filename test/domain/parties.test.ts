/**
 * Owns who is who: whom each name of a `who` column means, and who is meant by nobody else.
 * Must not know what they may do.
 */
import type { Draft } from '../../domain/draft';
import type { Escrow } from '../../domain/escrow';
import {
  handlerOf,
  isWho,
  partiesOf,
  partiesWho,
  ROLE_RULES,
  sideOfAccount,
  WHO,
  type Who,
} from '../../domain/parties';
import {
  ACCOUNTS,
  ACTIVE,
  act,
  byOf,
  EVERYBODY,
  escrowOf,
  MACHINES,
  milestone,
  type Name,
  play,
  SENT,
  waitFor,
} from './sample';

const names = [...ACCOUNTS, ...MACHINES];
const whoIs = (escrow: Escrow, who: Who, here = true): string =>
  names
    .filter((name: Name) => isWho(escrow, here ? milestone(escrow) : null, who, byOf(name)))
    .join(' ');

const active = play(escrowOf({ release: { mode: 'manual' } }), ...ACTIVE);

/** name, whom it means in an escrow that has started and has no dispute */
const MEANT: { readonly [W in Who]: string } = {
  initiator: 'platform',
  party: 'buyer seller broker',
  invited: '',
  arbiter: 'arbiter',
  payer: 'buyer',
  'can:approve': 'buyer',
  'can:mark_as_done': 'seller',
  'release.by': 'buyer',
  side: 'buyer seller',
  other_side: 'buyer seller',
  opener: '',
  buyer: 'buyer',
  seller: 'seller',
  broker: 'broker',
  asked: '',
  witness: 'buyer seller broker',
  handler: 'platform',
  sole_recipient: 'seller',
  buyer_of_overdue: '',
  platform: 'platform',
  clock: 'clock',
  provider: 'provider',
};

test.each(Object.keys(WHO) as Who[])('%s means', (who) => {
  expect(whoIs(active, who)).toBe(MEANT[who]);
});

test('before they have accepted, parties are invited and have no rights', () => {
  const sent = play(escrowOf(), ...SENT, 'buyer accept');
  expect(whoIs(sent, 'invited')).toBe('seller broker');
  expect(whoIs(sent, 'payer')).toBe('buyer');
  expect(whoIs(sent, 'can:mark_as_done')).toBe('');
  expect(whoIs(sent, 'party', false)).toBe('buyer seller broker');
});

test('the sides of a dispute: who opened it, who did not', () => {
  const disputed = play(active, 'seller dispute');
  expect(whoIs(disputed, 'opener')).toBe('seller');
  expect(whoIs(disputed, 'other_side')).toBe('buyer');
  const own = play(active, 'platform dispute');
  expect(whoIs(own, 'opener')).toBe('platform');
});

test('an initiator is one party, and then not the platform', () => {
  const parties = EVERYBODY.map((p) => ({ ...p, initiator: p.role === 'broker' }));
  expect(whoIs(escrowOf({ parties }), 'initiator')).toBe('broker');
});

test('a milestone that is overdue may be given up by its buyer', () => {
  const overdue = waitFor(active, 'delivery').escrow;
  expect(whoIs(overdue, 'buyer_of_overdue')).toBe('buyer');
  expect(whoIs(overdue, 'buyer_of_overdue', false)).toBe('');
  const both = waitFor(overdue, 'delivery').escrow;
  expect(whoIs(both, 'buyer_of_overdue', false)).toBe('buyer');
});

test('closed milestones do not count when the whole is given up', () => {
  const recipients = [
    { account_id: 'acc_seller' as const, share_bps: 1 },
    { account_id: 'acc_broker' as const, remainder: true as const },
  ];
  const draft = escrowOf({
    milestones: escrowOf().terms.milestones.map(({ id, title, amount, due_at }, n) =>
      n === 0 ? { id, title, amount, due_at, recipients } : { id, title, amount, due_at },
    ),
  });
  const shared = play(draft, ...ACTIVE);
  expect(whoIs(shared, 'sole_recipient', false)).toBe('');
  expect(whoIs(play(shared, 'buyer approve'), 'sole_recipient', false)).toBe('seller');
});

describe('the handler', () => {
  const handled = (dispute_handler: NonNullable<Draft['dispute_handler']>, ...acts: string[]) =>
    handlerOf(play(escrowOf({ dispute_handler }), ...SENT, ...acts));

  test('is the platform, unless the terms want arbitration', () => {
    expect(handled({ kind: 'platform' }, 'arbiter accept')).toBe('platform');
  });

  test('is the arbiter who has accepted, else the one from outside, else the platform', () => {
    const outside = { kind: 'arbitration', handler: 'acc_handler' } as const;
    expect(handled(outside, 'arbiter accept')).toBe('acc_arbiter');
    expect(handled(outside)).toBe('acc_handler');
    expect(handled(outside, 'arbiter reject')).toBe('acc_handler');
    expect(handled({ kind: 'arbitration' })).toBe('platform');
  });
});

test('an account is found by its parties, and has a side when it may act on one', () => {
  expect(partiesOf(active, 'acc_seller').map(({ id }) => id)).toEqual(['pty_seller']);
  expect(partiesOf(active, 'acc_stranger')).toEqual([]);
  expect(sideOfAccount(active, 'acc_buyer')).toBe('buyer');
  expect(sideOfAccount(active, 'acc_seller')).toBe('seller');
  expect(sideOfAccount(active, 'acc_broker')).toBeNull();
});

test('platform, clock and provider are no parties', () => {
  for (const who of MACHINES) expect(partiesWho(active, milestone(active), who)).toEqual([]);
});

test('how many of each role there may be, and what they may hold', () => {
  const rules = Object.entries(ROLE_RULES).map(([role, { least, most, starts, may }]) => {
    expect(starts).toEqual(may); // nobody starts with less than his role may have
    return `${role} ${least}-${most}`;
  });
  expect(rules).toEqual(['buyer 1-5', 'seller 1-5', 'broker 0-2', 'arbiter 0-3', 'observer 0-10']);
});

test('after the end the rights of the parties are still theirs', () => {
  const closed = act(active, 'seller', 'cancel');
  expect(whoIs(closed, 'can:approve', false)).toBe('buyer');
});
