/**
 * Owns who rules on a dispute, which rulings are taken, and what the clock rules when nobody does.
 * Must not know how a dispute comes to the handler (`disputes.test.ts`).
 */

import type { Draft } from '../../domain/draft';
import { disputeOf, type Escrow } from '../../domain/escrow';
import { toMinor } from '../../domain/money';
import { statusOf } from '../../domain/status';
import type { RulingDefault } from '../../domain/terms';
import {
  ACTIVE,
  ARBITER,
  act,
  ask,
  BROKER,
  BUYER,
  escrowOf,
  eventsOf,
  isName,
  milestone,
  type Name,
  OBSERVER,
  outcome,
  part,
  party,
  play,
  SELLER,
  the,
  waitFor,
} from './sample';

const JUDGE = party('judge', 'arbiter');
const PARTIES = [BUYER, SELLER, BROKER, ARBITER, JUDGE, OBSERVER];
const DISPUTED = ['buyer dispute', 'seller answer_dispute'];
const JUDGES: readonly Name[] = ['arbiter', 'judge', 'handler', 'platform'];

type Handler = NonNullable<Draft['dispute_handler']>;
const withHandler = (handler: Handler, parties = PARTIES): Escrow =>
  play(escrowOf({ parties, dispute_handler: handler, milestones: [part(1)] }), ...ACTIVE);

describe('the handler is', () => {
  /** who handles by the terms, who has accepted by escalation, who rules */
  const CASES: readonly (readonly [Handler, string, Name])[] = [
    [{ kind: 'platform' }, '', 'platform'],
    [{ kind: 'platform' }, 'arbiter', 'platform'],
    [{ kind: 'arbitration' }, '', 'platform'],
    [{ kind: 'arbitration' }, 'arbiter', 'arbiter'],
    [{ kind: 'arbitration' }, 'judge', 'judge'],
    [{ kind: 'arbitration' }, 'judge arbiter', 'arbiter'],
    [{ kind: 'arbitration', handler: 'acc_handler' }, '', 'handler'],
    [{ kind: 'arbitration', handler: 'acc_handler' }, 'judge', 'judge'],
  ];

  test.each(CASES)('%j, accepted: [%s]: %s', (handler, accepted, who) => {
    const names = accepted.split(' ').filter(isName);
    const acts = names.map((name) => `${name} accept`);
    const escalated = play(withHandler(handler), ...acts, ...DISPUTED, 'buyer escalate');
    for (const name of JUDGES) {
      const isParty = name !== 'handler' || 'handler' in handler;
      const expected = name === who ? 'ruled, closed' : isParty ? '! not_allowed' : '! not_a_party';
      expect([name, outcome(ask(escalated, name, 'resolve'))]).toEqual([name, expected]);
    }
  });

  test('fixed at escalation: whom the dispute has come to, rules', () => {
    const handler: Handler = { kind: 'arbitration', handler: 'acc_handler' };
    const escalated = play(withHandler(handler), ...DISPUTED, 'buyer escalate');
    expect(disputeOf(milestone(escalated))?.handler).toBe('acc_handler');
    expect(outcome(ask(escalated, 'arbiter', 'accept'))).toBe('! wrong_status');
  });

  test('for a dispute of its own whoever would rule when it is opened', () => {
    const escrow = play(withHandler({ kind: 'arbitration' }), 'judge accept');
    expect(outcome(ask(escrow, 'platform', 'dispute'))).toBe('! not_allowed');
    const own = play(escrow, 'judge dispute');
    expect(disputeOf(milestone(own))).toMatchObject({
      side: 'handler',
      by: 'handler',
      handler: 'acc_judge',
      stage: 'with_handler',
    });
    expect(outcome(ask(own, 'judge', 'resolve'))).toBe('ruled, closed');
    expect(outcome(ask(own, 'seller', 'answer_dispute'))).toBe('! wrong_status');
    expect(outcome(ask(own, 'buyer', 'withdraw_dispute'))).toBe('! not_allowed');
    expect(outcome(ask(own, 'judge', 'withdraw_dispute'))).toBe('dispute_withdrawn');
  });

  test('able to open and to bring evidence also from outside', () => {
    const handler: Handler = { kind: 'arbitration', handler: 'acc_handler' };
    const own = play(withHandler(handler, [BUYER, SELLER, BROKER]), 'handler dispute');
    expect(outcome(ask(own, 'handler', 'submit_evidence'))).toBe('evidence_added');
    expect(outcome(ask(own, 'handler', 'mark_done'))).toBe('! not_allowed');
  });
});

