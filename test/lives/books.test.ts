/**
 * Owns that random lives play on the books of a real PostgreSQL as they play on decide and evolve:
 * every journal is taken, every proof is clean, and the whole ledger proves itself afterwards.
 * Must not know a rule. `HOLDFAST_TEST_LIVES` says how many: 2000 unless told, 100000 at night.
 */
import type { Pool } from 'pg';
import { proofOf } from '../../api/escrow-proof';
import { journalFor } from '../../domain/bookkeeping';
import type { EscrowId } from '../../domain/ids';
import { journalOf } from '../../domain/journal';
import { booksOfSubjects } from '../../ledger/books';
import { postJournals } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import { type Life, livesOf, storyOf } from '../domain/life';
import { ACCOUNTS, AT } from '../domain/sample';
import { type TestDatabase, testDatabase } from '../harness/database';
import { line, SCOPE } from '../ledger/bookkeeper';

const LIVES = Number(process.env.HOLDFAST_TEST_LIVES ?? 2_000);
const AT_A_TIME = 500; // lives that are kept in memory
const WRITERS = 4;
jest.setTimeout(60_000 + LIVES * 300);

let database: TestDatabase;
const app = (): Pool => database.pool('holdfast_app');
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** A life under an id of its own: its sample has the same id as all the others. */
const under = (life: Life, id: EscrowId): Life =>
  JSON.parse(JSON.stringify(life).replaceAll('"esc_1"', `"${id}"`)) as Life;

/** Money for everybody who may pay, from outside. */
async function fillWallets(currency: string): Promise<void> {
  const amount = 1_000_000_000_000;
  const head = { key: `rich:${currency}`, type: 'test', at: AT, subject: 'test' };
  const journal = journalOf(head, [
    ...ACCOUNTS.map((name) => line(`liab:wallet:acc_${name}`, -amount, { currency })),
    line('asset:bank:main', amount * ACCOUNTS.length, { currency }),
  ]);
  if (!journal) throw new Error('no money');
  await postJournals(app(), SCOPE, [journal]);
}

/** Each step in one call, twice: the second posts nothing. */
async function post(life: Life): Promise<void> {
  for (const { before, decision } of life.steps) {
    if (!decision.ok) continue;
    const journals = decision.events.flatMap(
      (event, n) => journalFor(before, before.version + n + 1, event) ?? [],
    );
    if (journals.length === 0) continue;
    const first = await postJournals(app(), SCOPE, journals);
    const again = await postJournals(app(), SCOPE, journals);
    if (first.some(({ created }) => !created) || again.some(({ created }) => created)) {
      throw new Error(`posted twice, or not at all\n${storyOf(life)}`);
    }
  }
}

async function faultOf(life: Life): Promise<unknown> {
  const books = await booksOfSubjects(app(), SCOPE, [life.end.id]);
  const { ok, checks } = proofOf({
    escrow: life.end,
    first: life.draft,
    events: life.events,
    books,
  });
  return ok ? null : checks.filter((check) => !check.ok);
}

test(`${LIVES} random lives: the books take every step once, and each proof is clean`, async () => {
  const seen = new Set<string>();
  const currencies = new Set<string>();
  for (let from = 0; from < LIVES; from += AT_A_TIME) {
    const lives = livesOf(Math.min(AT_A_TIME, LIVES - from), 20_261_128 + from);
    for (const { draft } of lives) currencies.add(draft.terms.currency);
    for (const currency of currencies) await fillWallets(currency);
    const queue = lives.map((life, n) => under(life, `esc_${from + n}x`));
    const write = async (): Promise<void> => {
      for (let life = queue.pop(); life; life = queue.pop()) {
        await post(life);
        const fault = await faultOf(life);
        if (fault) throw new Error(`${JSON.stringify(fault)}\n${storyOf(life)}`);
        for (const { type } of life.events) seen.add(type);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, write));
  }
  expect([...seen]).toEqual(expect.arrayContaining(['released', 'refunded', 'ruled']));
  expect(await verify(app(), SCOPE)).toMatchObject({ ok: true });
});
