/**
 * Owns moving a test clock from the command line.
 * Must not know what waits on it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from '../trouble.mjs';
import { get, post } from './http.mjs';
import { bold, timeText } from './terminal.mjs';

const PATIENCE_MS = 120_000;
const LOOK_MS = 250;
const USAGE = '--to 2027-01-31T12:00:00Z, --to 2027-01-31, --to +P3D, --to +PT12H, or --next';

/**
 * @typedef {import('./answers.js').Clock} Clock
 * @typedef {import('./http.mjs').Connection} Connection
 */

/** As far as the next deadline. */
export const NEXT = /** @type {const} */ ({ to_next_deadline: true });

/**
 * @param {Connection} connection
 * @param {string} id
 * @param {{ to?: string, next?: boolean }} options
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function advanceCommand(connection, id, { to, next = false }) {
  if (!id.startsWith('clk_')) throw new Trouble(`${id} is not a test clock`, 'its id is clk_…');
  if ((to === undefined) !== next) throw new Trouble('how far does it go?', USAGE);
  /** @type {Clock} */
  const before = await get(connection, `/test_clocks/${encodeURIComponent(id)}`);
  const clock = await advance(
    connection,
    id,
    to === undefined ? NEXT : { to: instantOf(to, before.now) },
  );
  return {
    answer: clock,
    text: () => [
      `${timeText(before.now)} → ${bold(timeText(clock.now))} UTC; nothing more is due until then`,
    ],
    next: `holdfast timeline esc_…, or holdfast clock advance ${id} --next`,
  };
}

/**
 * Moves a clock and waits until everything on it has settled down.
 * @param {Connection} connection
 * @param {string} id
 * @param {{ to: string } | typeof NEXT} body
 * @returns {Promise<Clock>}
 */
export async function advance(connection, id, body) {
  /** @type {{ body: Clock }} */
  const moved = await post(connection, `/test_clocks/${id}/advance`, { body });
  let clock = moved.body;
  for (const until = Date.now() + PATIENCE_MS; clock.status !== 'ready'; await sleep(LOOK_MS)) {
    if (Date.now() > until) {
      throw new Trouble(`${id} is still advancing`, 'see worker.log in the data folder');
    }
    clock = await get(connection, `/test_clocks/${id}`);
  }
  return clock;
}

const UNITS = /** @type {Readonly<Record<string, number>>} */ ({
  D: 86_400_000,
  H: 3_600_000,
  M: 60_000,
});

/**
 * An instant, a day (its beginning in UTC), or so much later than now.
 * @param {string} text
 * @param {string} now
 * @returns {string}
 */
function instantOf(text, now) {
  const [, days, timed, unit = 'D'] = /^\+P(?:(\d{1,5})D|T(\d{1,6})([HM]))$/.exec(text) ?? [];
  const count = days ?? timed;
  const at = count ? Date.parse(now) + Number(count) * (UNITS[unit] ?? 0) : Date.parse(text);
  const isForm = count !== undefined || /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  if (!isForm || Number.isNaN(at)) throw new Trouble(`not a time: ${text}`, USAGE);
  return new Date(at).toISOString();
}
