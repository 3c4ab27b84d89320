/**
 * Owns time as data: instants, periods, calendar days in a time zone.
 * Must not know what time it is.
 */
declare const instantBrand: unique symbol;

/**
 * A moment as RFC 3339 text in UTC with milliseconds (`2026-11-21T09:30:00.000Z`).
 * All have the same length, so text order is time order.
 */
export type Instant = string & { readonly [instantBrand]: true };

/** A length of time in milliseconds. */
export type Millis = number;

/** An ISO 8601 period of whole months (`P1M`), days (`P7D`) or hours (`PT12H`). */
export type Period = `P${number}M` | `P${number}D` | `PT${number}H`;

export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Days on which nobody works: days of the week, and dates (`2026-12-25`). */
export type BusinessDays = {
  readonly weekend: readonly Weekday[];
  readonly holidays: readonly string[];
};

/** Where days are counted: a zone, and the days that do not count (none: every day does). */
export type Where = { readonly time_zone: string; readonly business_days?: BusinessDays };
/** Every day counts, and all are equally long. */
export const UTC: Where = { time_zone: 'UTC' };

export const seconds = (count: number): Millis => count * 1000;
export const minutes = (count: number): Millis => seconds(count * 60);
export const hours = (count: number): Millis => minutes(count * 60);
export const days = (count: number): Millis => hours(count * 24);

/** The instant of a count of milliseconds since 1970. Throws RangeError outside years 0–9999. */
export function toInstant(ms: Millis): Instant {
  const text = new Date(ms).toISOString();
  if (text.length !== 24) throw new RangeError(`not an instant: ${ms}`);
  return text as Instant; // the one cast of this file
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const YEAR_1 = Date.parse('0001-01-01T00:00:00Z'); // no calendar has a year 0
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z');

/**
 * Terms name no later instant and simulated time ends here, far from where dates stop being dates:
 * periods are added to both.
 */
export const DATES_END = toInstant(Date.parse('2500-01-01T00:00:00Z'));
/** And none before it: zones of the first centuries lead out of the calendar. */
export const DATES_BEGIN = toInstant(Date.parse('1900-01-01T00:00:00Z'));

/** Is this an instant, or a date, that terms may name and simulated time may reach? */
export const isNear = (date: string): boolean =>
  date >= DATES_BEGIN.slice(0, date.length) && date < DATES_END.slice(0, date.length);

/** Reads RFC 3339 text with any offset, from the year 1 on; null when it is not one. */
export function readInstant(text: string): Instant | null {
  if (!RFC_3339.test(text)) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || !isRealDate(text.slice(0, 10))) return null;
  return ms >= YEAR_1 && ms < YEAR_10000 ? toInstant(ms) : null;
}

/** Milliseconds since 1970. */
export const toMillis = (at: Instant): Millis => Date.parse(at);

