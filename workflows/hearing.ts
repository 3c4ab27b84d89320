/**
 * Owns the handlers of an escrow workflow: each puts what it hears into the inbox and returns at
 * once; the loop alone changes state. Why: `temporal.md`, section 2.
 * Must not wait, nor throw on data.
 */
import {
  defineSignal,
  defineUpdate,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import { PEOPLES_COMMAND_TYPES, PEOPLES_COMMANDS } from '../domain/commands';
import { receiveHint, receiveMessage } from './inbox';
import { ADVANCE_CLOCK, HINT, readAdvance } from './messages';
import type { Run } from './run';
import { admit } from './take';
import { aim } from './until';

type Receive = (name: string, message: unknown) => void;

/** Listens to commands, hints and the test clock, by update and by signal. */
export function answerMessages(run: Run): void {
  const receive: Receive = (name, message) => {
    run.stuck = null; // any message tries again
    run.not_before = null;
    run.heard += 1;
    if (name === HINT) receiveHint(run.inbox, message);
    else if (name === ADVANCE_CLOCK) advance(run, message);
    else receiveMessage(run.inbox, name, message);
  };
  hearWhatWaited(receive);
  setHandler(defineSignal<[unknown]>(HINT), (hint: unknown) => receive(HINT, hint));
  setHandler(defineSignal<[unknown]>(ADVANCE_CLOCK), (to: unknown) => receive(ADVANCE_CLOCK, to));
  setHandler(defineUpdate<void, [unknown]>(ADVANCE_CLOCK), (to: unknown) =>
    receive(ADVANCE_CLOCK, to),
  );
  for (const type of PEOPLES_COMMAND_TYPES) {
    const description = PEOPLES_COMMANDS[type];
    const hear = (message: unknown): void => receive(type, message);
    setHandler(defineSignal<[unknown]>(type), hear, { description });
    setHandler(defineUpdate<void, [unknown]>(type), hear, {
      description,
      validator: (message: unknown) => admit(run, type, message),
    });
  }
}

/**
 * What came before this run, in the order of arrival, whatever its name. The handler does not
 * stay: while there is one, the SDK fails the task of every signal by a name of its own
 * (`__temporal_…`), for ever; without it such a signal is put aside. While the handler is set,
 * each such signal throws once, and is out of the way then.
 */
function hearWhatWaited(receive: Receive): void {
  for (let isHeard = false; !isHeard; ) {
    try {
      setDefaultSignalHandler((name, message) => receive(name, message));
      isHeard = true;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  setDefaultSignalHandler(undefined);
}

function advance(run: Run, message: unknown): void {
  const to = readAdvance(message);
  if (run.clockId && to) aim(run.clock, to);
}
