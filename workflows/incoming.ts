/**
 * Owns how a message becomes a command, or is found unreadable: signals come from anywhere, so
 * every field is looked at. Commands of the clock and of scripts are made here too.
 * Must not throw on data, nor know what waits (`inbox.ts`).
 */
import {
  type By,
  CLOCK,
  type Command,
  PEOPLES_COMMAND_TYPES,
  type PeoplesCommandType,
  PROVIDER,
} from '../domain/commands';
import type { Deadline } from '../domain/deadlines';
import { type CommandId, isDerivedId } from '../domain/ids';
import { isCommandId, readCommand } from '../domain/reading';
import { type Actor, byOf, type Hint, type Message } from './messages';

/** A command with all that recording needs to know of where it came from. */
export type Incoming = {
  readonly kind: 'command';
  readonly id: CommandId;
  readonly command: Command;
  readonly by: By;
  readonly actor: Actor | { readonly kind: 'clock' | 'provider' };
  readonly signature: string | null;
  readonly expected_version: number | null;
  readonly deadline: Deadline | null; // of a default or a reminder
  readonly is_stored: boolean; // read from its row, not from a message
};
/** Came past the API and cannot be read: refused as `malformed`, under the id that it has. */
export type Unreadable = {
  readonly kind: 'unreadable';
  readonly id: CommandId;
  readonly type: PeoplesCommandType;
  readonly is_stored: boolean;
};

/** What a message asks; null when it bears no command's name. */
export function readMessage(type: string, message: Message): Incoming | Unreadable | null {
  const known = PEOPLES_COMMAND_TYPES.find((each) => each === type);
  return known ? read(known, message, false) : null;
}

/** What a command row asks. */
export const readStored = (message: Message): Incoming | Unreadable =>
  read(message.type as PeoplesCommandType, message, true); // rows hold what people ask

function read(type: PeoplesCommandType, message: Message, is_stored: boolean) {
  const { id, signature, expected_version: version } = message;
  const command = readCommand(type, id, message.body);
  const actor = readActor(message.actor);
  if (!command || !actor || !isVersion(version)) {
    return { kind: 'unreadable', id, type, is_stored } as const;
  }
  return {
    kind: 'command',
    id,
    command,
    by: byOf(actor),
    actor,
    signature: isWord(signature) ? signature : null,
    expected_version: version ?? null,
    deadline: null,
    is_stored,
  } as const;
}

/** A command of the clock: the default of a deadline, or a reminder of it. */
export const ofClock = (command: Command, deadline: Deadline): Incoming => ({
  ...ofEngine(command),
  by: CLOCK,
  actor: { kind: 'clock' },
  deadline,
});

/** A command that reports what a payment or payout script has read. */
export const ofProvider = (command: Command): Incoming => ({
  ...ofEngine(command),
  by: PROVIDER,
  actor: { kind: 'provider' },
  deadline: null,
});

const ofEngine = (command: Command) =>
  ({
    kind: 'command',
    id: command.id,
    command,
    signature: null,
    expected_version: null,
    is_stored: false,
  }) as const;

/** Only what has an id of its own, an actor and a body is a message. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value) || !isCommandId(value.id) || isDerivedId(value.id)) return false;
  const actor = 'actor' in value ? value.actor : null;
  return typeof actor === 'object' && actor !== null && 'body' in value;
}

export const isHint = (value: unknown): value is Hint =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  /^(pay|dsb|ref)_[\w-]{1,190}$/.test(value.id);

/** The claimed actor: words only, so that nothing of it can upset the database. */
function readActor(actor: unknown): Actor | null {
  if (typeof actor !== 'object' || actor === null) return null;
  const fields = Object.entries(actor).filter(([, value]) => value !== undefined);
  const isKnown = fields.every(([name, value]) => ACTOR_FIELDS.includes(name) && isWord(value));
  return isKnown && 'strength' in actor ? (Object.fromEntries(fields) as Actor) : null;
}

const ACTOR_FIELDS = ['platform', 'account', 'on_behalf_of', 'credential', 'strength'];

const isWord = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w:.+/=-]{1,500}$/.test(value);

/** Nobody's condition is passed over because it cannot be read. */
const isVersion = (value: unknown): value is number | null | undefined =>
  value === null ||
  value === undefined ||
  (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= VERSION_MAX);
const VERSION_MAX = 2 ** 31 - 1; // what the column holds
