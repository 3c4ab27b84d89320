/**
 * Owns the proof of the stories: `holdfast demo` plays each one to its end, with one payout for
 * each amount that the story names, and books that balance.
 * Must not know the steps: `bin/cli/stories.mjs` has them, once.
 */
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../house/program';
import { newData, type Product, removeData, startProduct } from './product';

let data: string;
let product: Product;
beforeAll(async () => {
  data = newData();
  product = await startProduct(data);
}, 260_000);
afterAll(async () => {
  await product.stop();
  removeData(data);
}, 60_000);

type Line = Readonly<Record<string, unknown>> & { readonly type: string };
type Payout = { readonly to: string; readonly amount: number; readonly state: string };

/** Plays a story as a program would, and reads its lines of JSON. */
async function play(story: string, ...options: readonly string[]) {
  const args = ['bin/holdfast.mjs', 'demo', '--story', story, '--headless', ...options];
  const { code, out, err } = await run(args);
  const lines = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line); // one document a line: that is what --headless says
  const payouts = (lines.at(-1)?.payouts ?? []) as readonly Payout[];
  const paid = payouts.map(({ to, amount, state }) => `${to} ${amount} ${state}`).sort();
  return { code, err, lines, end: lines.at(-1), paid };
}

const eventsIn = (lines: readonly Line[]): readonly unknown[] =>
  lines.flatMap(({ type, event }) => (type === 'event' ? [Object(event).type] : []));

/** story, status at its end, what the bank's own book says, events on the way */
const STORIES: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ['happy', 'closed_disbursement_complete', ['Ben 125000 settled'], ['approved', 'released']],
  [
    'milestones',
    'closed_disbursement_complete',
    ['Ben 342000 settled', 'Ben 95000 settled', 'Dan 228000 settled', 'Dan 85501 settled'],
    ['party_accepted', 'released', 'closed'],
  ],
  [
    'dispute',
    'closed_disputed',
    ['Ben 87500 settled'],
    ['disputed', 'dispute_answered', 'evidence_added', 'dispute_escalated', 'ruled'],
  ],
  [
    'timeout',
    'closed_disbursement_complete',
    ['Ben 80000 settled'],
    ['delivery_accepted', 'delivery_overdue', 'refunded'],
  ],
  [
    'settlement',
    'closed_disputed',
    ['Ben 99999 settled'],
    ['disputed', 'dispute_answered', 'proposal_made', 'proposal_lapsed', 'ruled'],
  ],
  [
    'amendment',
    'closed_disbursement_complete',
    ['Ben 170000 settled'],
    ['proposal_made', 'proposal_accepted', 'terms_amended', 'delivered', 'released'],
  ],
  [
    'payout-fails',
    'closed_disbursement_complete',
    ['Ben 125000 failed', 'Ben 125000 returned', 'Ben 125000 settled'],
    ['disbursement_failed', 'disbursement_returned', 'disbursement_settled'],
  ],
];

test.each(STORIES)(
  'the story "%s" ends as it is told, and the books balance',
  async (story, status, paid, events) => {
    const played = await play(story, '--data', data);
    expect({ code: played.code, err: played.err }).toEqual({ code: 0, err: '' });
    expect(played.end).toMatchObject({
      type: 'end',
      story,
      status,
      ok: true,
      balanced: true,
      proof: { ok: true },
      verify: { ok: true },
    });
    expect(played.paid).toEqual(paid);
    expect(eventsIn(played.lines)).toEqual(expect.arrayContaining([...events]));
  },
  240_000,
);

const leftFolders = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('holdfast-demo-'));

test('the worker killed between the two bookings of a payout: one payout', async () => {
  const before = leftFolders();
  const played = await play('crash');
  expect({ code: played.code, err: played.err }).toEqual({ code: 0, err: '' });
  const killed = played.lines.find(({ type }) => type === 'killed');
  expect(killed).toMatchObject({ booked: expect.arrayContaining(['released', 'payout_started']) });
  expect(killed?.booked).not.toContain('payout_settled');
  expect(killed?.bank).toMatchObject([{ state: 'settled', amount: 125_000 }]);
  expect(played.lines.map(({ type }) => type)).toContain('restarted');
  expect(played.paid).toEqual(['Ben 125000 settled']);
  expect(played.end).toMatchObject({ ok: true, status: 'closed_disbursement_complete' });
  expect(leftFolders().filter((name) => !before.includes(name))).toEqual([]);
}, 400_000);

describe('it is told', () => {
  test('an unknown story, with those that there are', async () => {
    const { code, err } = await run(['bin/holdfast.mjs', 'demo', '--story', 'opera']);
    expect(code).toBe(1);
    expect(err).toMatch(/no story "opera"[\s\S]*happy, milestones, dispute/);
  });

  test('a story that kills does not play on what somebody uses', async () => {
    const args = ['bin/holdfast.mjs', 'demo', '--story', 'crash', '--data', data];
    const { code, err } = await run(args);
    expect(code).toBe(1);
    expect(err).toMatch(/plays on a Holdfast of its own/);
    expect(existsSync(join(data, 'ready.json'))).toBe(true);
  });

  test('no story named is a wrong call', async () => {
    expect((await run(['bin/holdfast.mjs', 'demo'])).code).toBe(2);
  });
});
