/**
 * Owns what a long life costs: fifty milestones and two hundred commands one after the other, how
 * long the last of them take beside the first, and how much history a run of the workflow has.
 * Must not know why.
 */
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { median } from './load';
import { type People, post } from './people';
import type { Stack } from './stack';

export type LongEscrowBench = {
  readonly milestones: number;
  readonly commands: number;
  /** Medians of the first and of the last tenth, in milliseconds; the same commands in both. */
  readonly first_ms: number;
  readonly last_ms: number;
  readonly ratio: number;
  /** Runs of its workflow, and what the longest of them has. */
  readonly runs: number;
  readonly events_of_a_run: number;
  readonly bytes_of_a_run: number;
};

const MILESTONES = 50;
/** Rejected once, then approved: what a milestone goes through, in this order. */
const ROUND = ['mark_done', 'reject_delivery', 'mark_done', 'approve'] as const;
const PRICE = 10_000;

/** Plays `lives` of them; the ratio is the middle one. */
export async function benchLongEscrow(
  stack: Stack,
  people: People,
  lives: number,
): Promise<LongEscrowBench> {
  const connection = await Connection.connect({ address: stack.temporalAddress });
  try {
    const client = new Client({ connection, namespace: stack.namespace });
    const all: LongEscrowBench[] = [];
    for (let n = 0; n < lives; n += 1) all.push(await oneLife(stack, people, client));
    const ratio = median(all.map((life) => life.ratio));
    const nearest = all.reduce((best, life) =>
      Math.abs(life.ratio - ratio) < Math.abs(best.ratio - ratio) ? life : best,
    );
    return { ...nearest, ratio };
  } finally {
    await connection.close();
  }
}

type Made = {
  readonly id: string;
  readonly terms_hash: string;
  readonly milestones: readonly { readonly id: string }[];
};

async function oneLife(stack: Stack, people: People, client: Client): Promise<LongEscrowBench> {
  const { buyer, seller } = people;
  const { id, terms_hash, milestones } = await post<Made>(
    stack,
    '/escrows',
    termsOf(people),
    buyer,
  );
  await post(stack, `/escrows/${id}/accept`, { terms_hash }, seller);
  await post(stack, `/escrows/${id}/fund`, { amount: MILESTONES * PRICE }, buyer);
  const times: number[] = [];
  for (const milestone of milestones) {
    for (const command of ROUND) {
      const by = command === 'mark_done' ? seller : buyer;
      const body = command === 'reject_delivery' ? { reason: 'not yet' } : {};
      const began = performance.now();
      await post(stack, `/escrows/${id}/milestones/${milestone.id}/${command}`, body, by);
      times.push(performance.now() - began);
    }
  }
  const tenth = Math.floor(times.length / 10);
  const [first_ms, last_ms] = [median(times.slice(0, tenth)), median(times.slice(-tenth))];
  const commands = times.length;
  const ratio = last_ms / first_ms;
  const cost = { milestones: milestones.length, commands, first_ms, last_ms, ratio };
  return { ...cost, ...(await runsOf(client, id)) };
}

/** All runs of a workflow: each but the first goes on from the one before it. */
async function runsOf(client: Client, id: string) {
  let [runs, events_of_a_run, bytes_of_a_run] = [0, 0, 0];
  let run = (await client.workflow.getHandle(id).describe()).runId;
  while (run) {
    const handle = client.workflow.getHandle(id, run);
    const info = (await handle.describe()).raw.workflowExecutionInfo;
    runs += 1;
    events_of_a_run = Math.max(events_of_a_run, Number(info?.historyLength ?? 0));
    bytes_of_a_run = Math.max(bytes_of_a_run, Number(info?.historySizeBytes ?? 0));
    run = await runBefore(handle);
  }
  return { runs, events_of_a_run, bytes_of_a_run };
}

async function runBefore(handle: WorkflowHandle): Promise<string> {
  const { events } = await handle.fetchHistory();
  return events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
}

const termsOf = ({ buyer, seller }: People) => ({
  title: 'A long deal',
  type: 'milestone',
  currency: 'EUR',
  parties: [
    { account_id: buyer, role: 'buyer' },
    { account_id: seller, role: 'seller' },
  ],
  milestones: Array.from({ length: MILESTONES }, (_, n) => ({
    title: `Part ${n + 1}`,
    amount: PRICE,
    due_date: '2099-12-24',
  })),
  fees: [{ kind: 'platform', rate_bps: 250 }],
});
