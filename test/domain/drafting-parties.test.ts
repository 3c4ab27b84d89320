/**
 * Owns who may be in an escrow together: counts, flags, conflicts, who handles and who releases.
 * Must not know what parties do later.
 */
import { type Fault, faultsOf, flags, many, parties } from './faults';
import { ARBITER, BROKER, BUYER, escrowOf, OBSERVER, party, SELLER } from './sample';

const FAULTS: readonly Fault[] = [
  [
    'six sellers',
    parties(BUYER, ...many(6, (n) => party(`s${n}`, 'seller'))),
    'malformed /parties',
  ],
  [
    'three brokers',
    parties(BUYER, SELLER, ...many(3, (n) => party(`b${n}`, 'broker'))),
    'malformed /parties',
  ],
  [
    'four arbiters',
    parties(BUYER, SELLER, ...many(4, (n) => party(`a${n}`, 'arbiter'))),
    'malformed /parties',
  ],
  [
    'eleven observers',
    parties(BUYER, SELLER, ...many(11, (n) => party(`o${n}`, 'observer'))),
    'malformed /parties',
  ],
  [
    'two initiators',
    parties({ ...BUYER, initiator: true }, { ...SELLER, initiator: true }),
    'malformed /parties',
  ],
  [
    'a seller who approves',
    parties(BUYER, flags(SELLER, { approve: true })),
    'malformed /parties/1/access_level/approve',
  ],
  [
    'a buyer who delivers',
    parties(flags(BUYER, { mark_as_done: true }), SELLER),
    'malformed /parties/0/access_level/mark_as_done',
  ],
  [
    'a buyer who is paid',
    parties(flags(BUYER, { can_receive: true }), SELLER),
    'malformed /parties/0/access_level/can_receive',
  ],
  [
    'an arbiter who is paid',
    parties(BUYER, SELLER, flags(ARBITER, { can_receive: true })),
    'malformed /parties/2/access_level/can_receive',
  ],
  [
    'an observer who approves',
    parties(BUYER, SELLER, flags(OBSERVER, { approve: true })),
    'malformed /parties/2/access_level/approve',
  ],
  [
    'a broker who approves',
    parties(BUYER, SELLER, flags(BROKER, { approve: true })),
    'malformed /parties/2/access_level/approve',
  ],
  [
    'a seller who cannot view',
    parties(BUYER, flags(SELLER, { can_view: false })),
    'malformed /parties/1/access_level/can_view',
  ],
  ['nobody approves', parties(flags(BUYER, { approve: false }), SELLER), 'malformed /parties'],
  ['nobody delivers', parties(BUYER, flags(SELLER, { mark_as_done: false })), 'malformed /parties'],
  [
    'buyer is seller',
    parties(BUYER, party('buyer', 'seller', { id: 'pty_2' })),
    'conflict_of_interest /parties/1/account_id',
  ],
  [
    'arbiter is buyer',
    parties(BUYER, SELLER, party('buyer', 'arbiter', { id: 'pty_3' })),
    'conflict_of_interest /parties/2/account_id',
  ],
  [
    'arbiter is broker',
    parties(BUYER, SELLER, BROKER, party('broker', 'arbiter', { id: 'pty_4' })),
    'conflict_of_interest /parties/3/account_id',
  ],
  [
    'one account twice in a role',
    parties(BUYER, SELLER, { ...SELLER, id: 'pty_3' }),
    'malformed /parties/2',
  ],
  [
    'arbitration by nobody',
    { ...parties(BUYER, SELLER), dispute_handler: { kind: 'arbitration' } },
    'malformed /dispute_handler',
  ],
  [
    'the seller as handler',
    { dispute_handler: { kind: 'arbitration', handler: 'acc_seller' } },
    'conflict_of_interest /dispute_handler/handler',
  ],
  [
    'a seller who releases',
    { release: { mode: 'manual', by: [{ account_id: 'acc_seller' }] } },
    'malformed /release/by/0',
  ],
  ['nobody who releases', { release: { mode: 'manual', by: [] } }, 'malformed /release/by/0'],
];

test.each(FAULTS)('%s is refused', (_, changes, fault) =>
  expect(faultsOf(changes)).toEqual([fault]),
);

test('there is at least one buyer and one seller', () => {
  const nobody = parties(SELLER);
  expect(faultsOf(nobody)).toEqual(['malformed /parties', 'malformed /parties']); // nor approver
  expect(faultsOf(parties(BUYER)).length).toBeGreaterThan(0);
  expect(faultsOf(parties(BUYER, SELLER))).toEqual([]);
});

test('as many as may be are fine together: 20 in all', () => {
  const sellers = many(5, (n) => party(`s${n}`, 'seller'));
  const others = many(10, (n) => party(`o${n}`, 'observer'));
  const arbiters = many(3, (n) => party(`a${n}`, 'arbiter'));
  expect(faultsOf(parties(BUYER, ...sellers, BROKER, ...arbiters, ...others))).toEqual([]);
  const two = [BROKER, party('b2', 'broker')];
  expect(faultsOf(parties(BUYER, ...sellers, ...two, ...arbiters, ...others))).toEqual([
    'malformed /parties',
  ]);
});

test('a broker may be one of the sides as well', () => {
  expect(faultsOf(parties(BUYER, SELLER, party('seller', 'broker', { id: 'pty_3' })))).toEqual([]);
  expect(faultsOf(parties(BUYER, SELLER, party('buyer', 'broker', { id: 'pty_3' })))).toEqual([]);
});

test('arbitration needs an arbiter or a handler from outside', () => {
  const kind = 'arbitration';
  expect(faultsOf({ dispute_handler: { kind } })).toEqual([]);
  const outside = { dispute_handler: { kind, handler: 'acc_handler' } } as const;
  expect(faultsOf({ ...parties(BUYER, SELLER), ...outside })).toEqual([]);
});

test('each role starts with its flags, and flags can be taken away', () => {
  const access = (escrow = escrowOf()) =>
    escrow.parties.map(({ role, access_level: level }) => [
      role,
      ...Object.entries(level).flatMap(([flag, has]) => (has ? [flag] : [])),
    ]);
  expect(access()).toEqual([
    ['buyer', 'can_view', 'approve'],
    ['seller', 'can_view', 'can_receive', 'mark_as_done'],
    ['broker', 'can_view', 'can_receive'],
    ['arbiter', 'can_view'],
    ['observer', 'can_view'],
  ]);
  const broker = flags(BROKER, { can_receive: false });
  const hidden = flags(OBSERVER, { can_view: false });
  expect(access(escrowOf(parties(BUYER, SELLER, broker, hidden))).slice(2)).toEqual([
    ['broker', 'can_view'],
    ['observer'],
  ]);
});

test('the initiator starts as accepted, everybody else as invited', () => {
  const escrow = escrowOf(parties(BUYER, SELLER, { ...BROKER, initiator: true }));
  expect(escrow.parties.map(({ status, initiator }) => [status, initiator])).toEqual([
    ['created', false],
    ['created', false],
    ['accepted', true],
  ]);
});

test('who may approve releases, unless the terms name others', () => {
  const by = (escrow = escrowOf()) => escrow.terms.release.by;
  expect(by()).toEqual(['pty_buyer']);
  const asked = [{ party: 2 }, { account_id: 'acc_buyer' }, { party: 'pty_broker' }] as const;
  expect(by(escrowOf({ release: { mode: 'manual', by: asked } }))).toEqual([
    'pty_broker',
    'pty_buyer',
    'pty_broker',
  ]);
});
