/**
 * Owns our own processes under `npm start`: starting them, starting them again when they end by
 * themselves, stopping them, and ending those that a killed start has left behind.
 * Must not know what they do.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, ROOT, readJson, writeJson } from './folders.mjs';
import { birthOf, end, isAlive } from './processes.mjs';
import { Trouble } from './trouble.mjs';

const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000];
const STEADY_MS = 30_000; // up for so long, the next end is a new story
const EARLY_ENDS_MAX = 3; // so many in a row before it was ever ready: it will not come up
const LOG_MAX_BYTES = 20_000_000;

/**
 * @typedef {(line: string) => void} Log
 * @typedef {{ name: string, script: string, environment: Record<string, string>,
 *   graceMs: number }} Service
 * @typedef {{ service: Service, pid: number, startedAt: number, ends: number, stopping: boolean,
 *   ready: boolean, failed: boolean, timer?: NodeJS.Timeout }} Running
 */

export class Services {
  /** @type {Map<string, Running>} */
  #running = new Map();

  /** @param {{ dataDir: string, log: Log }} options */
  constructor({ dataDir, log }) {
    this.dataDir = dataDir;
    this.log = log;
  }

  /** Starts a service; it is kept running until `stop`. @param {Service} service */
  start(service) {
    const running = { service, pid: 0, startedAt: 0, ends: 0, stopping: false };
    this.#running.set(service.name, { ...running, ready: false, failed: false });
    this.#spawn(service.name);
  }

  /** From now on a service that ends is started again for ever. */
  allAreReady() {
    for (const running of this.#running.values()) running.ready = true;
  }

  /** Throws a Trouble when a service has given up before it was ready. */
  check() {
    for (const { service, failed } of this.#running.values()) {
      if (!failed) continue;
      const file = this.logFile(service.name);
      const what = `${service.name} does not start; its last lines:`;
      throw new Trouble(`${what}\n${lastLines(file, 15)}`, `see ${file}`);
    }
  }

  /** @param {string} name @returns {string} the path of a service's log */
  logFile(name) {
    return join(this.dataDir, `${name}.log`);
  }

  /**
   * Asks a service to stop, and ends it when it takes longer than its grace.
   * @param {string} name
   */
  async stop(name) {
    const running = this.#running.get(name);
    if (!running) return;
    running.stopping = true;
    clearTimeout(running.timer);
    if (running.pid) {
      await end(running.pid, [
        ['SIGTERM', running.service.graceMs],
        ['SIGKILL', 5_000],
      ]);
    }
    this.#running.delete(name);
    this.#remember();
  }

  /** Ends everything at once: the second Ctrl-C. */
  kill() {
    for (const running of this.#running.values()) {
      running.stopping = true;
      clearTimeout(running.timer);
      if (running.pid && isAlive(running.pid)) process.kill(running.pid, 'SIGKILL');
    }
  }

  /** @param {string} name */
  #spawn(name) {
    const running = this.#running.get(name);
    if (!running || running.stopping) return;
    const output = openLog(this.logFile(name));
    const { script, environment } = running.service;
    // In a session of its own: a Ctrl-C in the terminal is ours to handle, in order.
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    running.pid = child.pid ?? 0;
    running.startedAt = Date.now();
    this.#remember();
    child.once('error', (error) => this.#hasEnded(name, error.message));
    child.once('exit', (code, signal) => this.#hasEnded(name, signal ?? `exit code ${code}`));
  }

  /**
   * @param {string} name
   * @param {string} how
   */
  #hasEnded(name, how) {
    const running = this.#running.get(name);
    if (!running || running.stopping) return;
    running.ends = Date.now() - running.startedAt > STEADY_MS ? 1 : running.ends + 1;
    if (!running.ready && running.ends >= EARLY_ENDS_MAX) {
      running.failed = true;
      return;
    }
    const waitMs = BACKOFF_MS[Math.min(running.ends, BACKOFF_MS.length) - 1] ?? 0;
    this.log(`${name} has ended (${how}); starting it again in ${waitMs / 1000} s`);
    running.timer = setTimeout(() => this.#spawn(name), waitMs);
  }

  /** So that the next start can end what a killed one has left. */
  #remember() {
    const processes = [...this.#running.values()]
      .filter(({ pid }) => pid)
      .map(({ service, pid }) => ({ name: service.name, pid, birth: birthOf(pid) }));
    writeJson(join(this.dataDir, 'processes.json'), processes);
  }
}

/**
 * Ends the processes of a start that was killed.
 * @param {string} dataDir
 * @param {Log} log
 */
export async function endLeftServices(dataDir, log) {
  /** @type {{ name: string, pid: number, birth: string }[]} */
  const left = readJson(join(dataDir, 'processes.json'), []);
  for (const { name, pid, birth } of left) {
    if (!birth || birthOf(pid) !== birth) continue;
    log(`ending ${name} (process ${pid}), left by a start that was killed`);
    await end(pid, [
      ['SIGTERM', 10_000],
      ['SIGKILL', 5_000],
    ]);
  }
}

/** @param {string} path @returns {number} a descriptor to append to */
function openLog(path) {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_MAX_BYTES) renameSync(path, `${path}.old`);
  return openSync(path, 'a', 0o600);
}
