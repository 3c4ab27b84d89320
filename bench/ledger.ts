/**
 * Owns the measurement of the ledger's targets (`ledger.md`, section 14, rows 1 to 3): one call
 * against the query builder, a hot ledger account against a cold one, a replay against a post.
 * Must not know what a good figure is: it prints ratios, `docs/bench.md` says the goals.
 */
import type { Knex } from 'knex';
import type { Pool } from 'pg';
import { type Journal, journalOf, type Line } from '../domain/journal';
import { toMinor } from '../domain/money';
import { postJournals, type Scope } from '../ledger/post';
import { openKnex, openPool } from '../runtime/database';
import { postWithBuilder } from './ledger-builder';

export type LedgerBenchOptions = {
  /** A login on a migrated database. What it posts stays, under a platform of its own. */
  readonly databaseUrl: string;
  /** How often each case runs; the figure is the median. At least 5. */
  readonly rounds: number;
  /** Shorter rounds. */
  readonly quick: boolean;
};

export type LedgerRatios = {
  /** Posts a second through one call, as a multiple of those through the query builder. */
  readonly call_vs_builder: number;
  /** Releases a second with one fee account for all, as a multiple of those with many. */
  readonly hot_vs_cold: number;
  /** Replays a second, as a multiple of posts. */
  readonly replay_vs_post: number;
  /** Median of each case, in calls a second. */
  readonly rows: readonly { readonly name: string; readonly per_second: number }[];
};

export type LedgerBench = LedgerRatios & {
  /** The same while each flush to disk takes 1 ms longer; null when the login may not set that. */
  readonly slow_flush: LedgerRatios | null;
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

/** One call of a case. */
type Case = (bench: Bench) => Promise<unknown>;

const POST = 'two lines, one call';
const BUILDER = 'two lines, query builder in seven round trips';
const REPLAY = 'replay of a stored key';
const HOT = 'release, one fee account for all';
const COLD = 'release, a fee account of many';

const CASES: Readonly<Record<string, Case>> = {
  [POST]: async (bench) => {
    const journal = transfer(bench);
    await postJournals(bench.app, bench.scope, [journal]);
    if (bench.replayable.length < 5_000) bench.replayable.push(journal.key);
  },
  [BUILDER]: (bench) => postWithBuilder(bench.owner, bench.scope, transfer(bench)),
  [REPLAY]: (bench) => {
    const key = pick(bench.replayable) ?? 'none';
    return postJournals(bench.app, bench.scope, [transferUnder(key)]);
  },
  [HOT]: (bench) => postRelease(bench, line('rev:platform_fee', 'platform_fee', -3)),
  [COLD]: (bench) =>
    postRelease(bench, line(`exp:provider_fee:con_${chance(WALLETS)}`, 'provider_fee', -3)),
  'release, one tracked account for all': (bench) =>
    postRelease(bench, line('liab:wallet:hot', 'wallet', -3)),
};

/**
 * Measures; about 1.5 s per case and round, 0.4 s when quick, and all of it twice where the login
 * may emulate a slow disk: hot rows do not show on a fast one.
 */
export async function benchLedger(options: LedgerBenchOptions): Promise<LedgerBench> {
  const ratios = await measure(options, '');
  const slow = (await maySetFlush(options.databaseUrl))
    ? await measure(options, '-c commit_delay=1000 -c commit_siblings=0')
    : null;
  return { ...ratios, slow_flush: slow };
}

async function maySetFlush(url: string): Promise<boolean> {
  const pool = openPool({ url, role: null, name: 'bench', max: 1, onError: () => undefined });
  try {
    const { rows } = await pool.query(`select current_setting('is_superuser') = 'on' as may`);
    return rows[0].may;
  } finally {
    await pool.end();
  }
}

/** Cases are interleaved, so that a busy moment of the machine meets all of them. */
async function measure(options: LedgerBenchOptions, settings: string): Promise<LedgerRatios> {
  const run = `${Date.now().toString(36)}${chance(1e6)}`;
  const open = { name: 'bench', max: CLIENTS, onError: () => undefined };
  const as = (role: 'holdfast_app' | 'holdfast_owner') => ({
    ...open,
    role,
    url: withSettings(options.databaseUrl, settings && `-c role=${role} ${settings}`),
  });
  const app = openPool(as('holdfast_app'));
  const owner = openKnex(as('holdfast_owner'));
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
    const millis = options.quick ? 400 : 1_500;
    for (const one of Object.values(CASES)) await rate(bench, one, millis / 2); // warm
    const rounds: Round[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const rates = new Map<string, number>();
      for (const [name, one] of Object.entries(CASES)) {
        rates.set(name, await rate(bench, one, millis));
      }
      rounds.push(rates);
    }
    return ratiosOf(rounds);
  } finally {
    await Promise.all([app.end(), owner.destroy()]);
  }
}

/** Settings that a connection starts with; they stand in the place of those of the pool. */
function withSettings(databaseUrl: string, settings: string): string {
  if (settings === '') return databaseUrl;
  const url = new URL(databaseUrl);
  url.searchParams.set('options', settings);
  return url.href;
}

/** Calls a second of each case, in one round. */
type Round = ReadonlyMap<string, number>;

/** A ratio is taken within each round, where the machine was as busy for both, then the median. */
function ratiosOf(rounds: readonly Round[]): LedgerRatios {
  const ratio = (case1: string, case2: string) =>
    median(rounds.map((round) => (round.get(case1) ?? 0) / (round.get(case2) ?? 0)));
  return {
    call_vs_builder: ratio(POST, BUILDER),
    hot_vs_cold: ratio(HOT, COLD),
    replay_vs_post: ratio(REPLAY, POST),
    rows: Object.keys(CASES).map((name) => ({
      name,
      per_second: Math.round(median(rounds.map((round) => round.get(name) ?? 0))),
    })),
  };
}

/** Calls a second of eight clients that each send the next call when the last one is answered. */
async function rate(bench: Bench, one: Case, millis: number): Promise<number> {
  const start = performance.now();
  let calls = 0;
  const client = async () => {
    while (performance.now() - start < millis) {
      await one(bench);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
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

function postRelease(bench: Bench, fee: Line): Promise<unknown> {
  const release = journal(bench.next(), [
    line(held(chance(WALLETS)), 'escrow_milestone', 100),
    line(wallet(chance(WALLETS)), 'wallet', -97),
    fee,
  ]);
  return postJournals(bench.app, bench.scope, [release]);
}

function journal(key: string, lines: readonly Line[]): Journal {
  const made = journalOf({ key, type: 'bench', at: AT, subject: key }, lines);
  if (made === null) throw new Error('a bench journal without lines');
  return made;
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
