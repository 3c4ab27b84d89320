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
  defineSignal,
  defineUpdate,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { PEOPLES_COMMAND_TYPES, PEOPLES_COMMANDS } from '../domain/commands';
import { commandOf, nextAlarm } from '../domain/deadlines';
import { isComplete } from '../domain/escrow';
import { waitingFund } from '../domain/reports';
import { ofClock, ofProvider, openInbox, receiveHint, receiveMessage } from './inbox';
import { ADVANCE_CLOCK, type EscrowInput, HINT, readAdvance } from './messages';
import { publish } from './publish';
import { admit, look, type Run, take } from './take';
import { Alarm, aim, stepClock, timeOf } from './until';

export async function escrow(input: EscrowInput): Promise<void> {
  const run = open(input);
  answerMessages(run);
  // Cancelling a deal is a command, not a call of the engine.
  await CancellationScope.nonCancellable(() => live(run, input));
  await condition(allHandlersFinished);
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
    taken: 0,
    published: null,
  };
}

/** Handlers put into the inbox and return at once; the loop alone changes state. */
function answerMessages(run: Run): void {
  const receive = (name: string, message: unknown): void => {
    run.stuck = null; // any message tries again
    if (name === HINT) receiveHint(run.inbox, message);
    else if (name === ADVANCE_CLOCK) advance(run, message);
    else receiveMessage(run.inbox, name, message);
  };
  // First: hands over what came before this run, in the order of arrival.
  setDefaultSignalHandler((name, message) => receive(name, message));
  setHandler(defineSignal<[unknown]>(HINT), (hint: unknown) => receive(HINT, hint));
  setHandler(defineSignal<[unknown]>(ADVANCE_CLOCK), (to: unknown) => receive(ADVANCE_CLOCK, to));
  setHandler(defineUpdate<void, [unknown]>(ADVANCE_CLOCK), (to: unknown) =>
    receive(ADVANCE_CLOCK, to),
  );
  for (const type of PEOPLES_COMMAND_TYPES) {
    const description = PEOPLES_COMMANDS[type];
    setHandler(defineSignal<[unknown]>(type), (message: unknown) => receive(type, message), {
      description,
    });
    setHandler(defineUpdate<void, [unknown]>(type), (message: unknown) => receive(type, message), {
      description,
      validator: (message: unknown) => admit(run, type, message),
    });
  }
}

async function live(run: Run, input: EscrowInput): Promise<void> {
  for (;;) {
    const [item] = run.inbox.items;
    if (!item) goOn(run);
    const next = run.inbox.items[0];
    if (next?.kind === 'hint') await look(run, next);
    else if (next) await take(run, next);
    else if (isOver(run)) return;
    else if (isLong(run, input)) await renew(run, input);
    else await wait(run);
  }
}

/** Nobody has asked for anything: what the clock does, or money that waits. */
function goOn(run: Run): void {
  if (run.stuck) return;
  const alarm = nextAlarm(run.escrow);
  stepClock(run.clock, alarm?.at ?? null);
  const fund = waitingFund(run.escrow);
  if (fund) {
    run.inbox.items.push(ofProvider(fund));
    return;
  }
  if (!alarm || alarm.at > timeOf(run.clock)) return;
  const command = commandOf(run.escrow, alarm);
  if (command) run.inbox.items.push(ofClock(command, alarm.deadline));
}

async function wait(run: Run): Promise<void> {
  publish(run);
  const alarm = run.stuck ? null : nextAlarm(run.escrow);
  const summary = alarm ? `${alarm.deadline.key} of ${run.escrow.id}` : '';
  await run.alarm.until(
    run.clock,
    alarm?.at ?? null,
    summary,
    () => run.inbox.items.length > 0 || run.clock.target !== null,
  );
}

/** Closed, everything where it belongs, and the time over in which money can come back. */
function isOver({ escrow: now, clock, stuck }: Run): boolean {
  if (stuck || now.hold) return false;
  if (now.version === 0) return true; // the first command was refused: a draft has no workflow
  if (now.agreement.stage !== 'closed') return false;
  const all = now.milestones.flatMap((milestone) => milestone.disbursements);
  const alarm = nextAlarm(now);
  return all.every(isComplete) && (alarm === null || alarm.at <= timeOf(clock));
}

function isLong(run: Run, { continue_as_new_at: limit }: EscrowInput): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return run.taken > 0 && (continueAsNewSuggested || historyLength >= (limit ?? Infinity));
}

/** A new run with the state of this one; a message that comes first is taken first. */
async function renew(run: Run, input: EscrowInput): Promise<void> {
  await condition(allHandlersFinished);
  if (run.inbox.items.length > 0) return;
  run.alarm.cancel();
  await continueAsNew<typeof escrow>({
    ...input,
    escrow: run.escrow,
    clock: run.clockId && { id: run.clockId, offset_ms: run.clock.offset },
    first: null,
    known: [...run.inbox.known],
  });
}

function advance(run: Run, message: unknown): void {
  const to = readAdvance(message);
  if (run.clockId && to) aim(run.clock, to);
}
