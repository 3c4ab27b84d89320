/**
 * Owns how one thing from the inbox is answered: decide on the state of this moment, record, and
 * fold what was recorded.
 * Must not know when that happens (`escrow.ts`).
 */
import {
  ApplicationFailure,
  isCancellation,
  log,
  proxyLocalActivities,
  TemporalFailure,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities';
import { type Instant, minutes, seconds } from '../domain/calendar';
import type { Command } from '../domain/commands';
import { type Decision, decide } from '../domain/decide';
import { defaultRefused, waitsForPayments } from '../domain/defaults';
import { effectsOf } from '../domain/effects';
import type { Escrow } from '../domain/escrow';
import type { Event } from '../domain/events';
import { evolve } from '../domain/evolve';
import { type CommandId, type PlatformId, refusedDefaultId, type TestClockId } from '../domain/ids';
import { BrokenInvariant } from '../domain/journal';
import { type RefusalCode, refusal } from '../domain/refusals';
import { forgetPayment, reportOf } from '../domain/reports';
import { startEffect } from './effects';
import {
  type Inbox,
  type Incoming,
  type Item,
  idOf,
  isKnown,
  ofProvider,
  readMessage,
  receiveMessage,
  remember,
  type Unreadable,
} from './inbox';
import type { Published } from './publish';
import { type Alarm, type Clock, timeOf, waitFor } from './until';

/** One run of an escrow workflow. */
export type Run = {
  escrow: Escrow;
  readonly platform: PlatformId;
  readonly livemode: boolean;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly clockId: TestClockId | null;
  readonly alarm: Alarm;
  stuck: string | null; // only people can mend it; any message tries again
  taken: number;
  published: Published | null;
};

const { record, readEffect, noteStuck } = proxyLocalActivities<
  Pick<Activities, 'record' | 'readEffect' | 'noteStuck'>
>({
  startToCloseTimeout: seconds(5), // one database call; a longer one hangs
  localRetryThreshold: minutes(1), // an outage of the database: wait here, without timers
  retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: seconds(10) }, // no end
});

/** The validator of an update: a refusal costs no history. Writes nothing. */
export function admit(run: Run, type: string, message: unknown): void {
  if (!isMessageLike(message)) throw refused('malformed', 'the message has no command id');
  if (isKnown(run.inbox, message.id) || run.inbox.items.length > 0) return;
  const read = readMessage(type, message);
  if (read.kind === 'unreadable') throw refused('malformed', 'the body cannot be read');
  const decision = decideNow(run, read);
  if (!decision.ok) throw refused(decision.refusal.code, decision.refusal.detail);
}

/** Answers a command; it leaves the inbox only when it is answered. */
export async function take(run: Run, item: Exclude<Item, { kind: 'hint' }>): Promise<void> {
  run.taken += 1;
  const decision = item.kind === 'unreadable' ? unreadable : decideNow(run, item);
  if (item.kind === 'command' && item.deadline && !decision.ok) {
    return refuseDefault(run, item, decision.refusal.code);
  }
  const answer = await record({
    escrow: run.escrow,
    platform: run.platform,
    livemode: run.livemode,
    command: recordedAs(item),
    decision,
    by_default: item.kind === 'command' ? conditionsOf(run, item) : null,
  }).catch(stuckOn);
  switch (answer.kind) {
    case 'step': // the stored step: ours, or one that had been lost
      await advance(run, answer.command, answer.events);
      if (answer.command === idOf(item)) leave(run, item);
      return; // another's: decide ours again on what is now true
    case 'answered': // refused by us or by the books, or answered long ago
      remember(run.inbox, idOf(item));
      leave(run, item);
      if (item.kind === 'command') forgetWaiting(run, item.command);
      return;
    case 'first': // accepted before this: they go before it
      if (item.kind === 'command' && item.deadline) leave(run, item); // will come again, if at all
      putFirst(run, answer.commands);
      return;
    case 'early': // not yet due by database time
      leave(run, item);
      return waitFor(answer.wait_ms);
    case 'refused':
      if (item.kind !== 'command') throw new BrokenInvariant('only defaults are refused so');
      return refuseDefault(run, item, answer.code);
    case 'stuck':
      leave(run, item);
      return stand(run, answer.reason);
    default:
      return answer satisfies never;
  }
}

/** Reads what a hint is about; what it means for the escrow goes first, then it is looked at
 * again, until there is nothing new. */
