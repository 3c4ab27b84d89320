/**
 * Owns the steps of `npm start`, in order, and their end in the opposite order
 * (`stack.md`, section 6).
 * Must not know how a step is done: one file each.
 */

import { claim, reset } from './data-folder.mjs';
import { cacheFolder } from './folders.mjs';
import { installDependencies } from './install.mjs';
import { readOptions, USAGE } from './options.mjs';
import { freePort } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { checkDatabase, checkDataFolder, checkPort } from './preflight.mjs';
import { readyBlock, removeReady, waitForReady, writeReady } from './ready.mjs';
import { runTypescript } from './run-typescript.mjs';
import { registerConnection } from './sandbox-connection.mjs';
import { askForSamples, seedSamples } from './seed.mjs';
import { endLeftServices, Services } from './services.mjs';
import { startTemporal } from './temporal.mjs';
import { tell } from './trouble.mjs';
import { keepAlive } from './watch.mjs';

const READY_LIMIT_MS = 180_000;
const WISHED_UI_PORT = 8233;

/** @param {string} line */
const log = (line) => console.log(`· ${line}`);

/**
 * Runs Holdfast until it is told to stop.
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code
 */
export async function run(args) {
  const options = readOptions(args);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  checkDataFolder(options.dataDir);
  const run = new Run(options);
  const came = await run.start().then(
    () => run.untilAsked(),
    (error) => run.failed(error),
  );
  const went = await run.stop();
  return came && went ? 0 : 1;
}

/** One run, from the first step to the last: it has a lifetime, and a signal may end it. */
class Run {
  asked = false;
  /** What has been started, and how to end it; ended from the last to the first.
   * @type {(() => unknown)[]} */
  stops = [];

  /** @param {import('./options.mjs').Options} options */
  constructor(options) {
    this.options = options;
    this.services = new Services({ dataDir: options.dataDir, log });
    this.places = { dataDir: options.dataDir, cacheDir: cacheFolder(), log };
    /** @type {Promise<void>} */
    this.signalled = new Promise((resolve) => {
      for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
        process.on(signal, () => (this.asked ? this.force() : resolve(this.ask())));
      }
    });
  }

  ask() {
    this.asked = true;
    log('stopping; once more forces it');
  }

  /** Waits until somebody wants it to end. */
  async untilAsked() {
    await this.signalled;
    return true;
  }

  /** @param {unknown} error @returns {boolean} true when a Ctrl-C broke it off: no failure */
  failed(error) {
    if (!this.asked) console.error(tell(error));
    return this.asked;
  }

  /**
   * Does a step, and goes no further when it has been asked to stop meanwhile.
   * @template T
   * @param {() => Promise<T> | T} work
   * @returns {Promise<T>}
   */
  async step(work) {
    const result = await work();
    if (this.asked) throw new Error('asked to stop');
    return result;
  }

  async start() {
    const { dataDir, port } = this.options;
    this.stops.push(claim(dataDir));
    await this.step(() => endLeftServices(dataDir, log));
    removeReady(dataDir); // of a start that was killed
    if (this.options.reset) await this.step(() => reset(dataDir, log));
    await this.step(() => checkPort(port));
    await this.step(() => installDependencies('run', log));
    const database = await this.step(() => this.startDatabase());
    const temporal = await this.step(() => this.startEngine());
    const sandboxPort = await freePort([Number(process.env.SANDBOX_PORT) || 8085]);
    const environment = {
      PORT: String(port),
      HOLDFAST_DATA: dataDir,
      DATABASE_URL: database,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: process.env.TEMPORAL_NAMESPACE || 'holdfast',
      TEMPORAL_UI_URL: process.env.TEMPORAL_UI_URL || temporal.ui || '',
      SANDBOX_URL: process.env.SANDBOX_URL || `http://127.0.0.1:${sandboxPort}`,
      SANDBOX_PORT: String(sandboxPort),
    };
    const made = await this.step(() => prepare(environment));
    const { key, platform, connection } = made;
    if (made.isNew) askForSamples(dataDir);
    this.startServices(environment);
    const api = `http://127.0.0.1:${port}/v1`;
    const sandbox = environment.SANDBOX_URL;
    const check = () => this.check();
    await this.step(() => registerConnection({ sandbox, api, connection, check }));
    await this.step(() => this.untilReady());
    await this.step(() => seedSamples({ api, key, dataDir, log }));
    this.announce({
      api,
      docs: `http://127.0.0.1:${port}/docs`,
      temporal_ui: environment.TEMPORAL_UI_URL || null,
      sandbox,
      key,
      platform,
    });
  }

  /** @returns {Promise<string>} the URL */
  async startDatabase() {
    const given = process.env.DATABASE_URL;
    if (given) {
      await checkDatabase(given);
      log('PostgreSQL: DATABASE_URL');
      return given;
    }
    const server = await startPostgres(this.places);
    this.stops.push(keepAlive('PostgreSQL', server, () => startPostgres(this.places), log));
    log(`PostgreSQL runs (process ${server.pid})`);
    return server.url;
  }

  async startEngine() {
    const namespace = process.env.TEMPORAL_NAMESPACE || 'holdfast';
    const start = () => startTemporal({ ...this.places, namespace, uiPort: WISHED_UI_PORT });
    const server = await start();
    this.stops.push(keepAlive('Temporal', server, start, log));
    log(server.pid ? `Temporal runs (process ${server.pid})` : `Temporal: ${server.address}`);
    return server;
  }

  /** @param {Record<string, string>} environment */
  startServices(environment) {
    const names = process.env.SANDBOX_URL ? ['worker', 'api'] : ['sandbox', 'worker', 'api'];
    for (const name of names) {
      // Above the grace that the process itself gives to what it is doing.
      const graceMs = name === 'worker' ? 45_000 : 20_000;
      this.services.start({ name, script: `${name}/main.ts`, environment, graceMs });
      this.stops.push(() => this.services.stop(name));
    }
    log(`${names.join(', ')} are starting`);
  }

  /** Throws when waiting is of no use any more. */
  check() {
    if (this.asked) throw new Error('asked to stop');
    this.services.check();
  }

  async untilReady() {
    await waitForReady({
      url: `http://127.0.0.1:${this.options.port}/readyz`,
      limitMs: READY_LIMIT_MS,
      check: () => this.check(),
      log,
    });
    this.services.allAreReady();
  }

  /** @param {import('./ready.mjs').Ready} ready */
  announce(ready) {
    const { dataDir } = this.options;
    writeReady(dataDir, ready);
    this.stops.push(() => removeReady(dataDir));
    console.log(readyBlock(dataDir, ready));
  }

  /**
   * Ends what was started, the last first. What cannot be ended is told; the rest goes on.
   * @returns {Promise<boolean>} true when all has ended
   */
  async stop() {
    let clean = true;
    for (const stop of this.stops.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        console.error(tell(error));
        clean = false;
      }
    }
    return clean;
  }

  /** The second signal: nothing waits any more. The servers recover from their own logs. */
  force() {
    console.error('· forced');
    this.services.kill();
    process.exit(130);
  }
}

/**
 * Migrates, prepares the namespace, and makes the platform with its key at the first start.
 * @param {Record<string, string>} environment
 * @returns {Promise<import('./platform.js').Made>}
 */
async function prepare(environment) {
  log('migrating');
  const cure = 'if DATABASE_URL is yours: the message says which right or role is missing';
  await runTypescript('migrations/main.ts', { environment, cure });
  const output = await runTypescript('bin/prepare.ts', {
    environment,
    cure: 'if TEMPORAL_ADDRESS is yours: the message says what to do there',
  });
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '{}');
}
