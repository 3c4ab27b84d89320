/**
 * Owns what every command has in common: version, terms hash, strangers, details of a refusal,
 * and that the same question has the same answer.
 * Must not know what single commands do.
 */
import { allowedActionsOf } from '../../domain/actions';
import { decide } from '../../domain/decide';
import { evolve } from '../../domain/evolve';
import { BrokenInvariant } from '../../domain/journal';
import { REFUSALS } from '../../domain/refusals';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  byOf,
  commandOf,
  escrowOf,
  eventsOf,
  outcome,
  part,
  play,
  SENT,
  the,
} from './sample';

const sent = play(escrowOf(), ...SENT);
const active = play(escrowOf(), ...ACTIVE);

test('the expected version is that of the last event, and is checked before the rules', () => {
  expect(sent.version).toBe(2);
  const accept = commandOf(sent, 'accept');
  expect(outcome(decide(sent, accept, byOf('buyer'), AT, 2))).toBe('party_accepted');
  expect(outcome(decide(sent, accept, byOf('buyer'), AT, 1))).toBe('! stale_version');
  expect(outcome(decide(sent, accept, byOf('stranger'), AT, 1))).toBe('! stale_version');
  expect(outcome(decide(sent, accept, byOf('buyer'), AT, null))).toBe('party_accepted');
});

test('every command may carry the terms hash, and is refused when it is another', () => {
  expect(outcome(ask(active, 'seller', 'mark_done', { terms_hash: 'b' }))).toBe('! terms_changed');
  expect(outcome(ask(active, 'seller', 'mark_done', { terms_hash: undefined }))).toBe('delivered');
});

test('accept must carry the terms hash', () => {
  expect(outcome(ask(sent, 'buyer', 'accept', { terms_hash: undefined }))).toBe('! terms_changed');
  expect(outcome(ask(sent, 'buyer', 'accept', { terms_hash: 'b' }))).toBe('! terms_changed');
});

test('a milestone, dispute or disbursement that is not there is unknown', () => {
  const none = { milestone: 'mil_9' };
  expect(outcome(ask(active, 'seller', 'mark_done', none))).toBe('! unknown_milestone');
  expect(outcome(ask(active, 'seller', 'cancel', none))).toBe('! unknown_milestone');
  const other = { dispute: 'dis_9' };
  expect(outcome(ask(active, 'seller', 'answer_dispute', other))).toBe('! unknown_dispute');
  const nowhere = { disbursement: 'dsb_9', returnable_until: null };
  expect(outcome(ask(active, 'provider', 'settle_disbursement', nowhere))).toBe('! malformed');
});

test('a refusal says what a person can do about it', () => {
  const unfinished = ask(active, 'buyer', 'complete');
  expect(unfinished).toMatchObject({
    refusal: { code: 'conditions_unmet', detail: 'not accepted yet: mil_1, mil_2' },
  });
  const tooMuch = ask(play(escrowOf(), ...AGREED), 'buyer', 'fund', { amount: 30_001 });
  expect(tooMuch).toMatchObject({
    refusal: { code: 'limit_reached', detail: 'at most 30000 is due now' },
  });
  const plain = ask(sent, 'buyer', 'complete');
  expect(plain).toMatchObject({ refusal: { detail: REFUSALS.wrong_status } });
  const again = ask(play(sent, 'buyer accept'), 'buyer', 'accept');
  expect(again).toMatchObject({ refusal: { detail: REFUSALS.already_done } });
  expect(allowedActionsOf(active, byOf('seller'), AT)).toEqual([
    'cancel',
    'mark_done',
    'dispute',
    'propose',
  ]);
});

test('asked twice, a command has the same answer with the same ids', () => {
  const delivered = play(active, 'seller mark_done');
  const approve = commandOf(delivered, 'approve');
  const once = eventsOf(decide(delivered, approve, byOf('buyer'), AT));
  expect(eventsOf(decide(delivered, approve, byOf('buyer'), AT))).toEqual(once);
  expect(once.at(-1)).toMatchObject({
    type: 'released',
    payees: [{ disbursement: `dsb_${approve.id.slice('cmd_'.length)}_100` }],
  });
});

test('one command may end several milestones, and no id comes twice', () => {
  const manual = play(escrowOf({ release: { mode: 'manual' } }), ...ACTIVE);
  const accepted = act(play(manual, 'buyer approve'), 'buyer', 'approve', { milestone: 'mil_2' });
  const events = eventsOf(ask(accepted, 'buyer', 'complete'));
  expect(events.map(({ type }) => type)).toEqual(['released', 'released', 'closed']);
  const ids = events.flatMap((e) => (e.type === 'released' ? e.payees : []));
  expect(new Set(ids.map(({ disbursement }) => disbursement)).size).toBe(2);
});

test('a version is counted for each event', () => {
  const events = eventsOf(ask(play(escrowOf(), ...AGREED), 'buyer', 'fund'));
  expect(events.map(({ type }) => type)).toEqual(['funded', 'due_completed', 'started']);
  expect(events.reduce(evolve, play(escrowOf(), ...AGREED)).version).toBe(6 + 3);
});

test('an event that cannot have happened is a broken invariant', () => {
  const one = escrowOf({ milestones: [part(1)] });
  const delivered = the(eventsOf(ask(play(one, ...ACTIVE), 'seller', 'mark_done')), 'delivered');
  const funded = the(eventsOf(ask(play(one, ...AGREED), 'buyer', 'fund')), 'funded');
  const over = play(one, ...ACTIVE, 'buyer approve');
  const cancel = ask(play(one, ...ACTIVE), 'seller', 'cancel');
  const refunded = the(eventsOf(cancel), 'refunded');
  const answer = ask(play(one, ...ACTIVE, 'buyer dispute'), 'seller', 'answer_dispute');
  const answered = the(eventsOf(answer), 'dispute_answered');
  const settle = ask(over, 'provider', 'settle_disbursement');
  const settled = the(eventsOf(settle), 'disbursement_settled');
  expect(over.agreement.stage).toBe('closed');
  for (const [escrow, event] of [
    [one, delivered],
    [over, delivered],
    [over, funded],
    [play(one, ...ACTIVE, 'buyer dispute'), delivered],
    [play(one, ...ACTIVE, 'buyer dispute'), refunded],
    [play(one, ...ACTIVE), answered],
    [play(one, ...SENT), settled],
    [play(one, ...ACTIVE), { ...delivered, milestone: 'mil_9' as const }],
  ] as const) {
    expect(() => evolve(escrow, event)).toThrow(BrokenInvariant);
  }
});
