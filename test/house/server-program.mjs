/**
 * Owns a parent for servers: starts one, says so by a line of JSON, stops it when its input ends.
 * A program of the tests: node server-program.mjs postgres|temporal <data folder> <cache folder>.
 * Must not know what is tested.
 */
import { startPostgres } from '../../bin/postgres.mjs';
import { startTemporal } from '../../bin/temporal.mjs';
import { tell } from '../../bin/trouble.mjs';

const [kind = '', dataDir = '', cacheDir = ''] = process.argv.slice(2);
/** @param {string} line */
const log = (line) => console.error(line);

try {
  const server =
    kind === 'postgres'
      ? await startPostgres({ dataDir, cacheDir, log })
      : await startTemporal({ dataDir, cacheDir, namespace: 'holdfast-house', log, own: true });
  console.log(JSON.stringify(server));
  process.stdin.resume().once('end', () => {
    server.stop().catch((error) => {
      console.error(tell(error));
      process.exitCode = 1;
    });
  });
} catch (error) {
  console.error(tell(error));
  process.exitCode = 1;
}
