/**
 * Owns that nobody who can reach the engine past the API brings an escrow down: whatever is sent
 * is refused or dropped, no workflow task fails, and the next good command works.
 * Must not know how messages are read.
 */
import type { PeoplesCommandType } from '../../domain/commands';
import { ask, messageOf, outcomeOf, signal, update } from './commands';
import { begin, type Opened, openEscrow } from './escrows';
import { bytes, json, type Payload, rawSignal } from './payloads';
import { closeWorld } from './proof';
import { eventsOf, failedTasks, rowOf } from './seen';
import { ARBITER, BUYER, openWorld, SELLER, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.engine.work();
});
afterAll(() => closeWorld(world));

/** The escrow is as it was, nothing failed, and the next good command works. */
async function isUnharmed(opened: Opened): Promise<void> {
  const [milestone] = opened.milestones;
  expect((await ask(world, opened, 'mark_done', { milestone }, SELLER)).outcome).toBe('done');
  const row = await rowOf(world, opened);
  expect([row.status, row.stuck]).toEqual(['delivered', null]);
  expect((await eventsOf(world, opened)).slice(-2)).toEqual(['started', 'delivered']);
  expect(await failedTasks(world)).toEqual([]);
}

async function started(): Promise<Opened> {
  const opened = await openEscrow(world);
  await begin(world, opened);
  return opened;
}

test('payloads that are none, and names that are reserved, stop nobody', async () => {
  const opened = await started();
  const good = JSON.stringify(messageOf('approve', {}, BUYER));
  const sent: [string, Payload[]][] = [
    ['approve', []],
    ['approve', [json('{"a":')]],
    ['approve', [json('')]],
    ['approve', [{ metadata: { encoding: bytes('binary/zip') }, data: bytes('x') }]],
    ['approve', [{ metadata: { encoding: bytes('json/protobuf') }, data: bytes('x') }]],
    ['approve', [{ data: bytes('{}') }]],
    ['approve', [{ metadata: { encoding: bytes('binary/null') } }, json('1'), json('2')]],
    ['hint', [{ metadata: { encoding: bytes('binary/encrypted') }, data: bytes('?') }]],
    ['advance_clock', [json('{"to":')]],
    ['__temporal_anything', [json(good)]],
    ['__stack_trace', [json(good)]],
    ['no\0name', [json(good)]],
    ['__proto__', [json(good)]],
    ['constructor', [json(good)]],
    ['toString', [json(good)]],
    ['expire', [json(good)]],
    ['settle_disbursement', [json(good)]],
  ];
  for (const [name, payloads] of sent) await rawSignal(world, opened.id, name, payloads);
  await isUnharmed(opened);
});

const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** What is no message at all: it has no id of its own, no actor or no body. */
const NO_MESSAGES: readonly string[] = [
  'null',
  'true',
  '0',
  '"approve"',
  '[]',
  '[{"id":"cmd_a"}]',
  '{}',
  '{"id":"cmd_a"}',
  '{"id":"cmd_a","actor":{}}',
  '{"id":7,"actor":{},"body":{}}',
  '{"id":"","actor":{},"body":{}}',
  '{"id":"cmd_","actor":{},"body":{}}',
  '{"id":"cmd_a b","actor":{},"body":{}}',
  '{"id":"cmd_a\\u0000","actor":{},"body":{}}',
  '{"id":"__proto__","actor":{},"body":{}}',
  `{"id":"cmd_${'a'.repeat(151)}","actor":{},"body":{}}`,
  '{"id":"cmd_a","actor":null,"body":{}}',
  '{"id":"cmd_a","actor":"platform","body":{}}',
  '{"id":"cmd_pay-x_settled_1","actor":{"strength":"none"},"body":{}}',
  '{"id":"cmd_dsb-x_settled_1","actor":{"strength":"none"},"body":{}}',
  '{"__proto__":{"id":"cmd_a","actor":{"strength":"none"},"body":{}}}',
  deep(20_000),
];

test('what is no message is dropped by signal and refused by update', async () => {
  const opened = await started();
  for (const text of NO_MESSAGES) await rawSignal(world, opened.id, 'mark_done', [json(text)]);
  for (const text of NO_MESSAGES.slice(0, -1)) {
    const handle = world.engine.client.workflow.getHandle(opened.id);
    const given = handle.executeUpdate('mark_done', { args: [JSON.parse(text)] });
    await expect(given).rejects.toMatchObject({ cause: { type: 'malformed' } });
  }
  await isUnharmed(opened);
});

const claimed = { platform: 'plt_test', strength: 'none' };

