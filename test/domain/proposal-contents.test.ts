/**
 * Owns what a cancellation and a settlement may not say: whose milestones, which sums, to whom.
 * Must not know who may propose (`negotiation.test.ts`), nor what comes of it
 * (`proposals.test.ts`). Source: `escrow.md`, section 7.
 */
import { nextActionsOf } from '../../domain/actions';
import { disputeOf, type Escrow } from '../../domain/escrow';
import { ACTIVE, AGREED, AT, act, ask, escrowOf, milestone, outcome, part, play } from './sample';

const active = play(escrowOf(), ...ACTIVE); // 10000 and 20000 are held
const disputed = play(active, 'buyer dispute'); // about the first
const half = act(active, 'seller', 'cancel', { milestone: 'mil_1' });
const whole = { milestones: ['mil_1', 'mil_2'], split: { recipients: 10_000, payers: 20_000 } };
const first = { milestones: ['mil_1'], split: { recipients: 4_000, payers: 6_000 } };

const proposes = (escrow: Escrow, kind: string, content: object) =>
  ask(escrow, 'buyer', 'propose', { content: { kind, ...content } });
const named = (...names: readonly string[]) => ({
  recipients: names.map((name) => ({ account: `acc_${name}`, amount: 5_000 })),
  payers: 10_000 - 5_000 * names.length,
});

test.each<[string, Escrow, object, string]>([
  ['of what is held', active, whole, 'proposal_made'],
  ['of all, when it names none', active, { split: whole.split }, 'proposal_made'],
  ['that names who gets it', active, { ...first, split: named('seller') }, 'proposal_made'],
  [
    'of a milestone that there is not',
    active,
    { ...first, milestones: ['mil_9'] },
    '! unknown_milestone',
  ],
  ['of no milestone', active, { ...first, milestones: [] }, '! unknown_milestone'],
  ['of a disputed milestone', disputed, first, '! in_dispute'],
  ['of a milestone that has ended', half, first, '! wrong_status'],
  [
    'of a part before the start',
    play(escrowOf(), ...AGREED),
    { ...first, split: { recipients: 0, payers: 0 } },
    '! conditions_unmet',
  ],
  [
    'of less than is held',
    active,
    { ...first, split: { recipients: 4_000, payers: 5_999 } },
    '! amount_mismatch',
  ],
  [
    'of more than is held',
    active,
    { ...whole, split: { recipients: 10_001, payers: 20_000 } },
    '! amount_mismatch',
  ],
  [
    'that takes from somebody',
    active,
    { ...first, split: { recipients: 10_001, payers: -1 } },
    '! malformed',
  ],
  ['to an account that cannot receive', active, { ...first, split: named('buyer') }, '! malformed'],
  ['to an account twice', active, { ...first, split: named('seller', 'seller') }, '! malformed'],
  [
    'of several that names who gets it',
    active,
    { ...whole, split: named('seller') },
    '! malformed',
  ],
])('a cancellation %s', (_, escrow, content, out) => {
  expect(outcome(proposes(escrow, 'cancellation', content))).toBe(out);
});

test('when all is in dispute there is nothing to cancel', () => {
  const one = play(escrowOf({ milestones: [part(1)] }), ...ACTIVE, 'buyer dispute');
  expect(outcome(proposes(one, 'cancellation', { split: first.split }))).toBe('! conditions_unmet');
});

test('one open cancellation of a milestone a side: then it is offered to the other alone', () => {
  const content = { kind: 'cancellation', ...whole };
  const open = act(active, 'buyer', 'propose', { content });
  expect(outcome(proposes(open, 'cancellation', first))).toBe('! limit_reached');
  const mayCancel = (escrow: Escrow) =>
    nextActionsOf(escrow, AT).find(({ kind }) => kind === 'cancellation')?.parties;
  expect(mayCancel(active)).toEqual(['pty_buyer', 'pty_seller']);
  expect(mayCancel(open)).toEqual(['pty_seller']);
});

test.each<[string, object, string]>([
  ['of what is disputed', { recipients: 4_000, payers: 6_000 }, 'proposal_made'],
  ['of less', { recipients: 4_000, payers: 5_999 }, '! amount_mismatch'],
  ['that takes from somebody', { recipients: -1, payers: 10_001 }, '! malformed'],
  ['to an account that cannot receive', named('buyer'), '! malformed'],
])('a settlement %s', (_, split, out) => {
  const dispute = disputeOf(milestone(disputed))?.id;
  expect(outcome(proposes(disputed, 'settlement', { dispute, split }))).toBe(out);
});
