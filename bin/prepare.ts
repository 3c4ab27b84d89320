/**
 * Owns what `npm start` prepares behind the API: the namespace of the engine, and at the first
 * start the test platform with its key and connection. A program; prints them as JSON.
 * Must not know the steps around it.
 */
import { resolve } from 'node:path';
import { readSettings } from '../runtime/env';
import { openTemporal, prepareNamespace } from '../runtime/temporal';
import { ensurePlatform } from './platform';

async function main(): Promise<void> {
  const settings = readSettings(['DATABASE_URL', 'TEMPORAL_ADDRESS']);
  const client = openTemporal(settings);
  try {
    await prepareNamespace(client);
  } finally {
    await client.connection.close();
  }
  const made = await ensurePlatform({
    databaseUrl: settings.DATABASE_URL,
    keyFile: resolve(settings.HOLDFAST_DATA, 'key'),
  });
  console.log(JSON.stringify(made));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