export async function look(run: Run, hint: Extract<Item, { kind: 'hint' }>): Promise<void> {
  const facts = await readEffect(hint.effect);
  const command = facts && reportOf(run.escrow, facts);
  if (command && !run.inbox.known.has(command.id)) run.inbox.items.unshift(ofProvider(command));
  else leave(run, hint);
}

function decideNow(run: Run, { command, by, expected_version }: Incoming): Decision {
  return decide(run.escrow, command, by, timeOf(run.clock), expected_version);
}

const unreadable: Decision = { ok: false, refusal: refusal('malformed') };

/** Folds what was recorded, not what was sent, and carries it out. */
async function advance(run: Run, command: CommandId, events: readonly Event[]): Promise<void> {
  for (const event of events) {
    run.escrow = evolve(run.escrow, event);
    for (const effect of effectsOf(run.escrow, event)) await startEffect(run, effect);
  }
  remember(run.inbox, command);
}

/** A default that the rules, the books or a pending payment refuse moves its deadline on. */
async function refuseDefault(run: Run, item: Incoming, code: RefusalCode): Promise<void> {
  const { deadline, command } = item;
  if (!deadline || command.type === 'remind') {
    throw new BrokenInvariant(`${command.id} was refused: ${code}`);
  }
  const id = refusedDefaultId(command.id);
  const event = defaultRefused(deadline, command, code, timeOf(run.clock));
  const answer = await record({
    escrow: run.escrow,
    platform: run.platform,
    livemode: run.livemode,
    command: { ...recordedAs(item), id, type: 'default_refused' },
    decision: { ok: true, events: [event] },
    by_default: { due: deadline.at, no_payment: false },
  }).catch(stuckOn);
  leave(run, item);
  if (answer.kind === 'step') await advance(run, answer.command, answer.events);
  else if (answer.kind === 'first') putFirst(run, answer.commands);
  else if (answer.kind === 'early') await waitFor(answer.wait_ms);
  else if (answer.kind === 'stuck') await stand(run, answer.reason);
}

/** What the database checks again before it takes a default. */
function conditionsOf(
  run: Run,
  { deadline, command }: Incoming,
): { due: Instant; no_payment: boolean } | null {
  if (!deadline || command.type === 'remind') return null;
  const no_payment = waitsForPayments(run.escrow, deadline, timeOf(run.clock));
  return { due: deadline.at, no_payment };
}

function recordedAs(item: Incoming | Unreadable) {
  if (item.kind === 'unreadable') {
    return {
      id: item.id,
      type: item.type as Command['type'], // the name of the message that carried it
      body: {},
      actor: { strength: 'none' as const },
      signature: null,
      expected_version: null,
    };
  }
  const { command, actor, signature, expected_version } = item;
  return {
    id: command.id,
    type: command.type,
    body: command.body,
    actor,
    signature,
    expected_version,
  };
}

function leave(run: Run, item: Item): void {
  const at = run.inbox.items.indexOf(item);
  if (at >= 0) run.inbox.items.splice(at, 1);
}

function putFirst(run: Run, messages: readonly Parameters<typeof readMessage>[1][]): void {
  const waiting = run.inbox.items.splice(0);
  for (const message of messages) receiveMessage(run.inbox, message.type, message);
  const ids = new Set(messages.map((message) => message.id));
  run.inbox.items.push(...waiting.filter((item) => item.kind === 'hint' || !ids.has(idOf(item))));
}

/** The wallet was too low for money that had waited: it is the payer's again. */
function forgetWaiting(run: Run, command: Command): void {
  if (command.type !== 'fund' || !command.body.payment) return;
  run.escrow = forgetPayment(run.escrow, command.body.payment);
}

/** The escrow stands until somebody mends it; the next message tries again. */
async function stand(run: Run, reason: string): Promise<void> {
  run.stuck = reason;
  log.error('the escrow is stuck', { reason });
  await noteStuck({ escrow: run.escrow.id, reason });
}

/** A local activity that fails for good throws its failure bare; a bug fails the task. */
function stuckOn(error: unknown): { readonly kind: 'stuck'; readonly reason: string } {
  if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
  const cause = error instanceof ApplicationFailure ? error : error.cause;
  const type = cause instanceof ApplicationFailure ? cause.type : null;
  return { kind: 'stuck', reason: type ?? 'record_failed' };
}

const refused = (code: RefusalCode, detail: string): ApplicationFailure =>
  ApplicationFailure.create({ message: detail, type: code, nonRetryable: true });

const isMessageLike = (message: unknown): message is Parameters<typeof readMessage>[1] =>
  typeof message === 'object' && message !== null && 'id' in message && 'actor' in message;
