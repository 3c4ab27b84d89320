/**
 * Owns what a preview shows: silence from each beginning, stories with dates, journals and balances
 * beside each step. Source: `escrow.md`, section 10.
 * Must not know a rule: what a step comes to is `decide`'s affair.
 */
import { days, plus } from '../../domain/calendar';
import { decide } from '../../domain/decide';
import type { Draft } from '../../domain/draft';
import { evolveAll } from '../../domain/evolve';
import { balances } from '../../domain/journal';
import { type Moment, type Played, preview } from '../../domain/preview';
import { statusOf } from '../../domain/status';
import { actsOf, type Beginning, beginningOf, type StoryLine } from '../../domain/story';
import { livesOf } from './life';
import { AT, BUYER, byOf, escrowOf, part, SELLER } from './sample';

const two = (changes: Partial<Draft> = {}) => escrowOf({ parties: [BUYER, SELLER], ...changes });
const one = (changes: Partial<Draft> = {}) => two({ milestones: [part(1)], ...changes });

function played(
  escrow: ReturnType<typeof escrowOf>,
  from: Beginning,
  lines: readonly StoryLine[] = [],
): Played {
  const acts = actsOf(escrow, lines);
  if (typeof acts === 'number') throw new Error(`line ${acts} cannot be read`);
  return preview(escrow, [...beginningOf(escrow, from, AT), ...acts]);
}
const typesOf = (moments: readonly Moment[]) =>
  moments.flatMap(({ events }) => events.map(({ type }) => type));
const after = (number: number) => plus(AT, days(number));
const line = (day: number, name: 'buyer' | 'seller', command: string, more: object = {}) =>
  ({ at: after(day), by: byOf(name), command, milestone: 1, ...more }) as StoryLine;

test.each<[Beginning, Partial<Draft>, string, string]>([
  ['sent', {}, 'c', 'nobody accepts'],
  ['agreed', {}, 'c', 'nobody pays'],
  ['funded', {}, 'cr', 'nobody delivers'],
  ['sent', { funding: { order: 'fund_first' } }, 'c', 'nobody pays first'],
  ['agreed', { funding: { order: 'fund_first' } }, 'cr', 'all accept once it is funded'],
])('under silence from %s %j it ends as %s: %s', (from, changes, code) => {
  for (const escrow of [one(changes), two(changes), escrowOf(changes)]) {
    const { moments, end } = played(escrow, from);
    expect(statusOf(end).status_code).toBe(code);
    expect(moments.filter(({ refusal }) => refusal)).toEqual([]);
    const told = moments.map(({ command }) => command.type);
    expect(told).toContain('remind');
  }
});

test('silence after delivery pays the seller, on the day that the deadline had named', () => {
  const { moments, end } = played(one(), 'funded', [line(2, 'seller', 'mark_done')]);
  expect(statusOf(end).status).toBe('closed_disbursement_complete');
  const delivered = moments.find(({ command }) => command.type === 'mark_done');
  const inspection = delivered?.deadlines.find(({ name }) => name === 'inspection');
  expect(inspection?.at).toBe(after(5));
  const approved = moments.find(({ command }) => command.type === 'approve');
  expect(approved).toMatchObject({ at: after(5), by: { kind: 'clock' }, refusal: null });
  expect(approved?.journals.map(({ type }) => type)).toEqual(['released']);
});

