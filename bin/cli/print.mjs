/**
 * Owns the three ways in which a command answers: to a person, as one JSON document, as lines of
 * JSON for a program; and the same for what went wrong.
 * Must not know any command.
 */
import { Trouble, tell } from '../trouble.mjs';
import { Refused } from './http.mjs';
import { cyan, dim, red, terminalWidth } from './terminal.mjs';

/**
 * @typedef {'human' | 'json' | 'headless'} Mode
 * @typedef {{ answer: unknown, text: (width: number) => readonly string[], next: string,
 *   ok?: boolean }} Result `next`: the command that a person may want now; `ok` false: exit code 1
 */

/**
 * @param {{ json?: boolean, headless?: boolean }} options
 * @returns {Mode}
 */
export const modeOf = ({ json, headless }) => (json ? 'json' : headless ? 'headless' : 'human');

/**
 * Prints a result.
 * @param {Mode} mode
 * @param {Result} result
 * @returns {number} exit code
 */
export function print(mode, { answer, text, next, ok = true }) {
  if (mode === 'human') {
    for (const line of text(terminalWidth())) console.log(line);
    if (next) console.log(`${dim('next:')} ${cyan(next)}`);
  } else {
    console.log(JSON.stringify(answer, null, mode === 'json' ? 2 : undefined));
  }
  return ok ? 0 : 1;
}

/**
 * Prints what went wrong, to the standard error.
 * @param {Mode} mode
 * @param {unknown} error
 * @returns {number} exit code
 */
export function printError(mode, error) {
  if (mode === 'human') {
    console.error(error instanceof Trouble ? `${red('✗')} ${tell(error)}` : tell(error));
    return 1;
  }
  const message = error instanceof Error ? error.message : String(error);
  const told = {
    message,
    ...(error instanceof Trouble ? { cure: error.cure } : {}),
    ...(error instanceof Refused ? { code: error.problem.code } : {}),
  };
  console.error(JSON.stringify({ error: told }, null, mode === 'json' ? 2 : undefined));
  return 1;
}
