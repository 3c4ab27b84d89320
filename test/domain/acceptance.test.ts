/**
 * Owns who accepts and rejects, in which order, and what becomes of the escrow and its money.
 * Must not know deadlines (`deadlines.test.ts`).
 */
import { plus } from '../../domain/calendar';
import type { Escrow } from '../../domain/escrow';
import { statusOf } from '../../domain/status';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  BROKER,
  BUYER,
  EVERYBODY,
  escrowOf,
  eventsOf,
  outcome,
  part,
  party,
  play,
  SELLER,
  SENT,
  the,
} from './sample';

const code = (escrow: Escrow): string => statusOf(escrow).status_code;
const stage = (escrow: Escrow): string => escrow.agreement.stage;
const initiatedBy = (name: string): Escrow =>
  escrowOf({
    parties: EVERYBODY.map((p) => (p.id === `pty_${name}` ? { ...p, initiator: true } : p)),
  });

test('without an initiator the platform sends and all who must, accept', () => {
  const draft = escrowOf();
  expect(outcome(ask(draft, 'buyer', 'send'))).toBe('! not_allowed');
  const sent = act(draft, 'platform', 'send');
  expect(sent.parties.map((p) => p.status)).toEqual(Array(5).fill('created'));
});

test('a party is invited, and then has accepted or rejected', () => {
  const sent = play(escrowOf({ funding: { order: 'any' } }), ...SENT);
  const ended = play(sent, 'buyer accept', 'arbiter reject', 'broker reject');
  expect(ended.parties.map((each) => [each.role, each.status])).toEqual([
    ['buyer', 'accepted'],
    ['seller', 'created'],
    ['broker', 'rejected'],
    ['arbiter', 'rejected'],
    ['observer', 'created'],
  ]);
});

test('a broker who is initiator names the buyer, his commission and who pays it', () => {
  const commission = {
    kind: 'broker_commission',
    rate_bps: 500,
    paid_by: { buyer: 10_000 },
  } as const;
  const parties = [BUYER, SELLER, { ...BROKER, initiator: true }];
  const made = play(escrowOf({ parties, fees: [commission] }), 'broker send');
  expect(made.parties.map((each) => each.status)).toEqual(['created', 'created', 'accepted']);
  expect([made.terms.fees[0]?.paid_by, made.due]).toEqual([
    { buyer: 10_000, seller: 0, broker: 0 },
    31_500,
  ]);
  expect(stage(play(made, 'buyer accept', 'seller accept'))).toBe('agreed');
});

test.each(['buyer', 'seller', 'broker'] as const)(
  'a %s who is initiator sends and has accepted',
  (name) => {
    const sent = act(initiatedBy(name), name, 'send');
    expect(outcome(ask(sent, name, 'accept'))).toBe('! already_done');
    expect(outcome(ask(sent, name, 'reject'))).toBe('! already_done');
    const others = AGREED.filter((each) => each.endsWith('accept') && !each.startsWith(name));
    expect(stage(play(sent, ...others.slice(0, 1)))).toBe('sent');
    expect(stage(play(sent, ...others))).toBe('agreed');
  },
);

test('the platform may send for an initiator, nobody else may', () => {
  const draft = initiatedBy('broker');
  expect(outcome(ask(draft, 'platform', 'send'))).toBe('created, sent');
  expect(outcome(ask(draft, 'buyer', 'send'))).toBe('! not_allowed');
});

test('due dates may not lie in the past when sent', () => {
  const escrow = escrowOf();
  const due = escrow.terms.milestones[0]?.due_at;
  if (!due) throw new Error('no due date');
  expect(outcome(ask(escrow, 'platform', 'send', {}, due))).toBe('! conditions_unmet');
  expect(outcome(ask(escrow, 'platform', 'send', {}, plus(due, -1)))).toBe('created, sent');
  const near = escrowOf({ milestones: [part(1), part(2, { due_at: AT })] });
  expect(outcome(ask(near, 'platform', 'send'))).toBe('! conditions_unmet');
});

test('when the last who must has accepted it is agreed, and the status says so at once', () => {
  const nearly = play(escrowOf(), ...AGREED.slice(0, -1));
  expect(code(nearly)).toBe('sac');
  const events = eventsOf(ask(nearly, 'broker', 'accept'));
  expect(events.map(({ type }) => type)).toEqual(['party_accepted', 'agreed']);
  expect(code(play(nearly, 'broker accept'))).toBe('anf');
});

test('an arbiter and an observer hold nobody up', () => {
  const agreed = play(escrowOf(), ...AGREED);
  expect(agreed.parties.filter((p) => p.status === 'created').map((p) => p.role)).toEqual([
    'arbiter',
    'observer',
  ]);
  expect(stage(agreed)).toBe('agreed');
});

test("an arbiter's rejection ends its appointment and nothing else", () => {
  const escrow = play(escrowOf(), ...SENT, 'arbiter reject');
  expect(stage(escrow)).toBe('sent');
  expect(code(escrow)).toBe('sac');
  expect(outcome(ask(escrow, 'arbiter', 'accept'))).toBe('! already_done');
});

