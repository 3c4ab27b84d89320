/**
 * Owns the deadlines of an escrow as a calendar feed: RFC 5545 text.
 * Must not know how deadlines are computed, nor who may read the feed.
 */
import { seconds, toInstant } from '../../domain/calendar';
import type { EscrowId } from '../../domain/ids';
import type { keyedDeadlineViews } from './deadline';

type Keyed = ReturnType<typeof keyedDeadlineViews>[number];

/** What the feed needs of an escrow beside its deadlines. */
export type Dated = {
  readonly id: EscrowId;
  readonly title: string;
  readonly version: number;
  readonly updated_at: string; // an instant
  readonly milestones: ReadonlyMap<string, string>; // titles by id
};

/**
 * One event a deadline. Its UID stays while the deadline is the same wait, moved or not; DTSTAMP
 * and SEQUENCE are those of the escrow's last event, so a calendar sees what has changed and two
 * readings without an event between them are equal.
 */
export function deadlineFeed(escrow: Dated, deadlines: readonly Keyed[]): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Holdfast//Deadlines//EN',
    'CALSCALE:GREGORIAN',
    `NAME:${escaped(escrow.title)}`, // RFC 7986
    ...deadlines.flatMap((deadline) => eventLines(escrow, deadline)),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function eventLines(escrow: Dated, deadline: Keyed): readonly string[] {
  const { name, milestone, otherwise, who, moves, rule } = deadline;
  const about = (milestone && escrow.milestones.get(milestone)) ?? escrow.title;
  const money = moves.amount > 0 ? `, which moves ${moves.amount} ${moves.currency}` : '';
  const description = [
    `Who must act: ${who.join(', ')}.`,
    `Otherwise: ${otherwise}${money}.`,
    `Rule: ${rule}.`,
    `Escrow: ${escrow.id}.`,
  ];
  return [
    'BEGIN:VEVENT',
    `UID:${[escrow.id, deadline.key].join('-')}`,
    `DTSTAMP:${stamp(escrow.updated_at)}`,
    `SEQUENCE:${escrow.version}`,
    `DTSTART:${stamp(deadline.at)}`,
    `SUMMARY:${escaped(`${name.replaceAll('_', ' ')}: ${about}`)}`,
    `DESCRIPTION:${escaped(description.join('\n'))}`,
    'TRANSP:TRANSPARENT', // nobody is busy because of it
    'END:VEVENT',
  ];
}

/** UTC in whole seconds, rounded down: a feed is never later than the deadline. */
function stamp(at: string): string {
  const whole = toInstant(Math.floor(Date.parse(at) / seconds(1)) * seconds(1));
  return whole.replace(/[-:]/g, '').replace('.000', '');
}

/** RFC 5545, 3.3.11; control characters cannot stand in a text at all. */
function escaped(text: string): string {
  return text
    .replace(/\r\n?|\u2028|\u2029|\u0085/g, '\n')
    .replace(CONTROLS, '')
    .replace(/[\\;,]/g, (special) => `\\${special}`)
    .replaceAll('\n', '\\n');
}

const CONTROLS = /[^\P{Cc}\t\n]|\p{Cs}/gu;

const OCTETS_MAX = 75;

/** RFC 5545, 3.1: at most 75 octets a line, the rest after a space; no character is cut. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > OCTETS_MAX) {
      parts.push(part);
      part = ' ';
      octets = 1;
    }
    part += character;
    octets += size;
  }
  return [...parts, part].join('\r\n');
}
