/**
 * Owns instants, periods and calendar days in a zone: seasons, ends of months, ends of days.
 * Must not know what waits for them.
 */
import fc from 'fast-check';
import {
  addPeriod,
  days,
  earlier,
  endOfDay,
  hours,
  isPeriod,
  isRealDate,
  isTimeZone,
  later,
  millisBetween,
  minutes,
  type Period,
  periodMillis,
  plus,
  readInstant,
  seconds,
  toInstant,
  toMillis,
} from '../../domain/calendar';
import { instant } from './sample';

test('lengths are milliseconds', () => {
  expect([seconds(1), minutes(1), hours(1), days(1)]).toEqual([1e3, 6e4, 3.6e6, 8.64e7]);
});

test.each<[string, string | null]>([
  ['2026-03-02T10:00:00Z', '2026-03-02T10:00:00.000Z'],
  ['2026-03-02T10:00:00.5Z', '2026-03-02T10:00:00.500Z'],
  ['2026-03-02T10:00:00.123456789Z', '2026-03-02T10:00:00.123Z'],
  ['2026-03-02T10:00:00+05:30', '2026-03-02T04:30:00.000Z'],
  ['2026-03-01T00:30:00+01:00', '2026-02-28T23:30:00.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2026-02-29T00:00:00Z', null],
  ['2026-02-30T00:00:00Z', null],
  ['2026-13-01T00:00:00Z', null],
  ['2026-03-02T24:00:00Z', null],
  ['2026-03-02T10:60:00Z', null],
  ['2026-03-02T10:00:60Z', null],
  ['2026-03-02T10:00:00', null],
  ['2026-03-02 10:00:00Z', null],
  ['2026-03-02', null],
  ['2026-03-02T10:00:00+25:00', null],
  ['9999-12-31T23:59:59-01:00', null],
  ['0000-01-01T00:00:00+01:00', null],
  ['0000-12-31T23:59:59Z', null],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['', null],
])('%s is read as %s', (text, expected) => expect(readInstant(text)).toBe(expected));

