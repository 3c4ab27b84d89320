/**
 * Owns what a parked escrow costs: memory of the worker that caches it, bytes in the database.
 * Must not time anything.
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { makeDeal, type People } from './people';
import type { Stack } from './stack';

export type ScaleBench = {
  readonly escrows: number;
  readonly worker_bytes_per_cached: number;
  readonly database_bytes_per_parked: number;
};

const AT_ONCE = 8;

/** Makes so many escrows that wait for the seller, and looks at what they took. */
export async function benchScale(
  stack: Stack,
  people: People,
  escrows: number,
): Promise<ScaleBench> {
  const database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  try {
    const before = { worker: residentOf(stack), bytes: await bytesOf(database) };
    let left = escrows;
    const client = async (): Promise<void> => {
      for (; left > 0; ) {
        left -= 1;
        await makeDeal(stack, people);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    const after = { worker: residentOf(stack), bytes: await bytesOf(database) };
    return {
      escrows,
      worker_bytes_per_cached: Math.round(
        (after.worker - before.worker) / Math.min(escrows, CACHED),
      ),
      database_bytes_per_parked: Math.round((after.bytes - before.bytes) / escrows),
    };
  } finally {
    await database.end();
  }
}

/** As many as a worker keeps by default (HOLDFAST_CACHED_WORKFLOWS). */
const CACHED = 600;

/** Resident memory of the worker in bytes; Linux says it in kB. */
function residentOf({ pids }: Stack): number {
  if (!pids.worker) throw new Error('npm start does not say which process is the worker');
  const status = readFileSync(`/proc/${pids.worker}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** Tables and indexes of our schemas, after the dead rows of updates have been made free. */
async function bytesOf(database: pg.Client): Promise<number> {
  await database.query('vacuum');
  const { rows } = await database.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(c.oid)) as bytes from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('holdfast', 'ledger') and c.relkind = 'r'`,
  );
  return Number(rows[0]?.bytes ?? 0);
}