test('an arbiter who also observes ends only its appointment', () => {
  const parties = [...EVERYBODY.slice(0, 4), party('arbiter', 'observer', { id: 'pty_watching' })];
  const sent = play(escrowOf({ parties }), ...SENT);
  expect(outcome(ask(sent, 'arbiter', 'reject'))).toBe('party_rejected');
});

test('an arbiter may accept or reject its appointment until escalation', () => {
  const open = play(escrowOf(), ...ACTIVE, 'buyer dispute');
  expect(outcome(ask(open, 'arbiter', 'accept'))).toBe('party_accepted');
  const escalated = play(open, 'seller answer_dispute', 'buyer escalate');
  expect(outcome(ask(escalated, 'arbiter', 'accept'))).toBe('! wrong_status');
  expect(outcome(ask(escalated, 'arbiter', 'reject'))).toBe('! wrong_status');
});

test('one account in two roles accepts for both at once', () => {
  const parties = [BUYER, SELLER, party('seller', 'broker', { id: 'pty_agent' })];
  const sent = play(escrowOf({ parties }), ...SENT);
  const events = eventsOf(ask(sent, 'seller', 'accept'));
  expect(the(events, 'party_accepted').parties).toEqual(['pty_seller', 'pty_agent']);
});

describe('under fund_first', () => {
  const sent = play(escrowOf({ funding: { order: 'fund_first' } }), ...SENT);

  test('a seller who also observes still waits for the money', () => {
    const parties = [...EVERYBODY.slice(0, 4), party('seller', 'observer', { id: 'pty_watching' })];
    const escrow = play(escrowOf({ parties, funding: { order: 'fund_first' } }), ...SENT);
    expect(outcome(ask(escrow, 'seller', 'accept'))).toBe('! conditions_unmet');
  });

  test('a payer who is broker as well accepts as a payer', () => {
    const parties = [BUYER, SELLER, party('buyer', 'broker', { id: 'pty_agent' })];
    const escrow = play(escrowOf({ parties, funding: { order: 'fund_first' } }), ...SENT);
    expect(outcome(ask(escrow, 'buyer', 'accept'))).toBe('party_accepted');
  });

  test('the others accept once it is fully funded; then work starts in the same step', () => {
    const half = act(play(sent, 'buyer accept'), 'buyer', 'fund', { amount: 29_999 });
    expect(outcome(ask(half, 'seller', 'accept'))).toBe('! conditions_unmet');
    const full = act(half, 'buyer', 'fund', { amount: 1 });
    expect(code(full)).toBe('af');
    expect(outcome(ask(play(full, 'seller accept'), 'broker', 'accept'))).toBe(
      'party_accepted, agreed, started',
    );
  });

  test('a seller who is initiator has accepted before the money came', () => {
    const parties = EVERYBODY.map((p) => (p === SELLER ? { ...p, initiator: true } : p));
    const draft = escrowOf({ parties: parties.slice(0, 2), funding: { order: 'fund_first' } });
    const agreed = play(draft, 'seller send', 'buyer accept');
    expect(stage(agreed)).toBe('agreed');
    expect(outcome(ask(agreed, 'buyer', 'fund'))).toBe('funded, due_completed, started');
  });
});

describe('one rejection rejects', () => {
  const order = { funding: { order: 'any' } } as const;
  const rejected = (escrow: Escrow) => {
    const events = eventsOf(ask(escrow, 'seller', 'reject'));
    const after = act(escrow, 'seller', 'reject');
    return { events, after, types: events.map(({ type }) => type) };
  };

  test('before money came in: closed', () => {
    const { after } = rejected(play(escrowOf(order), ...SENT));
    expect(after.agreement).toEqual({ stage: 'closed', reason: 'rejected' });
    expect(code(after)).toBe('c');
  });

  test('with a part of the money in: each gets his own back', () => {
    const some = act(play(escrowOf(order), ...SENT, 'buyer accept'), 'buyer', 'fund', {
      amount: 7,
    });
    const { after, types, events } = rejected(some);
    expect(types).toEqual(['party_rejected', 'contributions_returned', 'closed']);
    expect(the(events, 'contributions_returned').payers).toEqual([
      { account: 'acc_buyer', amount: 7 },
    ]);
    expect(code(after)).toBe('cr');
    expect(after.contributions).toEqual([{ account: 'acc_buyer', amount: 7, left: 0 }]);
  });

  test('with all of the money in: every milestone is refunded, fees included', () => {
    const fee = { kind: 'platform', rate_bps: 100, paid_by: { buyer: 10_000 }, refundable: false };
    const draft = escrowOf({ ...order, fees: [{ ...fee, kind: 'platform' }] });
    const { after, types } = rejected(play(draft, ...SENT, 'buyer accept', 'buyer fund'));
    expect(types).toEqual(['party_rejected', 'refunded', 'refunded', 'closed']);
    expect(after.contributions).toEqual([{ account: 'acc_buyer', amount: 30_300, left: 0 }]);
    expect(after.fee_held).toBe(0);
  });
});
