/**
 * Owns whether this process and what it needs are there: each part by name.
 * Must not mend anything.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { API_VERSION } from '../runtime/version';
import { QUEUES } from '../workflows/messages';
import type { Api } from './dependencies';
import { refreshGauges } from './gauges';
import { type OpenEndpoint, openEndpoint } from './open-endpoint';
import { rowsOf, sql } from './sql';

const tag = 'Operations';

const live = openEndpoint({
  method: 'get',
  path: '/livez',
  operationId: 'getLive',
  tag,
  summary: 'Is the process alive',
  answers: { 200: { about: 'Yes.', schema: z.object({ status: z.literal('ok') }) } },
  answer: async () => ({ status: 200, body: { status: 'ok' } }),
});

const readiness = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.record(z.string(), z.string()).meta({ description: '`ok`, or what is missing.' }),
});

const ready = openEndpoint({
  method: 'get',
  path: '/readyz',
  operationId: 'getReady',
  tag,
  summary: 'Is everything there that a command needs',
  answers: {
    200: { about: 'Yes.', schema: readiness },
    503: { about: 'No; what is missing is named.', schema: readiness },
  },
  answer: async ({ api }) => {
    const names = Object.keys(CHECKS);
    const found = await Promise.all(Object.values(CHECKS).map((look) => verdictOf(look, api)));
    const checks = Object.fromEntries(names.map((name, at) => [name, found[at] ?? 'unknown']));
    const isReady = found.every((verdict) => verdict === OK);
    const status = isReady ? 200 : 503;
    const body = JSON.stringify({ status: isReady ? 'ok' : 'unavailable', checks });
    return { status, body, headers: { 'Content-Type': 'application/json; charset=utf-8' } };
  },
});

const OK = 'ok';
const LIMIT_MS = 3_000;

/** Each part that a command needs on its way; a sentence when it is missing. */
const CHECKS: Readonly<Record<string, (api: Api) => Promise<string>>> = {
  process: async ({ isServing }) => (isServing() ? OK : 'stopping'),
  database: async ({ database }) => {
    await rowsOf(database, sql`select 1`);
    return OK;
  },
  migrations: missingMigrations,
  namespace: async ({ temporal }) => {
    const { namespace } = temporal.options;
    await limited(temporal, () => temporal.workflowService.describeNamespace({ namespace }));
    return OK;
  },
  worker_escrow: (api) => pollersOf(api, QUEUES.escrow),
  worker_money: (api) => pollersOf(api, QUEUES.money),
};

async function verdictOf(look: (api: Api) => Promise<string>, api: Api): Promise<string> {
  try {
    return await look(api);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The files that came with this program, against what the database has seen. */
async function missingMigrations({ database }: Api): Promise<string> {
  const files = await readdir(join(__dirname, '..', 'migrations'));
  const wanted = files.filter((name) => /^\d{4}_.*\.sql$/.test(name)); // schema.sql is no migration
  const rows = await rowsOf<{ name: string }>(
    database,
    sql`select wanted.name from unnest(${wanted}::text[]) as wanted (name)
         where not exists (select from holdfast.migrations m where m.name = wanted.name)
         order by 1`,
  );
  return rows[0] ? `${rows[0].name} has not been run` : OK;
}

const WORKFLOW_TASKS = 1;

async function pollersOf({ temporal }: Api, queue: string): Promise<string> {
  const { namespace } = temporal.options;
  const { pollers } = await limited(temporal, () =>
    temporal.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: queue },
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  return pollers.length > 0 ? OK : `no worker listens on ${queue}`;
}

const limited = <T>(temporal: Api['temporal'], call: () => Promise<T>): Promise<T> =>
  temporal.withDeadline(Date.now() + LIMIT_MS, call);

const version = openEndpoint({
  method: 'get',
  path: '/version',
  operationId: 'getVersion',
  tag,
  summary: 'Which version runs here',
  answers: {
    200: {
      about: 'The version.',
      schema: z.object({ api_version: z.string(), build: z.string().nullable(), node: z.string() }),
    },
  },
  answer: async ({ api }) => ({
    status: 200,
    body: {
      api_version: API_VERSION,
      build: api.settings.HOLDFAST_BUILD_ID ?? null,
      node: process.version,
    },
  }),
});

const metrics = openEndpoint({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  tag,
  summary: 'Metrics for Prometheus',
  answers: { 200: { about: 'Text.', schema: null } },
  answer: async ({ api }) => {
    await refreshGauges(api);
    const { registry } = api.metrics;
    const body = await registry.metrics();
    return { status: 200, body, headers: { 'Content-Type': registry.contentType } };
  },
});

export const healthRoutes: readonly OpenEndpoint[] = [live, ready, version, metrics];
