/**
 * Owns the measurement of the ledger's targets (`ledger.md`, section 14, rows 1 to 3): one call
 * against the query builder, a hot ledger account against a cold one, a replay against a post.
 * Must not know what a good figure is: it prints ratios, `docs/bench.md` says the goals.
 */
import type { Knex } from 'knex';
import type { Pool } from 'pg';
import { type Journal, journalOf, type Line } from '../domain/journal';
import { toMinor } from '../domain/money';
import { postJournals, requestHash, type Scope } from '../ledger/post';
import { openKnex, openPool } from '../runtime/database';

export type LedgerBenchOptions = {
  /** A login on a migrated database. What it posts stays, under a platform of its own. */
  readonly databaseUrl: string;
  /** How often each case runs; the figure is the median. At least 5. */
  readonly rounds: number;
  /** Shorter rounds. */
  readonly quick: boolean;
};

export type LedgerBench = {
  /** Posts a second through one call, as a multiple of those through the query builder. */
  readonly call_vs_builder: number;
  /** Releases a second with one fee account for all, as a multiple of those with many. */
  readonly hot_vs_cold: number;
  /** Replays a second, as a multiple of posts. */
  readonly replay_vs_post: number;
  /** Median of each case, in calls a second. */
  readonly rows: readonly { readonly name: string; readonly per_second: number }[];
};

const CLIENTS = 8;
const WALLETS = 400;
const MINOR = 1_000_000_000_000;
const AT = '2026-01-01T00:00:00.000Z' as Journal['at']; // any instant: nothing depends on it

type Bench = {
  readonly scope: Scope;
  readonly app: Pool;
  readonly owner: Knex;
  readonly replayable: string[];
  next(): string;
};

/** One call of a case by one client. */
type Case = (bench: Bench, client: number) => Promise<unknown>;

const CASES: Readonly<Record<string, Case>> = {
  'two lines, one call': async (bench) => {
    const journal = transfer(bench);
    await postJournals(bench.app, bench.scope, [journal]);
    if (bench.replayable.length < 5_000) bench.replayable.push(journal.key);
  },
  'two lines, query builder in seven round trips': (bench) =>
    postWithBuilder(bench, transfer(bench)),
  'replay of a stored key': (bench) => {
    const key = pick(bench.replayable) ?? 'none';
    return postJournals(bench.app, bench.scope, [transferUnder(key)]);
  },
  'release, one fee account for all': (bench) =>
    postJournals(bench.app, bench.scope, [
      release(bench, line('rev:platform_fee', 'platform_fee', -3)),
    ]),
  'release, a fee account of many': (bench) =>
    postJournals(bench.app, bench.scope, [
      release(bench, line(`exp:provider_fee:con_${chance(WALLETS)}`, 'provider_fee', -3)),
    ]),
  'release, one tracked account for all': (bench) =>
    postJournals(bench.app, bench.scope, [release(bench, line('liab:wallet:hot', 'wallet', -3))]),
};

/**
 * Measures; about 1.5 s per case and round, 0.4 s when quick.
 * Cases are interleaved, so that a busy moment of the machine meets all of them.
 */
export async function benchLedger(options: LedgerBenchOptions): Promise<LedgerBench> {
  const run = `${Date.now().toString(36)}${chance(1e6)}`;
  const common = {
    url: options.databaseUrl,
    name: 'bench',
    max: CLIENTS,
    onError: () => undefined,
  };
  const app = openPool({ ...common, role: 'holdfast_app' });
  const owner = openKnex({ ...common, role: 'holdfast_owner' });
  let count = 0;
  const bench: Bench = {
    scope: { platform: `plt_bench_${run}`, livemode: false },
    app,
    owner,
    replayable: [],
    next: () => `bench_${run}_${++count}`,
  };
  try {
    await fill(bench);
    const rates = new Map(Object.keys(CASES).map((name) => [name, [] as number[]]));
    const millis = options.quick ? 400 : 1_500;
    for (const one of Object.values(CASES)) await rate(bench, one, millis / 2); // warm
    for (let round = 0; round < options.rounds; round += 1) {
      for (const [name, one] of Object.entries(CASES)) {
        rates.get(name)?.push(await rate(bench, one, millis));
      }
    }
    return figures(rates);
  } finally {
    await Promise.all([app.end(), owner.destroy()]);
  }
}

function figures(rates: ReadonlyMap<string, readonly number[]>): LedgerBench {
  const rows = [...rates].map(([name, all]) => ({ name, per_second: Math.round(median(all)) }));
  const of = (start: string) => rows.find(({ name }) => name.startsWith(start))?.per_second ?? 0;
  return {
    call_vs_builder: of('two lines, one call') / of('two lines, query builder'),
    hot_vs_cold: of('release, one fee') / of('release, a fee'),
    replay_vs_post: of('replay') / of('two lines, one call'),
    rows,
  };
}

