/**
 * Owns the text of the calendar feed, line by line as RFC 5545 has it.
 * Must not know who may read it.
 */
import fc from 'fast-check';
import { keyedDeadlineViews } from '../../../api/views/deadline';
import { type Dated, deadlineFeed } from '../../../api/views/deadline-feed';
import type { Escrow } from '../../../domain/escrow';
import { ACTIVE, AT, act, escrowOf, instant, play } from '../../domain/sample';

const feedOf = (escrow: Escrow, more: Partial<Dated> = {}): string =>
  deadlineFeed(
    {
      id: escrow.id,
      title: escrow.terms.title,
      version: escrow.version,
      updated_at: '2026-03-02T10:00:00.999Z',
      milestones: new Map(escrow.terms.milestones.map(({ id, title }) => [id, title])),
      ...more,
    },
    keyedDeadlineViews(escrow),
  );

const unfolded = (feed: string): readonly string[] =>
  feed.replaceAll('\r\n ', '').split('\r\n').slice(0, -1);
const valuesOf = (feed: string, name: string): readonly string[] =>
  unfolded(feed).flatMap((line) =>
    line.startsWith(`${name}:`) ? line.slice(name.length + 1) : [],
  );
/** RFC 5545, 3.3.11 read back. */
const plain = (text: string): string =>
  text.replace(/\\(.)/g, (_, special: string) => (special === 'n' ? '\n' : special));

const active = play(escrowOf(), ...ACTIVE);

test('one event a deadline: who must act, what happens otherwise, how much money moves', () => {
  const delivered = play(active, 'seller mark_done');
  expect(unfolded(feedOf(delivered))).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Holdfast//Deadlines//EN',
    'CALSCALE:GREGORIAN',
    'NAME:A website',
    'BEGIN:VEVENT',
    'UID:esc_1-inspection_1',
    'DTSTAMP:20260302T100000Z',
    `SEQUENCE:${delivered.version}`,
    'DTSTART:20260305T100000Z',
    'SUMMARY:inspection: Part 1',
    'DESCRIPTION:Who must act: pty_buyer.\\nOtherwise: approve\\, which moves 10000 EUR.\\n' +
      'Rule: inspection_period P3D.\\nEscrow: esc_1.',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'BEGIN:VEVENT',
    'UID:esc_1-delivery_2',
    'DTSTAMP:20260302T100000Z',
    `SEQUENCE:${delivered.version}`,
    'DTSTART:20260401T100000Z',
    'SUMMARY:delivery: Part 2',
    'DESCRIPTION:Who must act: pty_seller.\\nOtherwise: mark_overdue.\\nRule: due date.\\n' +
      'Escrow: esc_1.',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
  ]);
});

test('a UID stays when its deadline moves, and the sequence rises', () => {
  const held = act(active, 'platform', 'hold', {}, AT);
  const moved = act(held, 'platform', 'unhold', {}, instant('2026-03-09T10:00:00Z'));
  expect(valuesOf(feedOf(moved), 'UID')).toEqual(valuesOf(feedOf(active), 'UID'));
  expect(valuesOf(feedOf(moved), 'DTSTART')).not.toEqual(valuesOf(feedOf(active), 'DTSTART'));
  const [before] = valuesOf(feedOf(active), 'SEQUENCE');
  const [after] = valuesOf(feedOf(moved), 'SEQUENCE');
  expect(Number(after)).toBeGreaterThan(Number(before));
});

test('no two deadlines have one UID', () => {
  const uids = valuesOf(feedOf(active), 'UID');
  expect(uids.length).toBeGreaterThan(1);
  expect(new Set(uids).size).toBe(uids.length);
});

test('two readings without an event between them are equal', () => {
  expect(feedOf(active)).toBe(feedOf(active));
});

test('an escrow that waits for nothing has an empty calendar', () => {
  expect(valuesOf(feedOf(escrowOf()), 'BEGIN')).toEqual(['VCALENDAR']);
});

test('part of a second is left out, so that a feed is never later than the deadline', () => {
  const escrow = play(escrowOf(), 'platform send');
  const late = deadlineFeed(
    { id: 'esc_1', title: 'x', version: 1, updated_at: AT, milestones: new Map() },
    keyedDeadlineViews(escrow).map((view) => ({ ...view, at: '2026-03-02T22:59:59.999Z' })),
  );
  expect(valuesOf(late, 'DTSTART')).toEqual(['20260302T225959Z']);
});

test('any title is one line of text, folded at 75 octets without cutting a character', () => {
  const title = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('a,b;c\\d\ne', 'BEGIN:VEVENT\r\nUID:evil', 'ä'.repeat(100), '👩‍🚀'.repeat(40)),
  );
  fc.assert(
    fc.property(title, (text) => {
      const feed = feedOf(active, { title: text });
      const lines = feed.split('\r\n');
      expect(lines.pop()).toBe('');
      const isWrong = (line: string): boolean =>
        Buffer.byteLength(line) > 75 || /[\r\n\uFFFD]/.test(line);
      expect(lines.filter(isWrong)).toEqual([]);
      expect(valuesOf(feed, 'BEGIN').length).toBe(valuesOf(feedOf(active), 'BEGIN').length);
      const [name = ''] = valuesOf(feed, 'NAME');
      expect(plain(name).replaceAll('\n', '')).toBe(withoutControls(text));
    }),
  );
});

/** What is left of a text when line ends and what cannot stand in one are gone. */
const withoutControls = (text: string): string =>
  text.replace(/[^\P{Cc}\t]|[\p{Cs}\u2028\u2029]/gu, '');

test('what has a meaning in a text is escaped', () => {
  const [name] = valuesOf(feedOf(active, { title: 'a,b;c\\d\r\ne:"f"' }), 'NAME');
  expect(name).toBe('a\\,b\\;c\\\\d\\ne:"f"');
});
