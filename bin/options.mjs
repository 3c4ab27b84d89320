/**
 * Owns what `npm start` is asked for: options of the command line, then the environment, then
 * `.env`, then defaults.
 * Must not know what is done with it.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './folders.mjs';
import { messageOf, Trouble } from './trouble.mjs';

export const USAGE = `npm start -- [--port 8080] [--data .holdfast] [--reset]
  --port   port of the API on 127.0.0.1 (PORT)
  --data   folder of the data (HOLDFAST_DATA)
  --reset  forget everything in the data folder and begin anew`;

/** @typedef {{ port: number, dataDir: string, reset: boolean, help: boolean }} Options */

/**
 * @param {readonly string[]} args
 * @returns {Options} `dataDir` is absolute
 */
export function readOptions(args) {
  loadDotEnv();
  const { port, data, reset, help } = parsed(args);
  return {
    port: toPort(port ?? process.env.PORT),
    dataDir: resolve(data || process.env.HOLDFAST_DATA || '.holdfast'),
    reset: reset ?? false,
    help: help ?? false,
  };
}

/** Reads `.env` of the repository, below what the process was started with. */
export function loadDotEnv() {
  // Tests run in this repository too, and a developer's own settings must not reach them.
  const file = join(ROOT, '.env');
  if (existsSync(file) && process.env.HOLDFAST_TEST_FOLDER === undefined) process.loadEnvFile(file);
}

/** @param {readonly string[]} args */
function parsed(args) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        reset: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new Trouble(messageOf(error), USAGE, error);
  }
}

/** @param {string | undefined} text */
function toPort(text) {
  const port = Number(text || 8080);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Trouble(`not a port: ${text}`, 'give PORT or --port a number from 1 to 65535');
}
