/**
 * Owns one try of the SDK's own download of a Temporal server: starts one, which fetches it into
 * the folder, and ends it again. A program: node bin/temporal-download.mjs <folder> <version>.
 * Must not know what becomes of the file, or how long it may take.
 */
import { Runtime } from '@temporalio/worker';

const [downloadDir = '', version = ''] = process.argv.slice(2);
const runtime = Runtime.instance();
const server = await runtime.createEphemeralServer({
  type: 'dev-server',
  exe: {
    type: 'cached-download',
    downloadDir,
    version,
    ttl: 0,
    sdkName: 'sdk-typescript',
    sdkVersion: '1.24.0',
  },
  namespace: 'default',
  ip: '127.0.0.1',
  port: null,
  uiPort: null,
  dbFilename: null,
  ui: false,
  log: { format: 'pretty', level: 'error' },
  extraArgs: [],
});
await runtime.shutdownEphemeralServer(server);
process.exit(0);
