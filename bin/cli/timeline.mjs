/**
 * Owns past and future of an escrow on one line: what happened, now, what runs out when.
 * Must not know why.
 */
import { Trouble } from '../trouble.mjs';
import { get } from './http.mjs';
import { amountText, bold, cell, cyan, dim, spoken, timeText, yellow } from './terminal.mjs';

/**
 * @param {import('./http.mjs').Connection} connection
 * @param {string} id
 * @returns {Promise<import('./print.mjs').Result>}
 */
export async function timelineCommand(connection, id) {
  if (!/^(esc_|engagement:)/.test(id)) {
    throw new Trouble(`${id} is not an escrow`, 'holdfast timeline esc_… (or engagement:…)');
  }
  const path = `/escrows/${encodeURIComponent(id)}`;
  /** @type {import('./answers.js').Timeline} */
  const timeline = await get(connection, `${path}/timeline`);
  /** @type {import('./answers.js').Escrow} */
  const escrow = await get(connection, path);
  const clock = escrow.test_clock;
  return {
    answer: timeline,
    text: (width) => timelineLines(timeline, escrow, width),
    next:
      clock && timeline.data.some(({ kind }) => kind === 'deadline')
        ? `holdfast clock advance ${clock} --next`
        : `holdfast get ${escrow.id}`,
  };
}

/**
 * @param {import('./answers.js').Timeline} timeline
 * @param {import('./answers.js').Escrow} escrow
 * @param {number} width
 */
function timelineLines({ data, now }, escrow, width) {
  const roles = new Map(escrow.parties.map(({ account_id, role }) => [account_id, role]));
  const past = data.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
  const future = data.flatMap((item) => (item.kind === 'deadline' ? [item.deadline] : []));
  const room = width - 16 - 2 - 9 - 24;
  return [
    `${bold(escrow.title)}  ${dim('times in UTC')}`,
    ...past.map(
      ({ at, type, actor, status: word }) =>
        `${minuteText(at)}  ${cell(roles.get(actor.account ?? '') ?? actor.kind, 8)} ` +
        `${cell(spoken(type), 23)} ${dim(cell(spoken(word), room).trimEnd())}`,
    ),
    cyan(`${minuteText(now)}  ${'─'.repeat(8)} now`),
    ...future.map(
      ({ at, name, otherwise, moves }) =>
        yellow(
          `${minuteText(at)}  ${cell('clock', 8)} ${spoken(name)} ends: ${spoken(otherwise)}`,
        ) + (moves.amount > 0 ? dim(`  ${amountText(moves.amount, moves.currency)}`) : ''),
    ),
    ...(future.length === 0 ? [dim('nothing is waited for')] : []),
  ];
}

/** @param {string} at @returns {string} in UTC, to the minute */
const minuteText = (at) => timeText(at).slice(0, '2027-01-31 12:00'.length);