test('a dispute is named by its milestone, and a ruling splits what the books hold', () => {
  const { moments, end } = played(one(), 'funded', [
    line(1, 'seller', 'mark_done'),
    line(2, 'buyer', 'dispute', { body: { reason: 'scratched' } }),
    line(3, 'seller', 'answer_dispute', { body: { answer: 'no' } }),
    line(4, 'buyer', 'escalate'),
    {
      at: after(5),
      by: byOf('platform'),
      command: 'resolve',
      milestone: 1,
      body: { reason: 'both', split: { recipients: 7_000, payers: 3_000 } },
    },
  ]);
  expect(moments.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  expect(statusOf(end).status).toBe('closed_disputed');
  const ruled = moments.find(({ command }) => command.type === 'resolve');
  expect(ruled?.balances).toEqual([
    { account: 'liab:escrow:esc_1:dispute:1', amount: 0 },
    { account: 'liab:wallet:acc_seller', amount: -7_000 },
    { account: 'liab:wallet:acc_buyer', amount: 7_000 }, // it had brought 10000
  ]);
});

const half = { recipients: 5_000, payers: 5_000 };
test.each<[string, object, string]>([
  ['an extension', { kind: 'extension', due_at: after(40) }, 'proposal_accepted'],
  ['a cancellation', { kind: 'cancellation', split: half }, 'closed'],
  [
    'an amendment',
    { kind: 'amendment', change: { milestones: [{ milestone: 1, amount: 9_000 }] } },
    'terms_amended',
  ],
])('%s is proposed by the number of its milestone, and accepted', (_, content, type) => {
  const { moments } = played(one(), 'funded', [
    line(1, 'seller', 'propose', { body: { content } }),
    { at: after(2), by: byOf('buyer'), command: 'accept_proposal' },
  ]);
  expect(moments.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  expect(typesOf(moments)).toEqual(expect.arrayContaining(['proposal_made', type]));
});

test('a settlement is proposed by the number of the disputed milestone', () => {
  const content = { kind: 'settlement', split: half };
  const { moments } = played(one(), 'funded', [
    line(2, 'buyer', 'dispute', { body: { reason: 'scratched' } }),
    line(3, 'seller', 'propose', { body: { content, reason: 'peace' } }),
    { at: after(4), by: byOf('buyer'), command: 'accept_proposal' },
  ]);
  expect(moments.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  expect(typesOf(moments)).toContain('ruled');
});

test('an amendment adds and removes milestones that a story names by number', () => {
  const more = { title: 'More', amount: 500, due_at: after(50) };
  const change = { add: [more], remove: [2] };
  const { moments, end } = played(two(), 'funded', [
    line(1, 'seller', 'propose', { body: { content: { kind: 'amendment', change } } }),
    { at: after(2), by: byOf('buyer'), command: 'accept_proposal' },
  ]);
  expect(moments.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  expect(end.terms.milestones.map(({ amount }) => amount)).toEqual([10_000, 500]);
});

test('a proposal that nobody can read is named by its line', () => {
  const lines = [{ kind: 'extension' }, { kind: 'gift' }, 'peace', { kind: 'amendment' }].map(
    (content) => line(1, 'seller', 'propose', { body: { content } }),
  );
  for (const wrong of lines) expect(actsOf(one(), [wrong])).toBe(0);
});

test('what the rules refuse is shown as refused, and changes nothing', () => {
  const { moments, end } = played(one(), 'funded', [line(1, 'buyer', 'mark_done')]);
  const refused = moments.find(({ command }) => command.type === 'mark_done');
  expect(refused).toMatchObject({ refusal: { code: 'not_allowed' }, events: [], journals: [] });
  expect(statusOf(end).status).toBe('closed_refunded');
});

test('an act at the instant of a deadline goes before its default', () => {
  const { moments } = played(one(), 'funded', [
    line(2, 'seller', 'mark_done'),
    line(5, 'buyer', 'reject_delivery', { body: { reason: 'late' } }),
  ]);
  expect(typesOf(moments)).toContain('delivery_rejected');
});

test('on hold nothing ends by itself: the preview stops with the last act', () => {
  const hold = { at: after(1), by: byOf('platform'), command: 'hold', body: { reason: 'look' } };
  const { end } = played(one(), 'funded', [hold as StoryLine]);
  expect(end.hold).not.toBeNull();
  expect(statusOf(end).status).toBe('in_progress');
});

test('a payout that begins on hold is parked, and arrives once the hold is lifted', () => {
  const byPlatform = (day: number, command: string, body: object, milestone?: number) =>
    ({ at: after(day), by: byOf('platform'), command, body, milestone }) as StoryLine;
  const reason = 'looked at';
  const { moments, end } = played(one(), 'funded', [
    byPlatform(1, 'hold', { reason }),
    byPlatform(2, 'override', { act: 'release', operator: 'ann', reason }, 1),
    byPlatform(3, 'override', { act: 'release', operator: 'bob', reason }, 1),
    byPlatform(4, 'unhold', { reason }),
  ]);
  expect(moments.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
  const told = moments.flatMap(({ at, events }) => events.map(({ type }) => [at, type]));
  expect(told.slice(-6)).toEqual([
    [after(3), 'overridden'],
    [after(3), 'released'],
    [after(3), 'closed'],
    [after(3), 'disbursement_failed'],
    [after(4), 'hold_lifted'],
    [after(4), 'disbursement_settled'],
  ]);
  expect(statusOf(end).status).toBe('closed_disbursement_complete');
});

test.each<[string, object]>([
  ['a body that lacks its reason', { command: 'dispute', milestone: 1 }],
  ['an amount that is none', { command: 'fund', body: { amount: -1 } }],
  ['a field that nobody knows', { command: 'approve', milestone: 1, body: { quickly: true } }],
])('%s cannot be read: its line is named', (_, wrong) => {
  const lines = [line(1, 'seller', 'mark_done'), { at: after(2), by: byOf('buyer'), ...wrong }];
  expect(actsOf(one(), lines as StoryLine[])).toBe(1);
});

test('a due date in the past is refused when it is sent', () => {
  const escrow = one({ milestones: [part(1, { due_at: plus(AT, -days(1)) })] });
  const { moments, end } = played(escrow, 'funded');
  expect(moments).toMatchObject([{ refusal: { code: 'conditions_unmet' } }]);
  expect(statusOf(end).status).toBe('draft');
});

describe('random stories', () => {
  const lives = livesOf(100, 7);

  test('each step is what decide answers, and the books balance after it', () => {
    for (const { draft, steps } of lives) {
      const acts = steps
        .filter(({ by }) => by.kind !== 'clock')
        .map(({ at, by, command }) => ({ at, by, command: () => command }));
      const { moments, end } = preview(draft, acts, 'wait');
      let now = draft;
      const sums = new Map<string, number>();
      for (const { command, by, at, events, journals, refusal, balances: shown } of moments) {
        const decision = decide(now, command, by, at);
        if (refusal === null) {
          const many = decision.ok && decision.events.length;
          if (many !== events.length) throw new Error(`${command.type}: ${many}`);
        }
        now = evolveAll(now, events);
        for (const journal of journals) {
          if (!balances(journal.lines)) throw new Error(`${journal.key} does not balance`);
          for (const { account, amount } of journal.lines) {
            sums.set(account, (sums.get(account) ?? 0) + amount);
          }
        }
        const wrong = shown.find(({ account, amount }) => amount !== sums.get(account));
        if (wrong) throw new Error(`${wrong.account} is shown with ${wrong.amount}`);
      }
      expect(JSON.stringify(now)).toBe(JSON.stringify(end));
    }
  });

  test('every story ends: closed, or on hold, or with payouts that wait for a provider', () => {
    for (const { draft, steps } of lives) {
      const acts = steps
        .filter(({ by }) => by.kind === 'account' || by.kind === 'platform')
        .map(({ at, by, command }) => ({ at, by, command: () => command }));
      const { end } = preview(draft, acts);
      const isOver = end.agreement.stage === 'closed' || end.agreement.stage === 'draft';
      expect(isOver || end.hold !== null).toBe(true);
    }
  });
});
