/**
 * Owns the life of one escrow: wait, decide, record, carry out. The interpreter of the tables.
 * Must not know a rule, a fee, a right or SQL; platform and livemode are carried, not read.
 * Source: `temporal.md`, section 2; `architecture.md`, section 8.
 */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import { later } from '../domain/calendar';
import { commandOf, nextAlarm, type Alarm as Ring } from '../domain/deadlines';
import { isSettledUp } from '../domain/escrow';
import { waitingFund } from '../domain/reports';
import { answerMessages } from './hearing';
import { openInbox, receiveMessage } from './inbox';
import { ofClock, ofProvider } from './incoming';
import type { EscrowInput } from './messages';
import { publish } from './publish';
import type { Run } from './run';
import { look, take } from './take';
import { Alarm, stepClock, timeOf } from './until';

export async function escrow(input: EscrowInput): Promise<void> {
  const run = open(input);
  answerMessages(run);
  // Cancelling a deal is a command, not a call of the engine.
  await CancellationScope.nonCancellable(async () => {
    await live(run, input);
    publish(run);
    await condition(allHandlersFinished);
  });
}

function open(input: EscrowInput): Run {
  const inbox = openInbox(input.known);
  if (input.first) receiveMessage(inbox, input.first.type, input.first);
  return {
    escrow: input.escrow,
    platform: input.platform,
    livemode: input.livemode,
    inbox,
    clock: { offset: input.clock?.offset_ms ?? 0, target: null },
    clockId: input.clock?.id ?? null,
    alarm: new Alarm(),
    stuck: null,
    not_before: null,
    heard: 0,
    published: null,
  };
}

async function live(run: Run, input: EscrowInput): Promise<void> {
  for (;;) {
    // Before a message is looked at: who asked after the clock was moved asked later.
    if (run.clock.target && !run.stuck) stepClock(run.clock, nextRing(run)?.at ?? null);
    if (run.inbox.items.length === 0) goOn(run);
    const [next] = run.inbox.items;
    if (next?.kind === 'hint') await look(run, next);
    else if (next) await take(run, next);
    else if (isOver(run)) return;
    else if (isLong(run, input)) await renew(run, input);
    else await wait(run, input);
  }
}

/** Nobody has asked for anything: what the clock does, or money that waits. */
function goOn(run: Run): void {
  if (run.stuck) return;
  const ring = nextRing(run);
  const fund = waitingFund(run.escrow);
  if (fund) {
    run.inbox.items.push(ofProvider(fund));
    return;
  }
  if (!ring || ring.at > timeOf(run.clock)) return;
  const command = commandOf(run.escrow, ring);
  if (command) run.inbox.items.push(ofClock(command, ring.deadline));
}

/** What the clock does next; later when the database has said that it is too early. */
function nextRing({ escrow: now, not_before }: Run): Ring | null {
  const ring = nextAlarm(now);
  return ring && not_before ? { ...ring, at: later(ring.at, not_before) } : ring;
}

async function wait(run: Run, input: EscrowInput): Promise<void> {
  publish(run);
  const { inbox, clock, stuck, not_before } = run;
  const ring = stuck ? null : nextRing(run);
  const summary = ring ? `${ring.deadline.key} of ${run.escrow.id}` : '';
  const isWoken = (): boolean =>
    inbox.items.length > 0 ||
    run.stuck !== stuck ||
    run.not_before !== not_before ||
    (clock.target !== null && !run.stuck) ||
    isLong(run, input);
  await run.alarm.until(clock, ring?.at ?? null, summary, isWoken);
}

/** Closed, everything where it belongs, and the time over in which money can come back. */
function isOver({ escrow: now, clock, stuck }: Run): boolean {
  if (stuck || now.hold) return false;
  if (now.version === 0) return true; // the first command was refused: a draft has no workflow
  if (now.agreement.stage !== 'closed') return false;
  const ring = nextAlarm(now);
  return isSettledUp(now) && (ring === null || ring.at <= timeOf(clock));
}

/** What was dropped counts too: it stands in the history. */
function isLong(run: Run, { continue_as_new_at: limit }: EscrowInput): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return run.heard > 0 && (continueAsNewSuggested || historyLength >= (limit ?? Infinity));
}

/** A new run with the state of this one; a message that comes first is taken first. */
async function renew(run: Run, input: EscrowInput): Promise<void> {
  await condition(allHandlersFinished);
  if (run.inbox.items.length > 0) return;
  publish(run);
  run.alarm.cancel();
  await continueAsNew<typeof escrow>({
    ...input,
    escrow: run.escrow,
    clock: run.clockId && { id: run.clockId, offset_ms: run.clock.offset },
    first: null,
    known: [...run.inbox.known],
  });
}
