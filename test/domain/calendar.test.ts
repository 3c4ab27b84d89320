/**
 * Owns instants, periods and calendar days in a zone: seasons, ends of months, ends of days.
 * Must not know what waits for them.
 */
import fc from 'fast-check';
import {
  addPeriod,
  type BusinessDays,
  days,
  earlier,
  endOfDay,
  hours,
  isNear,
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
  UTC,
  WEEKDAYS,
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
  ['P1M', true],
  ['P1Y', false],
  ['P1W', false],
  ['P1DT1H', false],
  ['7D', false],
  ['P-1D', false],
  ['P7d', false],
  ['P99999D', false],
])('%s is a period: %s', (text, expected) => expect(isPeriod(text)).toBe(expected));

test('a period has a rough length for bounds', () => {
  const lengths = [periodMillis('P2M'), periodMillis('P2D'), periodMillis('PT5H')];
  expect(lengths).toEqual([days(60), days(2), hours(5)]);
});

const BERLIN = 'Europe/Berlin';
const YORK = 'America/New_York';
const HOWE = 'Australia/Lord_Howe';
const APIA = 'Pacific/Apia';

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
  ['2026-04-04T12:00:00Z', 'P1D', HOWE, '2026-04-05T12:30:00Z'],
  ['2026-10-03T12:00:00Z', 'P1D', HOWE, '2026-10-04T11:30:00Z'],
  ['1985-12-31T12:00:00Z', 'P1D', 'Asia/Kathmandu', '1986-01-01T11:45:00Z'],
  // 02:15 does not exist where half an hour is left out: 02:30
  ['2026-10-02T15:45:00Z', 'P1D', HOWE, '2026-10-03T15:30:00Z'],
  // Morocco goes back for Ramadan and forward after it
  ['2026-02-14T11:00:00Z', 'P1D', 'Africa/Casablanca', '2026-02-15T12:00:00Z'],
  ['2026-03-21T12:00:00Z', 'P1D', 'Africa/Casablanca', '2026-03-22T11:00:00Z'],
  ['2026-02-14T11:00:00Z', 'P36D', 'Africa/Casablanca', '2026-03-22T11:00:00Z'],
  ['2026-03-21T02:30:00Z', 'P1D', 'Africa/Casablanca', '2026-03-22T02:00:00Z'],
  // Samoa left out a whole day, 30 December 2011: the next valid instant is its 31st
  ['2011-12-29T20:00:00Z', 'P1D', APIA, '2011-12-30T10:00:00Z'],
  ['2011-12-29T20:00:00Z', 'P2D', APIA, '2011-12-30T20:00:00Z'],
  ['2011-12-30T09:59:59.999Z', 'P2D', APIA, '2011-12-31T09:59:59.999Z'],
  // months: the same day, and the 31st clamps
  ['2026-01-15T10:00:00Z', 'P1M', 'UTC', '2026-02-15T10:00:00Z'],
  ['2026-01-31T10:00:00Z', 'P1M', 'UTC', '2026-02-28T10:00:00Z'],
  ['2028-01-31T10:00:00Z', 'P1M', 'UTC', '2028-02-29T10:00:00Z'],
  ['2026-03-31T10:00:00Z', 'P1M', 'UTC', '2026-04-30T10:00:00Z'],
  ['2026-10-31T10:00:00Z', 'P4M', 'UTC', '2027-02-28T10:00:00Z'],
  ['2028-02-29T10:00:00Z', 'P12M', 'UTC', '2029-02-28T10:00:00Z'],
  ['2026-12-31T23:30:00Z', 'P2M', 'UTC', '2027-02-28T23:30:00Z'],
  ['2026-02-28T10:00:00Z', 'P0M', 'UTC', '2026-02-28T10:00:00Z'],
  // over a change of clocks, into a gap, and by the day of the zone
  ['2026-02-28T11:00:00Z', 'P2M', BERLIN, '2026-04-28T10:00:00Z'],
  ['2026-02-28T01:30:00Z', 'P1M', BERLIN, '2026-03-28T01:30:00Z'],
  ['2026-01-29T01:30:00Z', 'P2M', BERLIN, '2026-03-29T01:00:00Z'],
  ['2026-01-30T23:30:00Z', 'P1M', BERLIN, '2026-02-27T23:30:00Z'],
];

test.each(MOVES)('%s and %s in %s is %s', (from, period, zone, to) => {
  expect(addPeriod(instant(from), period, { time_zone: zone })).toBe(instant(to));
});

test('a day is between 23 and 25 hours long, and one more day is never earlier', () => {
  const at = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }).map(toInstant);
  const zone = fc.constantFrom(BERLIN, YORK, 'Africa/Cairo', 'Pacific/Chatham', 'UTC');
  fc.assert(
    fc.property(at, fc.integer({ min: 0, max: 40 }), zone, (from, count, where) => {
      const one = addPeriod(from, `P${count}D`, { time_zone: where });
      const two = addPeriod(from, `P${count + 1}D`, { time_zone: where });
      const length = millisBetween(one, two);
      expect(length).toBeGreaterThanOrEqual(hours(22));
      expect(length).toBeLessThanOrEqual(hours(26));
    }),
    { numRuns: 60 },
  );
});

const GERMAN: BusinessDays = {
  weekend: ['saturday', 'sunday'],
  holidays: ['2026-12-25', '2027-01-01'],
};
const EVERY: BusinessDays = { weekend: [], holidays: [] };
const ONE_OFF: BusinessDays = { weekend: [], holidays: ['2026-03-07'] };
const GULF: BusinessDays = { weekend: ['friday', 'saturday'], holidays: [] };