/** Messages of a seller who marks a milestone done, each wrong in another way. */
const UNREADABLE: readonly [string, object][] = [
  ['no body', { body: null }],
  ['a body that is a list', { body: [] }],
  ['a body that is a text', { body: 'mil_1' }],
  ['a field too many', { body: { milestone: 'mil_1', more: 1 } }],
  ['a milestone that is a number', { body: { milestone: 1 } }],
  ['a milestone that is a list', { body: { milestone: ['mil_1'] } }],
  ['a milestone of a megabyte', { body: { milestone: `mil_${'x'.repeat(1_000_000)}` } }],
  ['evidence that is no list', { body: { milestone: 'mil_1', evidence: {} } }],
  ['evidence with a NUL', evidence('a\0b')],
  ['evidence with half a character', evidence('a\ud800b')],
  ['evidence that is too long', evidence('x'.repeat(5_000))],
  ['a prototype', { body: JSON.parse('{"__proto__":{"milestone":"mil_1"}}') }],
  ['a constructor', { body: { milestone: 'mil_1', constructor: 1 } }],
  ['an empty actor', { actor: {} }],
  ['an actor that is a list', { actor: [claimed] }],
  ['an actor who is the clock', { actor: { ...claimed, kind: 'clock' } }],
  ['an actor with a NUL', { actor: { ...claimed, account: 'acc_\0' } }],
  ['an actor with an object', { actor: { ...claimed, account: {} } }],
  ['a version that is a text', { expected_version: '7' }],
  ['a version that is none', { expected_version: 1.5 }],
  ['a version below zero', { expected_version: -1 }],
  ['a version beyond the column', { expected_version: 2 ** 40 }],
];

function evidence(summary: string): object {
  return {
    body: { milestone: 'mil_1', evidence: [{ kind: 'note', summary, url: 'https://a.example' }] },
  };
}

test('a message that cannot be read is refused as malformed, under its id', async () => {
  const opened = await started();
  for (const [what, wrong] of UNREADABLE) {
    const body = { milestone: opened.milestones[0] };
    const message = { ...messageOf('mark_done', body, SELLER), ...wrong };
    await signal(world, opened.id, 'mark_done', message);
    expect([what, await outcomeOf(world, message.id)]).toEqual([
      what,
      { outcome: 'refused', code: 'malformed' },
    ]);
    const again = { ...message, id: messageOf('mark_done', {}, null).id };
    expect([what, await update(world, opened.id, again)]).toEqual([
      what,
      { outcome: 'refused', code: 'malformed' },
    ]);
  }
  await isUnharmed(opened);
});

test('who claims to be somebody else gets no further than he would', async () => {
  const opened = await started();
  const [milestone] = opened.milestones;
  const claims: [PeoplesCommandType, object, object, string][] = [
    ['hold', { reason: 'x' }, { platform: 'plt_other', strength: 'key' }, 'not_allowed'],
    ['mark_done', { milestone }, { on_behalf_of: 'acc_stranger', strength: 'key' }, 'not_a_party'],
    ['mark_done', { milestone }, { account: ARBITER, strength: 'clock' }, 'not_a_party'],
    ['mark_done', { milestone }, { account: BUYER, strength: 'provider' }, 'not_allowed'],
    ['release', { milestone }, { platform: 'plt_test', strength: 'clock' }, 'wrong_status'],
  ];
  for (const [type, body, actor, code] of claims) {
    const message = { ...messageOf(type, body, null), actor };
    await signal(world, opened.id, type, message);
    expect([type, (await outcomeOf(world, message.id)).code]).toEqual([type, code]);
  }
  await isUnharmed(opened);
});

test('sums beyond counting are refused', async () => {
  const opened = await started();
  const [milestone] = opened.milestones;
  await ask(world, opened, 'dispute', { milestone, reason: 'broken' }, BUYER);
  const { state } = await rowOf(world, opened);
  const [only] = state.milestones;
  const dispute = only && 'dispute' in only ? only.dispute?.id : '';
  const most = Number.MAX_SAFE_INTEGER;
  const recipients = [
    { account: SELLER, amount: most },
    { account: BUYER, amount: most },
  ];
  for (const split of [
    { recipients, payers: most },
    { recipients: most, payers: most },
    { recipients: 1e308, payers: 0 },
  ]) {
    const message = messageOf('resolve', { dispute, reason: 'all of it', split }, null);
    await signal(world, opened.id, 'resolve', message);
    expect((await outcomeOf(world, message.id)).outcome).toBe('refused');
  }
  await ask(world, opened, 'withdraw_dispute', { dispute }, BUYER);
  expect((await ask(world, opened, 'mark_done', { milestone }, SELLER)).outcome).toBe('done');
});
