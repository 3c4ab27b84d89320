/**
 * Owns how one thing from the inbox is answered: decide on the state of this moment, record, and
 * fold what was recorded.
 * Must not know when that happens (`escrow.ts`), nor how a step is written (`recording.ts`).
 */
import { ApplicationFailure, log } from '@temporalio/workflow';
import { type Instant, plus } from '../domain/calendar';
import type { Command } from '../domain/commands';
import { type Decision, decide } from '../domain/decide';
import { defaultRefused, waitsForPayments } from '../domain/defaults';
import { effectsOf } from '../domain/effects';
import type { Event } from '../domain/events';
import { evolve } from '../domain/evolve';
import { type CommandId, refusedDefaultId } from '../domain/ids';
import { BrokenInvariant } from '../domain/journal';
import { type RefusalCode, refusal } from '../domain/refusals';
import { forgetPayment, reportOf } from '../domain/reports';
import { startEffect } from './effects';
import { type CommandItem, type HintItem, isKnown, leave, putFirst, remember } from './inbox';
import { type Incoming, isMessage, ofProvider, readMessage } from './incoming';
import { noteStuck, readEffect, record, recordedAs } from './recording';
import type { Run } from './run';
import { timeOf } from './until';

/** The validator of an update: a refusal costs no history. Writes nothing. */
export function admit(run: Run, type: string, message: unknown): void {
  if (!isMessage(message)) {
    throw refused('malformed', 'a message has the id of a command, an actor and a body');
  }
  if (isKnown(run.inbox, message.id) || run.inbox.items.length > 0) return;
  const read = readMessage(type, message);
  if (read?.kind !== 'command') throw refused('malformed', 'the body cannot be read');
  const decision = decideNow(run, read);
  if (!decision.ok) throw refused(decision.refusal.code, decision.refusal.detail);
}

/** Answers a command; it leaves the inbox only when it is answered. */
export async function take(run: Run, item: CommandItem): Promise<void> {
  run.heard += 1;
  const decision = item.kind === 'unreadable' ? unreadable : decideNow(run, item);
  if (isDefault(item) && !decision.ok) return refuseDefault(run, item, decision.refusal.code);
  const answer = await record(run, recordedAs(item), decision, conditionsOf(run, item));
  switch (answer.kind) {
    case 'step': // the stored step: ours, or one that had been lost
      await advance(run, answer.command, answer.events);
      // Another's: ours is decided again on what is now true; a default comes again, if at all.
      if (answer.command === item.id || isDefault(item)) leave(run.inbox, item);
      return;
    case 'answered': // refused by us or by the books, or answered long ago
      remember(run.inbox, item.id);
      leave(run.inbox, item);
      if (item.kind === 'command') forgetWaiting(run, item.command);
      return;
    case 'conflict': // the id stands for something else: that counts, this was never asked
      log.warn('a command came under the id of another', { command: item.id });
      remember(run.inbox, item.id);
      leave(run.inbox, item);
      return putFirst(run.inbox, answer.commands);
    case 'first': // accepted before this: they go before it
      if (isDefault(item)) leave(run.inbox, item);
      return putFirst(run.inbox, answer.commands);
    case 'early': // not yet due by database time
      leave(run.inbox, item);
      run.not_before = plus(timeOf(run.clock), answer.wait_ms);
      return;
    case 'refused':
      if (!isDefault(item)) throw new BrokenInvariant('only defaults are refused so');
      return refuseDefault(run, item, answer.code);
    case 'stuck':
      leave(run.inbox, item);
      return stand(run, answer.reason);
    default:
      return answer satisfies never;
  }
}

/** Reads what a hint is about. What that means for the escrow goes first, one thing after the
 * other, until it says nothing new; whatever changes later gives a hint of its own. */
export async function look(run: Run, hint: HintItem): Promise<void> {
  if (!hint.fresh) {
    hint.fresh = true; // until it is given again, also while we read
    hint.facts = await readEffect({ escrow: run.escrow.id, effect: hint.effect });
  }
  const command = hint.facts && reportOf(run.escrow, hint.facts);
  if (!command || command.id === hint.told) {
    if (hint.fresh) leave(run.inbox, hint);
    return;
  }
  hint.told = command.id;
  run.inbox.items.unshift(ofProvider(command));
}

function decideNow(run: Run, { command, by, expected_version }: Incoming): Decision {
  return decide(run.escrow, command, by, timeOf(run.clock), expected_version);
}

const unreadable: Decision = { ok: false, refusal: refusal('malformed') };

type Default = Incoming & { readonly deadline: NonNullable<Incoming['deadline']> };
const isDefault = (item: CommandItem): item is Default =>
  item.kind === 'command' && item.deadline !== null;

/** Folds what was recorded, not what was sent, and carries it out. */
async function advance(run: Run, command: CommandId, events: readonly Event[]): Promise<void> {
  remember(run.inbox, command);
  for (const event of events) {
    run.escrow = evolve(run.escrow, event);
    for (const effect of effectsOf(run.escrow, event)) await startEffect(run, effect);
  }
}

/** A default that the rules, the books or a pending payment refuse moves its deadline on. */
async function refuseDefault(run: Run, item: Default, code: RefusalCode): Promise<void> {
  const { deadline, command } = item;
  if (command.type === 'remind') throw new BrokenInvariant(`${command.id} was refused: ${code}`);
  const id = refusedDefaultId(command.id);
  const event = defaultRefused(deadline, command, code, timeOf(run.clock));
  const answer = await record(
    run,
    { ...recordedAs(item), id, type: 'default_refused' },
    { ok: true, events: [event] },
    { due: deadline.at, no_payment: false },
  );
  leave(run.inbox, item);
  if (answer.kind === 'step') await advance(run, answer.command, answer.events);
  else if (answer.kind === 'first') putFirst(run.inbox, answer.commands);
  else if (answer.kind === 'early') run.not_before = plus(timeOf(run.clock), answer.wait_ms);
  else if (answer.kind === 'stuck') await stand(run, answer.reason);
}

/** What the database checks again before it takes a default. */
function conditionsOf(run: Run, item: CommandItem): { due: Instant; no_payment: boolean } | null {
  if (!isDefault(item) || item.command.type === 'remind') return null;
  const no_payment = waitsForPayments(run.escrow, item.deadline, timeOf(run.clock));
  return { due: item.deadline.at, no_payment };
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

const refused = (code: RefusalCode, detail: string): ApplicationFailure =>
  ApplicationFailure.create({ message: detail, type: code, nonRetryable: true });
