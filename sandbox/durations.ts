/**
 * Owns lengths of time as testers write them: `PT10S`, `PT3H`, `P5D`, `P1DT12H`.
 * Must not know what waits for them.
 */
import { days, hours, type Instant, type Millis, minutes, plus, seconds } from '../domain/calendar';

const FORM =
  /^P(?=\d|T\d)(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/;

/** Is this text a length of time in days, hours, minutes and seconds? */
export const isDuration = (text: string): boolean => FORM.test(text);

/** An instant and a duration; a day counts 24 hours. Throws RangeError for other text. */
export function after(at: Instant, duration: string): Instant {
  return plus(at, millisOf(duration));
}

/** A duration in milliseconds. Throws RangeError for text that is none. */
export function millisOf(duration: string): Millis {
  const parts = FORM.exec(duration);
  if (parts === null) throw new RangeError(`not a duration: ${duration}`);
  const [d, h, m, s] = parts.slice(1).map((count) => Number(count ?? 0));
  return days(d ?? 0) + hours(h ?? 0) + minutes(m ?? 0) + seconds(s ?? 0);
}