test('text order is time order', () => {
  const any = fc.integer({ min: 0, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(any, any, (a, b) => {
      const [x, y] = [toInstant(a), toInstant(b)];
      expect([x < y, x === y]).toEqual([a < b, a === b]);
      expect([toMillis(earlier(x, y)), toMillis(later(x, y))]).toEqual([
        Math.min(a, b),
        Math.max(a, b),
      ]);
      expect(millisBetween(x, y)).toBe(b - a);
    }),
  );
});

test.each([
  ['2026-02-28', true],
  ['2026-02-29', false],
  ['2024-02-29', true],
  ['2026-04-31', false],
  ['2026-00-10', false],
  ['0000-01-01', false],
  ['26-01-01', false],
  ['', false],
])('%s is a date of the calendar: %s', (date, expected) => expect(isRealDate(date)).toBe(expected));

test.each([
  ['UTC', true],
  ['Europe/Berlin', true],
  ['America/New_York', true],
  ['Mars/Olympus', false],
  ['+02:00', false],
  ['', false],
])('%s is a time zone: %s', (zone, expected) => expect(isTimeZone(zone)).toBe(expected));

test.each([
  ['P7D', true],
  ['PT36H', true],
  ['P0D', true],
  ['P1M', false],
  ['P1DT1H', false],
  ['7D', false],
  ['P-1D', false],
  ['P7d', false],
  ['P99999D', false],
])('%s is a period: %s', (text, expected) => expect(isPeriod(text)).toBe(expected));

test('a period has a rough length for bounds', () => {
  expect([periodMillis('P2D'), periodMillis('PT5H')]).toEqual([days(2), hours(5)]);
});

const BERLIN = 'Europe/Berlin';
const YORK = 'America/New_York';

/** from, period, zone, to */
const MOVES: readonly (readonly [string, Period, string, string])[] = [
  ['2026-03-02T10:00:00Z', 'P7D', 'UTC', '2026-03-09T10:00:00Z'],
  ['2026-03-02T10:00:00Z', 'PT5H', BERLIN, '2026-03-02T15:00:00Z'],
  // the same local time on the other side of a change of clocks
  ['2026-03-28T11:00:00Z', 'P1D', BERLIN, '2026-03-29T10:00:00Z'],
  ['2026-10-24T10:00:00Z', 'P1D', BERLIN, '2026-10-25T11:00:00Z'],
  ['2026-03-07T17:00:00Z', 'P1D', YORK, '2026-03-08T16:00:00Z'],
  // hours are by the clock
  ['2026-03-28T11:00:00Z', 'PT24H', BERLIN, '2026-03-29T11:00:00Z'],
  // 02:30 does not exist on that day: the next valid instant, 03:00
  ['2026-03-28T01:30:00Z', 'P1D', BERLIN, '2026-03-29T01:00:00Z'],
  ['2026-03-28T01:00:00Z', 'P1D', BERLIN, '2026-03-29T01:00:00Z'],
  ['2026-03-28T01:59:59.999Z', 'P1D', BERLIN, '2026-03-29T01:00:00Z'],
  ['2026-03-07T07:30:00Z', 'P1D', YORK, '2026-03-08T07:00:00Z'],
  // 02:30 comes twice on that day: the first of the two
  ['2026-10-24T00:30:00Z', 'P1D', BERLIN, '2026-10-25T00:30:00Z'],
  ['2026-10-31T05:30:00Z', 'P1D', YORK, '2026-11-01T05:30:00Z'],
  // from the second 02:30 a day later it is 02:30 again
  ['2026-10-25T01:30:00Z', 'P1D', BERLIN, '2026-10-26T01:30:00Z'],
  // ends of months and years, leap days
  ['2026-01-31T10:00:00Z', 'P28D', BERLIN, '2026-02-28T10:00:00Z'],
  ['2026-12-31T23:30:00Z', 'P1D', 'UTC', '2027-01-01T23:30:00Z'],
  ['2028-02-28T12:00:00Z', 'P1D', BERLIN, '2028-02-29T12:00:00Z'],
  ['2028-02-28T12:00:00Z', 'P366D', BERLIN, '2029-02-28T12:00:00Z'],
  // the day of the zone, not of UTC
  ['2026-03-28T23:30:00Z', 'P1D', 'Asia/Tokyo', '2026-03-29T23:30:00Z'],
  // half-hour and quarter-hour zones, seasons of half an hour
  ['2026-03-02T10:15:00Z', 'P3D', 'Asia/Kathmandu', '2026-03-05T10:15:00Z'],
  ['2026-04-04T12:00:00Z', 'P1D', 'Australia/Lord_Howe', '2026-04-05T12:30:00Z'],
];

test.each(MOVES)('%s and %s in %s is %s', (from, period, zone, to) => {
  expect(addPeriod(instant(from), period, zone)).toBe(instant(to));
});

test('a day is between 23 and 25 hours long, and one more day is never earlier', () => {
  const at = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }).map(toInstant);
  const zone = fc.constantFrom(BERLIN, YORK, 'Africa/Cairo', 'Pacific/Chatham', 'UTC');
  fc.assert(
    fc.property(at, fc.integer({ min: 0, max: 40 }), zone, (from, count, where) => {
      const one = addPeriod(from, `P${count}D`, where);
      const two = addPeriod(from, `P${count + 1}D`, where);
      const length = millisBetween(one, two);
      expect(length).toBeGreaterThanOrEqual(hours(22));
      expect(length).toBeLessThanOrEqual(hours(26));
    }),
    { numRuns: 60 },
  );
});

/** date, zone, its last millisecond */
const ENDS: readonly (readonly [string, string, string])[] = [
  ['2026-03-02', 'UTC', '2026-03-02T23:59:59.999Z'],
  ['2026-03-02', BERLIN, '2026-03-02T22:59:59.999Z'],
  ['2026-07-02', BERLIN, '2026-07-02T21:59:59.999Z'],
  ['2026-03-29', BERLIN, '2026-03-29T21:59:59.999Z'],
  ['2026-12-31', YORK, '2027-01-01T04:59:59.999Z'],
  ['2028-02-29', 'Asia/Tokyo', '2028-02-29T14:59:59.999Z'],
  // midnight does not exist where clocks go forward at 00:00: the day ends at the gap
  ['2026-04-23', 'Africa/Cairo', '2026-04-23T21:59:59.999Z'],
  // clocks go back from 24:00 to 23:00: the day ends with the second 23:59
  ['2026-10-29', 'Africa/Cairo', '2026-10-29T21:59:59.999Z'],
];

test.each(ENDS)('%s in %s ends at %s', (date, zone, end) => {
  expect(endOfDay(date, zone)).toBe(end);
});

test('a period that is none, and an instant beyond the calendar, are mistakes of ours', () => {
  const at = instant('2026-03-02T10:00:00Z');
  expect(() => addPeriod(at, 'P1M' as Period, 'UTC')).toThrow(RangeError);
  expect(() => plus(at, days(4_000_000))).toThrow(RangeError);
});
