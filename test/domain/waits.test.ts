/**
 * Owns the sentences of `escrow.md`, section 6, that are about every wait alike: reminders, pausing
 * and going on, absolute instants with their rule.
 * Must not know how long a wait is (`deadlines.test.ts`) nor what its default does
 * (`defaults.test.ts`).
 */
import { days, hours, millisBetween, plus } from '../../domain/calendar';
import type { CommandType } from '../../domain/commands';
import { deadlinesOf } from '../../domain/deadlines';
import type { Draft } from '../../domain/draft';
import { DEADLINE_NAMES, type Escrow } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import {
  ACTIVE,
  AGREED,
  AT,
  act,
  ask,
  escrowOf,
  eventsOf,
  isName,
  part,
  play,
  SENT,
  tick,
} from './sample';

const DELIVERED = [...ACTIVE, 'seller mark_done'];
const manual = { release: { mode: 'manual' } } as const;

/** name, terms, acts at AT after which it is the only or the soonest wait of its kind */
const WAITS: readonly (readonly [string, Partial<Draft>, readonly string[]])[] = [
  ['funding', {}, AGREED],
  ['milestone_funding', { funding: { mode: 'per_milestone' } }, AGREED],
  ['acceptance', {}, SENT],
  ['delivery', {}, ACTIVE],
  ['overdue', {}, [...ACTIVE, 'clock mark_overdue']],
  ['inspection', {}, DELIVERED],
  ['rework', {}, [...DELIVERED, 'buyer reject_delivery']],
  ['release', manual, [...DELIVERED, 'buyer approve']],
  ['response', {}, [...DELIVERED, 'buyer dispute']],
  ['negotiation', {}, [...DELIVERED, 'buyer dispute', 'seller answer_dispute']],
  ['ruling', {}, [...DELIVERED, 'platform dispute']],
  ['proposal', {}, [...ACTIVE, 'seller propose']],
  ['amendment_funding', {}, [...ACTIVE, 'seller propose', 'buyer accept_proposal']],
  ['payout', {}, [...DELIVERED, 'buyer approve', 'provider fail_disbursement']],
  ['reserve', { release: { reserve_bps: 1_000 } }, [...DELIVERED, 'buyer approve']],
];

test('every wait is here, but those in which nobody of the parties acts', () => {
  const names = [...WAITS.map(([name]) => name), 'hold_review', 'return_window'];
  expect(names).toEqual(DEADLINE_NAMES);
});

const one = (terms: Partial<Draft>): Escrow => escrowOf({ milestones: [part(1)], ...terms });
const waitOf = (escrow: Escrow, name: string) => {
  const found = deadlinesOf(escrow).find((deadline) => deadline.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

test.each(WAITS)(
  'every wait has reminders at 50 and 90 percent, as events: %s',
  (name, terms, acts) => {
    let now = play(one(terms), ...acts);
    const { at: ends } = waitOf(now, name);
    const length = millisBetween(AT, ends);
    for (const share of [50, 90] as const) {
      const done = tick(now);
      expect(done.alarm.at).toBe(plus(AT, (length * share) / 100));
      expect(eventsOf(done.decision)).toMatchObject([
        { type: 'reminded', deadline: name, share, at: done.alarm.at },
      ]);
      now = done.escrow;
      expect(waitOf(now, name).at).toBe(ends);
    }
    const last = tick(now);
    expect([last.alarm.at, last.alarm.share, last.alarm.deadline.name]).toEqual([ends, 100, name]);
  },
);

test.each(WAITS)('on hold %s stops and goes on with what was left', (name, terms, acts) => {
  const running = play(one(terms), ...acts);
  const { at: ends, rule } = waitOf(running, name);
  const held = act(running, 'platform', 'hold', {}, plus(AT, days(1)));
  expect(deadlinesOf(held).map((deadline) => deadline.name)).toEqual(['hold_review']);
  const on = act(held, 'platform', 'unhold', {}, plus(AT, days(9)));
  expect(waitOf(on, name)).toMatchObject({ at: plus(ends, days(8)), rule });
});

test.each(WAITS)('on hold %s keeps at least 24 hours', (name, terms, acts) => {
  const running = play(one(terms), ...acts);
  const { at: ends } = waitOf(running, name);
  const held = act(running, 'platform', 'hold', {}, plus(ends, -hours(1)));
  const on = act(held, 'platform', 'unhold', {}, plus(ends, days(9)));
  expect(waitOf(on, name).at).toBe(plus(ends, days(10)));
});

test('a reminder that was given before a pause is not given again after it', () => {
  const reminded = tick(play(one({}), ...DELIVERED)).escrow; // 50 %: a day and a half
  const held = act(reminded, 'platform', 'hold', {}, plus(AT, days(2)));
  const on = act(held, 'platform', 'unhold', {}, plus(AT, days(12)));
  expect(waitOf(on, 'inspection')).toMatchObject({
    at: plus(AT, days(13)),
    remind_at: [{ share: 90, at: plus(AT, days(13) - hours(7.2)) }],
  });
});

test.each(WAITS)('%s is an absolute instant in its event, with its rule', (name, terms, acts) => {
  const before = play(one(terms), ...acts.slice(0, -1));
  const [who = '', type = ''] = acts.at(-1)?.split(' ') ?? [];
  if (!isName(who)) throw new Error(`nobody is called ${who}`);
  const events = eventsOf(ask(before, who, type as CommandType));
  const { at: ends, rule } = waitOf(evolveAll(before, events), name);
  expect(JSON.stringify(events)).toContain(JSON.stringify({ ends, rule }));
});
