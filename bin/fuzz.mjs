/**
 * Owns `npm run fuzz`: a Holdfast of its own in a temporary folder, schemathesis against its
 * OpenAPI file, then the proof of the books; ends by itself, with exit code 1 on a finding.
 * Must not know any route: docs/openapi.json names them.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, OWN_SERVERS, removeFolder, temporaryFolder } from './cli/own-product.mjs';
import { ROOT } from './folders.mjs';
import { schemathesis } from './fuzz/python.mjs';
import { installDependencies } from './install.mjs';
import { checkNode } from './node-version.mjs';
import { messageOf, Trouble, tell } from './trouble.mjs';

const USAGE = `npm run fuzz -- [--quick] [--minutes 10] [--examples 40] [--seed N] [--only ID]
  --quick     2 minutes, 5 requests for each operation and kind, no sequences of requests
  --minutes   ends after this time
  --examples  requests for each operation and kind
  --seed      of an earlier run, to see its findings again
  --only      one operation by its id, as createEscrow`;

/** @typedef {{ quick: boolean, minutes: number, examples: number, seed: string | undefined,
 *   only: string | undefined }} Options */

/** @param {string} line */
const log = (line) => console.log(`[fuzz] ${line}`);

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(tell(error));
    process.exitCode = 2;
  },
);

/** @param {string[]} args @returns {Promise<number>} exit code: 0 nothing found, 1 a finding */
async function main(args) {
  checkNode();
  const options = readOptions(args);
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  await installDependencies('run', log);
  const program = await schemathesis(log); // before anything is started: it may be missing
  const dataDir = temporaryFolder('holdfast-fuzz-');
  log('starting a Holdfast of its own');
  const product = await launch({ dataDir, environment: OWN_SERVERS, log: () => {} });
  const interrupted = untilInterrupted();
  let code = 1;
  try {
    const { api, key } = await product.untilReady();
    const found = await attack(program, dataDir, { api, key }, options, interrupted);
    const broken = await faultsLeft(api, key, dataDir);
    for (const line of broken) log(line);
    code = found || broken.length > 0 ? 1 : 0;
  } finally {
    log('ending what was started');
    await product.stop();
    await removeFolder(dataDir);
  }
  log(code === 0 ? 'nothing found' : 'see the findings above; --seed repeats them');
  return code;
}

/** @param {string[]} args @returns {Options | null} null: only help was asked for */
function readOptions(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const options = {
    quick: flag,
    help: flag,
    minutes: text,
    examples: text,
    seed: text,
    only: text,
  };
  try {
    const { values } = parseArgs({ args, options });
    const { quick = false, help, minutes, examples, seed, only } = values;
    if (help) return null;
    return {
      quick,
      minutes: wholeNumber(minutes ?? (quick ? '2' : '10')),
      examples: wholeNumber(examples ?? (quick ? '5' : '40')),
      seed: seed === undefined ? undefined : digits(seed, 40),
      only,
    };
  } catch (error) {
    throw new Trouble(messageOf(error), USAGE, error);
  }
}

/** @param {string} text @returns {number} */
function wholeNumber(text) {
  return Number(digits(text, 6));
}

/** @param {string} text @param {number} most @returns {string} */
function digits(text, most) {
  if (/^[1-9]\d*$/.test(text) && text.length <= most) return text;
  throw new Error(`not a whole number above 0: ${text}`);
}

/**
 * Runs schemathesis to its end.
 * @param {string} program
 * @param {string} dataDir
 * @param {{ api: string, key: string }} ready
 * @param {Options} options
 * @param {AbortSignal} interrupted
 * @returns {Promise<boolean>} true when it has found something
 */
async function attack(program, dataDir, { api, key }, options, interrupted) {
  const { quick, minutes, examples, seed, only } = options;
  const args = [
    ...['--config-file', join(ROOT, 'bin', 'fuzz', 'schemathesis.toml')],
    ...['run', join(ROOT, 'docs', 'openapi.json'), '--url', new URL(api).origin],
    ...['--phases', quick ? 'examples,coverage,fuzzing' : 'examples,coverage,fuzzing,stateful'],
    ...['--max-examples', String(examples), '--max-time', String(minutes * 60)],
    ...['--request-timeout', '30', '--continue-on-failure', '--warnings', 'off', '--no-color'],
    ...['--generation-database', 'none'],
    ...(seed ? ['--seed', seed] : []),
    ...(only ? ['--include-operation-id', only] : []),
  ];
  const child = spawn(program, args, {
    cwd: dataDir, // it leaves files where it runs
    env: { ...process.env, HOLDFAST_FUZZ_KEY: key, PYTHONUTF8: '1', NO_PROXY: '127.0.0.1' },
    stdio: ['ignore', 'inherit', 'inherit'],
    signal: interrupted,
  });
  const code = await new Promise((done, fail) => {
    child.once('exit', done).once('error', fail);
  });
  return code !== 0;
}

/** A Ctrl-C ends what we have started, not only us. */
function untilInterrupted() {
  const control = new AbortController();
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => control.abort());
  }
  return control.signal;
}

/**
 * What must hold after any requests: the books are proved, and no process has failed.
 * @param {string} api
 * @param {string} key
 * @param {string} dataDir
 * @returns {Promise<string[]>} what does not
 */
async function faultsLeft(api, key, dataDir) {
  const answer = await fetch(`${api}/ledger/verify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'after-fuzzing' },
  });
  const proof = Object(await answer.json());
  const lines = ['api.log', 'worker.log', 'sandbox.log'].flatMap((name) => {
    const file = join(dataDir, name);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const lines = text.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
    return lines.filter((line) => !line.includes('"route":"/readyz"')); // asked while it started
  });
  return [
    ...(proof.ok === true ? [] : [`the books cannot be proved: ${JSON.stringify(proof)}`]),
    ...[...new Set(lines)].slice(0, 20).map((line) => `logged as an error: ${line}`),
  ];
}