export const plus = (at: Instant, ms: Millis): Instant => toInstant(toMillis(at) + ms);
export const millisBetween = (from: Instant, to: Instant): Millis => toMillis(to) - toMillis(from);
export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
export const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** Is this an IANA zone that the runtime knows? */
export function isTimeZone(zone: string): boolean {
  if (zone === 'UTC' || CLOCKS.has(zone)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]/.test(zone); // newer runtimes also take a bare offset, which has no seasons
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Is this a date of the calendar (`2026-02-29` is not)? */
export function isRealDate(date: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || date.startsWith('0000')) return false;
  const ms = Date.parse(`${date}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === date;
}

/** The last millisecond of a calendar day in a zone (`escrow.md`, section 3: a due date). */
export function endOfDay(date: string, zone: string): Instant {
  const next = addDays(`${date}T00:00:00.000`, 1);
  return plus(fromLocal(next, zone), -1);
}

/**
 * `at` moved by a period: hours by the clock; days and months by the calendar of the zone, ending
 * at the same local time; a local time that does not exist moves to the next valid instant; the
 * 31st clamps to the last day of a shorter month. With business days only those count, and a month
 * that ends on another day ends on the next of them.
 * Source: `escrow.md`, section 6.
 */
export function addPeriod(at: Instant, period: Period, where: Where): Instant {
  const { unit, count } = readPeriod(period);
  const { time_zone: zone, business_days: business } = where;
  if (unit === 'H') return plus(at, hours(count));
  if (zone === 'UTC' && unit === 'D' && !business) return plus(at, days(count));
  const local = toLocal(at, zone);
  if (unit === 'M') return fromLocal(nextBusinessDay(addMonths(local, count), business), zone);
  const there = business ? addBusinessDays(local, count, business) : addDays(local, count);
  return fromLocal(there, zone);
}

/** Is this text a period of whole months, days or hours? */
export const isPeriod = (text: string): text is Period =>
  /^P(\d{1,2}M|\d{1,4}D|T\d{1,5}H)$/.test(text);

/** Roughly how long a period is, for bounds: a day counts 24 hours, a month 30 days. */
export function periodMillis(period: Period): Millis {
  const { unit, count } = readPeriod(period);
  if (unit === 'H') return hours(count);
  return unit === 'D' ? days(count) : days(30 * count);
}

function readPeriod(period: Period): { unit: 'M' | 'D' | 'H'; count: number } {
  if (!isPeriod(period)) throw new RangeError(`not a period: ${String(period)}`);
  const unit = period.endsWith('M') ? 'M' : period.endsWith('D') ? 'D' : 'H';
  return { unit, count: Number(period.replace(/[^\d]/g, '')) };
}

/** Is somebody at work on the day of this local time? Without business days: on every day. */
function isBusinessDay(local: string, business: BusinessDays | undefined): boolean {
  if (!business) return true;
  const weekday = WEEKDAYS[new Date(Date.parse(`${local}Z`)).getUTCDay()];
  const isWeekend = business.weekend.some((day) => day === weekday);
  return !isWeekend && !business.holidays.includes(local.slice(0, 10));
}

/** A whole week off would leave no day to count; holidays end some time. */
export const hasBusinessDay = ({ weekend }: BusinessDays): boolean =>
  new Set(weekend).size < WEEKDAYS.length;

function nextBusinessDay(local: string, business: BusinessDays | undefined): string {
  if (business && !hasBusinessDay(business)) throw new RangeError('a week without business days');
  let day = local;
  while (!isBusinessDay(day, business)) day = addDays(day, 1);
  return day;
}

/** The same local time on the n-th business day after this day; n = 0 is now. */
function addBusinessDays(local: string, count: number, business: BusinessDays): string {
  let day = local;
  for (let n = 0; n < count; n += 1) day = nextBusinessDay(addDays(day, 1), business);
  return day;
}

/** The same day and time some months later; the last day of that month where it has no such day. */
function addMonths(local: string, count: number): string {
  const [year = 0, month = 1, day = 1] = local.slice(0, 10).split('-').map(Number);
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  const there = new Date(Date.UTC(year, month - 1 + count, Math.min(day, last)));
  return `${there.toISOString().slice(0, 10)}${local.slice(10)}`;
}

/** Local wall-clock text without offset, `2026-03-29T02:30:00.000`. */
function toLocal(at: Instant, zone: string): string {
  return toInstant(toMillis(at) + offsetAt(toMillis(at), zone)).slice(0, 23);
}

/**
 * The instant of a wall-clock time. A time that comes twice is the first of the two; one that
 * does not exist is the first instant after the gap.
 */
function fromLocal(local: string, zone: string): Instant {
  const wall = Date.parse(`${local}Z`);
  const before = offsetAt(wall - days(1), zone);
  const after = offsetAt(wall + days(1), zone);
  const candidates = [wall - before, wall - after].sort((a, b) => a - b);
  const fits = candidates.find((ms) => ms + offsetAt(ms, zone) === wall);
  return toInstant(fits ?? gapEnd(wall - after, wall - before, zone));
}

/** The first instant of the later offset between two instants on both sides of a change. */
function gapEnd(low: Millis, high: Millis, zone: string): Millis {
  const offset = offsetAt(high, zone);
  let from = low;
  let to = high;
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    if (offsetAt(middle, zone) === offset) to = middle;
    else from = middle;
  }
  return to;
}

function addDays(local: string, count: number): string {
  return new Date(Date.parse(`${local}Z`) + days(count)).toISOString().slice(0, 23);
}

/** Milliseconds that the zone's wall clock is ahead of UTC at an instant. */
function offsetAt(ms: Millis, zone: string): Millis {
  if (zone === 'UTC') return 0;
  const part: Record<string, string> = {};
  for (const { type, value } of wallClock(zone).formatToParts(ms)) part[type] = value;
  const { year, month, day, hour, minute, second } = part;
  const wall = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
  return wall - Math.floor(ms / 1000) * 1000;
}

/** A clock is slow to make and always the same: one per zone is kept. */
const CLOCKS = new Map<string, Intl.DateTimeFormat>();

function wallClock(zone: string): Intl.DateTimeFormat {
  const kept = CLOCKS.get(zone);
  if (kept) return kept;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  CLOCKS.set(zone, made);
  return made;
}
