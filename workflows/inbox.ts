/**
 * Owns what has come in and waits for its turn: commands of people, of the clock and of scripts,
 * and hints. A command comes in once, whichever road it took and however often.
 * Must not know how a command is answered, nor how a message is read (`incoming.ts`).
 */
import type { CommandId, EffectId } from '../domain/ids';
import type { EffectFacts } from '../domain/reports';
import {
  type Incoming,
  isHint,
  isMessage,
  readMessage,
  readStored,
  type Unreadable,
} from './incoming';
import type { Message } from './messages';

/** Something to look at: what was read of it, and what was last made of that. */
export type HintItem = {
  readonly kind: 'hint';
  readonly effect: EffectId;
  fresh: boolean; // nobody has given this hint again since it was read
  facts: EffectFacts | null;
  told: CommandId | null;
};
export type CommandItem = Incoming | Unreadable;
export type Item = CommandItem | HintItem;

/** As many answered ids travel to the next run; behind them the command row answers. */
const KNOWN_MAX = 500;

export type Inbox = {
  readonly items: Item[];
  readonly known: Set<CommandId>;
};

export const openInbox = (known: readonly CommandId[]): Inbox => ({
  items: [],
  known: new Set(known),
});

/** Takes a message of people in, unless it is known or waits already. */
export function receiveMessage(inbox: Inbox, type: string, message: unknown): void {
  if (!isMessage(message) || isKnown(inbox, message.id)) return;
  const item = readMessage(type, message);
  if (item) inbox.items.push(item);
}

/** Takes a hint in: an id, never a fact. Anything else is dropped. */
export function receiveHint(inbox: Inbox, hint: unknown): void {
  if (!isHint(hint)) return;
  const waiting = inbox.items.find((item) => item.kind === 'hint' && item.effect === hint.id);
  if (waiting?.kind === 'hint') waiting.fresh = false;
  else inbox.items.push({ kind: 'hint', effect: hint.id, fresh: false, facts: null, told: null });
}

/**
 * Puts commands to the head that the database says are not answered. They are believed before
 * anything else under their ids: the rows are what the API has accepted.
 */
export function putFirst({ items, known }: Inbox, messages: readonly Message[]): void {
  const ids = new Set(messages.map(({ id }) => id));
  const others = items.splice(0).filter((item) => item.kind === 'hint' || !ids.has(item.id));
  for (const id of ids) known.delete(id);
  items.push(...messages.map(readStored), ...others);
}

/** Has this command been answered, or does it wait? */
export const isKnown = ({ known, items }: Inbox, id: CommandId): boolean =>
  known.has(id) || items.some((item) => item.kind !== 'hint' && item.id === id);

/** The command has been answered. */
export function remember({ known }: Inbox, id: CommandId): void {
  known.add(id);
  const [oldest] = known;
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
}

/** It needs no answer any more. */
export function leave({ items }: Inbox, item: Item): void {
  const at = items.indexOf(item);
  if (at >= 0) items.splice(at, 1);
}
