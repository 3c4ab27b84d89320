/**
 * Owns how a failed step is told to a person: what is wrong, and what to do about it.
 * Must not know which step failed.
 */

/** A failure that a person can mend. `cure` says how; it is printed under the message. */
export class Trouble extends Error {
  /**
   * @param {string} message what is wrong, one sentence
   * @param {string} cure what to do about it
   * @param {unknown} [cause]
   */
  constructor(message, cure, cause) {
    super(message, { cause });
    this.name = 'Trouble';
    this.cure = cure;
  }
}

/**
 * The text to print for any failure: a Trouble in two lines, anything else with its stack,
 * because that is a bug of ours.
 * @param {unknown} error
 * @returns {string}
 */
export function tell(error) {
  if (error instanceof Trouble) return `${error.message}\n  → ${error.cure}`;
  if (error instanceof Error) return `unexpected: ${error.stack ?? error.message}`;
  return `unexpected: ${String(error)}`;
}

/** @param {unknown} error @returns {string} the short text of any failure */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
