/**
 * Owns what one run of an escrow workflow keeps in memory. Everything that must outlive the run
 * is in the rows, or travels in `EscrowInput`.
 * Must not know what is done with it.
 */
import type { Instant } from '../domain/calendar';
import type { Escrow } from '../domain/escrow';
import type { PlatformId, TestClockId } from '../domain/ids';
import type { Inbox } from './inbox';
import type { Alarm, Clock } from './until';

export type Run = {
  escrow: Escrow;
  readonly platform: PlatformId;
  readonly livemode: boolean;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly clockId: TestClockId | null;
  readonly alarm: Alarm;
  stuck: string | null; // only people can mend it; any message tries again
  not_before: Instant | null; // by database time no default is due until then
  heard: number; // messages of this run, and commands that it has taken
  published: Published | null;
};

/** What the engine has been told last of search attributes, by name. */
export type Published = Readonly<Record<string, string>>;
