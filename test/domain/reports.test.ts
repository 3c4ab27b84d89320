/**
 * Owns what the rows of a payment or payout script mean for the escrow: one report of each news,
 * none of what is known.
 * Must not know where the rows are.
 */

import { decide } from '../../domain/decide';
import type { Escrow } from '../../domain/escrow';
import { toMinor } from '../../domain/money';
import { type EffectFacts, forgetPayment, reportOf, waitingFund } from '../../domain/reports';
import { ACTIVE, AGREED, AT, act, byOf, escrowOf, outcome, part, play, SENT } from './sample';

const released = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE, 'buyer approve');
const settled = play(released, 'provider settle_disbursement');
const KNOWN: { readonly [state: string]: Escrow } = {
  pending: released,
  settled,
  failed: play(released, 'provider fail_disbursement'),
  parked: act(released, 'provider', 'fail_disbursement', { reason: 'parked' }),
  returned: play(settled, 'provider return_disbursement'),
};
const id = released.milestones[0]?.disbursements[0]?.id ?? 'dsb_none';

const payout = (state: EffectFacts['state'], of: typeof id = id): EffectFacts => ({
  kind: 'disbursement',
  id: of,
  state,
  attempt: 1,
  amount: toMinor(10_000),
  account: 'acc_seller',
  reason: null,
  returnable_until: null,
});

/** what the escrow knows: what each state of the row means for it */
const REPORTS = `
           planned sent unknown settled failed parked returned cancelled
  pending  -       -    -       settle  fail   fail   settle   settle
  settled  -       -    -       -       -      -      return   -
  failed   -       -    -       settle  -      -      -        settle
  parked   -       -    -       settle  -      -      -        settle
  returned -       -    -       settle  -      -      -        settle
`;
const [head = [], ...rows] = REPORTS.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

test.each(
  rows.flatMap(([known = '', ...cells]) => cells.map((out, n) => [known, head[n] ?? '', out])),
)('what is %s here and %s there means %s', (known, state, out) => {
  const escrow = KNOWN[known] ?? released;
  const command = reportOf(escrow, payout(state as EffectFacts['state']));
  expect(command?.type.replace('_disbursement', '') ?? '-').toBe(out);
  if (command) expect(decide(escrow, command, byOf('provider'), AT).ok).toBe(true);
});

test('what was returned before the escrow heard that it had settled is told in that order', () => {
  const first = reportOf(released, payout('returned'));
  expect(first?.type).toBe('settle_disbursement');
  const then = reportOf(settled, payout('returned'));
  expect(then?.type).toBe('return_disbursement');
  expect(first?.id).not.toBe(then?.id);
});

test('a row that was cancelled leaves the money in the wallet', () => {
  expect(reportOf(released, payout('cancelled'))?.body).toMatchObject({ destination: 'wallet' });
});

test('what was parked is told as parked', () => {
  expect(reportOf(released, payout('parked'))?.body).toMatchObject({ reason: 'parked' });
});

test('a disbursement of another escrow means nothing', () => {
  expect(reportOf(released, payout('settled', 'dsb_other'))).toBeNull();
});

describe('a payment', () => {
  const agreed = play(escrowOf(), ...AGREED);
  const facts = (state: EffectFacts['state']): EffectFacts => ({
    kind: 'payment',
    id: 'pay_1',
    state,
    attempt: 1,
    amount: toMinor(100),
    account: 'acc_buyer',
    reason: null,
    returnable_until: null,
  });

  test('funds when it has settled, once', () => {
    const command = reportOf(agreed, facts('settled'));
    expect(command?.body).toEqual({ amount: 100, payment: 'pay_1', payer: 'acc_buyer' });
    const taken = act(agreed, 'provider', 'fund', { payment: 'pay_1', amount: 100 });
    expect(reportOf(taken, facts('settled'))).toBeNull();
  });

  test('means nothing before, nor when it fails', () => {
    for (const state of ['planned', 'sent', 'unknown', 'failed', 'returned'] as const) {
      expect(reportOf(agreed, facts(state))).toBeNull();
    }
  });

  test('that waits is asked for as soon as it may be taken, and not told again', () => {
    const sent = play(escrowOf(), ...SENT);
    const waiting = act(sent, 'provider', 'fund', { payment: 'pay_1', amount: 100 });
    expect(reportOf(waiting, facts('settled'))).toBeNull();
    expect(waitingFund(waiting)).toBeNull();
    const now = play(waiting, 'buyer accept', 'seller accept', 'broker accept');
    const command = waitingFund(now);
    expect(command?.body).toEqual({ amount: 100, payment: 'pay_1', payer: 'acc_buyer' });
    expect(command && outcome(decide(now, command, byOf('provider'), AT))).toBe('funded');
  });

  test('that the wallet could not cover is forgotten', () => {
    const sent = play(escrowOf(), ...SENT);
    const waiting = act(sent, 'provider', 'fund', { payment: 'pay_1', amount: 100 });
    expect(forgetPayment(waiting, 'pay_1').payments_waiting).toEqual([]);
    expect(forgetPayment(waiting, 'pay_2')).toEqual(waiting);
  });
});