/** Calls a second of eight clients that each send the next call when the last one is answered. */
async function rate(bench: Bench, one: Case, millis: number): Promise<number> {
  const start = performance.now();
  let calls = 0;
  const client = async (number: number) => {
    while (performance.now() - start < millis) {
      await one(bench, number);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  return (calls * 1000) / (performance.now() - start);
}

/** Opens all ledger accounts with money in them. */
async function fill(bench: Bench): Promise<void> {
  for (let from = 0; from < WALLETS; from += 50) {
    const codes = Array.from({ length: 50 }, (_, at) => from + at).flatMap((n) => [
      line(wallet(n), 'wallet', -MINOR),
      line(held(n), 'escrow_milestone', -MINOR),
    ]);
    const source = line('asset:bank:bench', 'bank_client', MINOR * codes.length);
    await postJournals(bench.app, bench.scope, [journal(bench.next(), [source, ...codes])]);
  }
}

const wallet = (n: number): string => `liab:wallet:acc_${n}`;
const held = (n: number): string => `liab:escrow:esc_${n}:ms:1`;
const chance = (below: number): number => Math.floor(Math.random() * below);
const pick = <T>(list: readonly T[]): T | undefined => list[chance(list.length)];

const line = (account: string, kind: string, amount: number): Line => ({
  account,
  kind,
  currency: 'EUR',
  amount: toMinor(amount),
});

const transfer = (bench: Bench): Journal => transferUnder(bench.next());

/** The same key gives the same lines, so that it can be sent again. */
function transferUnder(key: string): Journal {
  const n = Number(key.slice(key.lastIndexOf('_') + 1)) * 7919;
  const to = (n + 1 + (n % 97)) % WALLETS;
  return journal(key, [line(wallet(n % WALLETS), 'wallet', 5), line(wallet(to), 'wallet', -5)]);
}

function release(bench: Bench, fee: Line): Journal {
  return journal(bench.next(), [
    line(held(chance(WALLETS)), 'escrow_milestone', 100),
    line(wallet(chance(WALLETS)), 'wallet', -97),
    fee,
  ]);
}

function journal(key: string, lines: readonly Line[]): Journal {
  const made = journalOf({ key, type: 'bench', at: AT, subject: key }, lines);
  if (made === null) throw new Error('a bench journal without lines');
  return made;
}

/** The same posting as a program would write it without the function: same tables, same checks. */
async function postWithBuilder({ owner, scope }: Bench, journal: Journal): Promise<void> {
  const lines = [...journal.lines].sort((a, b) => (a.account < b.account ? -1 : 1));
  await owner.transaction(async (trx) => {
    const ledger = (table: string) => trx(table).withSchema('ledger');
    const [stored] = await ledger('journals')
      .insert({
        key: journal.key,
        req_hash: requestHash(journal),
        type: journal.type,
        platform_id: scope.platform,
        livemode: scope.livemode,
        effective_at: journal.at,
        asked_at: journal.at,
        subject: journal.subject,
      })
      .onConflict('key')
      .ignore()
      .returning('id');
    if (stored === undefined) throw new Error(`the key ${journal.key} exists`);
    const accounts = await ledger('accounts as a')
      .join('balances as b', 'b.account_id', 'a.id')
      .where({ platform_id: scope.platform, livemode: scope.livemode, currency: 'EUR' })
      .whereIn(
        'code',
        lines.map(({ account }) => account),
      )
      .orderBy('code')
      .forNoKeyUpdate('b')
      .select('a.id', 'a.code', 'b.amount', 'b.side', 'b.floor', 'b.status');
    const postings = [];
    for (const [at, one] of lines.entries()) {
      const account = accounts.find(({ code }) => code === one.account);
      if (account?.status !== 'open') throw new Error(`${one.account} is not open`);
      if (account.side * (account.amount + one.amount) < account.floor) {
        throw new Error(`insufficient funds in ${one.account}`);
      }
      const [balance] = await ledger('balances')
        .where({ account_id: account.id })
        .update({
          amount: trx.raw('amount + ?', [one.amount]),
          version: trx.raw('version + 1'),
        })
        .returning(['amount', 'version']);
      postings.push({
        journal_id: stored.id,
        line: at + 1,
        account_id: account.id,
        currency: one.currency,
        amount: one.amount,
        balance_after: balance.amount,
        version: balance.version,
      });
    }
    await ledger('postings').insert(postings);
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}

async function main(): Promise<void> {
  const databaseUrl = process.env.DATABASE_URL;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set');
  const quick = process.argv.includes('--quick');
  console.log(JSON.stringify(await benchLedger({ databaseUrl, rounds: 5, quick }), null, 2));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
