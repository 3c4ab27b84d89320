/**
 * Owns how a run of the bench reads: ratios beside their goals, the figures that they come from.
 * Must not measure.
 */
import type { EngineBench } from './engine';
import type { HistoryBench } from './history';
import type { LedgerBench } from './ledger';
import type { LongEscrowBench } from './long-escrow';
import type { PreviewBench } from './preview';
import type { ScaleBench } from './scale';
import type { WebhookBench } from './webhooks';

export type Results = {
  readonly engine: EngineBench;
  readonly ledger: LedgerBench;
  readonly history: HistoryBench;
  readonly scale: ScaleBench;
  readonly long_escrow: LongEscrowBench;
  readonly preview: PreviewBench;
  readonly webhooks: WebhookBench;
};

/** The page `docs/bench.md`, Markdown. */
export function printBench(results: Results, quick: boolean): string {
  const { engine, ledger, history, scale, preview, webhooks } = results;
  const { long_escrow: long } = results;
  const ratios = [
    ['throughput, 8 clients, road ÷ bare', engine.throughput_ratio_8, '≥ 0.85'],
    ['throughput, 32 clients, road ÷ bare', engine.throughput_ratio_32, '≥ 0.85'],
    ['latency p50, 1 client, road ÷ bare', engine.latency_ratio_1, '≤ 1.5'],
    ['post_journal ÷ seven round trips', ledger.call_vs_builder, '≥ 3'],
    ['hot fee account ÷ cold', ledger.hot_vs_cold, '≥ 0.9'],
    ['replay of a key ÷ post', ledger.replay_vs_post, '≥ 2'],
    ['history events of a happy path', history.events, '≤ 60'],
    ['billed actions without timers and upserts', history.actions, '≤ 14'],
    ['50 milestones, 200 commands: the last ÷ the first', long.ratio, '≤ 1.3'],
    ['history events of a run of it', long.events_of_a_run, '≤ 4096'],
    ['MiB of history of a run of it', long.bytes_of_a_run / 1024 ** 2, '≤ 4'],
    ['previews/s of 50 milestones, nobody answers', preview.silent_per_second, '≥ 200'],
    ['previews/s of 50 milestones, nobody delivers', preview.funded_per_second, '≥ 100'],
    ['webhooks/s to a fast receiver beside a dead one', webhooks.delivered_per_second, '≥ 300'],
    ['the same ÷ plain posts, unsigned, unwritten', webhooks.delivered_vs_plain, ''],
  ] as const;
  return [
    '# Benchmarks',
    '',
    `Printed by \`npm run bench${quick ? ' -- --quick' : ''}\`; never edited. Ratios of one run on`,
    'one machine, cases interleaved, medians of five rounds: the machines are shared and noisy,',
    'so only ratios mean anything.',
    '',
    '| what | measured | goal |',
    '|---|---|---|',
    ...ratios.map(([what, value, goal]) => `| ${what} | ${round(value)} | ${goal} |`),
    '',
    '## Commands: HTTP → update → record → answer, against a bare workflow',
    '| clients | road, commands/s | bare, updates/s | road p50 ms | bare p50 ms |',
    '|---|---|---|---|---|',
    ...engine.rows.map(
      ({ clients, road, bare }) =>
        `| ${clients} | ${round(road.perSecond)} | ${round(bare.perSecond)} | ` +
        `${round(road.p50)} | ${round(bare.p50)} |`,
    ),
    '',
    '## Why the road costs more than the goal allows',
    'Two cores are busy in both cases, so throughput is processor time. By process, measured once',
    'by hand and not in this run: of about 24 ms a command the engine takes 8 (a bare',
    'update: 5, without marker, timer and search attributes), the worker 8 (bare: 3; a local',
    'activity is a second activation of the workflow), the API 4',
    'and PostgreSQL 4 (bare: none). A bare update is 10 ms in all: the goal leaves 1.8 ms for',
    'HTTP, the committed command row, the recorded step with its journal, and the answer.',
    'Keeping a timer that rings early, and answering without waiting for the update, is in these',
    'figures.',
    '',
    '## What a life and a parked escrow cost',
    '| what | figure |',
    '|---|---|',
    `| timers and upserts of the escrow workflow | ${history.timers} and ${history.upserts} |`,
    `| its payout script: events, actions | ${history.payout.events}, ${history.payout.actions} |`,
    `| worker memory per cached workflow | ${kilobytes(scale.worker_bytes_per_cached)} |`,
    `| p50 of the first and last 20 of ${long.commands} commands to a long escrow, ms | ` +
      `${round(long.first_ms)} and ${round(long.last_ms)} |`,
    `| runs of its workflow | ${long.runs} |`,
    `| database per parked escrow, of ${scale.escrows} | ` +
      `${kilobytes(scale.database_bytes_per_parked)} |`,
    '',
  ].join('\n');
}

const round = (value: number): string => String(Math.round(value * 100) / 100);
const kilobytes = (bytes: number): string => `${round(bytes / 1024)} KiB`;
