/**
 * Owns which raw messages can be read as commands, and which cannot: nothing that is missing,
 * unknown, of another type or out of bounds comes through.
 * Must not know what a command does.
 */
import fc from 'fast-check';
import { PEOPLES_COMMAND_TYPES } from '../../domain/commands';
import { decide } from '../../domain/decide';
import { isCommandId, readCommand } from '../../domain/reading';
import { ACTIVE, AT, byOf, escrowOf, play } from './sample';

const ID = 'cmd_01h455vb4pex5vsknk084sn02q';
const evidence = [{ kind: 'photo', summary: 'a photo', url: 'https://example.com' }];
const split = { recipients: 7_000, payers: 3_000 };

const DATE = '2026-04-01T00:00:00.000Z';

/** A body that can be read, of every command that people give. */
const GOOD: { readonly [type: string]: object } = {
  send: {},
  accept: { terms_hash: 'a' },
  reject: { reason: 'no' },
  fund: { amount: 5 },
  cancel: { reason: 'no' },
  complete: {},
  hold: { reason: 'x' },
  unhold: { reason: 'x' },
  replace_party: {
    party: 'pty_1',
    account: 'acc_1',
    operator: 'ann',
    reason: 'so',
    next_hash: 'b',
  },
  mark_done: { milestone: 'mil_1', evidence },
  approve: { milestone: 'mil_1' },
  reject_delivery: { milestone: 'mil_1', reason: 'no' },
  release: { milestone: 'mil_1' },
  release_part: { milestone: 'mil_1', amount: 5 },
  dispute: { milestone: 'mil_1', reason: 'no' },
  answer_dispute: { dispute: 'dis_1', answer: 'yes' },
  submit_evidence: { dispute: 'dis_1', evidence },
  withdraw_dispute: { dispute: 'dis_1' },
  escalate: { dispute: 'dis_1' },
  resolve: { dispute: 'dis_1', reason: 'so', split },
  propose: { content: { kind: 'extension', milestone: 'mil_1', due_at: DATE } },
  accept_proposal: { proposal: 'prp_1' },
  decline_proposal: { proposal: 'prp_1' },
  withdraw_proposal: { proposal: 'prp_1' },
  retry_disbursement: { disbursement: 'dsb_1' },
  override: { milestone: 'mil_1', act: 'refund', operator: 'ann', reason: 'no' },
  redirect_disbursement: { disbursement: 'dsb_1', destination: 'dst_1' },
};

test('every command that people give has a shape', () => {
  expect(Object.keys(GOOD)).toEqual(PEOPLES_COMMAND_TYPES);
});

test.each(PEOPLES_COMMAND_TYPES)('%s is read with its fields, and with the terms hash', (type) => {
  const body = GOOD[type] ?? {};
  expect(readCommand(type, ID, body)).toEqual({ id: ID, type, body });
  expect(readCommand(type, ID, { ...body, terms_hash: 'b' })).not.toBeNull();
});

test.each(PEOPLES_COMMAND_TYPES)(
  '%s is not read without one of its fields or with another',
  (type) => {
    const body = GOOD[type] ?? {};
    const optional = type === 'mark_done' ? ['evidence'] : [];
    for (const field of Object.keys(body).filter((name) => !optional.includes(name))) {
      expect([field, readCommand(type, ID, { ...body, [field]: undefined })]).toEqual([
        field,
        null,
      ]);
      expect([field, readCommand(type, ID, { ...body, [field]: {} })]).toEqual([field, null]);
      expect([field, readCommand(type, ID, { ...body, [field]: '' })]).toEqual([field, null]);
    }
    expect(readCommand(type, ID, { ...body, more: 1 })).toBeNull();
    expect(readCommand(type, ID, { ...body, terms_hash: 5 })).toBeNull();
    for (const none of [null, undefined, [], 'x', 5])
      expect(readCommand(type, ID, none)).toBeNull();
  },
);

test('what the clock and the scripts say is read from nobody', () => {
  for (const type of ['expire', 'mark_overdue', 'remind', 'settle_disbursement', '__proto__']) {
    expect(readCommand(type, ID, {})).toBeNull();
  }
});

test.each<[string, object]>([
  ['fund', { amount: 0 }],
  ['fund', { amount: -1 }],
  ['fund', { amount: 1.5 }],
  ['fund', { amount: Number.MAX_SAFE_INTEGER + 1 }],
  ['fund', { amount: '5' }],
  ['fund', { amount: 5, payer: 'acc_1' }],
  ['approve', { milestone: 'esc_1' }],
  ['approve', { milestone: 'mil_' }],
  ['approve', { milestone: `mil_${'x'.repeat(200)}` }],
  ['approve', { milestone: 'mil_ü' }],
  ['hold', { reason: 'x'.repeat(4_001) }],
  ['hold', { reason: 'a\0b' }],
  ['hold', { reason: '\ud800' }],
  ['submit_evidence', { dispute: 'dis_1', evidence: [{ kind: 'x' }] }],
  ['submit_evidence', { dispute: 'dis_1', evidence: evidence[0] }],
  ['resolve', { ...GOOD.resolve, split: { recipients: 5 } }],
  ['resolve', { ...GOOD.resolve, split: { recipients: -5, payers: 15 } }],
  ['resolve', { ...GOOD.resolve, split: { recipients: [{ account: 'acc_1' }], payers: 1 } }],
  [
    'resolve',
    {
      ...GOOD.resolve,
      split: {
        recipients: [1, 2].map((n) => ({ account: `acc_${n}`, amount: Number.MAX_SAFE_INTEGER })),
        payers: 0,
      },
    },
  ],
])('%s %j cannot be read', (type, body) => expect(readCommand(type, ID, body)).toBeNull());

test.each([
  ['cmd_1', true],
  ['cmd_', false],
  ['esc_1', false],
  ['cmd_a b', false],
  [`cmd_${'x'.repeat(151)}`, false],
  [5, false],
])('%j is the id of a command: %s', (id, expected) => expect(isCommandId(id)).toBe(expected));

test('whatever can be read, the rules can answer', () => {
  const escrow = play(escrowOf(), ...ACTIVE, 'platform dispute');
  const share = fc.oneof(fc.integer(), fc.constantFrom(0, 10_000, Number.MAX_SAFE_INTEGER));
  const named = fc.array(
    fc.record({ account: fc.constantFrom('acc_seller', 'acc_x', 'acc_buyer'), amount: share }),
    { maxLength: 3 },
  );
  const body = fc.record({
    dispute: fc.constantFrom('dis_dispute.9_1', 'dis_x'),
    reason: fc.constant('x'),
    split: fc.record({ recipients: fc.oneof(share, named), payers: share }),
  });
  fc.assert(
    fc.property(body, (asked) => {
      const command = readCommand('resolve', ID, asked);
      if (command) expect(decide(escrow, command, byOf('platform'), AT)).toBeDefined();
    }),
    { numRuns: 300 },
  );
});
