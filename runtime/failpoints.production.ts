/**
 * Owns the empty form of `failpoints.ts`: a production build puts it in that file's place.
 * Must not do anything.
 */

/** Refuses: there is nothing to arm in a production build. */
export function armFailpoints(text: string): void {
  if (text !== '') throw new Error('this build has no failpoints');
}

/** Does nothing. */
export async function failpoint(_name: string): Promise<void> {}