describe('a ruling', () => {
  const open = play(withHandler({ kind: 'platform' }), ...DISPUTED, 'buyer escalate');
  const rule = (split: unknown) => outcome(ask(open, 'platform', 'resolve', { split }));

  test('splits what is disputed, to the unit', () => {
    expect(rule({ recipients: 7_000, payers: 3_000 })).toBe('ruled, closed');
    expect(rule({ recipients: 10_000, payers: 0 })).toBe('ruled, closed');
    expect(rule({ recipients: 0, payers: 10_000 })).toBe('ruled, closed');
    expect(rule({ recipients: 7_000, payers: 3_001 })).toBe('! amount_mismatch');
    expect(rule({ recipients: 7_000, payers: 2_999 })).toBe('! amount_mismatch');
  });

  test('gives nobody less than nothing', () => {
    expect(rule({ recipients: 10_001, payers: -1 })).toBe('! malformed');
    expect(rule({ recipients: -1, payers: 10_001 })).toBe('! malformed');
    const named = [
      { account: 'acc_seller', amount: 11_000 },
      { account: 'acc_broker', amount: -1_000 },
    ];
    expect(rule({ recipients: named, payers: 0 })).toBe('! malformed');
  });

  test('needs a split when a person gives it', () => expect(rule(undefined)).toBe('! malformed'));

  test('may name recipients: parties who can receive, each once', () => {
    const list = (...names: readonly string[]) =>
      names.map((name) => ({ account: `acc_${name}`, amount: 1_000 }));
    expect(rule({ recipients: list('seller', 'broker'), payers: 8_000 })).toBe('ruled, closed');
    expect(rule({ recipients: [], payers: 10_000 })).toBe('ruled, closed');
    expect(rule({ recipients: list('seller', 'seller'), payers: 8_000 })).toBe('! malformed');
    expect(rule({ recipients: list('buyer'), payers: 9_000 })).toBe('! malformed');
    expect(rule({ recipients: list('stranger'), payers: 9_000 })).toBe('! malformed');
    expect(rule({ recipients: list('seller'), payers: 8_000 })).toBe('! amount_mismatch');
  });

  test('of 70 to 30 credits both sides exactly, and the escrow is closed disputed', () => {
    const body = { split: { recipients: 7_000, payers: 3_000 } };
    const ruled = the(eventsOf(ask(open, 'platform', 'resolve', body)), 'ruled');
    expect(ruled.payout.payees).toMatchObject([{ account: 'acc_seller', amount: 7_000 }]);
    expect(ruled.give_back.payers).toEqual([{ account: 'acc_buyer', amount: 3_000 }]);
    const after = act(open, 'platform', 'resolve', body);
    expect(statusOf(after).status).toBe('closed_disputed');
    expect(after.agreement).toEqual({ stage: 'closed', reason: 'completed' });
  });
});

describe('when nobody rules in time', () => {
  const lapsed = (rule: RulingDefault | undefined, ...acts: readonly string[]) => {
    const terms = { milestones: [part(1, { amount: toMinor(3) })] };
    const draft = escrowOf({ ...terms, ...(rule !== undefined && { ruling_default: rule }) });
    const { events } = waitFor(play(draft, ...ACTIVE, ...acts), 'ruling');
    const { payout, give_back, by } = the(events, 'ruled');
    expect(by).toBe('clock');
    return [payout.amount, give_back.amount];
  };
  const unanswered = ['seller dispute'];
  const answered = ['seller dispute', 'buyer answer_dispute'];
  const done = 'seller mark_done';

  test.each<[RulingDefault, number, number]>([
    ['refund', 0, 3],
    ['release', 3, 0],
    [{ recipients_bps: 5_000 }, 2, 1], // largest remainder, ties by order
    [{ recipients_bps: 3_333 }, 1, 2],
    [{ recipients_bps: 0 }, 0, 3],
    [{ recipients_bps: 10_000 }, 3, 0],
  ])('the terms decide: %j', (rule, recipients, payers) => {
    expect(lapsed(rule, done, ...unanswered)).toEqual([recipients, payers]);
  });

  test('terms silent: an unanswered dispute goes to the side that opened it, if delivered', () => {
    expect(lapsed(undefined, done, ...unanswered)).toEqual([3, 0]);
    expect(lapsed(undefined, done, 'buyer reject_delivery', ...unanswered)).toEqual([3, 0]);
    expect(lapsed(undefined, done, 'buyer dispute')).toEqual([0, 3]);
  });

  test('terms silent: also to the side for which the clock opened it', () => {
    const rejected = play(
      escrowOf({ milestones: [part(1)] }),
      ...ACTIVE,
      done,
      'buyer reject_delivery',
    );
    const { escrow } = waitFor(rejected, 'rework');
    const { events } = waitFor(escrow, 'ruling');
    expect(the(events, 'ruled').payout.amount).toBe(0);
  });

  test('terms silent: else it is refunded', () => {
    expect(lapsed(undefined, ...unanswered)).toEqual([0, 3]); // nothing was delivered
    expect(lapsed(undefined, done, ...answered)).toEqual([0, 3]); // it was answered
    expect(lapsed(undefined, done, 'platform dispute')).toEqual([0, 3]); // of no side
  });
});
