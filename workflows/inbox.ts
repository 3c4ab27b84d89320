/**
 * Owns what has come in and waits for its turn: commands of people, of the clock and of scripts,
 * and hints. A command comes in once, whichever road it took and however often.
 * Must not know how a command is answered.
 */
import { type By, type Command, PROVIDER } from '../domain/commands';
import type { Deadline } from '../domain/deadlines';
import type { CommandId, EffectId } from '../domain/ids';
import { isCommandId, readCommand } from '../domain/reading';
import { type Actor, byOf, type Hint, type Message } from './messages';

/** A command with all that recording needs to know of where it came from. */
export type Incoming = {
  readonly kind: 'command';
  readonly command: Command;
  readonly by: By;
  readonly actor: Actor | { readonly kind: 'clock' | 'provider' };
  readonly signature: string | null;
  readonly expected_version: number | null;
  readonly deadline: Deadline | null; // of a default or a reminder
};
/** Came past the API and cannot be read: refused as `malformed`, under the id that it has. */
export type Unreadable = {
  readonly kind: 'unreadable';
  readonly id: CommandId;
  readonly type: string;
};
export type Item = Incoming | Unreadable | { readonly kind: 'hint'; readonly effect: EffectId };

/** As many answered ids travel to the next run; behind them the command row answers. */
const KNOWN_MAX = 500;

export type Inbox = { readonly items: Item[]; readonly known: Set<CommandId> };

export const openInbox = (known: readonly CommandId[]): Inbox => ({
  items: [],
  known: new Set(known),
});

/** Takes a message of people in, unless it is known or waits already. */
export function receiveMessage(inbox: Inbox, type: string, message: unknown): void {
  if (!isMessage(message) || isKnown(inbox, message.id)) return;
  inbox.items.push(readMessage(type, message));
}

/** Takes a hint in: an id, never a fact. Anything else is dropped. */
export function receiveHint(inbox: Inbox, hint: unknown): void {
  if (!isHint(hint)) return;
  if (inbox.items.some((item) => item.kind === 'hint' && item.effect === hint.id)) return;
  inbox.items.push({ kind: 'hint', effect: hint.id });
}

/** Has this command been answered, or does it wait? */
export const isKnown = (inbox: Inbox, id: CommandId): boolean =>
  inbox.known.has(id) || inbox.items.some((item) => item.kind !== 'hint' && idOf(item) === id);

/** The command has been answered. */
export function remember({ known }: Inbox, id: CommandId): void {
  known.add(id);
  const [oldest] = known;
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
}

/** What a message asks, or the message itself when it cannot be read. */
export function readMessage(type: string, message: Message): Incoming | Unreadable {
  const command = readCommand(type, message.id, message.body);
  const actor = readActor(message.actor);
  if (!command || !actor) return { kind: 'unreadable', id: message.id, type };
  const { expected_version: version, signature } = message;
  return {
    kind: 'command',
    command,
    by: byOf(actor),
    actor,
    signature: isWord(signature) ? signature : null,
    expected_version: Number.isSafeInteger(version) ? Number(version) : null,
    deadline: null,
  };
}

/** A command of the clock: the default of a deadline, or a reminder of it. */
export const ofClock = (command: Command, deadline: Deadline): Incoming => ({
  kind: 'command',
  command,
  by: { kind: 'clock' },
  actor: { kind: 'clock' },
  signature: null,
  expected_version: null,
  deadline,
});

/** A command that reports what a payment or payout script has read. */
export const ofProvider = (command: Command): Incoming => ({
  kind: 'command',
  command,
  by: PROVIDER,
  actor: { kind: 'provider' },
  signature: null,
  expected_version: null,
  deadline: null,
});

export const idOf = (item: Exclude<Item, { kind: 'hint' }>): CommandId =>
  item.kind === 'command' ? item.command.id : item.id;

/** Signals come from anywhere: only what has an id, an actor and a body is a message. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value) || !isCommandId(value.id)) return false;
  const actor = 'actor' in value ? value.actor : null;
  return typeof actor === 'object' && actor !== null && 'body' in value;
}

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

const isHint = (value: unknown): value is Hint =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  /^(pay|dsb)_\w{1,150}$/.test(value.id);
