/**
 * Owns the first row of the bench: the whole road of a command (HTTP → update → record → answer)
 * against a bare workflow that takes the same messages and does nothing.
 * Must not count what one machine can do: only the ratio in one run means anything.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { type Measured, measure, median, type Work } from './load';
import { commandsOf, type Deal, makeDeal, type People, post } from './people';
import type { Stack } from './stack';

export type EngineBench = {
  readonly throughput_ratio_8: number;
  readonly throughput_ratio_32: number;
  readonly latency_ratio_1: number;
  readonly rows: readonly EngineRow[];
};
export type EngineRow = {
  readonly clients: number;
  readonly road: Measured;
  readonly bare: Measured;
};

const CLIENTS = [1, 8, 32] as const;
const QUEUE = 'bare';

/** Both cases in turn, `rounds` times; medians over the rounds. */
export async function benchEngine(
  stack: Stack,
  people: People,
  { rounds, quick }: { rounds: number; quick: boolean },
): Promise<EngineBench> {
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection, namespace: stack.namespace });
  const worker = await startBareWorker(stack);
  try {
    const rows: EngineRow[] = [];
    for (const clients of CLIENTS) {
      const deals = clients * (quick ? 2 : 4) + (clients === 1 ? 6 : 0);
      await oneRound(stack, client, people, clients, Math.ceil(deals / 2)); // warm
      const measured = [];
      for (let round = 0; round < rounds; round += 1) {
        measured.push(await oneRound(stack, client, people, clients, deals, round % 2 === 1));
      }
      rows.push({
        clients,
        road: middleOf(measured.map(({ road }) => road)),
        bare: middleOf(measured.map(({ bare }) => bare)),
      });
    }
    return { ...ratiosOf(rows), rows };
  } finally {
    worker.kill('SIGTERM');
    await connection.close();
  }
}

/** One measurement of each case, in either order, so that neither always goes second. */
async function oneRound(
  stack: Stack,
  client: Client,
  people: People,
  clients: number,
  deals: number,
  bareFirst = false,
): Promise<{ road: Measured; bare: Measured }> {
  const made: Deal[] = [];
  for (let n = 0; n < deals; n += 1) made.push(await makeDeal(stack, people));
  const road = made.map((deal) => roadOf(stack, deal));
  const bareWork: Work[] = [];
  const bareIds: string[] = [];
  for (const deal of made) {
    const id = `bare-${randomUUID()}`;
    await client.workflow.start('bare', { workflowId: id, taskQueue: QUEUE });
    bareIds.push(id);
    bareWork.push(bareOf(client, id, deal));
  }
  const first = await measure(bareFirst ? bareWork : road, clients);
  const second = await measure(bareFirst ? road : bareWork, clients);
  for (const id of bareIds) await client.workflow.getHandle(id).signal('end');
  return bareFirst ? { road: second, bare: first } : { road: first, bare: second };
}

const roadOf = (stack: Stack, deal: Deal): Work =>
  commandsOf(deal).map(({ path, body, by }) => async () => {
    await post(stack, path, body, by);
  });

/** The same messages by the client of the engine, one update each. */
const bareOf = (client: Client, id: string, deal: Deal): Work =>
  commandsOf(deal).map(({ name, body, by }) => async () => {
    const message = {
      id: `cmd_${randomUUID()}`,
      type: name,
      actor: { on_behalf_of: by, strength: 'key' },
      body,
      signature: null,
    };
    const handle = client.workflow.getHandle(id);
    await handle.executeUpdate(name, { args: [message], updateId: message.id });
  });

function middleOf(measured: readonly Measured[]): Measured {
  return {
    perSecond: median(measured.map((m) => m.perSecond)),
    p50: median(measured.map((m) => m.p50)),
  };
}

function ratiosOf(rows: readonly EngineRow[]) {
  const row = (clients: number): EngineRow => {
    const found = rows.find((each) => each.clients === clients);
    if (!found) throw new Error(`no row for ${clients} clients`);
    return found;
  };
  const throughput = ({ road, bare }: EngineRow): number => road.perSecond / bare.perSecond;
  const { road, bare } = row(1);
  return {
    throughput_ratio_8: throughput(row(8)),
    throughput_ratio_32: throughput(row(32)),
    latency_ratio_1: road.p50 / bare.p50,
  };
}

async function startBareWorker(stack: Stack) {
  const worker = fork(
    join(__dirname, 'bare-worker.ts'),
    [stack.temporalAddress, stack.namespace, QUEUE],
    { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  await new Promise<void>((done, fail) => {
    worker.once('message', () => done());
    worker.once('exit', (code) => fail(new Error(`the bare worker ended with ${code}`)));
  });
  return worker;
}
