/**
 * Owns the commands of `holdfast`: their names, arguments and options.
 * Must not know what they do: one file each.
 */
import { Command, CommanderError } from 'commander';
import { loadDotEnv } from '../options.mjs';
import { advanceCommand } from './clock.mjs';
import { connectionOf } from './connection.mjs';
import { demoCommand } from './demo.mjs';
import { doctorCommand } from './doctor.mjs';
import { getCommand, PREFIXES } from './get.mjs';
import { trialBalanceCommand, verifyCommand } from './ledger.mjs';
import { previewCommand } from './preview.mjs';
import { modeOf, print, printError } from './print.mjs';
import { statusCommand } from './status.mjs';
import { STORIES } from './stories.mjs';
import { timelineCommand } from './timeline.mjs';

const USAGE_CODE = 2;

/**
 * @typedef {import('./connection.mjs').Places & { json?: boolean, headless?: boolean }} Options
 * @typedef {import('./print.mjs').Result} Result
 */

/**
 * Runs one command.
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code: 0 done, 1 failed or the books do not hold, 2 not understood
 */
export async function run(args) {
  loadDotEnv();
  let code = 0;
  const program = commands(async (options, work) => {
    const mode = modeOf(options);
    try {
      code = print(mode, await work());
    } catch (error) {
      code = printError(mode, error);
    }
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : USAGE_CODE;
  }
}

/**
 * @param {(options: Options, work: () => Promise<Result>) => Promise<void>} answer
 * @returns {Command}
 */
function commands(answer) {
  const program = new Command('holdfast')
    .description('Holdfast on the command line: look, prove, preview, let time pass, play stories.')
    .option('--data <folder>', 'data folder of npm start (HOLDFAST_DATA, else .holdfast)')
    .option('--api <url>', 'API to call (HOLDFAST_API, else that of npm start)')
    .option('--key <key>', 'API key (HOLDFAST_KEY, else that of npm start)')
    .option('--json', 'answer with one JSON document')
    .option('--headless', 'answer for a program: JSON, one document a line')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(holdfast --help lists all commands)')
    .exitOverride();
  addReading(program, answer);
  addBooks(program, answer);
  addPlaying(program, answer);
  return program;
}

/** @param {Command} program @param {Parameters<typeof commands>[0]} answer */
function addReading(program, answer) {
  program
    .command('status')
    .description('the ready block of npm start again')
    .option('--env', 'as variables for a shell: eval "$(holdfast status --env)"')
    .action((_own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => statusCommand(options));
    });
  program
    .command('doctor')
    .description('what keeps Holdfast from starting here, and what to do about it')
    .option('--port <port>', 'port of the API (PORT, else 8080)')
    .action((_own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => doctorCommand(options));
    });
  program
    .command('get')
    .description(`an object by any id: ${PREFIXES.join(' ')}, or engagement:…`)
    .argument('<id>')
    .action((id, _own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => getCommand(connectionOf(options), id));
    });
  program
    .command('timeline')
    .description('past and future of an escrow on one line')
    .argument('<escrow>')
    .action((id, _own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => timelineCommand(connectionOf(options), id));
    });
}

/** @param {Command} program @param {Parameters<typeof commands>[0]} answer */
function addBooks(program, answer) {
  const ledger = program.command('ledger').description('prove the books');
  ledger
    .command('verify')
    .description('recompute everything; exit code 1 when a check is broken')
    .action((_own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => verifyCommand(connectionOf(options)));
    });
  ledger
    .command('trial-balance')
    .description('debit and credit of every ledger account; exit code 1 when they differ')
    .action((_own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => trialBalanceCommand(connectionOf(options)));
    });
}

/** @param {Command} program @param {Parameters<typeof commands>[0]} answer */
function addPlaying(program, answer) {
  program
    .command('preview')
    .description('play terms through before anybody signs; writes nothing')
    .argument('<terms>', 'JSON file: the body of POST /v1/escrows')
    .argument('[story]', 'JSON file: [{at, by, command, body}]; left out: everybody is silent')
    .option('--from <moment>', 'begin when it is sent, agreed or funded')
    .action((terms, story, _own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => previewCommand(connectionOf(options), terms, story, options));
    });
  program
    .command('clock')
    .description('simulated time')
    .command('advance')
    .description('move a test clock; answers when all that was due is done')
    .argument('<clock>')
    .option('--to <time>', 'an instant, a day, or so much later: +P3D, +PT12H')
    .option('--next', 'to the next deadline')
    .action((id, own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => advanceCommand(connectionOf(options), id, own));
    });
  program
    .command('demo')
    .description('play a story against the real engine, which it starts when none runs')
    .requiredOption('--story <name>', Object.keys(STORIES).join(', '))
    .option('--keep', 'leave up what it has started')
    .action((_own, command) => {
      const options = command.optsWithGlobals();
      return answer(options, () => demoCommand(options, modeOf(options)));
    });
}