/** from, period, zone, days off, to; 2026-12-24 is a Thursday, a holiday follows */
const BUSINESS: readonly (readonly [string, Period, string, BusinessDays, string])[] = [
  ['2026-12-21T10:00:00Z', 'P3D', 'UTC', GERMAN, '2026-12-24T10:00:00Z'],
  ['2026-12-21T10:00:00Z', 'P4D', 'UTC', GERMAN, '2026-12-28T10:00:00Z'],
  ['2026-12-24T10:00:00Z', 'P1D', 'UTC', GERMAN, '2026-12-28T10:00:00Z'],
  // begun on a day off, the first day that counts is the next business day
  ['2026-12-26T10:00:00Z', 'P1D', 'UTC', GERMAN, '2026-12-28T10:00:00Z'],
  ['2026-12-25T10:00:00Z', 'P5D', 'UTC', GERMAN, '2027-01-04T10:00:00Z'],
  // no days: at once, whatever day it is
  ['2026-12-26T10:00:00Z', 'P0D', 'UTC', GERMAN, '2026-12-26T10:00:00Z'],
  ['2026-03-02T10:00:00Z', 'P14D', 'UTC', GERMAN, '2026-03-20T10:00:00Z'],
  // other weekends; none at all, and only holidays
  ['2026-03-05T10:00:00Z', 'P1D', 'UTC', GULF, '2026-03-08T10:00:00Z'],
  ['2026-03-06T10:00:00Z', 'P1D', 'UTC', EVERY, '2026-03-07T10:00:00Z'],
  ['2026-03-06T10:00:00Z', 'P1D', 'UTC', ONE_OFF, '2026-03-08T10:00:00Z'],
  // days off are those of the zone: Sunday 23:30 UTC is Monday in Tokyo
  ['2026-03-01T23:30:00Z', 'P1D', 'Asia/Tokyo', GERMAN, '2026-03-02T23:30:00Z'],
  ['2026-03-05T23:30:00Z', 'P1D', 'Asia/Tokyo', GERMAN, '2026-03-08T23:30:00Z'],
  // the same local time over a change of clocks at the weekend
  ['2026-03-27T11:00:00Z', 'P1D', BERLIN, GERMAN, '2026-03-30T10:00:00Z'],
  // hours are hours
  ['2026-03-06T10:00:00Z', 'PT24H', 'UTC', GERMAN, '2026-03-07T10:00:00Z'],
  // a month that ends on a day off ends on the next business day
  ['2026-11-25T10:00:00Z', 'P1M', 'UTC', GERMAN, '2026-12-28T10:00:00Z'],
  ['2026-11-24T10:00:00Z', 'P1M', 'UTC', GERMAN, '2026-12-24T10:00:00Z'],
];

test.each(BUSINESS)('%s and %s in %s without days off %j is %s', (from, period, zone, off, to) => {
  const where = { time_zone: zone, business_days: off };
  expect(addPeriod(instant(from), period, where)).toBe(instant(to));
});

test('business days never end on a day off, and never before as many calendar days', () => {
  const at = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) }).map(toInstant);
  fc.assert(
    fc.property(at, fc.integer({ min: 1, max: 40 }), (from, count) => {
      const end = addPeriod(from, `P${count}D`, { time_zone: 'UTC', business_days: GERMAN });
      expect(end >= addPeriod(from, `P${count}D`, UTC)).toBe(true);
      expect([0, 6]).not.toContain(new Date(end).getUTCDay());
      expect(GERMAN.holidays).not.toContain(end.slice(0, 10));
    }),
  );
});

test('a week without a business day is a mistake of ours', () => {
  const never: BusinessDays = { weekend: WEEKDAYS, holidays: [] };
  const where = { time_zone: 'UTC', business_days: never };
  expect(() => addPeriod(instant('2026-03-02T10:00:00Z'), 'P1D', where)).toThrow(RangeError);
  expect(() => addPeriod(instant('2026-03-02T10:00:00Z'), 'P1M', where)).toThrow(RangeError);
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
  ['2026-03-02', 'Asia/Kathmandu', '2026-03-02T18:14:59.999Z'],
  ['2026-10-04', HOWE, '2026-10-04T12:59:59.999Z'],
  ['2026-02-15', 'Africa/Casablanca', '2026-02-15T23:59:59.999Z'],
  // a day that never was ends where it would have begun
  ['2011-12-29', APIA, '2011-12-30T09:59:59.999Z'],
  ['2011-12-30', APIA, '2011-12-30T09:59:59.999Z'],
  ['2011-12-31', APIA, '2011-12-31T09:59:59.999Z'],
];

test.each(ENDS)('%s in %s ends at %s', (date, zone, end) => {
  expect(endOfDay(date, zone)).toBe(end);
});

test('a period that is none, and an instant beyond the calendar, are mistakes of ours', () => {
  const at = instant('2026-03-02T10:00:00Z');
  expect(() => addPeriod(at, 'P1W' as Period, UTC)).toThrow(RangeError);
  expect(() => plus(at, days(4_000_000))).toThrow(RangeError);
});

test.each([
  ['1899-12-31', false],
  ['1900-01-01', true],
  ['2499-12-31T23:59:59.999Z', true],
  ['2500-01-01', false],
])('terms may name %s: %s', (date, isNamed) => expect(isNear(date)).toBe(isNamed));
