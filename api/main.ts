/**
 * Owns the process start of the API: settings, connections, the server, and their end.
 * Must not know a route.
 *
 * Exit codes: 0 stopped as asked; 1 could not start, or a second signal has forced the end.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { openClient, openPool } from '../runtime/database';
import { readSettings, WrongSettings } from '../runtime/env';
import { armFailpoints } from '../runtime/failpoints';
import { createLog } from '../runtime/log';
import { createMetrics } from '../runtime/metrics';
import { openTemporal } from '../runtime/temporal';
import { openAnswers } from './answers';
import { createApp } from './app';
import { LIMITS } from './dependencies';
import { drain } from './drain';

async function main(): Promise<void> {
  const settings = readSettings(['DATABASE_URL', 'TEMPORAL_ADDRESS']);
  if (settings.HOLDFAST_FAILPOINTS) armFailpoints(settings.HOLDFAST_FAILPOINTS);
  const log = createLog({ process: 'api', level: settings.HOLDFAST_LOG_LEVEL });
  const login = {
    url: settings.DATABASE_APP_URL ?? settings.DATABASE_URL,
    role: 'holdfast_app',
  } as const;
  const database = openPool({
    ...login,
    name: 'holdfast api',
    max: settings.DATABASE_POOL,
    onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
  });
  const answers = openAnswers(
    (onBroken) => openClient({ ...login, name: 'holdfast api answers', onError: onBroken }),
    log,
  );
  const temporal = openTemporal(settings);
  let isServing = true;
  const app = createApp({
    database,
    temporal,
    answers,
    log,
    metrics: createMetrics('api'),
    settings,
    limits: LIMITS,
    isServing: () => isServing,
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  server.listen(settings.PORT, '127.0.0.1');
  await once(server, 'listening');
  log.info({ port: settings.PORT }, 'api ready');

  const stop = async (): Promise<void> => {
    isServing = false;
    log.info('api stops');
    await drain(server);
    await answers.close();
    await temporal.connection.close();
    await database.end();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!isServing) process.exit(1); // a second one: whoever sends it does not want to wait
      stop().catch((error: unknown) => {
        log.error({ err: error }, 'the end was not orderly');
        process.exit(1);
      });
    });
  }
}

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

main().catch((error: unknown) => {
  const isPlain = error instanceof WrongSettings || isPortTaken(error);
  console.error(isPlain && error instanceof Error ? error.message : error);
  process.exit(1);
});
